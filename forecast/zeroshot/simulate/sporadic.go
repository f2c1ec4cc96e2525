package simulate

import "math"

// sporadic observes demands that happen now and then: whether one happens has
// memory, a season, and grows or fades; sizes are independent of it.
func (m *maker) sporadic() {
	p := &m.prior.ranges.Sporadic
	chance := min(max(m.beta(p.A, p.B), .02), .98)
	if m.is(p.Rare) {
		chance = m.log(p.Chance)
	}
	drift, growth := 1.0, 1.0
	if m.is(p.Drift) {
		growth = exp(m.normal() / (float64(m.steps) / m.full))
	}
	length := m.prior.Season
	m.shape = resize(m.shape, length)
	if length > 1 && m.is(p.Season) {
		m.shape = m.pattern(m.shape, length)
		for i, x := range m.shape {
			m.shape[i] = exp(p.Swing * tanh(x))
		}
	} else {
		for i := range m.shape {
			m.shape[i] = 1
		}
	}
	stick := share(0)
	if m.is(p.Sticky) {
		stick = share(m.in(p.Stick))
	}
	size := m.sizes()
	happens := false
	for t := range m.y {
		q := share(min(max(chance*drift*m.shape[t%length], .005), .995))
		drift *= growth
		if again := m.is(q); t == 0 || !m.is(stick) {
			happens = again
		}
		m.y[t] = 0
		if happens {
			m.y[t] = m.size(size)
		}
	}
}

// demand is a distribution of sizes: 1 and a Poisson number of that mean, or
// log-normal of that middle and width, or always 1.
type demand struct{ mean, middle, width float64 }

// sizes draws a distribution of sizes.
func (m *maker) sizes() (d demand) {
	p := &m.prior.ranges.Sporadic
	switch kind := share(m.uniform()); {
	case kind < p.Poisson:
		d.mean = m.log(p.Mean)
	case kind < p.Poisson+p.Heavy:
		d.width, d.middle = m.in(p.Width), m.in(p.Middle)
	}
	return d
}

// size draws one size.
func (m *maker) size(d demand) float64 {
	switch {
	case d.mean > 0:
		return 1 + m.poisson(d.mean)
	case d.width > 0:
		return math.Ceil(exp(m.normal()*d.width + d.middle))
	}
	return 1
}
