package dataset

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A layout says what to do with each column of a source. It is made once per
// import and only read afterwards.
type layout struct {
	schema  Schema
	format  timeFormat
	geo     string
	columns []column     // by attribute
	byField []int        // attribute of each column of a CSV file
	plain   []plainField // by column of a CSV file; nil if rows are not parsed that way
	keys    []int        // attributes that make up the key: identifier, then dimensions or statics
	values  []int        // attributes that are spilled as values: target or features
	nulls   []uint64     // what stands for an empty cell, by value
	numbers []int        // attributes with numeric statistics: values, then numeric keys
	time    int          // attribute, -1 for item metadata
	id      int          // attribute
	header  []string     // names of the identifier in headers
	noID    string       // the identifier of all rows when files have no column for it
}

type column struct {
	Attribute
	field    int  // column in CSV files, -1 if there is none
	key      int  // place in the key, -1 if not part of it
	number   int  // place among the numbers, -1 if not numeric
	integer  bool // numeric, and an integer
	nullable bool // a key that may be empty: statics of item metadata
}

func newLayout(s Schema, o Options) (*layout, error) {
	format, err := newTimeFormat(o.TimestampFormat)
	if err != nil {
		return nil, err
	}
	l := &layout{schema: s, format: format, geo: o.GeolocationFormat, time: -1, id: -1}
	if o.Columns != nil && len(o.Columns) != len(s.Attributes) {
		return nil, fmt.Errorf("%d column numbers for %d attributes", len(o.Columns), len(s.Attributes))
	}
	fields := 0
	for i, a := range s.Attributes {
		c := column{Attribute: a, field: i, key: -1, number: -1, integer: a.Type == TypeInteger}
		if o.Columns != nil {
			c.field = o.Columns[i]
		}
		fields = max(fields, c.field+1)
		if a.Name == s.ID {
			l.id = i
			l.header = []string{a.Name}
			if o.HeaderID != "" {
				l.header = append(l.header, o.HeaderID)
			}
			if c.field < 0 {
				l.noID = o.ConstantID
			}
		}
		if a.Name == s.Time && s.Role != ItemMetadata {
			l.time = i
		}
		l.columns = append(l.columns, c)
	}
	if l.id < 0 {
		return nil, errors.New("the schema names no identifier")
	}
	l.byField = slices.Repeat([]int{-1}, fields)
	for i, c := range l.columns {
		if c.field >= 0 {
			l.byField[c.field] = i
		}
	}
	return l, l.assign()
}

// assign gives each attribute its place in the key, among the values, or both.
func (l *layout) assign() error {
	s := l.schema
	for _, name := range slices.Concat([]string{s.ID}, s.Dimensions, s.Statics) {
		i := slices.IndexFunc(l.columns, func(c column) bool { return c.Name == name })
		if i < 0 {
			return fmt.Errorf("the schema has no attribute %q", name)
		}
		l.columns[i].key = len(l.keys)
		l.columns[i].nullable = s.Role == ItemMetadata && len(l.keys) > 0
		l.keys = append(l.keys, i)
	}
	if s.Role != ItemMetadata {
		for _, name := range s.Values() {
			i := slices.IndexFunc(l.columns, func(c column) bool { return c.Name == name })
			if i < 0 {
				return fmt.Errorf("the schema has no attribute %q", name)
			}
			l.values = append(l.values, i)
		}
	}
	for _, i := range l.values {
		l.nulls = append(l.nulls, emptyCell(l.columns[i].integer))
	}
	l.numbers = slices.Clone(l.values)
	for _, i := range l.keys {
		if t := l.columns[i].Type; t == TypeInteger || t == TypeFloat {
			l.numbers = append(l.numbers, i)
		}
	}
	for n, i := range l.numbers {
		l.columns[i].number = n
	}
	for i, c := range l.columns {
		if c.key < 0 && c.number < 0 && i != l.time {
			return fmt.Errorf("attribute %q has no role in a %s dataset", c.Name, s.Role)
		}
	}
	l.plain = l.plainFields()
	return nil
}

// fieldNames lists the columns of a CSV file as a message shows them.
func (l *layout) fieldNames() string {
	names := make([]string, len(l.byField))
	for f, i := range l.byField {
		names[f] = "(unused)"
		if i >= 0 {
			names[f] = l.columns[i].Name
		}
	}
	return strings.Join(names, ",")
}

// isHeader says whether the first row of a file is a header and not data: its
// identifier cell is the identifier's name, or its timestamp and numeric cells
// all read like names. A cell that begins with a digit or a sign, and a row that
// has just one wrong cell among good ones, are bad data to be reported: a header
// has no good cell.
func (l *layout) isHeader(fields [][]byte) bool {
	if len(fields) != len(l.byField) {
		return false
	}
	if f := l.columns[l.id].field; f >= 0 {
		cell := strings.TrimSpace(string(fields[f]))
		if slices.ContainsFunc(l.header, func(name string) bool { return strings.EqualFold(cell, name) }) {
			return true
		}
	}
	typed := 0
	for i, c := range l.columns {
		if c.field < 0 || c.number < 0 && i != l.time {
			continue
		}
		if !readsLikeName(fields[c.field]) {
			return false
		}
		typed++
	}
	return typed > 0
}

// readsLikeName is false for cells that are good or failed data: numbers, dates,
// nothing at all, and the words for a missing value.
func readsLikeName(cell []byte) bool {
	s := strings.ToLower(strings.TrimSpace(string(cell)))
	switch s {
	case "", "nan", "null", "none", "nil", "na", "n/a", "nat", "inf", "infinity", "true", "false":
		return false
	}
	c := s[0]
	return c >= 'a' && c <= 'z' || c == '_' || c >= 0x80
}
