package dataset

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// maxRow is the longest row taken. A longer one is nearly always a quote that is
// never closed.
const maxRow = 16 << 20

var (
	bom   = []byte("\xEF\xBB\xBF")
	bom16 = [][]byte{[]byte("\xFF\xFE"), []byte("\xFE\xFF")}
)

// A block is a piece of a file that begins and ends at the border of rows.
type block struct {
	seq   uint64 // file<<32 | number of the block in the file
	line  int64  // line number of its first byte
	first bool   // the block begins the file
	rows  []byte
	buf   []byte // what rows is cut from
	fault string // set in place of rows: what is wrong with the file at line
}

// A cutter cuts a file into blocks. Where it cuts depends on the bytes of the
// file and on the block size alone.
type cutter struct {
	in    io.Reader
	size  int                   // bytes of a block
	fresh func(size int) []byte // gives a buffer of at least that length
	carry []byte                // the begun row at the end of the last block
	block uint64                // number of the next block, with the file in the upper half
	line  int64
	done  bool
}

func newCutter(in io.Reader, file, size int, fresh func(int) []byte) *cutter {
	return &cutter{in: in, size: size, fresh: fresh, block: uint64(file) << 32, line: 1}
}

// errRowTooLong reports a row longer than maxRow; the caller knows the line.
var errRowTooLong = errors.New("row too long")

// next returns the next block, io.EOF after the last.
func (c *cutter) next(ctx context.Context) (*block, error) {
	if c.done {
		return nil, io.EOF
	}
	size := c.size
	for {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		buf := c.fresh(size + len(c.carry))
		n := copy(buf, c.carry)
		m, err := readFull(c.in, buf[n:n+size])
		buf = buf[:n+m]
		switch {
		case errors.Is(err, io.EOF):
			c.done = true
			return c.cut(buf, len(buf))
		case err != nil:
			return nil, err
		}
		end := lastRowEnd(buf)
		if end > 0 {
			return c.cut(buf, end)
		}
		if len(buf) > maxRow {
			return nil, errRowTooLong
		}
		c.carry = buf
		size = max(size, len(buf)) // doubles
	}
}

// readFull is io.ReadFull but for the end of the file, which is io.EOF wherever
// it comes: io.ErrUnexpectedEOF is left to readers that mean it.
func readFull(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = r.Read(p[n:])
		n += m
	}
	if n == len(p) {
		return n, nil
	}
	return n, err
}

func (c *cutter) cut(buf []byte, end int) (*block, error) {
	first := c.line == 1 && c.block&0xFFFFFFFF == 0
	b := &block{seq: c.block, line: c.line, first: first, rows: buf[:end], buf: buf}
	// The carried bytes are copied at the next call, before buf can be used again
	// only if they do not lie in it.
	c.carry = append([]byte(nil), buf[end:]...)
	c.block++
	c.line += int64(bytes.Count(b.rows, newline))
	if first {
		b.rows = bytes.TrimPrefix(b.rows, bom)
		for _, mark := range bom16 {
			if bytes.HasPrefix(b.rows, mark) {
				return nil, errUTF16
			}
		}
	}
	if len(b.rows) == 0 && c.done {
		return nil, io.EOF
	}
	return b, nil
}

var (
	newline  = []byte{'\n'}
	errUTF16 = errors.New("the file is UTF-16, not UTF-8")
)

// lastRowEnd returns the index after the last complete row of data, which begins
// with a row; 0 when none is complete.
func lastRowEnd(data []byte) int {
	if bytes.IndexByte(data, '"') < 0 {
		return bytes.LastIndexByte(data, '\n') + 1
	}
	end := 0
	for end < len(data) {
		n := rowEnd(data[end:])
		if n < 0 {
			break
		}
		end += n
	}
	return end
}

// rowEnd returns the length of the first row of data with its line end; -1 when
// the row is not complete. A quote opens a quoted field only at the field's
// beginning; anywhere else it is a fault that the row scanner reports, and does
// not hide the end of the line.
func rowEnd(data []byte) int {
	i := 0
	for {
		nl := bytes.IndexByte(data[i:], '\n')
		line := data[i:]
		if nl >= 0 {
			line = line[:nl]
		}
		quote := bytes.IndexByte(line, '"')
		if quote < 0 {
			if nl < 0 {
				return -1
			}
			return i + nl + 1
		}
		q := i + quote
		if q > 0 && data[q-1] != ',' {
			i = q + 1 // a bare quote
			continue
		}
		closing := quotedEnd(data, q+1)
		if closing < 0 {
			return -1
		}
		i = closing
	}
}

// quotedEnd returns the index after the quote that closes a quoted field whose
// text begins at i; -1 when there is none. A quote at the very end of data may be
// half of an escaped pair: the field is then taken as closed, as the data that
// follow decide and the caller of rowEnd then finds no line end anyway.
func quotedEnd(data []byte, i int) int {
	for {
		n := bytes.IndexByte(data[i:], '"')
		if n < 0 {
			return -1
		}
		i += n + 1
		if i >= len(data) || data[i] != '"' {
			return i
		}
		i++
	}
}
