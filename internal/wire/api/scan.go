package api

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// number reads a number of JSON's grammar and returns its text, "" if
// something else is next.
func (d *decoder) number() string {
	if c := d.peek(); c != '-' && (c < '0' || c > '9') {
		return ""
	}
	n := numberLength(d.data[d.pos:])
	if n == 0 {
		d.syntax("a bad number")
		return ""
	}
	d.pos += n
	return string(d.data[d.pos-n : d.pos])
}

// numberLength returns how many bytes of b are a number, 0 if b does not begin
// with one.
func numberLength(b []byte) int {
	i := 0
	at := func(set string) bool { return i < len(b) && strings.IndexByte(set, b[i]) >= 0 }
	digits := func() bool {
		from := i
		for at("0123456789") {
			i++
		}
		return i > from
	}
	if at("-") {
		i++
	}
	if at("0") {
		i++
	} else if !digits() {
		return 0
	}
	if at(".") {
		if i++; !digits() {
			return 0
		}
	}
	if at("eE") {
		if i++; at("+-") {
			i++
		}
		if !digits() {
			return 0
		}
	}
	return i
}

// quoted reads the string whose opening quote is next.
func (d *decoder) quoted() string {
	d.pos++
	start := d.pos
	for d.pos < len(d.data) {
		switch c := d.data[d.pos]; {
		case c == '"':
			s := string(d.data[start:d.pos])
			d.pos++
			return s
		case c == '\\':
			return d.escaped(start)
		case c < ' ':
			d.syntax("a control character in a string")
			return ""
		}
		d.pos++
	}
	d.syntax("a string does not end")
	return ""
}

// escaped reads on from the first backslash of a string.
func (d *decoder) escaped(start int) string {
	buf := append([]byte(nil), d.data[start:d.pos]...)
	for d.pos < len(d.data) {
		c := d.data[d.pos]
		d.pos++
		switch {
		case c == '"':
			return string(buf)
		case c < ' ':
			d.pos--
			d.syntax("a control character in a string")
			return ""
		case c != '\\':
			buf = append(buf, c)
			continue
		}
		if d.pos >= len(d.data) {
			break
		}
		c = d.data[d.pos]
		d.pos++
		if c == 'u' {
			r, ok := d.unicode()
			if !ok {
				d.syntax("a bad \\u escape")
				return ""
			}
			buf = utf8.AppendRune(buf, r)
			continue
		}
		i := strings.IndexByte(`"\/bfnrt`, c)
		if i < 0 {
			d.pos--
			d.syntax("a bad escape in a string")
			return ""
		}
		buf = append(buf, "\"\\/\b\f\n\r\t"[i])
	}
	d.syntax("a string does not end")
	return ""
}

// unicode reads the digits of a \u escape and, if it is half of a surrogate
// pair, the other half too; a half alone becomes U+FFFD.
func (d *decoder) unicode() (rune, bool) {
	r, ok := d.hex()
	if !ok || !utf16.IsSurrogate(r) {
		return r, ok
	}
	if bytes.HasPrefix(d.data[d.pos:], []byte(`\u`)) {
		back := d.pos
		d.pos += 2
		low, ok := d.hex()
		if !ok {
			return 0, false
		}
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, true
		}
		d.pos = back
	}
	return utf8.RuneError, true
}

func (d *decoder) hex() (rune, bool) {
	if d.pos+4 > len(d.data) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(d.data[d.pos:d.pos+4]), 16, 16)
	if err != nil {
		return 0, false
	}
	d.pos += 4
	return rune(n), true
}
