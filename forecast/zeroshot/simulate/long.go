package simulate

// longSeason adds the second season: days of the week over hours, the year
// over days.
func (m *maker) longSeason() {
	switch m.prior.Season {
	case 24, 48, 96:
		m.week()
	case 7:
		m.year(365.25)
	case 5:
		m.year(261)
	}
}

// week adds days of the week to the path, or multiplies it by them.
func (m *maker) week() {
	p, day := &m.prior.ranges.Week, m.prior.Season
	if m.is(p.Additive) {
		m.day = m.pattern(m.day, 7)
		size := m.log(p.Size) * m.unit
		for t := range m.z {
			m.z[t] += size * m.day[t/day%7]
		}
	}
	if m.is(p.Factor) {
		m.day = m.pattern(m.day, 7)
		for i := range m.day {
			m.day[i] = 1 + p.Depth*tanh(m.day[i])
		}
		for t := range m.z {
			m.z[t] *= m.day[t/day%7]
		}
	}
}

// year adds a year of few harmonics, and days that stand out every year.
func (m *maker) year(length float64) {
	p := &m.prior.ranges.Year
	if m.is(p.Smooth) {
		size := m.log(p.Size) * m.unit
		m.tmp = resize(m.tmp, len(m.z))
		clear(m.tmp)
		m.harmonics(m.tmp, length, 4, m.in(p.Decay))
		for t, x := range m.tmp {
			m.z[t] += size * x
		}
	}
	if m.is(p.Days) {
		for range m.between(p.Number.Lo, p.Number.Hi) {
			first, by := m.below(int(length)), m.normal()*p.Effect*m.unit
			for t := first; t < len(m.z); t += int(length) {
				m.z[t] += by
			}
		}
	}
}
