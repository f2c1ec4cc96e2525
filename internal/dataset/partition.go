package dataset

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// A partition is the rows of one hash partition in memory, grouped by series.
// A goroutine of the second pass uses one for partition after partition. Its
// memory is that of the partition's frames, and 8 bytes for each row and column,
// the time included.
type partition struct {
	raw       []byte // the frames
	segments  []rawSegment
	spelling  map[string]uint32 // key as written → index of spellings
	spellings []string
	of        []uint32          // series of each spelling
	counts    []int             // rows of each spelling
	fold      map[string]uint32 // lower-cased key → index of series
	series    []series
	order     []uint32 // series by key
	times     []int64
	values    [][]uint64   // [column][row]
	forms     []numberForm // of the columns of values
	next      []int        // where the next row goes, by series
	at        []int        // where those of a segment go
	index     []int32      // of a series that must be sorted
	lengths   []uint64     // of the times of a frame's segments
}

// A rawSegment is the rows of one block in one frame.
type rawSegment struct {
	seq     uint64
	rows    int
	times   []byte
	records []byte
	table   []uint32 // spelling of each number of the worker
}

type series struct {
	fold  string // what it is compared by
	key   string // as written first
	start int
	rows  int
	time  int64 // line of the row, for item metadata
	file  int32
}

func (p *partition) reset() {
	p.segments = p.segments[:0]
	if p.spelling == nil {
		p.spelling, p.fold = map[string]uint32{}, map[string]uint32{}
	}
	clear(p.spelling)
	clear(p.fold)
	p.spellings, p.of, p.counts, p.series, p.order = p.spellings[:0], p.of[:0], p.counts[:0], p.series[:0], p.order[:0]
}

// load reads the frames of partition n: it learns the keys, counts the rows of
// each series, and orders the segments as the rows stood in the source.
func (p *partition) load(ctx context.Context, n int, workers []*worker) error {
	p.reset()
	length := 0
	for _, w := range workers {
		for _, f := range w.spill.parts[n].frames {
			length += f.length
		}
	}
	p.raw = room(p.raw, length)
	rest := p.raw
	for _, w := range workers {
		var table []uint32
		epoch := uint64(0)
		for i, f := range w.spill.parts[n].frames {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			r := &frameReader{data: rest[:f.length]}
			rest = rest[f.length:]
			if _, err := w.file.f.ReadAt(r.data, f.offset); err != nil {
				return fmt.Errorf("read spill file: %w", err)
			}
			if e := r.uvarint(); i == 0 || e != epoch {
				table, epoch = nil, e
			}
			if table = p.frame(r, table, w.spill.width); r.err != nil {
				return r.err
			}
		}
	}
	slices.SortStableFunc(p.segments, func(a, b rawSegment) int { return cmp.Compare(a.seq, b.seq) })
	for sp, rows := range p.counts {
		p.series[p.of[sp]].rows += rows
	}
	if len(p.spellings) > len(p.series) {
		p.firstSpellings()
	}
	return nil
}

// frame takes the keys and segments of a frame, whose records have the given
// width, and counts its rows. It returns the table of the worker's numbers with
// the new keys added; segments keep the table as it was then, which holds all
// numbers that they use.
func (p *partition) frame(r *frameReader, table []uint32, width int) []uint32 {
	for range r.uvarint() {
		key := r.bytes(r.uvarint())
		if r.err != nil {
			return nil
		}
		table = append(table, p.spell(key))
	}
	first := len(p.segments)
	p.lengths = p.lengths[:0]
	for n := r.uvarint(); n > 0 && r.err == nil; n-- {
		seq, rows := r.uvarint(), r.uvarint()
		p.segments = append(p.segments, rawSegment{seq: seq, rows: int(rows), table: table})
		p.lengths = append(p.lengths, r.uvarint())
	}
	segments := p.segments[first:]
	for i, n := range p.lengths {
		segments[i].times = r.bytes(n)
	}
	for i := range segments {
		g := &segments[i]
		g.records = r.bytes(uint64(g.rows * width))
		for rest := g.records; len(rest) >= width; rest = rest[width:] {
			p.counts[table[binary.LittleEndian.Uint32(rest)]]++
		}
	}
	return table
}

// spell returns the index of a key as written.
func (p *partition) spell(key []byte) uint32 {
	if i, ok := p.spelling[string(key)]; ok {
		return i
	}
	text := string(key)
	fold := Fold(text)
	s, ok := p.fold[fold]
	if !ok {
		s = uint32(len(p.series))
		p.fold[fold] = s
		p.series = append(p.series, series{fold: fold, key: text})
	}
	i := uint32(len(p.spellings))
	p.spelling[text] = i
	p.spellings, p.of, p.counts = append(p.spellings, text), append(p.of, s), append(p.counts, 0)
	return i
}

// firstSpellings finds out how each series was written first, when some were
// written in several ways.
func (p *partition) firstSpellings() {
	seen := make([]bool, len(p.series))
	left := len(p.series)
	for _, g := range p.segments {
		width := len(g.records) / g.rows
		for r := g.records; len(r) > 0 && left > 0; r = r[width:] {
			sp := g.table[binary.LittleEndian.Uint32(r)]
			if s := p.of[sp]; !seen[s] {
				seen[s] = true
				left--
				p.series[s].key = p.spellings[sp]
			}
		}
	}
}

// eachRun calls f with the runs of rows that have one time, rows i up to j of the segment.
func (g *rawSegment) eachRun(f func(time int64, i, j int)) error {
	r := frameReader{data: g.times}
	time, i := int64(0), 0
	for r.pos < len(r.data) {
		time += r.varint()
		n := r.uvarint()
		if r.err != nil || n > uint64(g.rows-i) {
			break
		}
		f(time, i, i+int(n))
		i += int(n)
	}
	if r.err == nil && i != g.rows {
		r.damaged()
	}
	return r.err
}

// room returns a slice of n elements, whatever is in them, in place of an old one.
// It leaves some to spare, as partitions are of about one size.
func room[T any](old []T, n int) []T {
	if cap(old) < n {
		return make([]T, n, n+n/8)
	}
	return old[:n]
}

// group brings the rows of each series together in the order of the source: a
// counting sort. The series come out in the order of their keys.
func (p *partition) group(ctx context.Context, values int) error {
	width := recordHead + 8*values
	p.sortSeries()
	rows := 0
	p.next = room(p.next, len(p.series))
	for _, s := range p.order {
		p.series[s].start, p.next[s] = rows, rows
		rows += p.series[s].rows
	}
	p.times = room(p.times, rows)
	if len(p.values) != values {
		p.values = make([][]uint64, values)
	}
	for v := range p.values {
		p.values[v] = room(p.values[v], rows)
	}
	for _, g := range p.segments {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		p.at = p.at[:0]
		for r := g.records; len(r) >= width; r = r[width:] {
			next := &p.next[p.of[g.table[binary.LittleEndian.Uint32(r)]]]
			p.at = append(p.at, *next)
			*next++
		}
		err := g.eachRun(func(time int64, i, j int) {
			for _, at := range p.at[i:j] {
				p.times[at] = time
			}
		})
		if err != nil {
			return err
		}
		for v, column := range p.values {
			r := g.records[recordHead+8*v:]
			for i, at := range p.at {
				column[at] = binary.LittleEndian.Uint64(r[i*width:])
			}
		}
	}
	return nil
}

// sortSeries orders the series by key: identifier first, then dimension by
// dimension, byte by byte in lower case.
func (p *partition) sortSeries() {
	for i := range p.series {
		p.order = append(p.order, uint32(i))
	}
	slices.SortFunc(p.order, func(a, b uint32) int { return strings.Compare(p.series[a].fold, p.series[b].fold) })
}

// sortTimes orders the rows of a series by time; rows of one time stay in the
// order of the source. It returns how many rows share their time with an earlier
// one, and drops those when asked to.
func (p *partition) sortTimes(s *series, drop bool) (duplicates int) {
	times := p.times[s.start : s.start+s.rows]
	if !slices.IsSorted(times) {
		p.permute(s, times)
	}
	for i := 1; i < len(times); i++ {
		if times[i] == times[i-1] {
			duplicates++
		}
	}
	if duplicates == 0 || !drop {
		return duplicates
	}
	kept := 1
	for i := 1; i < len(times); i++ {
		if times[i] == times[kept-1] {
			continue
		}
		times[kept] = times[i]
		for _, column := range p.values {
			column[s.start+kept] = column[s.start+i]
		}
		kept++
	}
	s.rows = kept
	return duplicates
}

// move closes the gap that dropped rows have left before a series.
func (p *partition) move(s *series, to int) {
	if s.start == to {
		return
	}
	copy(p.times[to:], p.times[s.start:s.start+s.rows])
	for _, column := range p.values {
		copy(column[to:], column[s.start:s.start+s.rows])
	}
	s.start = to
}

// points counts the rows of a series that hold a value or a literal NaN in at
// least one column.
func (p *partition) points(s *series, l *layout) (points int64) {
	for r := s.start; r < s.start+s.rows; r++ {
		for v, column := range p.values {
			if column[r] != l.nulls[v] {
				points++
				break
			}
		}
	}
	return points
}

// findForms finds out how to store the values, when rows is the number of rows
// that are left.
func (p *partition) findForms(l *layout, rows int) {
	p.forms = p.forms[:0]
	for v, column := range p.values {
		p.forms = append(p.forms, formOf(column[:rows], l.columns[l.values[v]].integer))
	}
}

// permute sorts the rows of a series by time.
func (p *partition) permute(s *series, times []int64) {
	p.index = p.index[:0]
	for i := range times {
		p.index = append(p.index, int32(i))
	}
	slices.SortFunc(p.index, func(a, b int32) int {
		switch {
		case times[a] < times[b]:
			return -1
		case times[a] > times[b]:
			return 1
		}
		return int(a) - int(b)
	})
	apply(p.index, times)
	for _, column := range p.values {
		apply(p.index, column[s.start:s.start+s.rows])
	}
}

// apply puts x[index[i]] at i.
func apply[T any](index []int32, x []T) {
	y := make([]T, len(x))
	for i, from := range index {
		y[i] = x[from]
	}
	copy(x, y)
}
