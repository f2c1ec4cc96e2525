package simulate

import "slices"

// maker makes one series at a time in buffers that it keeps.
type maker struct {
	stream

	prior *seasonPrior
	full  float64 // the steps that are used, as a part of the longest path there is
	unit  float64 // standard deviation of one step's noise of the latent path
	steps int     // length of y
	end   int     // index in y of the first step after the newest history

	whole, from []float64 // the latent path and the level in it, with burn-in
	z, level    []float64 // the same without burn-in: as long as y
	y           []float64 // what is observed
	e, g, tmp   []float64 // noise around the level, noise of its steps, anything
	shape       []float64 // a seasonal pattern
	day         []float64 // a second one
}

// family is one way in which a latent path is observed.
type family struct {
	name   string
	weight float64           // share of the series, after division by the sum
	at     map[*kind]float64 // weights in kinds where they differ
	path   func(*maker)      // makes a path of its own, in place of the one that others share
	make   func(*maker)
	what   string // for the docs
}

// families are all of them.
var families = []family{
	{name: "exponential", weight: .08, make: (*maker).exponentials, what: "the exponential of the path: level, trend, season and noise multiply"},
	{name: "percent", weight: .33, at: map[*kind]float64{slowQuarters: .5}, make: (*maker).percent, what: "the level is a sum; season and noise multiply it"},
	{name: "additive", weight: .30, make: (*maker).additive, what: "the path itself, on zero, above it or around it"},
	{name: "counts", weight: .10, at: map[*kind]float64{slowYears: .05}, make: (*maker).counts, what: "Poisson or negative binomial numbers whose mean follows the path"},
	{name: "sporadic", weight: .10, at: map[*kind]float64{slowYears: .05}, make: (*maker).sporadic, what: "a demand now and then, with memory, season, growth; sizes of several kinds"},
	{name: "compound", weight: .05, at: map[*kind]float64{slowYears: .03}, make: (*maker).compound, what: "sums of orders whose number follows the path, in quiet and busy times, in packs"},
	{name: "walk", weight: .03, at: map[*kind]float64{businessDays: .3, hours: 0}, path: (*maker).walkPath, make: (*maker).walk, what: "a price of which nothing but the next step is unknown, with steps of fat tails and moving size"},
	{name: "cycle", at: map[*kind]float64{years: .2, quarters: .2, slowYears: .45, slowQuarters: .33}, path: (*maker).cyclePath, make: (*maker).percent, what: "an economy: growth with momentum and cycles, little noise around the level"},
	{name: "sales", weight: .04, at: map[*kind]float64{years: .01, quarters: .02, slowYears: .01, days: .2, weeks: .12}, path: (*maker).salesPath, make: (*maker).sales, what: "a product in a shop: large noise, prices, deals that sell many times as much"},
	{name: "load", at: map[*kind]float64{hours: .9}, path: (*maker).loadPath, make: (*maker).load, what: "use through days of several shapes, whose size moves, on a level that follows a slow driver"},
}

// effect is laid over the path of some of the series, before it is observed.
type effect struct {
	name  string
	share share
	make  func(*maker)
	what  string // for the docs
}

// effects are all of them, in the order in which they happen.
var effects = []effect{
	{name: "change", share: .06, make: (*maker).change, what: "another season is added at some time"},
	{name: "calendar", share: .20, make: (*maker).calendar, what: "lengths of months, trading days, feasts that move, holidays, days of the month"},
}

// Families returns the names of the families.
func Families() []string {
	var out []string
	for _, f := range families {
		out = append(out, f.name)
	}
	return out
}

// Effects returns the names of the effects.
func Effects() []string {
	var out []string
	for _, e := range effects {
		out = append(out, e.name)
	}
	return out
}

// make makes a series of so many steps and returns its family.
func (m *maker) make(season *seasonPrior, steps int, without []string) string {
	m.prior, m.steps, m.end = season, steps, steps-season.Horizon
	m.full = float64(steps) / float64(season.Longest+season.Horizon)
	f := m.family(without)
	n := steps + season.Burn
	m.whole, m.from = resize(m.whole, n), resize(m.from, n)
	m.z, m.level = m.whole, m.from
	if f.path != nil {
		f.path(m)
	} else {
		m.latent()
		m.longSeason()
		m.shifts()
	}
	for _, e := range effects {
		if m.is(e.share) && f.name != "walk" && !slices.Contains(without, e.name) {
			e.make(m)
		}
	}
	m.z, m.level = m.whole[season.Burn:], m.from[season.Burn:]
	m.y = resize(m.y, steps)
	f.make(m)
	m.finish(f.name)
	return f.name
}

// family draws a family that is not left out.
func (m *maker) family(without []string) *family {
	sum := 0.0
	for i := range families {
		sum += families[i].of(m.prior.kind)
	}
	for {
		x := m.uniform() * sum
		for i := range families {
			if x -= families[i].of(m.prior.kind); x < 0 {
				if !slices.Contains(without, families[i].name) {
					return &families[i]
				}
				break
			}
		}
	}
}

// of returns the family's weight in a kind.
func (f *family) of(k *kind) float64 {
	if w, ok := f.at[k]; ok {
		return w
	}
	return f.weight
}

// resize returns a slice of n values that are not to be relied on.
func resize(x []float64, n int) []float64 {
	if cap(x) < n {
		return make([]float64, n, n+n/2)
	}
	return x[:n]
}
