package simulate

// change adds a second seasonal pattern to the path, which comes up at some
// time, at once or within some seasons, so that the season changes.
func (m *maker) change() {
	p, n := &m.prior.ranges.Change, m.prior.Season
	if n == 1 {
		return
	}
	m.day = m.pattern(m.day, n)
	size, at := m.log(p.Size)*m.unit, m.when(len(m.z))
	ramp := 1.0
	if !m.is(p.AtOnce) {
		ramp = m.in(p.Within) * float64(n)
	}
	for t := max(at, 0); t < len(m.z); t++ {
		m.z[t] += size * min(1, float64(t-at+1)/ramp) * m.day[t%n]
	}
}
