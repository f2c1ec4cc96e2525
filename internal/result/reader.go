package result

import (
	"container/list"
	"context"
	"fmt"
	"sync"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// Partition tells in which of n parts, a power of two, the series of an item
// lie. The reader must be given the function that the writer of the parts used.
type Partition func(id string, n int) int

// Reader answers questions about forecasts. It keeps the manifests of those
// that were asked for lately. Safe for concurrent use.
type Reader struct {
	bucket    blob.Bucket
	partition Partition
	keep      int

	mu    sync.Mutex // guards the fields below
	byKey map[string]*list.Element
	order *list.List // of *opened, the latest used first
}

type opened struct {
	prefix   string
	manifest *Manifest
}

// NewReader returns a reader of the forecasts in b.
func NewReader(b blob.Bucket, partition Partition) *Reader {
	return &Reader{bucket: b, partition: partition, keep: 256, byKey: map[string]*list.Element{}, order: list.New()}
}

// Manifest returns the manifest under the prefix. The caller must not change it.
func (r *Reader) Manifest(ctx context.Context, prefix string) (*Manifest, error) {
	if m := r.cached(prefix); m != nil {
		return m, nil
	}
	m, err := ReadManifest(ctx, r.bucket, prefix)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.byKey[prefix]; e != nil {
		return e.Value.(*opened).manifest, nil
	}
	r.byKey[prefix] = r.order.PushFront(&opened{prefix: prefix, manifest: m})
	if r.order.Len() > r.keep {
		last := r.order.Back()
		delete(r.byKey, r.order.Remove(last).(*opened).prefix)
	}
	return m, nil
}

func (r *Reader) cached(prefix string) *Manifest {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.byKey[prefix]
	if e == nil {
		return nil
	}
	r.order.MoveToFront(e)
	return e.Value.(*opened).manifest
}

// Query returns the forecast of one series, Values[type][step] in the order of
// Manifest.Types and Manifest.Times, or ErrNoSeries. Case does not matter in
// the key. It reads one index block and one record.
func (r *Reader) Query(ctx context.Context, prefix string, key Key) (Series, error) {
	m, err := r.Manifest(ctx, prefix)
	if err != nil {
		return Series{}, err
	}
	if len(key.Dims) != len(m.Dimensions) {
		return Series{}, fmt.Errorf("result: %d dimension values, want those of %v", len(key.Dims), m.Dimensions)
	}
	part := m.Parts[r.partition(key.fold().ID, len(m.Parts))]
	if part.Series == 0 {
		return Series{}, ErrNoSeries
	}
	f, err := blob.SizedReaderAt(ctx, r.bucket, part.path(prefix), part.Bytes)
	if err != nil {
		return Series{}, fmt.Errorf("result: opening %s: %w", part.path(prefix), err)
	}
	defer f.Close()
	return find(f, part, header{Types: uint32(len(m.Types)), Steps: uint32(len(m.Times)), Dims: uint32(len(m.Dimensions))}, key)
}

// find reads a series of one part.
func find(f *blob.Reader, part Part, h header, key Key) (Series, error) {
	path, hash := f.Object().Key, key.hash()
	block, err := readRange(f, part.Index+bucket(hash, part.Buckets)*blockSize, blockSize)
	if err != nil {
		return Series{}, err
	}
	found, err := findInBlock(block, hash)
	if err != nil {
		return Series{}, fmt.Errorf("%w: %s", err, path)
	}
	for _, e := range found {
		if e.offset < headerSize || e.offset+int64(e.length) > part.Index {
			return Series{}, fmt.Errorf("%w: %s: an index entry points outside the records", ErrDamaged, path)
		}
		record, err := readRange(f, e.offset, int64(e.length))
		if err != nil {
			return Series{}, err
		}
		s, err := parseRecord(record, h)
		if err != nil {
			return Series{}, fmt.Errorf("%w: %s at %d", err, path, e.offset)
		}
		if s.Key.Equal(key) {
			return s, nil
		}
	}
	return Series{}, ErrNoSeries
}

func readRange(f *blob.Reader, offset, length int64) ([]byte, error) {
	buf := make([]byte, length)
	if n, err := f.ReadAt(buf, offset); int64(n) < length {
		return nil, fmt.Errorf("result: reading %d bytes of %s at %d: %w", length, f.Object().Key, offset, err)
	}
	return buf, nil
}
