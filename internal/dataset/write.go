package dataset

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// write is the second pass: partition after partition is sorted and written.
func (im *importer) write(ctx context.Context) (Summary, error) {
	m := Manifest{Version: manifestVersion, Schema: im.layout.schema, Partitions: im.partitions, Parts: make([]Part, im.partitions)}
	t, err := sum(im.layout, im.tallies())
	if err != nil {
		return Summary{}, err
	}
	for _, w := range im.workers {
		w.spill.release()
		w.dict = nil
	}
	parts, err := im.writeParts(ctx, m.Parts)
	if err != nil {
		return Summary{}, err
	}
	s := Totals{Rows: t.rows, Bytes: im.bytes, Fields: t.fields, Duplicate: parts.duplicates}
	for _, w := range im.workers {
		s.Blank += w.blank
		s.Headers += w.headers
	}
	id := im.layout.columns[im.layout.id].Name
	f := s.Fields[id]
	f.CountDistinct = parts.identifiers
	s.Fields[id] = f
	for _, p := range m.Parts {
		m.Rows += p.Rows
		m.Series += p.Count
	}
	if im.layout.time >= 0 {
		m.MinTime, m.MaxTime = t.minTime, t.maxTime
	}
	m.Totals = s
	if err := m.write(ctx, im.dst, im.prefix); err != nil {
		return Summary{}, err
	}
	return Summary{Totals: s, Manifest: m}, nil
}

func (im *importer) tallies() []*tally {
	var list []*tally
	for _, w := range im.workers {
		list = append(list, w.tally)
	}
	return list
}

// partTotals is what the second pass counts.
type partTotals struct {
	duplicates  int64
	identifiers int64
	bad         problems
}

// writeParts writes all partitions. Each is admitted when the memory that it
// will take is free; one that is larger than all the
// memory runs alone.
func (im *importer) writeParts(ctx context.Context, parts []Part) (partTotals, error) {
	totals := partTotals{bad: problems{limit: im.opt.MaxProblems}}
	var mu sync.Mutex
	all, done := int64(0), int64(0)
	for p := range parts {
		all += im.partitionSize(p)
	}
	memory := semaphore.NewWeighted(im.opt.Memory)
	g, group := errgroup.WithContext(ctx)
	g.SetLimit(im.opt.Workers)
	pool := sync.Pool{New: func() any { return new(partition) }}
	for p := range parts {
		size := im.partitionSize(p)
		if size == 0 {
			continue
		}
		need := min(size, im.opt.Memory)
		if memory.Acquire(group, need) != nil {
			break // the error of the group or of ctx says why
		}
		g.Go(func() error {
			defer memory.Release(need)
			w := &partWriter{importer: im, partition: pool.Get().(*partition), totals: partTotals{bad: problems{limit: im.opt.MaxProblems}}}
			part, err := w.write(group, p)
			if err != nil {
				return fmt.Errorf("write partition %d: %w", p, err)
			}
			pool.Put(w.partition)
			mu.Lock()
			defer mu.Unlock()
			parts[p] = part
			totals.duplicates += w.totals.duplicates
			totals.identifiers += w.totals.identifiers
			totals.bad.merge(&w.totals.bad)
			done += size
			im.progress(float64(done) / float64(all))
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return totals, err
	}
	if err := context.Cause(ctx); err != nil {
		return totals, err
	}
	return totals, totals.bad.err()
}

// partitionSize is the memory that a partition takes: its frames, and its rows in
// the order of the series.
func (im *importer) partitionSize(p int) (size int64) {
	for _, w := range im.workers {
		for _, f := range w.spill.parts[p].frames {
			size += int64(f.length + 8*f.rows*(1+len(im.layout.values)))
		}
	}
	return size
}

// A partWriter sorts and writes one partition.
type partWriter struct {
	*importer
	partition *partition
	totals    partTotals
}

func (w *partWriter) write(ctx context.Context, n int) (Part, error) {
	p := w.partition
	if err := p.load(ctx, n, w.workers); err != nil {
		return Part{}, err
	}
	w.countIdentifiers()
	data, table := partNames(n)
	part := Part{Series: table, Count: int64(len(p.series))}
	if w.layout.time < 0 {
		if err := w.items(); err != nil || w.totals.bad.total > 0 {
			return part, err
		}
		part.Rows = part.Count
		p.sortSeries()
		return part, w.writeItems(ctx, table)
	}
	if err := p.group(ctx, len(w.layout.values)); err != nil {
		return Part{}, err
	}
	part.Data = data
	return part, w.writeSeries(ctx, &part)
}

// countIdentifiers counts the identifiers of the partition as they are written.
func (w *partWriter) countIdentifiers() {
	p := w.partition
	if len(w.layout.keys) == 1 {
		w.totals.identifiers += int64(len(p.spellings))
		return
	}
	seen := make(map[string]struct{}, len(p.spellings))
	for _, s := range p.spellings {
		id, _, _ := strings.Cut(s, "\x00")
		seen[id] = struct{}{}
	}
	w.totals.identifiers += int64(len(seen))
}

// writeSeries writes the data file and the table of series.
func (w *partWriter) writeSeries(ctx context.Context, part *Part) error {
	index, err := newSeriesTable(ctx, w.importer, part.Series)
	if err != nil {
		return err
	}
	defer index.table.out.Abort()
	p := w.partition
	drop := w.layout.schema.Role == RelatedTimeSeries
	rows := 0
	for _, i := range p.order {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		s := &p.series[i]
		w.totals.duplicates += int64(p.sortTimes(s, drop))
		p.move(s, rows)
		if err := index.series(p, s, int64(rows), p.points(s, w.layout)); err != nil {
			return err
		}
		rows += s.rows
	}
	part.Rows = int64(rows)
	if err := index.table.close(); err != nil {
		return err
	}
	part.DataBytes, err = w.writeRows(ctx, part.Data, rows)
	return err
}

// writeRows writes the data file. A row group ends with the series that fills it.
func (w *partWriter) writeRows(ctx context.Context, name string, rows int) (size int64, err error) {
	p := w.partition
	p.findForms(w.layout, rows)
	f, err := newRowFile(ctx, w.dst, join(w.prefix, name), dataSchema(w.layout, p.forms))
	if err != nil {
		return 0, err
	}
	defer f.out.Abort()
	for order := p.order; len(order) > 0; {
		n, rows := 0, 0
		for n < len(order) && rows < rowGroupRows {
			rows += p.series[order[n]].rows
			n++
		}
		if err := w.rowGroup(ctx, f, order[:n], rows); err != nil {
			return 0, err
		}
		order = order[n:]
	}
	return f.close()
}

// rowGroup writes the rows of adjacent series.
func (w *partWriter) rowGroup(ctx context.Context, f *rowFile, order []uint32, rows int) error {
	p, l := w.partition, w.layout
	f.beginGroup(rows)
	from := p.series[order[0]].start
	for _, e := range f.meta.Schema[1:] {
		c := f.beginChunk(e.Name)
		i := slices.IndexFunc(l.columns, func(c column) bool { return c.Name == e.Name })
		var err error
		switch column := &l.columns[i]; {
		case i == l.time:
			err = c.times(ctx, p.times[from:from+rows])
		case column.key >= 0:
			err = c.texts(p.textRuns(order, column.key))
		default:
			v := slices.Index(l.values, i)
			if numbers := p.values[v][from : from+rows]; p.forms[v].places < 0 {
				err = c.doubles(ctx, numbers, column.integer)
			} else {
				err = c.decimals(ctx, numbers, column.integer, p.forms[v])
			}
		}
		if err != nil {
			return err
		}
		c.end()
	}
	return nil
}

// textRuns gives the texts that part k of the keys of the series has.
func (p *partition) textRuns(order []uint32, k int) []textRun {
	var runs []textRun
	for _, i := range order {
		s := &p.series[i]
		text, rest, _ := strings.Cut(s.key, "\x00")
		for range k {
			text, rest, _ = strings.Cut(rest, "\x00")
		}
		if n := len(runs); n > 0 && runs[n-1].text == text {
			runs[n-1].rows += s.rows
		} else {
			runs = append(runs, textRun{text, s.rows})
		}
	}
	return runs
}

// times writes times, which are seconds, as milliseconds.
func (c *chunk) times(ctx context.Context, seconds []int64) error {
	var room [pageRows]int64
	for page := range slices.Chunk(seconds, pageRows) {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		for i, second := range page {
			room[i] = 1000 * second
		}
		if err := c.integers(room[:len(page)], len(page)); err != nil {
			return err
		}
	}
	return nil
}

// doubles writes numbers, which are the bits of a numeric column.
func (c *chunk) doubles(ctx context.Context, column []uint64, integer bool) error {
	var room [pageRows]float64
	for page := range slices.Chunk(column, pageRows) {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		for i, bits := range page {
			room[i] = toFloat(bits, integer)
		}
		if err := c.floats(room[:len(page)]); err != nil {
			return err
		}
	}
	return nil
}

// A seriesTable is the file with one row per series.
type seriesTable struct {
	table                       *table
	key                         *tableColumn
	keys                        []*tableColumn
	row, rows, points, min, max *tableColumn
}

func newSeriesTable(ctx context.Context, im *importer, name string) (*seriesTable, error) {
	t, err := newTable(ctx, im.dst, join(im.prefix, name), seriesSchema(im.layout))
	if err != nil {
		return nil, err
	}
	s := &seriesTable{table: t, key: t.column(columnKey)}
	for _, i := range im.layout.keys {
		s.keys = append(s.keys, t.column(im.layout.columns[i].Name))
	}
	if im.layout.time >= 0 {
		s.row, s.rows, s.points = t.column(columnRow), t.column(columnRows), t.column(columnPoints)
		s.min, s.max = t.column(columnMin), t.column(columnMax)
	}
	return s, nil
}

func (t *seriesTable) name(s *series) error {
	fold, _, _ := strings.Cut(s.fold, "\x00")
	if err := t.key.add(parquet.ByteArrayValue([]byte(fold))); err != nil {
		return err
	}
	for k, text := range strings.Split(s.key, "\x00") {
		if err := t.keys[k].add(parquet.ByteArrayValue([]byte(text))); err != nil {
			return err
		}
	}
	return nil
}

func (t *seriesTable) series(p *partition, s *series, first, points int64) error {
	if err := t.name(s); err != nil {
		return err
	}
	for _, c := range []struct {
		column *tableColumn
		value  int64
	}{
		{t.row, first},
		{t.rows, int64(s.rows)},
		{t.points, points},
		{t.min, 1000 * p.times[s.start]},
		{t.max, 1000 * p.times[s.start+s.rows-1]},
	} {
		if err := c.column.add(parquet.Int64Value(c.value)); err != nil {
			return err
		}
	}
	return t.table.ended()
}
