package dataset

import "bytes"

// What can be wrong with the quotes of a row, in the words of the message.
const (
	badBare     = `a quote (") inside a field that does not begin with one; quote the whole field and double the quote`
	badAfter    = `text after the closing quote (") of a field`
	badUnclosed = `a quoted field is not closed before the end of the file`
)

// A rowScanner reads the rows of a block. Fields point into the block, or into
// scratch for quoted fields with escapes; they are good until the next call.
//
// The grammar is RFC 4180 as encoding/csv reads it: LF or CRLF ends a row, also
// inside quoted fields CRLF reads as LF, empty lines are passed over, one CR at
// the very end of the file is dropped.
type rowScanner struct {
	data    []byte
	pos     int
	next    int64    // line number at pos
	line    int64    // line number of the row
	fields  [][]byte // of the row
	bad     string   // what is wrong with its quotes, "" if nothing
	badLine int64
	blank   int64 // empty lines passed over so far
	scratch []byte
}

func (s *rowScanner) reset(b *block) {
	s.data, s.pos, s.next, s.blank = b.rows, 0, b.line, 0
}

// scan moves to the next row that is not an empty line; false at the end.
func (s *rowScanner) scan() bool {
	for s.pos < len(s.data) {
		rest := s.data[s.pos:]
		line, _, _ := bytes.Cut(rest, newline)
		if bytes.IndexByte(line, '"') >= 0 {
			s.line = s.next
			s.quotedRow(rest)
			return true
		}
		s.pos += min(len(line)+1, len(rest))
		s.line = s.next
		s.next++
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		if len(line) == 0 {
			s.blank++
			continue
		}
		s.split(line)
		return true
	}
	return false
}

func (s *rowScanner) split(line []byte) {
	s.bad = ""
	s.fields = s.fields[:0]
	start := 0
	for i, c := range line {
		if c == ',' {
			s.fields = append(s.fields, line[start:i])
			start = i + 1
		}
	}
	s.fields = append(s.fields, line[start:])
}

// quotedRow reads a row with at least one quote in its first line.
func (s *rowScanner) quotedRow(rest []byte) {
	n := rowEnd(rest)
	if n < 0 {
		n = len(rest)
	}
	row := rest[:n]
	s.pos += n
	lines := int64(bytes.Count(row, newline))
	s.next += lines
	row = trimLineEnd(row)
	s.bad, s.fields, s.scratch = "", s.fields[:0], s.scratch[:0]
	if cap(s.scratch) < len(row) {
		s.scratch = make([]byte, 0, 2*len(row)) // never grows below, fields point into it
	}
	i := 0
	for {
		var field []byte
		at := i
		if i < len(row) && row[i] == '"' {
			field, i = s.quotedField(row, i+1)
		} else {
			end := bytes.IndexByte(row[i:], ',')
			if end < 0 {
				end = len(row) - i
			}
			field = row[i : i+end]
			i += end
			if bytes.IndexByte(field, '"') >= 0 {
				s.fault(badBare, row, at)
			}
		}
		s.fields = append(s.fields, field)
		if i >= len(row) {
			return
		}
		i++ // the comma
	}
}

// quotedField reads a quoted field whose text begins at i and returns it with
// the index of the comma or row end after it.
func (s *rowScanner) quotedField(row []byte, i int) (field []byte, next int) {
	at := i
	closing := quotedEnd(row, i)
	if closing < 0 {
		s.fault(badUnclosed, row, at)
		return row[i:], len(row)
	}
	field = row[i : closing-1]
	if bytes.IndexByte(field, '"') >= 0 || bytes.Contains(field, crlf) {
		field = s.unescape(field)
	}
	if closing < len(row) && row[closing] != ',' {
		s.fault(badAfter, row, closing)
		end := bytes.IndexByte(row[closing:], ',')
		if end < 0 {
			return field, len(row)
		}
		closing += end
	}
	return field, closing
}

var crlf = []byte("\r\n")

func (s *rowScanner) unescape(field []byte) []byte {
	start := len(s.scratch)
	for i := 0; i < len(field); i++ {
		c := field[i]
		if c == '"' || c == '\r' && i+1 < len(field) && field[i+1] == '\n' {
			i++
			c = field[i]
		}
		s.scratch = append(s.scratch, c)
	}
	return s.scratch[start:]
}

// fault notes the first thing wrong with a row.
func (s *rowScanner) fault(what string, row []byte, at int) {
	if s.bad == "" {
		s.bad = what
		s.badLine = s.line + int64(bytes.Count(row[:min(at, len(row))], newline))
	}
}

// trimLineEnd cuts LF or CRLF, and the CR that may stand at the end of a file.
func trimLineEnd(row []byte) []byte {
	if n := len(row); n > 0 && row[n-1] == '\n' {
		row = row[:n-1]
	}
	if n := len(row); n > 0 && row[n-1] == '\r' {
		row = row[:n-1]
	}
	return row
}
