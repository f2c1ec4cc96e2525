package dataset

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/almanac-forecast/almanac/internal/javafloat"
)

// moments are count, mean and sum of squared deviations of some numbers. Those
// of a block are computed in two passes over its values, those of blocks are
// merged in the order of the source (Chan, Golub, LeVeque 1979), so that the
// result depends neither on the number of workers nor on who took which block.
type moments struct {
	n        int64
	mean, m2 float64
	nulls    int64
	nans     int64
	min, max uint64 // bits as the column holds them, valid if n > 0
}

func (a *moments) merge(b moments, integer bool) {
	a.nulls += b.nulls
	a.nans += b.nans
	if b.n == 0 {
		return
	}
	if a.n == 0 {
		nulls, nans := a.nulls, a.nans
		*a = b
		a.nulls, a.nans = nulls, nans
		return
	}
	if less(b.min, a.min, integer) {
		a.min = b.min
	}
	if less(a.max, b.max, integer) {
		a.max = b.max
	}
	n := float64(a.n + b.n)
	delta := b.mean - a.mean
	a.mean += delta * float64(b.n) / n
	a.m2 += b.m2 + delta*delta*float64(a.n)*float64(b.n)/n
	a.n += b.n
}

func less(a, b uint64, integer bool) bool {
	if integer {
		return int64(a) < int64(b)
	}
	return math.Float64frombits(a) < math.Float64frombits(b)
}

// floatMoments describes a block of a float column and counts its values.
func floatMoments(column []uint64, seen *distinct) moments {
	var m moments
	sum, lo, hi := 0.0, math.Inf(1), math.Inf(-1)
	for _, bits := range column {
		f := math.Float64frombits(bits)
		if f != f {
			if bits == nullFloat {
				m.nulls++
				continue
			}
			m.nans++
			seen.add(nanFloat)
			continue
		}
		seen.addFloat(bits)
		sum += f
		if f < lo {
			lo = f
		}
		if f > hi {
			hi = f
		}
	}
	if m.n = int64(len(column)) - m.nulls - m.nans; m.n == 0 {
		return m
	}
	m.mean = sum / float64(m.n)
	for _, bits := range column {
		if f := math.Float64frombits(bits); f == f {
			d := f - m.mean
			m.m2 += d * d
		}
	}
	m.min, m.max = math.Float64bits(lo), math.Float64bits(hi)
	return m
}

// integerMoments does the same for an integer column.
func integerMoments(column []uint64, seen *distinct) moments {
	var m moments
	sum, lo, hi := 0.0, int64(math.MaxInt64), int64(math.MinInt64)
	for _, bits := range column {
		switch bits {
		case nullInteger:
			m.nulls++
			continue
		case nanInteger:
			m.nans++
			seen.add(bits)
			continue
		}
		seen.addInteger(bits)
		i := int64(bits)
		sum += float64(i)
		lo, hi = min(lo, i), max(hi, i)
	}
	if m.n = int64(len(column)) - m.nulls - m.nans; m.n == 0 {
		return m
	}
	m.mean = sum / float64(m.n)
	for _, bits := range column {
		if bits != nullInteger && bits != nanInteger {
			d := float64(int64(bits)) - m.mean
			m.m2 += d * d
		}
	}
	m.min, m.max = uint64(lo), uint64(hi)
	return m
}

// tally is what one worker has counted.
type tally struct {
	layout  *layout
	blocks  []blockTally
	numbers []*distinct // by column of layout.numbers
	times   *distinct
	texts   []*distinctText // by place in the key; nil for the identifier
	nulls   []int64         // by place in the key
	rows    int64
	minTime int64
	maxTime int64
}

type blockTally struct {
	seq     uint64
	columns []moments
}

func newTally(l *layout, slots int, open func() (*spillFile, error)) *tally {
	t := &tally{layout: l, nulls: make([]int64, len(l.keys)), minTime: math.MaxInt64, maxTime: math.MinInt64}
	for range l.numbers {
		t.numbers = append(t.numbers, newDistinct(slots, open))
	}
	t.times = newDistinct(slots, open)
	for k := range l.keys {
		var text *distinctText
		if k > 0 {
			text = newDistinctText(slots, open)
		}
		t.texts = append(t.texts, text)
	}
	return t
}

// add counts a batch.
func (t *tally) add(b *batch) error {
	columns := make([]moments, len(b.numbers))
	for i, values := range b.numbers {
		if t.layout.columns[t.layout.numbers[i]].integer {
			columns[i] = integerMoments(values, t.numbers[i])
		} else {
			columns[i] = floatMoments(values, t.numbers[i])
		}
		if err := t.numbers[i].err(); err != nil {
			return err
		}
	}
	if len(columns) > 0 {
		t.blocks = append(t.blocks, blockTally{b.seq, columns})
	}
	for k, n := range b.nulls {
		t.nulls[k] += n
	}
	t.rows += int64(b.rows)
	if t.layout.time >= 0 {
		t.addTimes(b.times)
	}
	return t.times.err()
}

func (t *tally) addTimes(times []int64) {
	last, lo, hi := int64(math.MinInt64), t.minTime, t.maxTime
	for _, s := range times {
		if s == last {
			continue
		}
		last = s
		t.times.addTime(s)
		lo, hi = min(lo, s), max(hi, s)
	}
	t.minTime, t.maxTime = lo, hi
}

// total is the sum of all workers' tallies.
type total struct {
	rows, minTime, maxTime int64
	fields                 map[string]FieldStatistics
}

// sum adds up the tallies. The distinct identifiers are left to the caller, who
// counts them partition by partition.
func sum(l *layout, tallies []*tally) (total, error) {
	t := total{fields: map[string]FieldStatistics{}, minTime: math.MaxInt64, maxTime: math.MinInt64}
	var blocks []blockTally
	nulls := make([]int64, len(l.keys))
	for _, w := range tallies {
		t.rows += w.rows
		t.minTime, t.maxTime = min(t.minTime, w.minTime), max(t.maxTime, w.maxTime)
		blocks = append(blocks, w.blocks...)
		for k, n := range w.nulls {
			nulls[k] += n
		}
	}
	slices.SortFunc(blocks, func(a, b blockTally) int { return cmp.Compare(a.seq, b.seq) })
	for k, i := range l.keys {
		f := FieldStatistics{Count: t.rows - nulls[k], CountNull: nulls[k]}
		if k > 0 {
			n, err := unionText(setsOf(tallies, func(w *tally) *distinctText { return w.texts[k] }))
			if err != nil {
				return total{}, err
			}
			f.CountDistinct = n
		}
		t.fields[l.columns[i].Name] = f
	}
	for n, i := range l.numbers {
		f, err := numberField(&l.columns[i], n, blocks, tallies)
		if err != nil {
			return total{}, err
		}
		t.fields[l.columns[i].Name] = f
	}
	if l.time >= 0 {
		f := FieldStatistics{Count: t.rows}
		var err error
		if f.CountDistinct, err = union(setsOf(tallies, func(w *tally) *distinct { return w.times }), codedTime); err != nil {
			return total{}, err
		}
		lo, hi := formatTime(t.minTime), formatTime(t.maxTime)
		f.Min, f.Max = &lo, &hi
		t.fields[l.columns[l.time].Name] = f
	}
	return t, nil
}

func numberField(c *column, n int, blocks []blockTally, tallies []*tally) (FieldStatistics, error) {
	var m moments
	for _, b := range blocks {
		m.merge(b.columns[n], c.integer)
	}
	f := FieldStatistics{Count: m.n + m.nans, CountNull: m.nulls, CountNaN: &m.nans}
	coded := codedFloat
	if c.integer {
		coded = codedInteger
	}
	var err error
	if f.CountDistinct, err = union(setsOf(tallies, func(w *tally) *distinct { return w.numbers[n] }), coded); err != nil {
		return f, err
	}
	if m.n > 0 {
		lo, hi := numberText(m.min, c.integer), numberText(m.max, c.integer)
		f.Min, f.Max = &lo, &hi
		f.Avg = finite(m.mean)
	}
	if m.n > 1 {
		f.Stddev = finite(math.Sqrt(m.m2 / float64(m.n-1)))
	}
	return f, nil
}

// finite is nil for a figure that left the range of numbers.
func finite(f float64) *float64 {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return nil
	}
	return &f
}

func numberText(bits uint64, integer bool) string {
	if integer {
		return strconv.FormatInt(int64(bits), 10)
	}
	return javafloat.String(math.Float64frombits(bits))
}
