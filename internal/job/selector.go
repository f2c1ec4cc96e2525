package job

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/dataset"
	"github.com/almanac-forecast/almanac/internal/pipeline"
	"github.com/almanac-forecast/almanac/internal/resource"
)

// selection reads the list of series that a forecast is restricted to.
func (w *Workers) selection(ctx context.Context, s resource.SeriesSelector, identifier string, dimensions []string) (*pipeline.Selection, error) {
	list, err := newSelectorList(s, identifier, dimensions)
	if err != nil {
		return nil, err
	}
	source, err := w.source(ctx, s.Source)
	if err != nil {
		return nil, err
	}
	for _, o := range source.Objects {
		list.file = source.Names(o.Key)
		if s.Format == dataset.FormatParquet {
			err = list.readParquet(ctx, source.Bucket, o.Key)
		} else {
			err = list.readCSV(ctx, source.Bucket, o.Key)
		}
		if err != nil {
			return nil, userBucket(err, "Reading", list.file)
		}
	}
	if list.chosen.Len() == 0 {
		return nil, failuref(nil, "The time series selector at %s names no time series.", s.Source.Path)
	}
	return list.chosen, nil
}

// selectorList collects the series named in the files of a selector.
type selectorList struct {
	attributes []resource.Attribute
	id         int   // place of the identifier among the attributes
	dims       []int // places of the forecast dimensions
	file       string
	chosen     *pipeline.Selection
}

func newSelectorList(s resource.SeriesSelector, identifier string, dimensions []string) (*selectorList, error) {
	place := func(name string) int {
		return slices.IndexFunc(s.Attributes, func(a resource.Attribute) bool { return strings.EqualFold(a.Name, name) })
	}
	l := &selectorList{attributes: s.Attributes, id: place(identifier), chosen: new(pipeline.Selection)}
	if l.id < 0 {
		return nil, failuref(nil, "The schema of the time series selector has no attribute %s.", identifier)
	}
	for _, d := range dimensions {
		at := place(d)
		if at < 0 {
			return nil, failuref(nil, "The schema of the time series selector has no attribute %s, which is a forecast dimension of the predictor.", d)
		}
		l.dims = append(l.dims, at)
	}
	return l, nil
}

// add takes one row: a text per attribute.
func (l *selectorList) add(row []string) {
	dims := make([]string, len(l.dims))
	for i, at := range l.dims {
		dims[i] = row[at]
	}
	l.chosen.Select(row[l.id], dims)
}

var byteOrderMark = []byte("\xef\xbb\xbf")

func (l *selectorList) readCSV(ctx context.Context, b blob.Bucket, key string) error {
	body, err := blob.ReadAll(ctx, b, key)
	if err != nil {
		return err
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, byteOrderMark)))
	r.FieldsPerRecord = len(l.attributes)
	r.ReuseRecord = true
	for first := true; ; first = false {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return failuref(nil, "The time series selector cannot be read: %s: %v. Each line needs the columns %s.", l.file, err, l.names())
		}
		if first && strings.EqualFold(strings.TrimSpace(row[l.id]), l.attributes[l.id].Name) {
			continue // a header
		}
		l.add(row)
	}
}

func (l *selectorList) names() string {
	names := make([]string, len(l.attributes))
	for i, a := range l.attributes {
		names[i] = a.Name
	}
	return strings.Join(names, ",")
}

func (l *selectorList) readParquet(ctx context.Context, b blob.Bucket, key string) error {
	body, err := blob.ReadAll(ctx, b, key)
	if err != nil {
		return err
	}
	f, err := parquet.OpenFile(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return failuref(err, "The time series selector cannot be read: %s is not a Parquet file.", l.file)
	}
	places := make([]int, len(l.attributes))
	for i, a := range l.attributes {
		leaf, ok := f.Schema().Lookup(a.Name)
		if !ok {
			return failuref(nil, "The time series selector cannot be read: %s has no column %s.", l.file, a.Name)
		}
		places[i] = leaf.ColumnIndex
	}
	rows := parquet.NewReader(f)
	defer rows.Close() //nolint:errcheck // it only reads
	buf := make([]parquet.Row, 256)
	for {
		n, err := rows.ReadRows(buf)
		for _, row := range buf[:n] {
			texts := make([]string, len(places))
			for i, at := range places {
				texts[i] = row[at].String()
			}
			l.add(texts)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", path.Base(key), err)
		}
	}
}
