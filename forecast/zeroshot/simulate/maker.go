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
	name  string
	share share
	make  func(*maker)
}

// families are all of them; their shares sum to 1.
var families = []family{
	{"exponential", .17, (*maker).exponentials},
	{"percent", .33, (*maker).percent},
	{"additive", .30, (*maker).additive},
	{"counts", .10, (*maker).counts},
	{"sporadic", .10, (*maker).sporadic},
}

// effect is laid over some of the series of some families.
type effect struct {
	name  string
	share share
	on    string // which series, for the docs
	make  func(*maker, string)
}

// effects are all of them, in the order in which they happen.
var effects = []effect{}

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
	m.latent(steps + season.Burn)
	m.longSeason()
	m.shifts()
	m.z, m.level = m.whole[season.Burn:], m.from[season.Burn:]
	m.y = resize(m.y, steps)
	f.make(m)
	for _, e := range effects {
		if m.is(e.share) && !slices.Contains(without, e.name) {
			e.make(m, f.name)
		}
	}
	m.finish(f.name)
	return f.name
}

// family draws a family that is not left out.
func (m *maker) family(without []string) *family {
	for {
		x := m.uniform()
		for i := range families {
			if x -= float64(families[i].share); x < 0 {
				if !slices.Contains(without, families[i].name) {
					return &families[i]
				}
				break
			}
		}
	}
}

// resize returns a slice of n values that are not to be relied on.
func resize(x []float64, n int) []float64 {
	if cap(x) < n {
		return make([]float64, n, n+n/2)
	}
	return x[:n]
}
