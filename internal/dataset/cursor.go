package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// A tableFile is an open Parquet file of an import.
type tableFile struct {
	reader *blob.Reader
	file   *parquet.File
	starts []int64 // first row of each row group
	key    string
}

func openTable(ctx context.Context, b blob.Bucket, key string) (*tableFile, error) {
	r, err := blob.ReaderAt(ctx, b, key)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", key, err)
	}
	// The page index is read when a seek needs it, not before.
	f, err := parquet.OpenFile(r, r.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(64<<10))
	if err != nil {
		r.Close()
		return nil, fmt.Errorf("open %s: %w", key, err)
	}
	t := &tableFile{reader: r, file: f, key: key}
	row := int64(0)
	for _, g := range f.RowGroups() {
		t.starts = append(t.starts, row)
		row += g.NumRows()
	}
	return t, nil
}

func (t *tableFile) close() { t.reader.Close() }

// cursor reads the column of that name from the first row on.
func (t *tableFile) cursor(name string) (*cursor, error) {
	leaf, ok := t.file.Schema().Lookup(name)
	if !ok {
		return nil, fmt.Errorf("%s has no column %q", t.key, name)
	}
	c := &cursor{table: t, leaf: leaf.ColumnIndex, unit: unitOf(leaf.Node), group: -1}
	c.gaps = c.unit > 0 && leaf.Node.Optional()
	return c, nil
}

// A cursor reads the values of one column in order, with seeks forward and back.
type cursor struct {
	table *tableFile
	leaf  int
	unit  float64 // of decimals, 0 in other columns
	units []int64 // room to read decimals
	gaps  bool    // some decimals are missing
	row   int64   // next row of the file
	group int     // row group of pages, -1 when none is open
	pages parquet.Pages
	page  parquet.Page
	value parquet.ValueReader // of page
	left  int64               // rows left of page

	// Of decimals with gaps: the levels of the rows left of page, 0 for a gap, and
	// the numbers that are there.
	levels []byte
	there  []int64
}

func (c *cursor) close() {
	c.drop()
	if c.pages != nil {
		c.pages.Close()
		c.pages = nil
	}
}

func (c *cursor) drop() {
	if c.page != nil {
		parquet.Release(c.page)
	}
	c.page, c.value, c.left, c.levels, c.there = nil, nil, 0, nil, nil
}

// seek makes row the next one read.
func (c *cursor) seek(row int64) error {
	if row == c.row {
		return nil
	}
	if c.page != nil && row > c.row && row-c.row < c.left {
		skip := row - c.row
		rest := c.page.Slice(c.page.NumRows()-c.left+skip, c.page.NumRows())
		c.left, c.row = c.left-skip, row
		c.values(rest)
		return nil
	}
	c.drop()
	group := len(c.table.starts) - 1
	for group > 0 && c.table.starts[group] > row {
		group--
	}
	c.row = row
	if err := c.openGroup(group); err != nil {
		return err
	}
	return c.pages.SeekToRow(row - c.table.starts[group])
}

func (c *cursor) openGroup(group int) error {
	groups := c.table.file.RowGroups()
	if group >= len(groups) {
		return io.ErrUnexpectedEOF
	}
	if group == c.group {
		return nil
	}
	if c.pages != nil {
		c.pages.Close()
	}
	c.group = group
	c.pages = groups[group].ColumnChunks()[c.leaf].Pages()
	return nil
}

// fill opens the next page if the current one is used up.
func (c *cursor) fill() error {
	for c.left == 0 {
		c.drop()
		if c.pages == nil {
			if err := c.openGroup(c.group + 1); err != nil {
				return err
			}
		}
		page, err := c.pages.ReadPage()
		if errors.Is(err, io.EOF) {
			if err := c.openGroup(c.group + 1); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		c.page, c.left = page, page.NumRows()
		c.values(page)
	}
	return nil
}

// values makes a page, or the rest of one, that which is read. Readers of the
// library take values with gaps one by one; it is simpler to do that here.
func (c *cursor) values(page parquet.Page) {
	if c.gaps {
		there := page.Data()
		c.levels, c.there = page.DefinitionLevels(), there.Int64()
	} else {
		c.value = page.Values()
	}
}

// read fills dst with the next values by way of f, which reads from the page's
// value reader into dst[i:j].
func (c *cursor) read(n int, f func(v parquet.ValueReader, i, j int) (int, error)) error {
	for i := 0; i < n; {
		if err := c.fill(); err != nil {
			return fmt.Errorf("read %s: %w", c.table.key, err)
		}
		m, err := f(c.value, i, min(n, i+int(c.left)))
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read %s: %w", c.table.key, err)
		}
		if m == 0 {
			return fmt.Errorf("read %s: %w", c.table.key, io.ErrUnexpectedEOF)
		}
		i += m
		c.left -= int64(m)
		c.row += int64(m)
	}
	return nil
}

func (c *cursor) int64s(dst []int64) error {
	return c.read(len(dst), func(v parquet.ValueReader, i, j int) (int, error) {
		r, ok := v.(parquet.Int64Reader)
		if !ok {
			return 0, fmt.Errorf("column is not INT64 but %T", v)
		}
		return r.ReadInt64s(dst[i:j])
	})
}

// doubles reads numbers, be they stored as floats or as decimals.
func (c *cursor) doubles(dst []float64) error {
	switch {
	case c.unit > 0 && c.gaps:
		return c.decimalsWithGaps(dst)
	case c.unit > 0:
		return c.decimals(dst)
	}
	return c.read(len(dst), func(v parquet.ValueReader, i, j int) (int, error) {
		r, ok := v.(parquet.DoubleReader)
		if !ok {
			return 0, fmt.Errorf("column is not DOUBLE but %T", v)
		}
		return r.ReadDoubles(dst[i:j])
	})
}

func (c *cursor) decimals(dst []float64) error {
	for len(dst) > 0 {
		n := min(len(dst), pageRows)
		c.units = slices.Grow(c.units[:0], n)[:n]
		if err := c.int64s(c.units); err != nil {
			return err
		}
		for i, units := range c.units {
			dst[i] = float64(units) / c.unit
		}
		dst = dst[n:]
	}
	return nil
}

func (c *cursor) decimalsWithGaps(dst []float64) error {
	return c.read(len(dst), func(_ parquet.ValueReader, i, j int) (int, error) {
		for k := i; k < j; k++ {
			switch {
			case c.levels[k-i] == 0:
				dst[k] = math.Float64frombits(nullFloat)
			case len(c.there) == 0:
				return 0, io.ErrUnexpectedEOF
			default:
				dst[k] = float64(c.there[0]) / c.unit
				c.there = c.there[1:]
			}
		}
		c.levels = c.levels[j-i:]
		return j - i, nil
	})
}

// texts reads strings; buf is room for len(dst) values.
func (c *cursor) texts(dst []string, buf []parquet.Value) error {
	last := ""
	return c.read(len(dst), func(v parquet.ValueReader, i, j int) (int, error) {
		n, err := v.ReadValues(buf[i:j])
		for k := i; k < i+n; k++ {
			text := buf[k].ByteArray()
			if string(text) != last {
				last = string(text)
			}
			dst[k] = last
		}
		return n, err
	})
}
