package api

import (
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/almanac-forecast/almanac/internal/javafloat"
)

// encoder writes compact JSON. It needs no state beside the text: a comma is
// due unless the text ends in an opening bracket or a colon.
type encoder struct{ buf []byte }

func (e *encoder) open(bracket byte)  { e.buf = append(e.buf, bracket) }
func (e *encoder) close(bracket byte) { e.buf = append(e.buf, bracket) }

func (e *encoder) comma() {
	switch e.buf[len(e.buf)-1] {
	case '{', '[':
	default:
		e.buf = append(e.buf, ',')
	}
}

func (e *encoder) key(name string) {
	e.comma()
	e.quote(name)
	e.buf = append(e.buf, ':')
}

func (e *encoder) text(name string, value *string) {
	if value != nil {
		e.key(name)
		e.quote(*value)
	}
}

func (e *encoder) boolean(name string, value *bool) {
	if value != nil {
		e.key(name)
		e.buf = strconv.AppendBool(e.buf, *value)
	}
}

func (e *encoder) integer(name string, value *int) {
	if value != nil {
		e.key(name)
		e.buf = strconv.AppendInt(e.buf, int64(*value), 10)
	}
}

func (e *encoder) long(name string, value *int64) {
	if value != nil {
		e.key(name)
		e.buf = strconv.AppendInt(e.buf, *value, 10)
	}
}

// double leaves a member out that JSON has no number for.
func (e *encoder) double(name string, value *float64) {
	if value != nil && !math.IsNaN(*value) && !math.IsInf(*value, 0) {
		e.key(name)
		e.buf = javafloat.Append(e.buf, *value)
	}
}

func (e *encoder) timestamp(name string, value *Timestamp) {
	if value != nil {
		e.key(name)
		e.buf = value.appendEpoch(e.buf)
	}
}

// quote writes a string, escaping only what JSON demands: text with <, > or &
// comes out as it is.
func (e *encoder) quote(s string) {
	const hexDigits = "0123456789abcdef"
	b := append(e.buf, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r) // a byte that is not UTF-8 becomes U+FFFD
			i += n
			continue
		}
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
		i++
	}
	e.buf = append(b, '"')
}

// AppendString appends s as a JSON string, escaped as responses are.
func AppendString(dst []byte, s string) []byte {
	e := encoder{buf: dst}
	e.quote(s)
	return e.buf
}

// keys returns the keys of a map in the order in which they are written.
func keys[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
