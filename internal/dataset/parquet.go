package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// parquetRows is how many rows of a Parquet file make up a batch.
const parquetRows = 16 << 10

// A parquetFile is an open source file; it is closed when its last row group is done.
type parquetFile struct {
	reader *blob.Reader
	file   *parquet.File
	leaf   []int                // column of the file, by attribute
	decode []func(*cell) string // by attribute: what is wrong with the value, "" if nothing
	open   sync.WaitGroup       // row groups not done yet
}

// A parquetGroup is a row group for a worker to read.
type parquetGroup struct {
	file  *parquetFile
	index int
	seq   uint64 // of its first batch
	row   int64  // number of its first row, from 1
}

// readParquet checks the columns of a file and sends its row groups to the workers.
func (im *importer) readParquet(ctx context.Context, file int, tasks chan<- task) error {
	o := im.src.Objects[file]
	r, err := blob.ReaderAt(ctx, im.src.Bucket, o.Key)
	if err != nil {
		return im.missing(ctx, file, err, tasks)
	}
	defer r.Close()
	f, err := parquet.OpenFile(r, r.Size(), parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true), parquet.ReadBufferSize(256<<10))
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return im.fileProblem(ctx, tasks, file, 0, "the file is not Parquet: "+err.Error())
	}
	p := &parquetFile{reader: r, file: f}
	if reason := p.match(im.layout, im.opt.Names); reason != "" {
		return im.fileProblem(ctx, tasks, file, 0, reason)
	}
	defer p.open.Wait() // the reader stays open until then
	seq, row := uint64(file)<<32, int64(1)
	groups := f.RowGroups()
	for i, g := range groups {
		p.open.Add(1)
		t := task{group: &parquetGroup{file: p, index: i, seq: seq, row: row}, bytes: o.Size / int64(len(groups))}
		if err := send(ctx, tasks, t); err != nil {
			p.open.Done()
			return err
		}
		row += g.NumRows()
		seq += uint64((g.NumRows() + parquetRows - 1) / parquetRows)
	}
	return nil
}

// match finds the column of each attribute. Names are compared without case.
func (p *parquetFile) match(l *layout, names []string) string {
	leaves := map[string]int{}
	for i, path := range p.file.Schema().Columns() {
		leaves[strings.ToLower(strings.Join(path, "."))] = i
	}
	p.leaf = make([]int, len(l.columns))
	p.decode = make([]func(*cell) string, len(l.columns))
	for i := range l.columns {
		c := &l.columns[i]
		name := c.Name
		if names != nil {
			name = names[i]
		}
		if name == "" && i == l.id && c.field < 0 {
			p.leaf[i] = -1
			continue
		}
		leaf, ok := leaves[strings.ToLower(name)]
		if !ok {
			return fmt.Sprintf("the file has no column %q; it has %s", name, p.columnNames())
		}
		delete(leaves, strings.ToLower(name))
		column, _ := p.file.Schema().Lookup(p.file.Schema().Columns()[leaf]...)
		p.leaf[i] = leaf
		if p.decode[i] = decoder(l, i, column); p.decode[i] == nil {
			return fmt.Sprintf("column %q is %s, which does not fit an attribute of type %s", name, column.Node.Type(), c.Type)
		}
	}
	if len(leaves) > 0 {
		var extra []string
		for name := range leaves {
			extra = append(extra, name)
		}
		slices.Sort(extra)
		return "the file has columns that the schema does not have: " + strings.Join(extra, ", ")
	}
	return ""
}

func (p *parquetFile) columnNames() string {
	var names []string
	for _, path := range p.file.Schema().Columns() {
		names = append(names, strings.Join(path, "."))
	}
	return strings.Join(names, ", ")
}

// parquet reads a row group, batch by batch.
func (w *worker) parquet(ctx context.Context, g *parquetGroup) error {
	defer g.file.open.Done()
	group := g.file.file.RowGroups()[g.index]
	chunks := group.ColumnChunks()
	readers := make([]parquet.ColumnChunkValueReader, len(w.layout.columns))
	values := make([][]parquet.Value, len(readers))
	defer func() {
		for _, r := range readers {
			if r != nil {
				_ = r.Close() // it was only read
			}
		}
	}()
	for i, leaf := range g.file.leaf {
		if leaf >= 0 {
			readers[i] = parquet.NewColumnChunkValueReader(chunks[leaf])
			values[i] = make([]parquet.Value, parquetRows)
		}
	}
	for done := int64(0); done < group.NumRows(); done += parquetRows {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		n := int(min(parquetRows, group.NumRows()-done))
		for i, r := range readers {
			if r == nil {
				continue
			}
			if err := readValues(r, values[i][:n]); err != nil {
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				w.batch.seq = g.seq
				w.problem(g.row+done, i, "the file is damaged: "+err.Error())
				return nil
			}
		}
		w.batch.reset(w.layout, g.seq+uint64(done/parquetRows))
		w.parquetRows(g.file, values, n, g.row+done)
		if err := w.finish(); err != nil {
			return err
		}
	}
	return nil
}

func readValues(r parquet.ValueReader, dst []parquet.Value) error {
	for i := 0; i < len(dst); {
		n, err := r.ReadValues(dst[i:])
		i += n
		switch {
		case i == len(dst):
			return nil
		case errors.Is(err, io.EOF):
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		}
	}
	return nil
}

func (w *worker) parquetRows(f *parquetFile, values [][]parquet.Value, n int, first int64) {
	var c cell
	for row := range n {
		line := first + int64(row)
		good := true
		w.second = line
		for i := range w.layout.columns {
			if f.leaf[i] < 0 {
				continue
			}
			c.value, c.second, c.text = values[i][row], line, c.text[:0]
			if reason := f.decode[i](&c); reason != "" {
				good = false
				w.problem(line, i, reason)
			}
			column := &w.layout.columns[i]
			switch {
			case i == w.layout.time:
				w.second = c.second
			case column.number >= 0:
				w.bits[column.number] = c.bits
			}
			if column.key >= 0 {
				w.cells[i] = append(w.cells[i][:0], c.text...)
			}
		}
		w.commit(line, good)
	}
}
