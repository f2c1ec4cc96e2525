package dataset

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// Most rows are plain: no quotes, as many fields as the schema has columns, every
// cell good. They are parsed in one pass, from field to field, eight bytes at a
// time; each field's parser finds the field's end on its way. Whatever is not
// plain at first sight, be it good or bad, is left to the row scanner, which knows
// the whole grammar and what to say about faults.

// A plainField says what the field of a plain row is.
type plainField struct {
	kind      plainKind
	attribute int
	number    int // column of layout.numbers
}

type plainKind uint8

const (
	plainUnused plainKind = iota
	plainKey
	plainTime
	plainFloat
	plainInteger
)

// plainFields is what a plain row consists of; nil when no row is taken for plain:
// a single field may be a blank line, and numeric dimensions are rare.
func (l *layout) plainFields() []plainField {
	if len(l.byField) < 2 {
		return nil
	}
	fields := make([]plainField, len(l.byField))
	for f, i := range l.byField {
		if i < 0 {
			continue
		}
		c := &l.columns[i]
		p := plainField{attribute: i, number: c.number}
		switch {
		case c.key >= 0 && c.number >= 0:
			return nil
		case c.key >= 0:
			p.kind = plainKey
		case i == l.time:
			p.kind = plainTime
		case c.integer:
			p.kind = plainInteger
		default:
			p.kind = plainFloat
		}
		fields[f] = p
	}
	return fields
}

// plainRows commits the rows from where the row scanner stands up to the first
// that is not plain.
func (w *worker) plainRows() {
	s := &w.rows
	if w.layout.plain == nil {
		return
	}
	for s.pos < len(s.data) {
		w.second = s.next // the line, which the time replaces if there is one
		next := w.plainRow(s.data, s.pos)
		if next < 0 {
			return
		}
		w.commit(s.next, true)
		s.pos = next
		s.next++
	}
}

// plainRow parses the row at i into w.cells, w.bits and w.second. It returns the
// index of the next row, -1 if this one is not plain.
func (w *worker) plainRow(data []byte, i int) int {
	fields := w.layout.plain
	last := len(fields) - 1
	for f := range fields {
		p := &fields[f]
		switch p.kind {
		case plainFloat:
			w.bits[p.number], i = shortFloat(data, i)
		case plainInteger:
			w.bits[p.number], i = shortInteger(data, i)
		case plainTime:
			i = w.plainTime(data, i)
		case plainKey, plainUnused:
			var cell []byte
			cell, i = plainCell(data, i)
			if p.kind == plainKey {
				if len(cell) == 0 {
					return -1
				}
				w.cells[p.attribute] = cell
			}
		}
		if uint(i) >= uint(len(data)) {
			return -1
		}
		if f < last && data[i] != ',' {
			return -1
		}
		i++
	}
	switch {
	case data[i-1] == '\n':
		return i
	case data[i-1] == '\r' && i < len(data) && data[i] == '\n':
		return i + 1
	}
	return -1
}

const (
	ones   = 0x0101010101010101
	lows   = 0x7F7F7F7F7F7F7F7F
	highs  = 0x8080808080808080
	commas = ones * ','
	feeds  = ones * '\n'
	quotes = ones * '"'
)

// plainCell returns the cell at i and the index of the comma or line end after it,
// -1 if there is none or a quote comes first.
func plainCell(data []byte, i int) (cell []byte, end int) {
	// The lowest bit set in zeros(x) belongs to the first byte of x that is zero;
	// those above it may be wrong.
	zeros := func(x uint64) uint64 { return (x - ones) &^ x & highs }
	for end = i; end+8 <= len(data); end += 8 {
		word := binary.LittleEndian.Uint64(data[end:])
		m := zeros(word^commas) | zeros(word^feeds) | zeros(word^quotes)
		if m != 0 {
			return endCell(data, i, end+bits.TrailingZeros64(m)>>3)
		}
	}
	for ; end < len(data); end++ {
		if c := data[end]; c == ',' || c == '\n' || c == '"' {
			return endCell(data, i, end)
		}
	}
	return nil, -1
}

// endCell leaves the CR of a CRLF to the end of the line.
func endCell(data []byte, i, end int) ([]byte, int) {
	switch {
	case data[end] == '"':
		return nil, -1
	case data[end] == '\n' && end > i && data[end-1] == '\r':
		end--
	}
	return data[i:end], end
}

func endsCell(c byte) bool { return c == ',' || c == '\n' || c == '\r' }

// plainTime parses the time at i into w.second.
func (w *worker) plainTime(data []byte, i int) int {
	p := &w.times
	if end := i + p.length; end < len(data) && endsCell(data[end]) && p.same(data[i:end]) {
		w.second = p.second
		return end
	}
	cell, end := plainCell(data, i)
	if end < 0 {
		return -1
	}
	var reason string
	if w.second, reason = p.parse(cell); reason != "" {
		return -1
	}
	return end
}

// shortFloat parses the number at i and returns the index after it, -1 if it is
// not one. Up to eight characters without an exponent are read as one word: its
// digits, the point taken out, are a whole number, whose quotient with a power of
// ten is correctly rounded as both are exact.
func shortFloat(data []byte, i int) (value uint64, end int) {
	if i+10 > len(data) {
		return longFloat(data, i)
	}
	start := i
	negative := data[i] == '-'
	if negative {
		i++
	}
	word := binary.LittleEndian.Uint64(data[i:])
	odd := notDigits(word)
	n := bits.TrailingZeros64(odd) >> 3 // 8 if there are only digits
	end = i + n
	point := n
	if data[end] == '.' && n < 8 {
		n = bits.TrailingZeros64(odd&(odd-1)) >> 3
		end = i + n
		below := uint64(1)<<(8*point) - 1
		word = word&below | word>>8&^below
		n--
	}
	if n == 0 || !endsCell(data[end]) {
		return longFloat(data, start)
	}
	f := float64(wholeNumber(word, n)) / pow10[n-point]
	if negative && f != 0 { // -0 is 0
		f = -f
	}
	return math.Float64bits(f), end
}

func longFloat(data []byte, i int) (value uint64, end int) {
	cell, end := plainCell(data, i)
	if end < 0 {
		return 0, -1
	}
	value, reason := parseFloat(cell)
	if reason != "" {
		return 0, -1
	}
	return value, end
}

// shortInteger does the same for integers.
func shortInteger(data []byte, i int) (value uint64, end int) {
	if i+10 > len(data) {
		return longInteger(data, i)
	}
	start := i
	negative := data[i] == '-'
	if negative {
		i++
	}
	word := binary.LittleEndian.Uint64(data[i:])
	n := bits.TrailingZeros64(notDigits(word)) >> 3
	if n == 0 || !endsCell(data[i+n]) {
		return longInteger(data, start)
	}
	value = wholeNumber(word, n)
	if negative {
		value = -value
	}
	return value, i + n
}

func longInteger(data []byte, i int) (value uint64, end int) {
	cell, end := plainCell(data, i)
	if end < 0 {
		return 0, -1
	}
	value, reason := parseInteger(cell)
	if reason != "" {
		return 0, -1
	}
	return value, end
}

// notDigits has the high bit of each byte set that is not a digit, up to and with
// the first one that is neither a digit nor a point.
func notDigits(word uint64) uint64 {
	x := word ^ ones*'0'
	return (x + ones*0x76 | x) & highs
}

// wholeNumber reads the first n bytes of word, 1 to 8 digits, as a number: pairs
// of digits, of pairs, of fours are put together side by side.
func wholeNumber(word uint64, n int) uint64 {
	word = word << (64 - 8*n) & (ones * 0x0F)
	word = word * (10<<8 + 1) >> 8 & 0x00FF00FF00FF00FF
	word = word * (100<<16 + 1) >> 16 & 0x0000FFFF0000FFFF
	return word * (10000<<32 + 1) >> 32
}
