package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// A stream reads the series of one partition of one import in the order of
// their keys, without their rows until these are asked for.
type stream struct {
	number  int // of the import, then of the partition: older first
	schema  Schema
	table   *tableFile
	data    *tableFile // nil for item metadata
	from    string     // the least lower-cased identifier wanted
	keep    func(fold string) bool
	only    bool // the identifiers kept are just from
	key     *cursor
	texts   []*cursor // identifier, dimensions or statics
	counts  []*cursor // columnRow, columnRows, columnPoints
	times   *cursor
	values  []*cursor
	buf     []parquet.Value
	heads   []head // series read ahead
	next    int
	rest    int64 // series not read yet
	current *head
}

// A head is a series without its rows.
type head struct {
	fold              []string // identifier and dimensions in lower case; just the identifier for item metadata
	texts             []string
	row, rows, points int64
}

const readAhead = 512

func openStream(ctx context.Context, d *Data, number, part int, from string, keep func(string) bool) (*stream, error) {
	im := d.imports[number]
	p := im.Parts[part]
	s := &stream{number: number, schema: d.schema, from: from, only: from != "", keep: keep, rest: p.Count}
	if p.Series == "" {
		return s, nil
	}
	var err error
	if s.table, err = openTable(ctx, d.bucket, join(im.prefix, p.Series)); err != nil {
		return nil, err
	}
	if p.Data != "" {
		if s.data, err = openTable(ctx, d.bucket, join(im.prefix, p.Data)); err != nil {
			s.close()
			return nil, err
		}
	}
	if err := s.cursors(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *stream) cursors() (err error) {
	open := func(t *tableFile, names ...string) (list []*cursor) {
		for _, name := range names {
			c, e := t.cursor(name)
			if e != nil {
				err = errors.Join(err, e)
				continue
			}
			list = append(list, c)
		}
		return list
	}
	s.texts = open(s.table, slices.Concat([]string{s.schema.ID}, s.schema.Dimensions, s.schema.Statics)...)
	if key := open(s.table, columnKey); len(key) == 1 {
		s.key = key[0]
	}
	if s.data != nil {
		s.counts = open(s.table, columnRow, columnRows, columnPoints)
		s.values = open(s.data, s.schema.Values()...)
		if times := open(s.data, s.schema.Time); len(times) == 1 {
			s.times = times[0]
		}
	}
	if err != nil || s.from == "" {
		return err
	}
	return s.seekKey()
}

// seekKey moves to the page of the series table that holds the first key not
// below from, by way of the page index.
func (s *stream) seekKey() error {
	start := int64(0)
	for g, group := range s.table.file.RowGroups() {
		chunk := group.ColumnChunks()[s.key.leaf]
		columns, err := chunk.ColumnIndex()
		if err != nil {
			return fmt.Errorf("read page index of %s: %w", s.table.key, err)
		}
		offsets, err := chunk.OffsetIndex()
		if err != nil {
			return fmt.Errorf("read page index of %s: %w", s.table.key, err)
		}
		for i := range columns.NumPages() {
			// The bounds may be cut short, which leaves them lower bounds. The
			// page wanted is the last that begins below the key.
			if string(columns.MinValue(i).ByteArray()) < s.from {
				start = s.table.starts[g] + offsets.FirstRowIndex(i)
			}
		}
	}
	for _, c := range slices.Concat([]*cursor{s.key}, s.texts, s.counts) {
		if err := c.seek(start); err != nil {
			return err
		}
	}
	s.rest -= start
	return nil
}

func (s *stream) close() {
	for _, c := range slices.Concat([]*cursor{s.key, s.times}, s.texts, s.counts, s.values) {
		if c != nil {
			c.close()
		}
	}
	if s.table != nil {
		s.table.close()
	}
	if s.data != nil {
		s.data.close()
	}
}

// advance moves to the next series kept; io.EOF after the last.
func (s *stream) advance() error {
	for {
		if s.next == len(s.heads) {
			if s.rest <= 0 {
				return io.EOF
			}
			if err := s.readHeads(); err != nil {
				return err
			}
		}
		s.current = &s.heads[s.next]
		s.next++
		switch id := s.current.fold[0]; {
		case s.keep(id):
			return nil
		case s.only && id > s.from:
			return io.EOF
		}
	}
}

func (s *stream) readHeads() error {
	n := int(min(s.rest, readAhead))
	s.rest -= int64(n)
	s.next = 0
	if len(s.buf) < n {
		s.buf = make([]parquet.Value, n)
	}
	keys := make([]string, n)
	if err := s.key.texts(keys, s.buf); err != nil {
		return err
	}
	columns := make([][]string, len(s.texts))
	for i, c := range s.texts {
		columns[i] = make([]string, n)
		if err := c.texts(columns[i], s.buf); err != nil {
			return err
		}
	}
	counts := make([][]int64, len(s.counts))
	for i, c := range s.counts {
		counts[i] = make([]int64, n)
		if err := c.int64s(counts[i]); err != nil {
			return err
		}
	}
	s.heads = make([]head, n)
	for i := range s.heads {
		h := &s.heads[i]
		h.fold = []string{keys[i]}
		h.texts = make([]string, len(columns))
		for c, column := range columns {
			h.texts[c] = column[i]
			if c > 0 && c <= len(s.schema.Dimensions) {
				h.fold = append(h.fold, Fold(column[i]))
			}
		}
		if len(counts) > 0 {
			h.row, h.rows, h.points = counts[0][i], counts[1][i], counts[2][i]
		}
	}
	return nil
}

// rows reads the rows of the current series.
func (s *stream) rows() (times []int64, values [][]float64, err error) {
	h := s.current
	times = make([]int64, h.rows)
	if err := s.times.seek(h.row); err != nil {
		return nil, nil, err
	}
	if err := s.times.int64s(times); err != nil {
		return nil, nil, err
	}
	for i := range times {
		times[i] /= 1000
	}
	for _, c := range s.values {
		column := make([]float64, h.rows)
		if err := c.seek(h.row); err != nil {
			return nil, nil, err
		}
		if err := c.doubles(column); err != nil {
			return nil, nil, err
		}
		values = append(values, column)
	}
	return times, values, nil
}

// A merger merges streams by key.
type merger struct {
	data    *Data
	streams []*stream
}

func (m *merger) open(ctx context.Context, number, part int, from string, keep func(string) bool) error {
	s, err := openStream(ctx, m.data, number, part, from, keep)
	if err != nil {
		return err
	}
	if err := s.advance(); err != nil {
		s.close()
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
	m.streams = append(m.streams, s)
	return nil
}

func (m *merger) close() {
	for _, s := range m.streams {
		s.close()
	}
}

func (m *merger) run(ctx context.Context, yield func(Series, error) bool) {
	for len(m.streams) > 0 {
		if err := context.Cause(ctx); err != nil {
			yield(Series{}, err)
			return
		}
		least := m.least()
		series, err := m.build(least)
		if err == nil {
			err = m.step(least)
		}
		if !yield(series, err) || err != nil {
			return
		}
	}
}

// least returns the streams that stand at the least key, oldest import first.
func (m *merger) least() []*stream {
	list := []*stream{m.streams[0]}
	for _, s := range m.streams[1:] {
		switch c := slices.Compare(s.current.fold, list[0].current.fold); {
		case c < 0:
			list = append(list[:0], s)
		case c == 0:
			list = append(list, s)
		}
	}
	return list
}

// step moves the streams on and closes those at their end.
func (m *merger) step(list []*stream) error {
	for _, s := range list {
		err := s.advance()
		if errors.Is(err, io.EOF) {
			s.close()
			m.streams = slices.DeleteFunc(m.streams, func(t *stream) bool { return t == s })
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// build puts a series together from the imports that have it.
func (m *merger) build(list []*stream) (Series, error) {
	texts := list[0].current.texts
	if m.data.schema.Role == ItemMetadata {
		texts = list[len(list)-1].current.texts
	}
	names := slices.Clone(list[0].current.texts[:1+len(m.data.schema.Dimensions)])
	if !m.data.KeepCase {
		for i := range names {
			names[i] = Fold(names[i])
		}
	}
	out := Series{ID: names[0], Dims: names[1:]}
	if m.data.schema.Role == ItemMetadata {
		out.Dims, out.Strings = nil, texts[1:]
		return out, nil
	}
	for _, s := range list {
		times, values, err := s.rows()
		if err != nil {
			return Series{}, err
		}
		out.Points += s.current.points
		if out.Times == nil {
			out.Times, out.Values = times, values
			continue
		}
		out.Times = append(out.Times, times...)
		for c := range values {
			out.Values[c] = append(out.Values[c], values[c]...)
		}
	}
	if len(list) > 1 {
		out.mergeRows(m.data.schema.Role == RelatedTimeSeries)
	}
	return out, nil
}

// mergeRows orders rows that several imports brought by time, older imports
// first; when the newest is to win, one row is kept for each time.
func (s *Series) mergeRows(newest bool) {
	index := make([]int32, len(s.Times))
	for i := range index {
		index[i] = int32(i)
	}
	slices.SortStableFunc(index, func(a, b int32) int {
		switch {
		case s.Times[a] < s.Times[b]:
			return -1
		case s.Times[a] > s.Times[b]:
			return 1
		}
		return 0
	})
	if newest {
		kept := index[:0]
		for k, i := range index {
			if k+1 == len(index) || s.Times[index[k+1]] != s.Times[i] {
				kept = append(kept, i)
			}
		}
		index = kept
	}
	s.Times = pick(index, s.Times)
	for c := range s.Values {
		s.Values[c] = pick(index, s.Values[c])
	}
}

func pick[T any](index []int32, from []T) []T {
	to := make([]T, len(index))
	for i, j := range index {
		to[i] = from[j]
	}
	return to
}

// Key is the series' identity: identifier and dimension values in lower case.
func (s Series) Key() string {
	return Fold(strings.Join(append([]string{s.ID}, s.Dims...), "\x00"))
}
