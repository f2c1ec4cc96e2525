package simulate

// counts observes numbers of events whose mean follows the path.
func (m *maker) counts() {
	p := &m.prior.ranges.Counts
	m.logarithm()
	rate, shape := m.log(p.Rate), 0.0
	if m.is(p.Spread) {
		shape = m.log(p.Shape)
	}
	origin := m.tmp[m.end-1]
	for t, x := range m.tmp {
		mean := rate * exp(min(max(x-origin, -p.Range), p.Range))
		if shape > 0 {
			mean *= m.gamma(shape) / shape
		}
		m.y[t] = m.poisson(mean)
	}
}
