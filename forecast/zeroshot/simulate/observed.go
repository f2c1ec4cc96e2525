package simulate

import "math"

// exponentials observes the exponential of the whole path: level, trend,
// season and noise multiply.
func (m *maker) exponentials() {
	m.logarithm()
	for t, x := range m.tmp {
		m.y[t] = exp(x)
	}
}

// logarithm fills tmp with the path, less its mean, so that a late step is of
// the size that is drawn and the range stays within bounds.
func (m *maker) logarithm() {
	p := &m.prior.ranges.Observed
	recent := m.z[max(0, m.end-max(40, 2*m.prior.Season)):]
	by := m.log(p.PerCent) / (meanStep(recent) + 1e-6)
	lo, mean, hi := bounds(m.z)
	by *= min(1, p.Range*math.Sqrt(m.full)/(max(hi-mean, mean-lo)*by+1e-6))
	m.tmp = resize(m.tmp, m.steps)
	for t, z := range m.z {
		m.tmp[t] = (z - mean) * by
	}
}

// percent observes a level that moves by sums, with a season and noise that
// multiply it.
func (m *maker) percent() {
	p := &m.prior.ranges.Observed
	lo, mean, hi := bounds(m.level)
	span := hi - lo + .2*m.unit
	base := span*m.log(p.Headroom) - lo
	m.tmp = resize(m.tmp, m.steps)
	for t, z := range m.z {
		m.tmp[t] = z - m.level[t]
	}
	by := m.log(p.PerCent) / (meanStep(m.tmp) + 1e-6)
	low, middle, high := bounds(m.tmp)
	by *= min(1, p.SeasonRange/(max(high-middle, middle-low)*by+1e-6))
	for t, q := range m.tmp {
		m.y[t] = (m.level[t] + base) / (mean + base) * exp((q-middle)*by)
	}
}

// additive observes the path itself, on zero, above it, or around it.
func (m *maker) additive() {
	p := &m.prior.ranges.Observed
	lo, _, hi := bounds(m.z)
	span := hi - lo + 1e-6
	base := m.normal() * span * p.Around
	if m.is(p.Above) {
		base = m.log(p.Base)*span - lo
	}
	for t, z := range m.z {
		m.y[t] = z + base
	}
}
