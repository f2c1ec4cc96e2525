package result

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// Scan returns the series of one part in the order in which they were written.
// The sequence ends after its first error. A series may be kept.
func Scan(ctx context.Context, b blob.Bucket, prefix string, m *Manifest, part int) iter.Seq2[Series, error] {
	return func(yield func(Series, error) bool) {
		p := m.Parts[part]
		if p.Series == 0 {
			return
		}
		path := p.path(prefix)
		fail := func(err error) { yield(Series{}, fmt.Errorf("result: reading %s: %w", path, err)) }
		r, err := b.NewReader(ctx, path, 0, p.Index)
		if err != nil {
			fail(err)
			return
		}
		defer r.Close()
		scanRecords(bufio.NewReaderSize(r, 256<<10), p, fail, yield)
	}
}

func scanRecords(r *bufio.Reader, p Part, fail func(error), yield func(Series, error) bool) {
	first := make([]byte, headerSize)
	if _, err := io.ReadFull(r, first); err != nil {
		fail(err)
		return
	}
	h, err := parseHeader(first)
	if err != nil {
		fail(err)
		return
	}
	var buf []byte
	for range p.Series {
		size, err := r.Peek(4)
		if err != nil {
			fail(err)
			return
		}
		n := int64(le.Uint32(size)) + recordHeader
		if n > p.Index {
			fail(fmt.Errorf("%w: a record of %d bytes", ErrDamaged, n))
			return
		}
		if int64(cap(buf)) < n {
			buf = make([]byte, n)
		}
		buf = buf[:n]
		if _, err := io.ReadFull(r, buf); err != nil {
			fail(err)
			return
		}
		s, err := parseRecord(buf, h)
		if err != nil {
			fail(err)
			return
		}
		if !yield(s, nil) {
			return
		}
	}
}
