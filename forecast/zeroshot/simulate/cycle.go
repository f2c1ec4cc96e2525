package simulate

import "math"

// cyclePath makes the path of an economy: growth has momentum and perhaps a
// cycle of some years, there is little noise around the level, and a season.
//
//	g_t = mu + rho·(g_(t-1) - mu) + e_t, or by two complex poles
//	l_t = l_(t-1) + g_t
func (m *maker) cyclePath() {
	p := &m.prior.ranges.Cycle
	season := float64(m.prior.Season)
	m.noise(len(m.z))
	m.unit = 1
	a1, a2 := m.in(p.Rho), 0.0
	if m.is(p.Cyclic) {
		r := m.in(p.Radius)
		a1, a2 = 2*r*math.Cos(2*math.Pi/(m.log(p.Period)*max(1, season))), -r*r
	}
	spread := math.Sqrt((1 - a2) / ((1 + a2) * ((1-a2)*(1-a2) - a1*a1))) // of an AR(2) with unit steps
	mean := m.normal() * p.Growth * spread / math.Sqrt(max(1, season/4))
	if mean < 0 && m.is(p.Turned) {
		mean = -mean
	}
	around := 0.0
	if m.is(p.Noisy) {
		around = m.log(p.Noise)
	}
	var l, u1, u2 float64
	for t, e := range m.e {
		u := a1*u1 + a2*u2 + e
		u2, u1 = u1, u
		l += mean + u
		m.level[t] = l
		m.z[t] = l
		if around > 0 {
			m.z[t] += around * spread * m.normal()
		}
	}
	m.unit = spread
	if season > 1 {
		m.season()
	}
}
