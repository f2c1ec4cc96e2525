package api

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/almanac-forecast/almanac/internal/javafloat"
)

// encoder writes compact JSON or, to show a value in a message, what Java's
// toString makes of it.
type encoder struct {
	buf   []byte
	fresh bool // nothing has been written since the last opening bracket
	java  *shown
}

// shown is the part of the text that a message shows: one member of the
// outermost structure.
type shown struct {
	member   string
	depth    int
	from, to int // 0: not reached yet
}

func (e *encoder) open(bracket byte) {
	e.buf, e.fresh = append(e.buf, bracket), true
	if e.java != nil {
		e.java.depth++
	}
}

func (e *encoder) close(bracket byte) {
	if e.java != nil {
		if e.java.depth--; e.java.depth == 0 {
			e.java.end(len(e.buf))
		}
	}
	e.buf, e.fresh = append(e.buf, bracket), false
}

// comma begins an element of a list, or a key.
func (e *encoder) comma() {
	switch {
	case e.fresh:
	case e.java != nil:
		e.buf = append(e.buf, ", "...)
	default:
		e.buf = append(e.buf, ',')
	}
	e.fresh = false
}

// key begins a member of a structure.
func (e *encoder) key(name string) {
	if e.java == nil {
		e.entry(name)
		return
	}
	if e.java.depth == 1 {
		e.java.end(len(e.buf))
	}
	e.entry(strings.ToLower(name[:1]) + name[1:])
	if e.java.depth == 1 && name == e.java.member {
		e.java.from = len(e.buf)
	}
}

// entry begins a value of a map.
func (e *encoder) entry(key string) {
	e.comma()
	if e.java != nil {
		e.buf = append(append(e.buf, key...), '=')
		return
	}
	e.quote(key)
	e.buf = append(e.buf, ':')
}

func (j *shown) end(at int) {
	if j.from > 0 && j.to == 0 {
		j.to = at
	}
}

// show returns a list or map as a message shows it: '[a, b]', '{k=v}'. It is
// the member of that name of its owner.
func show(owner Response, member string) string {
	e := encoder{java: &shown{member: member}}
	owner.encode(&e)
	return "'" + string(e.buf[e.java.from:e.java.to]) + "'"
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
	if e.java != nil {
		e.buf = append(e.buf, s...)
		return
	}
	e.buf = append(e.buf, '"')
	b := e.buf
	plain := 0 // what is not written yet and needs no escape begins here
	for i := 0; i < len(s); {
		c := s[i]
		if ' ' <= c && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[plain:i]...)
		n := 1
		switch {
		case c >= utf8.RuneSelf:
			var r rune
			r, n = utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r) // a byte that is not UTF-8 becomes U+FFFD
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i += n
		plain = i
	}
	b = append(b, s[plain:]...)
	b = append(b, '"')
	e.buf = b
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
