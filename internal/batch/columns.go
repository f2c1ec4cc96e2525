package batch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/almanac-forecast/almanac/internal/dataset"
)

// The names by which columns are found, without case.
const (
	nameItem   = "item_id"
	nameTime   = "timestamp"
	nameTarget = "target_value"
)

// oneSeries is the item of a file that has no column for it.
const oneSeries = "series"

// shape is what the columns of a group of files are: the schema to import them
// with, and where its attributes are.
type shape struct {
	schema  dataset.Schema
	columns []int    // of CSV files, by attribute; -1 for an identifier that there is none of
	names   []string // of Parquet files, by attribute
}

// targetShape finds the columns of the target by name, or by place in files
// without a header: item, timestamp, value, then dimensions; or timestamp and
// value alone.
func targetShape(fs files) (shape, error) {
	header := fs[0].header
	item, when, value := find(header, nameItem), find(header, nameTime), find(header, nameTarget)
	named := when >= 0 && value >= 0
	if !named && (fs[0].binary || !isData(header)) {
		return shape{}, fmt.Errorf("%s: the header must name the columns %s, %s and %s, it names %s; rename them, or leave the header out if they are in this order",
			fs[0].name, nameItem, nameTime, nameTarget, strings.Join(header, ", "))
	}
	if !named {
		switch n := len(header); {
		case n == 2:
			item, when, value = -1, 0, 1
		case n >= 3:
			item, when, value = 0, 1, 2
		default:
			return shape{}, fmt.Errorf("%s: line 1: %d column, want %s, %s, %s and any dimensions", fs[0].name, n, nameItem, nameTime, nameTarget)
		}
	}
	var s shape
	var attributes []dataset.Attribute
	add := func(name, kind string, column int) {
		attributes = append(attributes, dataset.Attribute{Name: name, Type: kind})
		s.columns = append(s.columns, column)
		if column >= 0 {
			s.names = append(s.names, header[column])
		} else {
			s.names = append(s.names, name)
		}
	}
	add(nameItem, dataset.TypeString, item)
	add(nameTime, dataset.TypeTimestamp, when)
	add(nameTarget, dataset.TypeFloat, value)
	for i, name := range header {
		if i == item || i == when || i == value {
			continue
		}
		if !named {
			name = "dimension_" + strconv.Itoa(len(attributes)-2)
		}
		add(strings.TrimSpace(name), dataset.TypeString, i)
	}
	var err error
	s.schema, err = dataset.NewSchema(dataset.TargetTimeSeries, nameItem, nameTarget, attributes)
	return s, err
}

// relatedShape finds the columns of related series: dimensions where the target
// has a dimension of that name, numbers elsewhere.
func relatedShape(fs files, dimensions []string) (shape, error) {
	for i, name := range fs[0].header {
		if find([]string{nameItem, nameTime}, name) >= 0 || find(dimensions, name) >= 0 {
			continue
		}
		if text, ok := fs[0].firstText(i); ok {
			return shape{}, fmt.Errorf("%s: the column %s holds texts (%q), and related series are numbers; leave the column out, or put columns of 0 and 1 in its place, one for each text",
				fs[0].name, name, text)
		}
	}
	return namedShape(fs, dataset.RelatedTimeSeries, []string{nameItem, nameTime}, func(name string, _ int) string {
		if find(dimensions, name) >= 0 {
			return dataset.TypeString
		}
		return dataset.TypeFloat
	})
}

// firstText returns the first cell of a column if none of the rows that were
// looked at has a number there.
func (f file) firstText(column int) (string, bool) {
	first := ""
	for _, row := range f.rows[min(1, len(f.rows)):] {
		if column >= len(row) {
			continue
		}
		cell := strings.TrimSpace(row[column])
		if _, err := strconv.ParseFloat(cell, 64); err == nil {
			return "", false
		}
		if first == "" {
			first = cell
		}
	}
	return first, first != ""
}

// itemShape finds the columns of item metadata, which are all texts.
func itemShape(fs files) (shape, error) {
	return namedShape(fs, dataset.ItemMetadata, []string{nameItem}, func(string, int) string { return dataset.TypeString })
}

func namedShape(fs files, role string, required []string, kind func(name string, column int) string) (shape, error) {
	header := fs[0].header
	for _, name := range required {
		if find(header, name) < 0 {
			return shape{}, fmt.Errorf("%s: the header must name the column %s, it names %s", fs[0].name, name, strings.Join(header, ", "))
		}
	}
	var s shape
	var attributes []dataset.Attribute
	for i, name := range header {
		a := dataset.Attribute{Name: strings.TrimSpace(name)}
		switch {
		case strings.EqualFold(a.Name, nameItem):
			a.Name, a.Type = nameItem, dataset.TypeString
		case strings.EqualFold(a.Name, nameTime) && role != dataset.ItemMetadata:
			a.Name, a.Type = nameTime, dataset.TypeTimestamp
		default:
			a.Type = kind(a.Name, i)
		}
		attributes = append(attributes, a)
		s.columns = append(s.columns, i)
		s.names = append(s.names, name)
	}
	var err error
	s.schema, err = dataset.NewSchema(role, nameItem, "", attributes)
	return s, err
}

func find(header []string, name string) int {
	return slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) })
}

// isData tells whether a first row looks like data: some cell of it begins like
// a number or a date. A file may hold a header that names other columns.
func isData(row []string) bool {
	return slices.ContainsFunc(row, func(cell string) bool {
		cell = strings.TrimSpace(cell)
		return cell != "" && strings.IndexByte("0123456789+-.", cell[0]) >= 0
	})
}
