package dataset

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"math/bits"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// A rowFile writes the Parquet file with the rows of a partition. All rows stand
// in memory by column, so that pages are encoded from there: the library's writer
// would take them value by value, look up each row's identifier, and take as long
// as the compression. What is in the pages, the schema and the indexes are the
// library's all the same; only how they are strung together is ours (see
// https://parquet.apache.org/docs/file-format/).
type rowFile struct {
	out     blob.Writer
	buffer  *bufio.Writer
	encoder *thrift.Encoder // into header
	header  bytes.Buffer
	meta    format.FileMetaData
	leaves  map[string]parquet.LeafColumn
	columns [][]format.ColumnIndex // by row group and column
	offsets [][]format.OffsetIndex
	offset  int64
	levels  []byte // before the body: which values are there, of columns with gaps
	body    []byte
	packed  []byte
}

// pageRows is how many rows a page has: of numbers, 64 KiB.
const pageRows = pageBytes / 8

var magic = []byte("PAR1")

func newRowFile(ctx context.Context, b blob.Bucket, key string, schema *parquet.Schema) (*rowFile, error) {
	// An empty file of the library's says how the schema is written down.
	var empty bytes.Buffer
	if err := parquet.NewGenericWriter[any](&empty, schema, parquet.CreatedBy("almanac", "1", "")).Close(); err != nil {
		return nil, fmt.Errorf("encode schema: %w", err)
	}
	template, err := parquet.OpenFile(bytes.NewReader(empty.Bytes()), int64(empty.Len()))
	if err != nil {
		return nil, fmt.Errorf("encode schema: %w", err)
	}
	out, err := b.NewWriter(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", key, err)
	}
	f := &rowFile{out: out, meta: *template.Metadata(), leaves: map[string]parquet.LeafColumn{}}
	f.meta.RowGroups = nil
	for _, path := range schema.Columns() {
		f.leaves[path[0]], _ = schema.Lookup(path...)
	}
	f.buffer = bufio.NewWriterSize(out, 256<<10)
	f.encoder = thrift.NewEncoder(new(thrift.CompactProtocol).NewWriter(&f.header))
	return f, f.write(magic)
}

func (f *rowFile) write(p []byte) error {
	f.offset += int64(len(p))
	_, err := f.buffer.Write(p)
	return err
}

// encode writes a Thrift structure and returns its length.
func (f *rowFile) encode(v any) (int32, error) {
	f.header.Reset()
	if err := f.encoder.Encode(v); err != nil {
		return 0, err
	}
	return int32(f.header.Len()), f.write(f.header.Bytes())
}

// beginGroup begins a row group, whose columns follow in the order of the schema.
func (f *rowFile) beginGroup(rows int) {
	f.meta.NumRows += int64(rows)
	f.meta.RowGroups = append(f.meta.RowGroups, format.RowGroup{NumRows: int64(rows), FileOffset: f.offset, Ordinal: int16(len(f.meta.RowGroups))})
	f.columns = append(f.columns, nil)
	f.offsets = append(f.offsets, nil)
}

// A chunk is a column of a row group on its way into the file.
type chunk struct {
	file     *rowFile
	meta     format.ColumnMetaData
	typ      parquet.Type
	encoding encoding.Encoding
	indexer  parquet.ColumnIndexer
	offsets  format.OffsetIndex
	min, max parquet.Value // of all pages so far
	rows     int64
	nulls    int64
	pages    int32
}

func (f *rowFile) beginChunk(name string) *chunk {
	leaf := f.leaves[name]
	c := &chunk{file: f, typ: leaf.Node.Type(), encoding: leaf.Node.Encoding()}
	if c.encoding == nil {
		c.encoding = &parquet.Plain
	}
	c.indexer = c.typ.NewColumnIndexer(256)
	c.meta = format.ColumnMetaData{
		Type: *c.typ.PhysicalType(), PathInSchema: []string{name}, Codec: codec.CompressionCodec(),
		Encoding: []format.Encoding{c.encoding.Encoding()},
	}
	if leaf.MaxDefinitionLevel > 0 {
		c.meta.Encoding = append(c.meta.Encoding, format.RLE) // of the levels
	}
	return c
}

// floats writes a page of floats.
func (c *chunk) floats(page []float64) (err error) {
	values := encoding.DoubleValues(page)
	low, high, _ := c.typ.NewPage(0, len(page), values).Bounds()
	if c.file.body, err = c.typ.Encode(c.file.body[:0], values, c.encoding); err != nil {
		return err
	}
	return c.data(len(page), 0, low, high)
}

// integers writes a page of integers, which may be fewer than its rows.
func (c *chunk) integers(page []int64, rows int) (err error) {
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	for _, n := range page {
		low, high = min(low, n), max(high, n)
	}
	if c.file.body, err = c.typ.Encode(c.file.body[:0], encoding.Int64Values(page), c.encoding); err != nil {
		return err
	}
	return c.data(rows, rows-len(page), parquet.Int64Value(low), parquet.Int64Value(high))
}

// data writes file.levels and file.body as a data page of so many rows, some of
// them nulls, whose values lie between low and high.
func (c *chunk) data(rows, nulls int, low, high parquet.Value) error {
	header := format.PageHeader{Type: format.DataPageV2, DataPageHeaderV2: thrift.New(format.DataPageHeaderV2{
		NumValues: int32(rows), NumNulls: int32(nulls), NumRows: int32(rows), Encoding: c.encoding.Encoding(),
		DefinitionLevelsByteLength: int32(len(c.file.levels)), IsCompressed: thrift.New(true),
	})}
	offset := c.file.offset
	size, err := c.write(&header)
	if err != nil {
		return err
	}
	if c.pages == 0 {
		c.meta.DataPageOffset = offset
	}
	if nulls < rows {
		first := c.nulls == c.rows
		if first || c.typ.Compare(low, c.min) < 0 {
			c.min = low.Clone()
		}
		if first || c.typ.Compare(high, c.max) > 0 {
			c.max = high.Clone()
		}
	}
	c.indexer.IndexPage(int64(rows), int64(nulls), low, high)
	c.offsets.PageLocations = append(c.offsets.PageLocations, format.PageLocation{Offset: offset, CompressedPageSize: size, FirstRowIndex: c.rows})
	c.rows += int64(rows)
	c.nulls += int64(nulls)
	c.pages++
	return nil
}

// write compresses file.body and writes it after its header, which it completes,
// and after file.levels, which are not compressed; it returns the size of all.
func (c *chunk) write(header *format.PageHeader) (size int32, err error) {
	f := c.file
	if f.packed, err = codec.Encode(f.packed, f.body); err != nil {
		return 0, err
	}
	open, packed := int32(len(f.levels)+len(f.body)), int32(len(f.levels)+len(f.packed))
	header.UncompressedPageSize, header.CompressedPageSize = open, packed
	header.CRC = int32(crc32.Update(crc32.ChecksumIEEE(f.levels), crc32.IEEETable, f.packed))
	n, err := f.encode(header)
	if err != nil {
		return 0, err
	}
	c.meta.TotalUncompressedSize += int64(n + open)
	c.meta.TotalCompressedSize += int64(n + packed)
	if err := f.write(f.levels); err != nil {
		return 0, err
	}
	return n + packed, f.write(f.packed)
}

// A textRun is adjacent rows with one text.
type textRun struct {
	text string
	rows int
}

// texts writes a column of texts: a dictionary of them, then pages of runs.
func (c *chunk) texts(runs []textRun) error {
	index := map[string]uint64{}
	f := c.file
	f.body = f.body[:0]
	for _, r := range runs {
		if _, ok := index[r.text]; !ok {
			index[r.text] = uint64(len(index))
			f.body = binary.LittleEndian.AppendUint32(f.body, uint32(len(r.text)))
			f.body = append(f.body, r.text...)
		}
	}
	c.meta.DictionaryPageOffset = f.offset
	c.meta.Encoding = append(c.meta.Encoding, format.Plain)
	header := format.PageHeader{Type: format.DictionaryPage, DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{NumValues: int32(len(index)), Encoding: format.Plain})}
	if _, err := c.write(&header); err != nil {
		return err
	}
	c.meta.EncodingStats = append(c.meta.EncodingStats, format.PageEncodingStats{PageType: format.DictionaryPage, Encoding: format.Plain, Count: 1})
	width := max(bits.Len(uint(len(index)-1)), 1)
	for len(runs) > 0 {
		f.body = append(f.body[:0], byte(width))
		low, high, rows := runs[0].text, runs[0].text, 0
		for len(runs) > 0 && rows < pageRows {
			r := &runs[0]
			n := min(r.rows, pageRows-rows)
			f.body = binary.AppendUvarint(f.body, uint64(n)<<1)
			i := index[r.text]
			for b := 0; b < width; b += 8 {
				f.body = append(f.body, byte(i>>b))
			}
			low, high = min(low, r.text), max(high, r.text)
			rows += n
			if r.rows -= n; r.rows == 0 {
				runs = runs[1:]
			}
		}
		if err := c.data(rows, 0, parquet.ByteArrayValue([]byte(low)), parquet.ByteArrayValue([]byte(high))); err != nil {
			return err
		}
	}
	return nil
}

// end completes the column.
func (c *chunk) end() {
	c.meta.NumValues = c.rows
	c.meta.Statistics = format.Statistics{NullCount: c.nulls}
	if c.nulls < c.rows {
		c.meta.Statistics.MinValue, c.meta.Statistics.MaxValue = c.min.Bytes(), c.max.Bytes()
	}
	c.meta.EncodingStats = append(c.meta.EncodingStats, format.PageEncodingStats{PageType: format.DataPageV2, Encoding: c.encoding.Encoding(), Count: c.pages})
	f := c.file
	last := len(f.meta.RowGroups) - 1
	g := &f.meta.RowGroups[last]
	g.Columns = append(g.Columns, format.ColumnChunk{MetaData: c.meta})
	g.TotalByteSize += c.meta.TotalUncompressedSize
	g.TotalCompressedSize += c.meta.TotalCompressedSize
	f.columns[last] = append(f.columns[last], c.indexer.ColumnIndex())
	f.offsets[last] = append(f.offsets[last], c.offsets)
}

// close completes the file and returns its size.
func (f *rowFile) close() (int64, error) {
	for g := range f.columns {
		for i := range f.columns[g] {
			c := &f.meta.RowGroups[g].Columns[i]
			c.ColumnIndexOffset = f.offset
			n, err := f.encode(&f.columns[g][i])
			if err != nil {
				return 0, err
			}
			c.ColumnIndexLength = n
		}
	}
	for g := range f.offsets {
		for i := range f.offsets[g] {
			c := &f.meta.RowGroups[g].Columns[i]
			c.OffsetIndexOffset = f.offset
			n, err := f.encode(&f.offsets[g][i])
			if err != nil {
				return 0, err
			}
			c.OffsetIndexLength = n
		}
	}
	n, err := f.encode(&f.meta)
	if err != nil {
		return 0, err
	}
	if err := f.write(append(binary.LittleEndian.AppendUint32(nil, uint32(n)), magic...)); err != nil {
		return 0, err
	}
	if err := f.buffer.Flush(); err != nil {
		return 0, err
	}
	return f.offset, f.out.Close()
}
