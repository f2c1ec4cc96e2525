package dataset

import (
	"bufio"
	"context"
	"fmt"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/almanac-forecast/almanac/internal/blob"
)

const (
	rowGroupRows = 1 << 20
	pageBytes    = 64 << 10 // of a column, before compression
	batchValues  = 4096
)

// Columns of the series table that are not attributes.
const (
	columnKey    = "_key"    // identifier in lower case, which the table is sorted by
	columnRow    = "_row"    // index in the data file of the first row
	columnRows   = "_rows"   // rows in the data file
	columnPoints = "_points" // rows with a value or a literal NaN in at least one column
	columnMin    = "_min"    // first and last time
	columnMax    = "_max"
)

// codec is shared: it keeps a pool of encoders and is safe for concurrent use.
var codec = &zstd.Codec{Level: zstd.SpeedFastest}

// textNode is a column of texts that repeat; keyNode one of texts that do not,
// but share their beginnings.
func textNode() parquet.Node { return parquet.Encoded(parquet.String(), &parquet.RLEDictionary) }
func keyNode() parquet.Node  { return parquet.Encoded(parquet.String(), &parquet.DeltaByteArray) }
func countNode() parquet.Node {
	return parquet.Encoded(parquet.Leaf(parquet.Int64Type), &parquet.DeltaBinaryPacked)
}

func timeNode() parquet.Node {
	return parquet.Encoded(parquet.TimestampAdjusted(parquet.Millisecond, false), &parquet.DeltaBinaryPacked)
}

// dataSchema is that of a data file whose values have these forms.
func dataSchema(l *layout, forms []numberForm) *parquet.Schema {
	g := parquet.Group{l.schema.Time: timeNode()}
	for _, i := range l.keys {
		g[l.columns[i].Name] = textNode()
	}
	for v, i := range l.values {
		g[l.columns[i].Name] = forms[v].node()
	}
	return parquet.NewSchema("almanac_data", g)
}

func seriesSchema(l *layout) *parquet.Schema {
	g := parquet.Group{columnKey: keyNode()}
	for k, i := range l.keys {
		if k == 0 {
			g[l.columns[i].Name] = keyNode()
		} else {
			g[l.columns[i].Name] = textNode()
		}
	}
	if l.time >= 0 {
		for _, name := range []string{columnRow, columnRows, columnPoints} {
			g[name] = countNode()
		}
		g[columnMin], g[columnMax] = timeNode(), timeNode()
	}
	return parquet.NewSchema("almanac_series", g)
}

// A table writes one Parquet file, value by value.
type table struct {
	out     blob.Writer
	buffer  *bufio.Writer
	writer  *parquet.GenericWriter[any]
	columns []*tableColumn
	rows    int // in the row group
}

type tableColumn struct {
	table  *table
	leaf   int
	values []parquet.Value
}

func newTable(ctx context.Context, b blob.Bucket, key string, schema *parquet.Schema) (*table, error) {
	out, err := b.NewWriter(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", key, err)
	}
	t := &table{out: out, buffer: bufio.NewWriterSize(out, 256<<10)}
	t.writer = parquet.NewGenericWriter[any](t.buffer, schema,
		parquet.Compression(codec), parquet.PageBufferSize(pageBytes), parquet.DataPageStatistics(false),
		parquet.CreatedBy("almanac", "1", ""), parquet.ColumnIndexSizeLimit(func([]string) int { return 256 }))
	return t, nil
}

// column gives the column of that name, which the schema must have.
func (t *table) column(name string) *tableColumn {
	leaf, ok := t.writer.Schema().Lookup(name)
	if !ok {
		panic("dataset: no column " + name)
	}
	c := &tableColumn{table: t, leaf: leaf.ColumnIndex, values: make([]parquet.Value, 0, batchValues)}
	t.columns = append(t.columns, c)
	return c
}

func (c *tableColumn) add(v parquet.Value) error {
	c.values = append(c.values, v)
	if len(c.values) == cap(c.values) {
		return c.flush()
	}
	return nil
}

func (c *tableColumn) flush() error {
	if len(c.values) == 0 {
		return nil
	}
	_, err := c.table.writer.ColumnWriters()[c.leaf].WriteRowValues(c.values)
	c.values = c.values[:0]
	return err
}

// ended counts a row that all columns have got, and ends the row group when it is full.
func (t *table) ended() error {
	if t.rows++; t.rows < rowGroupRows {
		return nil
	}
	t.rows = 0
	return t.flush()
}

func (t *table) flush() error {
	for _, c := range t.columns {
		if err := c.flush(); err != nil {
			return err
		}
	}
	return t.writer.Flush()
}

// close completes the file.
func (t *table) close() error {
	if err := t.flush(); err != nil {
		return err
	}
	if err := t.writer.Close(); err != nil {
		return err
	}
	if err := t.buffer.Flush(); err != nil {
		return err
	}
	return t.out.Close()
}
