package result

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/almanac-forecast/almanac/internal/javafloat"
)

// Table writes forecasts as rows: the identifier, the date, the dimensions,
// the quantiles ascending, and the mean.
type Table interface {
	Add(s Series) error
	Close() error // writes what is still to be written; does not close the writer below
}

// NewTable starts a table in the format, CSV or Parquet, with the columns of m.
func NewTable(w io.Writer, format string, m *Manifest) (Table, error) {
	switch format {
	case CSV, "":
		return newCSVTable(w, m), nil
	case Parquet:
		return newParquetTable(w, m), nil
	}
	return nil, fmt.Errorf("result: unknown format %q, use %s or %s", format, CSV, Parquet)
}

func parseLevel(forecastType string) (level float64, ok bool) {
	level, err := strconv.ParseFloat(forecastType, 64)
	return level, err == nil
}

type csvTable struct {
	w     io.Writer
	cols  []column
	dates []string // of each step, with the comma after it
	buf   []byte
}

func newCSVTable(w io.Writer, m *Manifest) *csvTable {
	t := &csvTable{w: w, cols: columns(m.Types), buf: make([]byte, 0, 80<<10)}
	for _, at := range m.Times {
		t.dates = append(t.dates, time.Unix(at, 0).UTC().Format("2006-01-02T15:04:05Z"))
	}
	t.buf = appendField(t.buf, m.ID)
	t.buf = append(t.buf, ",date"...)
	for _, d := range m.Dimensions {
		t.buf = append(t.buf, ',')
		t.buf = appendField(t.buf, d)
	}
	for _, c := range t.cols {
		t.buf = append(t.buf, ',')
		t.buf = append(t.buf, c.name...)
	}
	t.buf = append(t.buf, '\n')
	return t
}

func (t *csvTable) Add(s Series) error {
	id := appendField(nil, s.Key.ID)
	var dims []byte
	for _, d := range s.Key.Dims {
		dims = append(dims, ',')
		dims = appendField(dims, d)
	}
	for step, date := range t.dates {
		t.buf = append(t.buf, id...)
		t.buf = append(t.buf, ',')
		t.buf = append(t.buf, date...)
		t.buf = append(t.buf, dims...)
		for _, c := range t.cols {
			t.buf = append(t.buf, ',')
			// An undefined value is an empty field.
			if v := s.Values[c.at][step]; !math.IsNaN(v) {
				t.buf = javafloat.Append(t.buf, v)
			}
		}
		t.buf = append(t.buf, '\n')
	}
	if len(t.buf) >= 64<<10 {
		return t.flush()
	}
	return nil
}

func (t *csvTable) flush() error {
	_, err := t.w.Write(t.buf)
	t.buf = t.buf[:0]
	return err
}

func (t *csvTable) Close() error { return t.flush() }

// appendField quotes only what would not read back otherwise.
func appendField(dst []byte, s string) []byte {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	dst = append(dst, strings.ReplaceAll(s, `"`, `""`)...)
	return append(dst, '"')
}

type parquetTable struct {
	w     *parquet.GenericWriter[any]
	cols  []column
	times []int64
	rows  []parquet.Row
}

// parquetRowGroup bounds the rows that the Parquet writer keeps in memory.
const parquetRowGroup = 200_000

func newParquetTable(w io.Writer, m *Manifest) *parquetTable {
	t := &parquetTable{cols: columns(m.Types), times: m.Times}
	group := orderedGroup{Group: parquet.Group{}}
	add := func(name string, n parquet.Node) {
		if _, taken := group.Group[name]; taken {
			name += "_"
		}
		group.Group[name] = n
		group.order = append(group.order, name)
	}
	text := parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	add(m.ID, text)
	add("date", parquet.Timestamp(parquet.Millisecond))
	for _, d := range m.Dimensions {
		add(d, text)
	}
	for _, c := range t.cols {
		add(c.name, parquet.Optional(parquet.Leaf(parquet.DoubleType)))
	}
	t.w = parquet.NewGenericWriter[any](w, parquet.NewSchema("forecast", group),
		parquet.Compression(&parquet.Snappy), parquet.MaxRowsPerRowGroup(parquetRowGroup))
	return t
}

func (t *parquetTable) Add(s Series) error {
	t.rows = t.rows[:0]
	for step, at := range t.times {
		row := make(parquet.Row, 0, 2+len(s.Key.Dims)+len(t.cols))
		add := func(v parquet.Value, defined int) { row = append(row, v.Level(0, defined, len(row))) }
		add(parquet.ByteArrayValue([]byte(s.Key.ID)), 0)
		add(parquet.Int64Value(at*1000), 0)
		for _, d := range s.Key.Dims {
			add(parquet.ByteArrayValue([]byte(d)), 0)
		}
		for _, c := range t.cols {
			if v := s.Values[c.at][step]; math.IsNaN(v) {
				add(parquet.NullValue(), 0)
			} else {
				add(parquet.DoubleValue(v), 1)
			}
		}
		t.rows = append(t.rows, row)
	}
	_, err := t.w.WriteRows(t.rows)
	return err
}

func (t *parquetTable) Close() error { return t.w.Close() }

// orderedGroup is a group whose columns keep their order; parquet.Group sorts
// them by name.
type orderedGroup struct {
	parquet.Group
	order []string
}

// Fields implements [parquet.Node].
func (g orderedGroup) Fields() []parquet.Field {
	byName := make(map[string]parquet.Field, len(g.order))
	for _, f := range g.Group.Fields() {
		byName[f.Name()] = f
	}
	fields := make([]parquet.Field, len(g.order))
	for i, name := range g.order {
		fields[i] = byName[name]
	}
	return fields
}
