package simulate

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Size is the number of windows in a block.
const Size = 1024

// A Window is one training example: what a forecaster would see, and what
// came after.
type Window struct {
	Values []float64 // the history, newest last; NaN is missing, the last never is
	Target []float64 // the steps after it, none missing
	Season int       // steps of a season, 1 for none
	Long   int       // steps of the second, longer season that is looked for, 0 for none
	Family string    // the family of the series
}

// A Generator makes blocks of windows and reuses their memory. The zero value
// is ready for use; use by several goroutines at once is not allowed.
type Generator struct {
	// Without names families and effects that are left out, to find out what
	// they are worth; Families and Effects are the names.
	Without []string
	// Season, if it is not 0, is the length of season of all blocks, which is
	// else drawn for every block.
	Season int
	// Version is that of the simulator, General if it is 0.
	Version uint32

	windows []Window
	values  []float64 // what the windows' slices point into
	maker   maker
}

// Seasons returns the lengths of season that blocks of a version have.
func Seasons(version uint32) []int {
	var out []int
	for _, s := range versions[version] {
		out = append(out, s.Season)
	}
	return out
}

// version returns the version of the simulator.
func (g *Generator) version() uint32 { return cmp.Or(g.Version, General) }

// Check returns an error if Without or Version name what does not exist.
func (g *Generator) Check() error {
	if v := g.version(); versions[v] == nil {
		return fmt.Errorf("simulate: there is no version %d of the simulator; there are %v", v, slices.Sorted(maps.Keys(versions)))
	}
	names := append(Families(), Effects()...)
	for _, n := range g.Without {
		if !slices.Contains(names, n) {
			return fmt.Errorf("simulate: Without names %q, which is no family or effect; there are %v", n, names)
		}
	}
	for _, f := range Families() {
		if !slices.Contains(g.Without, f) {
			return nil
		}
	}
	return errors.New("simulate: Without names all families; leave at least one in")
}

// Block returns the Size windows of one block, all with one length of season,
// which are the same for the same seed and block on all machines of an
// architecture. They are in no order, share memory, and last until the next
// call. It panics where Check returns an error.
func (g *Generator) Block(seed, block uint64) []Window {
	if err := g.Check(); err != nil {
		panic(err)
	}
	s := newStream(seed, block, 0)
	season := pick(&s, g.version(), g.Season)
	g.windows, g.values = g.windows[:0], g.values[:0]
	for i := uint64(1); len(g.windows) < Size; i++ {
		g.series(newStream(seed, block, i), season)
	}
	g.windows = g.windows[:Size]
	for i := Size - 1; i > 0; i-- {
		j := s.below(i + 1)
		g.windows[i], g.windows[j] = g.windows[j], g.windows[i]
	}
	return g.windows
}

// pick draws the season of a block, or finds the one that is asked for.
func pick(s *stream, version uint32, season int) *seasonPrior {
	seasons, sum := versions[version], 0.0
	for i := range seasons {
		if seasons[i].Season == season {
			return &seasons[i]
		}
		sum += seasons[i].Weight
	}
	if season != 0 {
		panic(fmt.Sprintf("simulate: no block has a season of %d steps; there are %v", season, Seasons(version)))
	}
	x := s.uniform() * sum
	for i := range seasons {
		if x -= seasons[i].Weight; x < 0 {
			return &seasons[i]
		}
	}
	return &seasons[0]
}

// cut says where a window lies: how many values it has, and how many steps its
// end is before the newest end.
type cut struct{ length, back int }

// series makes one series and cuts its windows. They are drawn first, so that
// no step is made that none of them needs; but the paths of short seasons are
// always whole, because there the range of a path limits how it grows.
func (g *Generator) series(s stream, season *seasonPrior) {
	var cuts [4]cut
	full, n := season.Longest+season.Horizon, 2
	switch {
	case full > 600:
		n = 4
	case full > 300:
		n = 3
	}
	steps := min(full, 150)
	for i := range cuts[:n] {
		c := &cuts[i]
		if i > 0 {
			c.back = s.between(season.Horizon/2, max(season.Horizon, season.Longest/3))
		}
		length := s.log(logUniform{float64(season.Shortest), float64(season.Longest + 1)})
		c.length = min(int(length), season.Longest-c.back)
		steps = max(steps, c.length+c.back+season.Horizon)
	}
	m := &g.maker
	m.stream = s
	family := m.make(season, steps, g.Without)
	g.values = append(g.values, m.y...)
	y := g.values[len(g.values)-steps:]
	for _, c := range cuts[:n] {
		origin := steps - season.Horizon - c.back
		w := Window{Season: season.Season, Long: season.Long, Family: family}
		w.Values, w.Target = y[origin-c.length:origin:origin], y[origin:][:season.Horizon:season.Horizon]
		if m.is(m.prior.ranges.Window.Gaps) {
			w.Values = g.gaps(w.Values)
		}
		if usable(w.Values) {
			g.windows = append(g.windows, w)
		}
	}
}

// gaps returns a copy of values with some of them missing.
func (g *Generator) gaps(values []float64) []float64 {
	missing := share(g.maker.in(g.maker.prior.ranges.Window.Missing))
	from := len(g.values)
	for _, v := range values {
		if g.maker.is(missing) {
			v = math.NaN()
		}
		g.values = append(g.values, v)
	}
	g.values[len(g.values)-1] = values[len(values)-1]
	return g.values[from:len(g.values):len(g.values)]
}

// usable tells whether at least five values are there and not all are equal.
func usable(values []float64) bool {
	n, lo, hi := 0, math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if v == v {
			n++
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	return n >= 5 && lo < hi
}
