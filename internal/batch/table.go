package batch

import (
	"bufio"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/almanac-forecast/almanac/internal/pipeline"
	"github.com/almanac-forecast/almanac/internal/result"
)

// A Writer writes forecasts in one of the forms of the command line.
type Writer interface {
	Add(s result.Series) error
	Close() error // writes what is still to be written; does not close the writer below
}

// column is one column of figures and its place in a series.
type column struct {
	name string
	at   int
}

// columns returns the mean first and then the quantiles ascending.
func columns(types []string) []column {
	var cols []column
	for i, t := range types {
		cols = append(cols, column{result.Label(t), i})
	}
	level := func(c column) float64 {
		if types[c.at] == pipeline.MeanType {
			return -1
		}
		l, err := strconv.ParseFloat(types[c.at], 64)
		if err != nil {
			return 2
		}
		return l
	}
	slices.SortStableFunc(cols, func(a, b column) int {
		switch d := level(a) - level(b); {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
		return 0
	})
	return cols
}

// labels returns the time of each step as text: dates alone where the
// frequency is a day or longer.
func labels(m *result.Manifest, daily bool) []string {
	layout := time.DateTime
	if daily {
		layout = time.DateOnly
	}
	out := make([]string, len(m.Times))
	for i, t := range m.Times {
		out[i] = time.Unix(t, 0).UTC().Format(layout)
	}
	return out
}

// daily tells whether no step of the manifest has a time of day.
func daily(m *result.Manifest) bool {
	return !slices.ContainsFunc(m.Times, func(t int64) bool { return t%86400 != 0 })
}

// csvWriter writes item_id[,dimensions],timestamp,mean,p10,….
type csvWriter struct {
	w     *bufio.Writer
	cols  []column
	times []string
	line  []byte
}

// NewCSV returns a writer of CSV with a header.
func NewCSV(w io.Writer, m *result.Manifest) (Writer, error) {
	c := &csvWriter{w: bufio.NewWriterSize(w, 1<<16), cols: columns(m.Types), times: labels(m, daily(m))}
	header := append([]string{m.ID}, m.Dimensions...)
	header = append(header, "timestamp")
	for _, col := range c.cols {
		header = append(header, col.name)
	}
	for i, h := range header {
		header[i] = quote(h)
	}
	_, err := c.w.WriteString(strings.Join(header, ",") + "\n")
	return c, err
}

func (c *csvWriter) Add(s result.Series) error {
	fields := []string{quote(s.Key.ID)}
	for _, d := range s.Key.Dims {
		fields = append(fields, quote(d))
	}
	key := strings.Join(fields, ",")
	for step, when := range c.times {
		c.line = append(append(append(c.line[:0], key...), ','), when...)
		for _, col := range c.cols {
			c.line = append(c.line, ',')
			if v := s.Values[col.at][step]; !math.IsNaN(v) {
				c.line = strconv.AppendFloat(c.line, v, 'g', -1, 64)
			}
		}
		if _, err := c.w.Write(append(c.line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

func (c *csvWriter) Close() error { return c.w.Flush() }

// quote quotes a field only where it would not read back otherwise.
func quote(field string) string {
	if strings.ContainsAny(field, ",\"\r\n") {
		return `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
	}
	return field
}

// jsonWriter writes one JSON object per series and line.
type jsonWriter struct {
	w     *bufio.Writer
	m     *result.Manifest
	cols  []column
	times []string
}

// NewJSON returns a writer of one JSON object per series and line.
func NewJSON(w io.Writer, m *result.Manifest) Writer {
	return &jsonWriter{w: bufio.NewWriterSize(w, 1<<16), m: m, cols: columns(m.Types), times: labels(m, daily(m))}
}

func (j *jsonWriter) Add(s result.Series) error {
	object := map[string]any{j.m.ID: s.Key.ID, "timestamp": j.times}
	for i, d := range s.Key.Dims {
		object[j.m.Dimensions[i]] = d
	}
	for _, col := range j.cols {
		values := make([]any, len(j.times)) // nil is null: JSON has no NaN
		for step, v := range s.Values[col.at] {
			if !math.IsNaN(v) {
				values[step] = v
			}
		}
		object[col.name] = values
	}
	line, err := json.Marshal(object)
	if err != nil {
		return err
	}
	_, err = j.w.Write(append(line, '\n'))
	return err
}

func (j *jsonWriter) Close() error { return j.w.Flush() }

// parquetWriter writes the columns of [NewCSV].
type parquetWriter struct {
	w     *parquet.GenericWriter[any]
	cols  []column
	times []int64
	rows  []parquet.Row
}

// rowGroup bounds the rows that the Parquet writer keeps in memory.
const rowGroup = 200_000

// NewParquet returns a writer of Parquet with the columns of [NewCSV], times as
// timestamps.
func NewParquet(w io.Writer, m *result.Manifest) Writer {
	p := &parquetWriter{cols: columns(m.Types), times: m.Times}
	group := ordered{Group: parquet.Group{}}
	add := func(name string, n parquet.Node) {
		if _, taken := group.Group[name]; taken {
			name += "_"
		}
		group.Group[name] = n
		group.order = append(group.order, name)
	}
	text := parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	add(m.ID, text)
	for _, d := range m.Dimensions {
		add(d, text)
	}
	add("timestamp", parquet.Timestamp(parquet.Millisecond))
	for _, c := range p.cols {
		add(c.name, parquet.Optional(parquet.Leaf(parquet.DoubleType)))
	}
	p.w = parquet.NewGenericWriter[any](w, parquet.NewSchema("forecast", group), parquet.Compression(&parquet.Zstd), parquet.MaxRowsPerRowGroup(rowGroup))
	return p
}

func (p *parquetWriter) Add(s result.Series) error {
	p.rows = p.rows[:0]
	for step, at := range p.times {
		row := make(parquet.Row, 0, 2+len(s.Key.Dims)+len(p.cols))
		add := func(v parquet.Value, defined int) { row = append(row, v.Level(0, defined, len(row))) }
		add(parquet.ByteArrayValue([]byte(s.Key.ID)), 0)
		for _, d := range s.Key.Dims {
			add(parquet.ByteArrayValue([]byte(d)), 0)
		}
		add(parquet.Int64Value(at*1000), 0)
		for _, c := range p.cols {
			if v := s.Values[c.at][step]; math.IsNaN(v) {
				add(parquet.NullValue(), 0)
			} else {
				add(parquet.DoubleValue(v), 1)
			}
		}
		p.rows = append(p.rows, row)
	}
	_, err := p.w.WriteRows(p.rows)
	return err
}

func (p *parquetWriter) Close() error { return p.w.Close() }

// ordered is a group whose columns keep their order; [parquet.Group] sorts them.
type ordered struct {
	parquet.Group

	order []string
}

// Fields implements [parquet.Node].
func (g ordered) Fields() []parquet.Field {
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
