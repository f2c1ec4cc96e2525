package simulate

import "math"

// walkPath makes a path of which nothing but the next step is unknown: steps of
// fat tails and moving size, perhaps a drift, or slowly back.
func (m *maker) walkPath() {
	p := &m.prior.ranges.Walk
	m.noise(len(m.z))
	if m.is(p.Volatile) {
		m.volatile(m.e)
	}
	drift, keep := 0.0, 1.0
	if m.is(p.Drifting) {
		drift = m.normal() * p.Drift
	}
	if m.is(p.Reverting) {
		keep = 1 - m.log(p.Back)
	}
	x := 0.0
	for t, e := range m.e {
		x = keep*x + drift + e
		m.z[t] = x
	}
}

// walk observes a price, whose logarithm is the path.
func (m *maker) walk() {
	p := &m.prior.ranges.Walk
	size := min(m.log(p.Size), p.Range/math.Sqrt(float64(m.steps)))
	for t, x := range m.z {
		m.y[t] = exp(min(max(x*size, -p.Range), p.Range))
	}
}
