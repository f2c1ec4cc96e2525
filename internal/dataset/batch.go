package dataset

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// keySeparator joins the parts of a key. Cells that contain it are refused.
const keySeparator = '\x00'

// A batch is the rows of one block by column. A worker reuses it for every block.
type batch struct {
	seq     uint64
	rows    int
	keys    []place    // by row
	times   []int64    // seconds; for item metadata the line, by row
	numbers [][]uint64 // [column of layout.numbers][row]
	nulls   []int64    // empty cells by place in the key
}

func (b *batch) reset(l *layout, seq uint64) {
	b.seq, b.rows = seq, 0
	b.keys, b.times = b.keys[:0], b.times[:0]
	if b.numbers == nil {
		b.numbers = make([][]uint64, len(l.numbers))
		b.nulls = make([]int64, len(l.keys))
	}
	for i := range b.numbers {
		b.numbers[i] = b.numbers[i][:0]
	}
	clear(b.nulls)
}

// Hash is the hash by which series are partitioned: FNV-1a of the lower-cased
// identifier, finished as MurmurHash3 does so that the low bits are good ones.
// It is part of the file format.
func Hash(id string) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range []byte(Fold(id)) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// Fold is how identifiers and dimension values are compared: in lower case.
func Fold(s string) string { return strings.ToLower(s) }

// keyProblem says what is wrong with the text of a key cell, "" if nothing.
func (l *layout) keyProblem(c *column, cell []byte) string {
	switch {
	case !utf8.Valid(cell):
		return quote(cell) + " is not UTF-8"
	case bytes.IndexByte(cell, keySeparator) >= 0:
		return quote(cell) + " contains a NUL character"
	case c.Type == TypeGeolocation && len(cell) > 0 && !validGeolocation(l.geo, cell):
		return quote(cell) + " does not match the geolocation format " + l.geo
	}
	return ""
}

// validGeolocation checks a place: 47.61_-122.33 or US_98121.
func validGeolocation(format string, cell []byte) bool {
	left, right, ok := bytes.Cut(cell, []byte{'_'})
	switch format {
	case "LAT_LONG":
		return ok && within(left, 90) && within(right, 180)
	case "CC_POSTALCODE":
		return ok && bytes.EqualFold(left, []byte("US")) && len(right) >= 5
	}
	return true
}

func within(cell []byte, most float64) bool {
	bits, reason := parseFloat(cell)
	f := toFloat(bits, false)
	return reason == "" && f >= -most && f <= most
}
