package state

import (
	"encoding/binary"
	"math"
)

// A Head tells whether a series begins as another did, by its first values.
// Initial states and phases belong to a beginning.
type Head struct {
	count int
	sum   uint64
}

// mostHead is how many first values are compared: enough to tell apart series that
// begin with the same few counts.
const mostHead = 16

// HeadOf returns the head of a series, its first observation and what follows.
func HeadOf(values []float64) Head {
	values = observed(values)
	n := min(len(values), mostHead)
	return Head{n, sum(values[:n])}
}

// Begins tells whether a series begins so; it may be longer.
func (h Head) Begins(values []float64) bool {
	values = observed(values)
	return len(values) >= h.count && sum(values[:h.count]) == h.sum
}

// observed cuts off what is missing in front.
func observed(values []float64) []float64 {
	for len(values) > 0 && math.IsNaN(values[0]) {
		values = values[1:]
	}
	return values
}

// sum is FNV-1a over words; all missing values are alike.
func sum(values []float64) uint64 {
	h := uint64(14695981039346656037)
	for _, v := range values {
		bits := math.Float64bits(v)
		if math.IsNaN(v) {
			bits = math.MaxUint64
		}
		h = (h ^ bits) * 1099511628211
	}
	return h
}

// Head appends the head of a series.
func (w *Writer) Head(h Head) {
	w.Int(h.count)
	w.buf = binary.LittleEndian.AppendUint64(w.buf, h.sum)
}

// Head reads the head of a series.
func (r *Reader) Head() Head {
	n := r.Int()
	if r.err != nil || n < 0 || n > mostHead || len(r.rest) < 8 {
		r.Fail("cut short or damaged")
		return Head{}
	}
	h := Head{n, binary.LittleEndian.Uint64(r.rest)}
	r.rest = r.rest[8:]
	return h
}
