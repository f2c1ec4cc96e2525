package dataset

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/parquet-go/parquet-go"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// The names by which [Infer] knows columns, the one it gives them first. All are
// compared without case.
var (
	idNames     = []string{"item_id", "unique_id", "series_id", "item", "id", "series", "sku", "product_id", "instance_type", "workforce_type", "metric_name"}
	timeNames   = []string{"timestamp", "ds", "date", "datetime", "time"}
	targetNames = []string{"target_value", "target", "y", "value", "demand", "sales", "quantity", "qty", "metric_value", "number_of_instances", "workforce_demand"}
)

// sampleBytes is how much of a file Infer looks at, after decompression.
const sampleBytes = 1 << 20

// sampleRows is how many rows it looks at.
const sampleRows = 1000

// Infer looks into the first file of a source and says how to import it: whether
// it is CSV or Parquet, whether it has a header, which column is what. Columns
// are found by name, else by what they hold; the identifier, the time and the
// target are called item_id, timestamp and target_value in the schema whatever
// the file calls them, the others keep their names.
//
// In target time series every further column is a dimension; in related ones the
// columns named in dimensions are, and the others must be numeric; item metadata
// take every column. A file with just a time and a target is one series.
func Infer(ctx context.Context, src Source, role string, dimensions ...string) (Schema, Options, error) {
	var s sample
	err := error(&NoRecords{Path: src.path()})
	for _, o := range src.Objects {
		if o.Size == 0 {
			continue
		}
		if s, err = readSample(ctx, src, o); err != nil || len(s.rows) > 0 || s.parquet {
			break
		}
		err = &NoRecords{Path: src.path()}
	}
	if err != nil {
		return Schema{}, Options{}, err
	}
	s.role, s.dimensions = role, dimensions
	schema, o, reason := s.infer()
	if reason != "" {
		return Schema{}, Options{}, &BadInput{Total: 1, Problems: []Problem{{File: s.file, Line: s.line, Reason: reason}}}
	}
	return schema, o, nil
}

// A sample is the beginning of a file.
type sample struct {
	file       string
	line       int64 // of the first row
	parquet    bool
	names      []string // of the columns: of a Parquet file, or the first row while it may be a header
	header     bool
	rows       [][][]byte
	types      []string // of the columns of a Parquet file
	role       string
	dimensions []string
}

// sniff opens an object as a stream of text: decompressed if it is gzip. parquet
// says that it is Parquet instead.
func sniff(body io.Reader) (text io.Reader, parquet bool, err error) {
	r := bufio.NewReaderSize(body, 64<<10)
	magic, err := r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, err
	}
	switch {
	case bytes.HasPrefix(magic, []byte("\x1F\x8B")):
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, false, damaged{err}
		}
		return gunzip{z}, false, nil
	case string(magic) == "PAR1":
		return nil, true, nil
	}
	return r, false, nil
}

// gunzip marks the errors of decompression as [damaged].
type gunzip struct{ r io.Reader }

func (g gunzip) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = damaged{err}
	}
	return n, err
}

// damaged is an error of a compressed file, unless reading it failed.
type damaged struct{ error }

func (d damaged) Unwrap() error { return d.error }

func readSample(ctx context.Context, src Source, o blob.Object) (sample, error) {
	s := sample{file: src.name(o.Key), line: 1}
	body, err := src.Bucket.NewReader(ctx, o.Key, 0, -1)
	if err != nil {
		return s, fmt.Errorf("open %s: %w", s.file, err)
	}
	defer body.Close()
	text, isParquet, err := sniff(body)
	if err != nil {
		return s, fmt.Errorf("read %s: %w", s.file, err)
	}
	if isParquet {
		return s, s.parquetColumns(ctx, src, o)
	}
	size := sampleBytes
	c := newCutter(text, 0, size, func(n int) []byte { return make([]byte, n) })
	b, err := c.next(ctx)
	switch {
	case errors.Is(err, io.EOF):
		return s, nil
	case errors.Is(err, errUTF16):
		return s, &BadInput{Total: 1, Problems: []Problem{{File: s.file, Line: 1, Reason: err.Error()}}}
	case err != nil:
		return s, fmt.Errorf("read %s: %w", s.file, err)
	}
	var rows rowScanner
	rows.reset(b)
	for rows.scan() && len(s.rows) < sampleRows {
		if rows.bad != "" {
			return s, &BadInput{Total: 1, Problems: []Problem{{File: s.file, Line: rows.badLine, Reason: rows.bad}}}
		}
		if len(s.rows) == 0 {
			s.line = rows.line
		}
		var row [][]byte
		for _, f := range rows.fields {
			row = append(row, bytes.Clone(f))
		}
		if len(s.rows) > 0 && len(row) != len(s.rows[0]) {
			break // the import reports it
		}
		s.rows = append(s.rows, row)
	}
	return s, nil
}

func (s *sample) parquetColumns(ctx context.Context, src Source, o blob.Object) error {
	r, err := blob.ReaderAt(ctx, src.Bucket, o.Key)
	if err != nil {
		return fmt.Errorf("open %s: %w", s.file, err)
	}
	defer r.Close()
	f, err := parquet.OpenFile(r, r.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return &BadInput{Total: 1, Problems: []Problem{{File: s.file, Reason: "the file is not Parquet: " + err.Error()}}}
	}
	s.parquet, s.header, s.line = true, true, 0
	for _, path := range f.Schema().Columns() {
		leaf, _ := f.Schema().Lookup(path...)
		s.names = append(s.names, strings.Join(path, "."))
		kind := TypeString
		switch t := leaf.Node.Type(); {
		case floatOf(t) != nil:
			kind = TypeFloat
		case timeDecoder(timeAny, t) != nil && t.Kind() != parquet.ByteArray:
			kind = TypeTimestamp
		}
		s.types = append(s.types, kind)
	}
	return nil
}

// infer returns the schema, or the reason why there is none.
func (s *sample) infer() (Schema, Options, string) {
	if !s.parquet {
		s.findHeader()
	}
	seen := map[string]bool{}
	for _, name := range s.names {
		if name == "" {
			return Schema{}, Options{}, "a column has no name"
		}
		if seen[strings.ToLower(name)] {
			return Schema{}, Options{}, fmt.Sprintf("two columns have the name %q", name)
		}
		seen[strings.ToLower(name)] = true
	}
	o := Options{Format: FormatCSV, TimestampFormat: TimeAny}
	if s.parquet {
		o.Format = FormatParquet
	}
	columns, reason := s.assign()
	if reason != "" {
		return Schema{}, Options{}, reason
	}
	var attributes []Attribute
	for _, c := range columns {
		attributes = append(attributes, Attribute{Name: c.name, Type: c.kind})
		o.Columns = append(o.Columns, c.field)
		if c.field >= 0 {
			o.Names = append(o.Names, s.names[c.field])
		} else {
			o.Names = append(o.Names, "")
		}
	}
	if f := columns[0].field; f < 0 {
		o.ConstantID = "series"
	} else if s.header {
		o.HeaderID = s.names[f]
	}
	schema, err := NewSchema(s.role, idNames[0], targetNames[0], attributes)
	if err != nil {
		return Schema{}, Options{}, err.Error()
	}
	return schema, o, ""
}

// findHeader decides whether the first row is one: a cell of it is a name that
// Infer knows, or the rows below have a column of numbers or times; and no cell
// of it is a number or a time.
func (s *sample) findHeader() {
	first := s.rows[0]
	known, typed := false, false
	for _, cell := range first {
		name := strings.ToLower(strings.TrimSpace(string(cell)))
		known = known || slices.Contains(idNames, name) || slices.Contains(timeNames, name) || slices.Contains(targetNames, name)
		typed = typed || len(cell) > 0 && (isNumber(cell) || isTime(cell))
	}
	s.header = known && !typed
	for f := range first {
		s.header = s.header || !typed && (holds(s.rows[1:], f, isNumber) || holds(s.rows[1:], f, isTime))
	}
	if s.header {
		for _, cell := range first {
			s.names = append(s.names, strings.TrimSpace(string(cell)))
		}
		s.rows = s.rows[1:]
		return
	}
	for f := range first {
		s.names = append(s.names, fmt.Sprintf("column_%d", f+1))
	}
}

func isNumber(cell []byte) bool {
	_, reason := parseFloat(cell)
	return reason == ""
}

func isTime(cell []byte) bool {
	p := timeParser{format: timeAny}
	_, reason := p.parse(cell)
	return reason == ""
}

// holds says whether all cells of a column that are not empty, and at least one, are good.
func holds(rows [][][]byte, field int, good func([]byte) bool) bool {
	found := false
	for _, row := range rows {
		if len(bytes.TrimSpace(row[field])) == 0 {
			continue
		}
		if !good(row[field]) {
			return false
		}
		found = true
	}
	return found
}

func (s *sample) isTime(f int) bool {
	if s.parquet {
		return s.types[f] == TypeTimestamp
	}
	return holds(s.rows, f, isTime)
}

func (s *sample) isNumber(f int) bool {
	if s.parquet {
		return s.types[f] == TypeFloat
	}
	return holds(s.rows, f, isNumber)
}

type inferred struct {
	name, kind string
	field      int
}

// assign finds what each column is; the identifier comes first.
func (s *sample) assign() (columns []inferred, reason string) {
	var rest []int
	for f := range s.names {
		rest = append(rest, f)
	}
	take := func(names []string, fits func(int) bool) int {
		f := s.named(rest, names)
		if f < 0 && fits != nil {
			if i := slices.IndexFunc(rest, fits); i >= 0 {
				f = rest[i]
			}
		}
		rest = slices.DeleteFunc(rest, func(g int) bool { return g == f })
		return f
	}
	id := s.named(rest, idNames)
	rest = slices.DeleteFunc(rest, func(f int) bool { return f == id })
	at, target := -1, -1
	if s.role != ItemMetadata {
		if at = take(timeNames, s.isTime); at < 0 {
			return nil, "no column holds times; name it timestamp and write yyyy-MM-dd or yyyy-MM-dd HH:mm:ss. The columns are " + strings.Join(s.names, ", ")
		}
	}
	if s.role == TargetTimeSeries {
		// Without a name, the last numeric column is taken: identifiers that are
		// numbers come before.
		slices.Reverse(rest)
		target = take(targetNames, s.isNumber)
		slices.Reverse(rest)
		if target < 0 {
			return nil, "no column holds numbers to forecast; name it target_value. The columns are " + strings.Join(s.names, ", ")
		}
	}
	if id < 0 && len(rest) > 0 && (s.role != RelatedTimeSeries || !s.isNumber(rest[0])) {
		id = rest[0]
		rest = rest[1:]
	}
	if id < 0 && s.role == ItemMetadata {
		return nil, "no column holds identifiers"
	}
	columns = append(columns, inferred{idNames[0], TypeString, id})
	if at >= 0 {
		columns = append(columns, inferred{timeNames[0], TypeTimestamp, at})
	}
	if target >= 0 {
		columns = append(columns, inferred{targetNames[0], TypeFloat, target})
	}
	for _, f := range rest {
		kind := TypeString
		isDimension := slices.ContainsFunc(s.dimensions, func(d string) bool { return strings.EqualFold(d, s.names[f]) })
		if s.role == RelatedTimeSeries && !isDimension {
			if kind = TypeFloat; !s.isNumber(f) {
				return nil, fmt.Sprintf("column %q is neither numeric nor a dimension of the target", s.names[f])
			}
		}
		columns = append(columns, inferred{s.names[f], kind, f})
	}
	return columns, ""
}

// named returns the column with the first of the names that there is, -1 if there is none.
func (s *sample) named(fields []int, names []string) int {
	if !s.header {
		return -1
	}
	for _, name := range names {
		for _, f := range fields {
			if strings.EqualFold(s.names[f], name) {
				return f
			}
		}
	}
	return -1
}
