package api

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds how deep a body may nest. The deepest request of the model
// nests 8 levels; members it does not know may be deeper.
const maxDepth = 64

// SerializationError says that a body is not the JSON it should be.
type SerializationError struct{ Message string }

// Error implements error.
func (e *SerializationError) Error() string { return e.Message }

// decoder reads one JSON text from front to back. The first fault is kept in
// err; after it every method returns at once with nothing, so that callers
// need not check. Values are null where a method returns nil without a fault.
type decoder struct {
	data []byte
	pos  int
	path []string // keys and indices of the open objects and lists
	more []bool   // per open object or list: an element has been read
	err  *SerializationError
}

func newDecoder(body []byte) (*decoder, error) {
	if len(bytes.Trim(body, " \t\r\n")) == 0 {
		body = []byte("{}")
	}
	if !utf8.Valid(body) {
		return nil, &SerializationError{"The body is not valid UTF-8."}
	}
	d := &decoder{data: body}
	if d.peek() != '{' {
		return nil, &SerializationError{"The body is not a JSON object."}
	}
	return d, nil
}

func (d *decoder) failf(format string, args ...any) {
	if d.err == nil {
		d.err = &SerializationError{fmt.Sprintf(format, args...)}
		d.pos = len(d.data)
	}
}

func (d *decoder) syntax(what string) {
	d.failf("The body is not valid JSON: %s at byte %d.", what, d.pos+1)
}

// where names the member that is being read.
func (d *decoder) where() string {
	if len(d.path) == 0 {
		return "the body"
	}
	return strings.Join(d.path, ".")
}

// peek skips white space and returns the next byte, 0 at the end.
func (d *decoder) peek() byte {
	for ; d.pos < len(d.data); d.pos++ {
		switch c := d.data[d.pos]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// end checks that nothing follows the value.
func (d *decoder) end() {
	if d.peek(); d.err == nil && d.pos < len(d.data) {
		d.syntax("something follows the object")
	}
}

// kind tells the type of a JSON value from its first byte, in the words of
// the service's own messages.
func kind(c byte) string {
	switch c {
	case '{':
		return "START_OBJECT"
	case '[':
		return "START_ARRAY"
	case '"':
		return "STRING_VALUE"
	case 't':
		return "TRUE_VALUE"
	case 'f':
		return "FALSE_VALUE"
	case 'n':
		return "NULL_VALUE"
	}
	return "NUMBER_VALUE"
}

// null reads a null if there is one.
func (d *decoder) null() bool {
	if d.peek() != 'n' {
		return false
	}
	d.literal("null")
	return true
}

func (d *decoder) literal(word string) {
	if !bytes.HasPrefix(d.data[d.pos:], []byte(word)) {
		d.syntax("an unknown word")
		return
	}
	d.pos += len(word)
}

// wrong reports a value of the wrong type, unless it is no JSON value at all.
func (d *decoder) wrong(want string) {
	switch c := d.peek(); {
	case d.err != nil:
	case c == 0:
		d.syntax("the text ends early")
	case c == '{' || c == '[' || c == '"' || c == 't' || c == 'f' || c == 'n' || c == '-' || c >= '0' && c <= '9':
		d.failf("%s can not be converted to %s at %s", kind(c), want, d.where())
	default:
		d.syntax(fmt.Sprintf("unexpected %q", rune(c)))
	}
}

// object enters an object; false for null.
func (d *decoder) object() bool { return d.enter('{', "a structure") }

// list enters a list; false for null.
func (d *decoder) list() bool { return d.enter('[', "a list") }

func (d *decoder) enter(open byte, want string) bool {
	if d.err != nil || d.null() {
		return false
	}
	if d.peek() != open {
		d.wrong(want)
		return false
	}
	if len(d.path) >= maxDepth {
		d.failf("The body nests deeper than %d levels.", maxDepth)
		return false
	}
	d.pos++
	d.path, d.more = append(d.path, ""), append(d.more, false)
	return true
}

// next moves to the next element of the open object or list; at its end it
// leaves it and returns false.
func (d *decoder) next(closing byte) bool {
	if d.err != nil {
		return false
	}
	last := len(d.more) - 1
	c := d.peek()
	if c == closing {
		d.pos++
		d.path, d.more = d.path[:last], d.more[:last]
		return false
	}
	if d.more[last] {
		if c != ',' {
			d.syntax(fmt.Sprintf("no comma and no %q", rune(closing)))
			return false
		}
		d.pos++
		d.peek()
	}
	d.more[last] = true
	return true
}

// key moves to the next member of the open object and returns its name.
func (d *decoder) key() (string, bool) {
	if !d.next('}') {
		return "", false
	}
	if d.peek() != '"' {
		d.syntax("no member name")
		return "", false
	}
	key := d.quoted()
	if d.peek() != ':' {
		d.syntax("no colon after a member name")
		return "", false
	}
	d.pos++
	d.path[len(d.path)-1] = key
	return key, d.err == nil
}

// skip reads a value of any type and forgets it.
func (d *decoder) skip() {
	if d.err != nil {
		return
	}
	switch c := d.peek(); c {
	case '{':
		for ok := d.object(); ok; {
			if _, ok = d.key(); ok {
				d.skip()
			}
		}
	case '[':
		for ok := d.list(); ok; {
			if ok = d.next(']'); ok {
				d.skip()
			}
		}
	case '"':
		d.quoted()
	case 't':
		d.literal("true")
	case 'f':
		d.literal("false")
	case 'n':
		d.literal("null")
	default:
		if d.number() == "" {
			d.wrong("a value")
		}
	}
}

// text reads a string.
func (d *decoder) text() *string {
	if d.err != nil || d.null() {
		return nil
	}
	if d.peek() != '"' {
		d.wrong("a String")
		return nil
	}
	s := d.quoted()
	if strings.IndexByte(s, 0) >= 0 {
		d.failf("The string at %s holds the character U+0000", d.where())
		return nil
	}
	return &s
}

func (d *decoder) boolean() *bool {
	if d.err != nil || d.null() {
		return nil
	}
	var b bool
	switch d.peek() {
	case 't':
		d.literal("true")
		b = true
	case 'f':
		d.literal("false")
	default:
		d.wrong("a Boolean")
		return nil
	}
	return &b
}

func (d *decoder) double() *float64 {
	if d.err != nil || d.null() {
		return nil
	}
	text := d.number()
	if text == "" {
		d.wrong("a Double")
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		d.failf("NUMBER_VALUE %s is out of range for a Double at %s", text, d.where())
		return nil
	}
	return &f
}

// integer reads a number of 32 bits that is whole, however it is spelled: 20,
// 20.0, 2e1.
func (d *decoder) integer() *int {
	if d.err != nil || d.null() {
		return nil
	}
	text := d.number()
	if text == "" {
		d.wrong("an Integer")
		return nil
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && f == float64(int32(f)) {
		n := int(f)
		return &n
	}
	d.failf("NUMBER_VALUE %s can not be converted to an Integer at %s", text, d.where())
	return nil
}

// list reads a list; nil for null, not nil for an empty one. A null in a list
// has no meaning and is refused.
func list[T any](d *decoder, element func(*decoder) *T) []T {
	if !d.list() {
		return nil
	}
	out := []T{}
	for i := 0; d.next(']'); i++ {
		d.path[len(d.path)-1] = strconv.Itoa(i + 1)
		out = appendElement(d, out, element)
	}
	return out
}

func appendElement[T any](d *decoder, out []T, element func(*decoder) *T) []T {
	if d.peek() == 'n' {
		d.failf("NULL_VALUE can not be an element of a list at %s", d.where())
		return out
	}
	if x := element(d); x != nil && d.err == nil {
		out = append(out, *x)
	}
	return out
}

// dict reads a map; nil for null, not nil for an empty one. A key with the
// value null is refused, as in a list.
func dict[T any](d *decoder, value func(*decoder) *T) map[string]T {
	if !d.object() {
		return nil
	}
	out := map[string]T{}
	for key, ok := d.key(); ok; key, ok = d.key() {
		if strings.IndexByte(key, 0) >= 0 {
			d.failf("The key at %s holds the character U+0000", d.where())
			break
		}
		if d.peek() == 'n' {
			d.failf("NULL_VALUE can not be a value of a map at %s", d.where())
			break
		}
		if x := value(d); x != nil && d.err == nil {
			out[key] = *x
		}
	}
	return out
}

// boxed turns a list into an element of a list or map.
func boxed[T any](x []T) *[]T {
	if x == nil {
		return nil
	}
	return &x
}

// request makes the input of an operation from the decoder of its type.
func request[T any, P interface {
	*T
	Request
}](d *decoder, decode func(*decoder) P) Request {
	return decode(d)
}
