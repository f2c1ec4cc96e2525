package pipeline

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/parquet-go/parquet-go"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/dataset"
)

// localFiles makes a bucket of files of the machine; it is only read. The keys
// are the paths.
type localFiles struct{ blob.Bucket }

// NewReader implements [blob.Bucket].
func (localFiles) NewReader(_ context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	f, err := os.Open(key) //nolint:gosec // the user names the file
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if length < 0 {
		return f, nil
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(f, length), f}, nil
}

// Stat implements [blob.Bucket].
func (localFiles) Stat(_ context.Context, key string) (blob.Object, error) {
	info, err := os.Stat(key)
	if err != nil {
		return blob.Object{}, err
	}
	if info.IsDir() {
		return blob.Object{}, fmt.Errorf("%s is a folder; name the files in it", key)
	}
	return blob.Object{Key: key, Size: info.Size(), Modified: info.ModTime().UTC()}, nil
}

// localSource lists files for an import. A "-" is the standard input, which is
// copied to a file since it is read more than once.
func localSource(ctx context.Context, files []string, stdin io.Reader, temp string) (dataset.Source, error) {
	src := dataset.Source{Bucket: localFiles{}, Path: strings.Join(files, ", ")}
	names := map[string]string{}
	for _, file := range files {
		key := file
		if file == "-" {
			if key = path.Join(temp, "standard-input.csv"); names[key] != "" {
				return src, errors.New("the standard input (-) can be read only once")
			}
			if err := save(stdin, key); err != nil {
				return src, fmt.Errorf("reading the standard input: %w", err)
			}
			file = "standard input"
		}
		o, err := localFiles{}.Stat(ctx, key)
		if err != nil {
			return src, err
		}
		names[key] = file
		src.Objects = append(src.Objects, o)
	}
	src.Names = func(key string) string { return names[key] }
	return src, nil
}

func save(r io.Reader, name string) error {
	if r == nil {
		return errors.New("there is none")
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // below our own temporary folder
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}

// columnsOf is what the columns of a file are for.
type columnsOf struct {
	names  []string // a name for every column
	header bool
	id     int // -1: all rows are one series
	time   int // -1: item metadata
	target int // -1: related series and item metadata
}

// The names by which columns are found, the service's own first.
var (
	idNames     = []string{"item_id", "instance_type", "workforce_type", "metric_name", "unique_id", "series_id", "item", "id"}
	timeNames   = []string{"timestamp", "ds", "date", "datetime", "time", "month", "week", "day"}
	targetNames = []string{"target_value", "demand", "number_of_instances", "workforce_demand", "value", "metric_value", "target", "y", "sales", "quantity"}
)

// detect finds out what the columns of the first file are for. The others have
// to be like it.
func detect(ctx context.Context, src dataset.Source, role string) (columnsOf, error) {
	o := src.Objects[0]
	name := src.Names(o.Key)
	switch strings.ToLower(path.Ext(o.Key)) {
	case ".parquet", ".parq", ".pqt":
		names, err := parquetColumns(ctx, src, o)
		if err != nil {
			return columnsOf{}, fmt.Errorf("reading %s: %w", name, err)
		}
		return byName(names, role, name)
	}
	first, err := firstRow(ctx, src, o)
	if err != nil {
		return columnsOf{}, fmt.Errorf("reading the first line of %s: %w", name, err)
	}
	if !slices.ContainsFunc(first, isTime) && (role != dataset.ItemMetadata || place(first, idNames) >= 0) {
		return byName(first, role, name)
	}
	return byContent(first, role, name)
}

func firstRow(ctx context.Context, src dataset.Source, o blob.Object) ([]string, error) {
	r, err := src.Bucket.NewReader(ctx, o.Key, 0, -1)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // it is only read
	var in io.Reader = r
	if strings.HasSuffix(strings.ToLower(o.Key), ".gz") {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		in = z
	}
	buffered := bufio.NewReader(in)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\xef\xbb\xbf" {
		_, _ = buffered.Discard(3) // what was peeked can be discarded
	}
	row, err := csv.NewReader(buffered).Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	}
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
	return row, err
}

func parquetColumns(ctx context.Context, src dataset.Source, o blob.Object) ([]string, error) {
	r, err := blob.ReaderAt(ctx, src.Bucket, o.Key)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // it is only read
	f, err := parquet.OpenFile(r, o.Size)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range f.Schema().Columns() {
		names = append(names, strings.Join(c, "."))
	}
	return names, nil
}

// place returns where the first of the names that is there stands, or -1.
func place(columns, names []string) int {
	for _, name := range names {
		if at := slices.IndexFunc(columns, func(c string) bool { return strings.EqualFold(c, name) }); at >= 0 {
			return at
		}
	}
	return -1
}

func byName(header []string, role, file string) (columnsOf, error) {
	c := columnsOf{names: header, header: true, id: place(header, idNames), time: -1, target: -1}
	for i, name := range header {
		if name == "" || slices.IndexFunc(header[:i], func(h string) bool { return strings.EqualFold(h, name) }) >= 0 {
			return c, unusable("Column %d of %s has the name %q: each column needs a name of its own in the first line.", i+1, file, name)
		}
	}
	need := func(what string, names []string) (int, error) {
		at := place(header, names)
		if at < 0 {
			return at, unusable("%s has no column for the %s. Its columns are %s; name one of them %s.", file, what, strings.Join(header, ", "), names[0])
		}
		return at, nil
	}
	var err error
	if role == dataset.ItemMetadata {
		c.id, err = need("item", idNames)
		return c, err
	}
	if c.time, err = need("time", timeNames); err != nil || role == dataset.RelatedTimeSeries {
		return c, err
	}
	c.target, err = need("value to forecast", targetNames)
	return c, err
}

// byContent reads a file without a header by what its first row holds.
func byContent(row []string, role, file string) (columnsOf, error) {
	c := columnsOf{names: make([]string, len(row)), id: -1, time: slices.IndexFunc(row, isTime), target: -1}
	numeric := func(i int) bool {
		_, err := strconv.ParseFloat(row[i], 64)
		return err == nil || row[i] == ""
	}
	var rest []int
	for i := range row {
		c.names[i] = fmt.Sprintf("column_%d", i+1)
		if i != c.time {
			rest = append(rest, i)
		}
	}
	if c.time >= 0 {
		c.names[c.time] = timeNames[0]
	}
	if role == dataset.ItemMetadata {
		c.id, c.time = 0, -1
		c.names[0] = idNames[0]
		return c, nil
	}
	if len(rest) > 1 || role == dataset.RelatedTimeSeries {
		if at := slices.IndexFunc(rest, func(i int) bool { return !numeric(i) }); at >= 0 {
			c.id = rest[at]
		} else if len(rest) > 0 {
			c.id = rest[0]
		}
	}
	if c.id >= 0 {
		c.names[c.id] = idNames[0]
	}
	if role == dataset.RelatedTimeSeries {
		return c, nil
	}
	at := slices.IndexFunc(rest, func(i int) bool { return i != c.id && numeric(i) })
	if at < 0 {
		return c, unusable("%s has no header, and its first line holds no number to forecast: %s.", file, strings.Join(row, ","))
	}
	c.target = rest[at]
	c.names[c.target] = targetNames[0]
	return c, nil
}

// isTime tells whether a cell is a date with or without a time.
func isTime(cell string) bool {
	for _, layout := range []string{time.DateOnly, time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.RFC3339} {
		if _, err := time.Parse(layout, cell); err == nil {
			return true
		}
	}
	return false
}

// schema makes the schema and the import options of a file's columns. dims are
// the dimensions of the target, for the related series.
func (c columnsOf) schema(role string, dims []string) (dataset.Schema, dataset.Options, error) {
	opt := dataset.Options{TimestampFormat: dataset.TimeAny}
	var attributes []dataset.Attribute
	add := func(name, kind string, at int) {
		attributes = append(attributes, dataset.Attribute{Name: name, Type: kind})
		opt.Columns = append(opt.Columns, at)
		opt.Names = append(opt.Names, name)
	}
	id := idNames[0]
	if c.id < 0 {
		add(id, dataset.TypeString, -1)
		opt.ConstantID = "all"
	}
	target := ""
	for i, name := range c.names {
		switch {
		case i == c.id:
			id = name
			add(name, dataset.TypeString, i)
		case i == c.time:
			add(name, dataset.TypeTimestamp, i)
		case i == c.target:
			target = name
			add(name, dataset.TypeFloat, i)
		case role == dataset.RelatedTimeSeries && place(dims, []string{name}) < 0:
			add(name, dataset.TypeFloat, i)
		default:
			add(name, dataset.TypeString, i)
		}
	}
	s, err := dataset.NewSchema(role, id, target, attributes)
	return s, opt, err
}
