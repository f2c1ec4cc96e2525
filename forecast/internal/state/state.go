// Package state writes and reads the saved parameters of models: a name, a
// version, then numbers and texts one after the other. Equal parameters give
// equal bytes.
package state

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/almanac-forecast/almanac/forecast"
)

// A Writer appends fields. Its zero value is not ready: use [NewWriter].
type Writer struct{ buf []byte }

// NewWriter begins a state of a model and a version of its format.
func NewWriter(model string, version int) *Writer {
	w := &Writer{buf: make([]byte, 0, 128)}
	w.String(model)
	w.Int(version)
	return w
}

// Int appends an integer.
func (w *Writer) Int(v int) { w.buf = binary.AppendVarint(w.buf, int64(v)) }

// Float appends a number, bit by bit.
func (w *Writer) Float(v float64) {
	w.buf = binary.LittleEndian.AppendUint64(w.buf, math.Float64bits(v))
}

// Floats appends numbers with their count.
func (w *Writer) Floats(values []float64) {
	w.Int(len(values))
	for _, v := range values {
		w.Float(v)
	}
}

// String appends a text with its length.
func (w *Writer) String(s string) {
	w.Int(len(s))
	w.buf = append(w.buf, s...)
}

// Bytes returns what was written.
func (w *Writer) Bytes() []byte { return w.buf }

// A Reader takes fields off a state. After the first failure every field is
// zero; [Reader.Close] tells.
type Reader struct {
	model string
	rest  []byte
	err   error
}

// NewReader begins to read a state, which must be of the model and the version.
func NewReader(data []byte, model string, version int) *Reader {
	r := &Reader{model: model, rest: data}
	if name := r.String(); r.err == nil && name != model {
		r.Fail("state of model %.40q", name)
	}
	if v := r.Int(); r.err == nil && v != version {
		r.Fail("version %d, can read %d", v, version)
	}
	return r
}

// Version returns the version of the format that a state was written in, 0 where it
// cannot be read.
func Version(data []byte) int {
	r := &Reader{rest: data}
	_ = r.String()
	return r.Int()
}

// Fail notes what is wrong, unless something was wrong before.
func (r *Reader) Fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w for %s: %s", forecast.ErrState, r.model, fmt.Sprintf(format, args...))
	}
	r.rest = nil
}

// Int reads an integer.
func (r *Reader) Int() int {
	v, n := binary.Varint(r.rest)
	if r.err != nil || n <= 0 || int64(int(v)) != v {
		r.Fail("cut short or damaged")
		return 0
	}
	r.rest = r.rest[n:]
	return int(v)
}

// Float reads a number, which must be finite.
func (r *Reader) Float() float64 {
	if r.err != nil || len(r.rest) < 8 {
		r.Fail("cut short")
		return 0
	}
	v := math.Float64frombits(binary.LittleEndian.Uint64(r.rest))
	r.rest = r.rest[8:]
	if math.IsNaN(v) || math.IsInf(v, 0) {
		r.Fail("number that is not finite")
		return 0
	}
	return v
}

// Floats reads numbers with their count.
func (r *Reader) Floats() []float64 {
	n := r.Int()
	if r.err != nil || n < 0 || n > len(r.rest)/8 {
		r.Fail("cut short")
		return nil
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = r.Float()
	}
	return out
}

// String reads a text.
func (r *Reader) String() string {
	n := r.Int()
	if r.err != nil || n < 0 || n > len(r.rest) {
		r.Fail("cut short")
		return ""
	}
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}

// Close returns the first failure; bytes left over are one.
func (r *Reader) Close() error {
	if r.err == nil && len(r.rest) > 0 {
		r.Fail("%d bytes too many", len(r.rest))
	}
	return r.err
}
