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
// memory is 8 bytes for each row and column, the time included: the spill files
// are read twice, frame by frame to count and segment by segment to scatter.
type partition struct {
	segments  []rawSegment
	spelling  map[string]uint32 // key as written → index of spellings
	spellings []spelling
	fold      map[string]uint32 // lower-cased key → index of series
	series    []series
	order     []uint32 // series by key
	times     []int64
	values    [][]uint64 // [column][row]
	index     []int32    // of a series that must be sorted
	buf       []byte     // a frame, or the records of a segment
}

// A rawSegment is the rows of one block in one frame.
type rawSegment struct {
	seq    uint64
	file   *spillFile
	offset int64 // of its records
	length int   // of its records, bytes
	table  []uint32
}

type spelling struct {
	key    string
	series uint32
}

type series struct {
	fold  string // what it is compared by
	key   string // as written first
	start int
	rows  int
	seen  bool  // its key is the one written first
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
	p.spellings, p.series, p.order = p.spellings[:0], p.series[:0], p.order[:0]
}

// load reads the frames of partition n: it learns the keys, counts the rows of
// each series, and orders the segments as the rows stood in the source.
func (p *partition) load(ctx context.Context, n int, workers []*worker) error {
	p.reset()
	for _, w := range workers {
		var table []uint32
		epoch := uint64(0)
		for i, f := range w.spill.parts[n].frames {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			if err := p.read(w.file, f.offset, f.length); err != nil {
				return err
			}
			r := &frameReader{data: p.buf}
			e, err := r.uvarint()
			if err != nil {
				return err
			}
			if i == 0 || e != epoch {
				table, epoch = nil, e
			}
			if table, err = p.frame(r, table, w, f.offset); err != nil {
				return err
			}
		}
	}
	slices.SortStableFunc(p.segments, func(a, b rawSegment) int { return cmp.Compare(a.seq, b.seq) })
	return nil
}

// read fills p.buf.
func (p *partition) read(f *spillFile, offset int64, length int) error {
	p.buf = slices.Grow(p.buf[:0], length)[:length]
	if _, err := f.f.ReadAt(p.buf, offset); err != nil {
		return fmt.Errorf("read spill file: %w", err)
	}
	return nil
}

// frame takes the keys and segments of a frame at offset, and counts its rows.
// It returns the table of the worker's numbers with the new keys added; segments
// keep the table as it was then, which holds all numbers that they use.
func (p *partition) frame(r *frameReader, table []uint32, w *worker, offset int64) ([]uint32, error) {
	keys, err := r.uvarint()
	if err != nil {
		return nil, err
	}
	for range keys {
		n, err := r.uvarint()
		if err != nil {
			return nil, err
		}
		key, err := r.bytes(n)
		if err != nil {
			return nil, err
		}
		table = append(table, p.spell(key))
	}
	count, err := r.uvarint()
	if err != nil {
		return nil, err
	}
	first := len(p.segments)
	for range count {
		seq, err := r.uvarint()
		if err != nil {
			return nil, err
		}
		n, err := r.uvarint()
		if err != nil {
			return nil, err
		}
		p.segments = append(p.segments, rawSegment{seq: seq, file: w.file, length: int(n) * w.spill.width, table: table})
	}
	for i := first; i < len(p.segments); i++ {
		g := &p.segments[i]
		g.offset = offset + int64(r.pos)
		records, err := r.bytes(uint64(g.length))
		if err != nil {
			return nil, err
		}
		for ; len(records) > 0; records = records[w.spill.width:] {
			p.series[p.spellings[table[binary.LittleEndian.Uint32(records)]].series].rows++
		}
	}
	return table, nil
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
	p.spellings = append(p.spellings, spelling{key: text, series: s})
	return i
}

// group brings the rows of each series together in the order of the source: a
// counting sort. The series come out in the order of their keys.
func (p *partition) group(ctx context.Context, values int) error {
	width := recordHead + 8*values
	p.sortSeries()
	rows := 0
	for _, s := range p.order {
		p.series[s].start = rows
		rows += p.series[s].rows
		p.series[s].rows = 0
	}
	p.times = slices.Grow(p.times[:0], rows)[:rows]
	if len(p.values) != values {
		p.values = make([][]uint64, values)
	}
	for v := range p.values {
		p.values[v] = slices.Grow(p.values[v][:0], rows)[:rows]
	}
	for _, g := range p.segments {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := p.read(g.file, g.offset, g.length); err != nil {
			return err
		}
		for r := p.buf; len(r) > 0; r = r[width:] {
			sp := &p.spellings[g.table[binary.LittleEndian.Uint32(r)]]
			s := &p.series[sp.series]
			if !s.seen {
				s.seen, s.key = true, sp.key
			}
			at := s.start + s.rows
			s.rows++
			p.times[at] = int64(binary.LittleEndian.Uint64(r[4:]))
			for v := range p.values {
				p.values[v][at] = binary.LittleEndian.Uint64(r[recordHead+8*v:])
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
	sorted := true
	for i := 1; i < len(times); i++ {
		if times[i] < times[i-1] {
			sorted = false
		}
	}
	if !sorted {
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
