package result

import (
	"errors"
	"fmt"
	"io"
)

// Series is the forecast of one series: Values[type][step].
type Series struct {
	Key    Key
	Values [][]float64
}

// Shape is what all series of a forecast have in common.
type Shape struct {
	Types int // forecast types, the mean included
	Steps int // steps of the horizon
	Dims  int // forecast dimensions
}

// PartWriter writes one file of a forecast, series by series. It keeps 24
// bytes per series for the index, and nothing else. Not safe for concurrent use.
type PartWriter struct {
	w       io.Writer
	shape   Shape
	last    Key
	entries []entry
	offset  int64
	buf     []byte
	err     error
}

// NewPartWriter starts a file. The caller closes w after [PartWriter.Close].
func NewPartWriter(w io.Writer, shape Shape) (*PartWriter, error) {
	if shape.Types < 1 || shape.Types > MaxTypes || shape.Steps < 1 || shape.Steps > MaxSteps {
		return nil, fmt.Errorf("result: a forecast of %d types and %d steps", shape.Types, shape.Steps)
	}
	p := &PartWriter{w: w, shape: shape, buf: make([]byte, 0, 64<<10)}
	p.buf = header{Version: Version, Types: uint32(shape.Types), Steps: uint32(shape.Steps), Dims: uint32(shape.Dims)}.append(p.buf)
	p.offset = int64(len(p.buf))
	return p, nil
}

// Add writes one series. The caller adds the series in the order of their
// keys, each key once, and may use s.Values again afterwards.
func (p *PartWriter) Add(s Series) error {
	if p.err != nil {
		return p.err
	}
	if err := p.check(s); err != nil {
		return err
	}
	before := len(p.buf)
	p.buf = appendRecord(p.buf, s.Key, s.Values)
	size := len(p.buf) - before
	if size > maxRecord {
		p.buf = p.buf[:before]
		return fmt.Errorf("result: the forecast of %q takes %d bytes", s.Key.ID, size)
	}
	p.entries = append(p.entries, entry{hash: s.Key.hash(), offset: p.offset, length: uint32(size)})
	p.offset += int64(size)
	p.last = s.Key
	if len(p.buf) >= 48<<10 {
		p.flush()
	}
	return p.err
}

func (p *PartWriter) check(s Series) error {
	if len(s.Values) != p.shape.Types || len(s.Key.Dims) != p.shape.Dims {
		return fmt.Errorf("result: series %q has %d types and %d dimensions, want %d and %d",
			s.Key.ID, len(s.Values), len(s.Key.Dims), p.shape.Types, p.shape.Dims)
	}
	for _, row := range s.Values {
		if len(row) != p.shape.Steps {
			return fmt.Errorf("result: series %q has %d steps, want %d", s.Key.ID, len(row), p.shape.Steps)
		}
	}
	if len(p.entries) > 0 && p.last.Equal(s.Key) {
		return fmt.Errorf("result: series %q %q was added twice", s.Key.ID, s.Key.Dims)
	}
	return nil
}

func (p *PartWriter) flush() {
	if p.err == nil {
		_, p.err = p.w.Write(p.buf)
	}
	p.buf = p.buf[:0]
}

// Close writes the index and returns what the manifest has to say about the
// file; the caller sets Part.Key.
func (p *PartWriter) Close() (Part, error) {
	if p.err != nil {
		return Part{}, p.err
	}
	blocks, buckets, err := buildIndex(p.entries)
	if err != nil {
		return Part{}, err
	}
	part := Part{Series: int64(len(p.entries)), Index: p.offset, Buckets: buckets}
	p.buf = append(p.buf, blocks...)
	p.buf = appendFooter(p.buf, part)
	part.Bytes = p.offset + int64(len(blocks)) + footerSize
	p.flush()
	if p.err != nil {
		return Part{}, p.err
	}
	p.err = errors.New("result: the part is closed")
	return part, nil
}
