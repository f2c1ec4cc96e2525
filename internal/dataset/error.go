package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ErrInput marks the errors that the owner of the data can mend: [BadInput],
// [NoRecords] and [TooLarge] are ErrInput in the sense of errors.Is. Any other
// error of an import is a fault of the machine or of the storage.
var ErrInput = errors.New("the data cannot be imported")

// Problem is one thing wrong with a source.
type Problem struct {
	File   string
	Line   int64  // line of a CSV file, row of a Parquet file, from 1; 0 when the whole file is meant
	Field  string // attribute; "" when the whole row is meant
	Reason string // with the offending value, quoted

	seq    uint64 // block the row was in, orders the files
	column int
}

// String is "file:line: field name: reason".
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		b.WriteString(":" + strconv.FormatInt(p.Line, 10))
	}
	b.WriteString(": ")
	if p.Field != "" {
		b.WriteString("field " + p.Field + ": ")
	}
	b.WriteString(p.Reason)
	return b.String()
}

// BadInput says what is wrong with a source: the first problems in the order of
// the files and how many there are in all.
type BadInput struct { //nolint:errname // says what it is where it is used: dataset.BadInput
	Problems []Problem
	Total    int64
}

func (e *BadInput) Error() string {
	var b strings.Builder
	switch {
	case e.Total == 1:
		b.WriteString("The data were not imported because of 1 problem:")
	case e.Total == int64(len(e.Problems)):
		fmt.Fprintf(&b, "The data were not imported because of %d problems:", e.Total)
	default:
		fmt.Fprintf(&b, "The data were not imported because of %d problems, of which the first %d are:", e.Total, len(e.Problems))
	}
	for _, p := range e.Problems {
		b.WriteString("\n" + p.String())
	}
	return b.String()
}

// Is makes the error an [ErrInput].
func (e *BadInput) Is(target error) bool { return target == ErrInput }

// NoRecords says that a source holds not a single row.
type NoRecords struct{ Path string } //nolint:errname // as BadInput

func (e *NoRecords) Error() string {
	return "No records were ingested for this data. Please make sure that the data exists, it conforms to the specified schema or headers, and has the correct delimiter. (" + e.Path + ")"
}

// Is makes the error an [ErrInput].
func (e *NoRecords) Is(target error) bool { return target == ErrInput }

// TooLarge says that a source exceeds one of the [Limits].
type TooLarge struct { //nolint:errname // as BadInput
	What  string // "objects", "bytes", "rows"
	Count int64
	Limit int64
	Path  string
}

func (e *TooLarge) Error() string {
	return fmt.Sprintf("%s has %d %s, more than the limit of %d for one import", e.Path, e.Count, e.What, e.Limit)
}

// Is makes the error an [ErrInput].
func (e *TooLarge) Is(target error) bool { return target == ErrInput }

// problems keeps the first few problems in source order and counts all.
type problems struct {
	limit int
	list  []Problem
	total int64
}

func (p *problems) add(x Problem) {
	p.total++
	if len(p.list) == p.limit && !x.before(p.list[len(p.list)-1]) {
		return
	}
	i, _ := slices.BinarySearchFunc(p.list, x, Problem.compare)
	p.list = slices.Insert(p.list, i, x)
	p.list = p.list[:min(len(p.list), p.limit)]
}

func (p *problems) merge(q *problems) {
	rest := q.total - int64(len(q.list))
	for _, x := range q.list {
		p.add(x)
	}
	p.total += rest
}

func (p *problems) err() error {
	if p.total == 0 {
		return nil
	}
	return &BadInput{Problems: slices.Clone(p.list), Total: p.total}
}

func (p Problem) compare(q Problem) int {
	switch {
	case p.seq>>32 != q.seq>>32:
		return cmp.Compare(p.seq>>32, q.seq>>32)
	case p.Line != q.Line:
		return cmp.Compare(p.Line, q.Line)
	}
	return cmp.Compare(p.column, q.column)
}

func (p Problem) before(q Problem) bool { return p.compare(q) < 0 }

// quote shows a cell in a message: quoted, control characters escaped, and cut
// when it is long.
func quote(cell []byte) string {
	const most = 60
	if len(cell) > most {
		return strconv.Quote(strings.ToValidUTF8(string(cell[:most]), "\uFFFD")) + "..."
	}
	return strconv.Quote(string(cell))
}
