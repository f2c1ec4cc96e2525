package simulate

// salesPath makes the path of one product in a shop, in the logarithm: large
// noise around a level that moves little, weeks of deals that sell many times
// as much, a price that changes now and then.
func (m *maker) salesPath() {
	p := &m.prior.ranges.Sales
	m.noise(len(m.z))
	m.unit = 1
	step, mean := m.log(p.Step), 0.0
	rho := m.in(p.Rho)
	price := share(1 / m.log(p.Stays))
	l, u := 0.0, 0.0
	for t, e := range m.e {
		if m.is(price) {
			mean = m.normal() * p.Price
		}
		l += step * m.normal()
		u = rho*u + e
		m.level[t] = l + mean
		m.z[t] = l + mean + u
	}
	if m.prior.Season > 1 {
		m.season()
	}
}

// sales observes the exponential of the path, with deals, as amounts or as
// counts.
func (m *maker) sales() {
	p := &m.prior.ranges.Sales
	by := m.log(p.PerCent)
	lift, chance := m.log(p.Lift), share(m.log(p.Chance))
	if m.is(p.None) {
		chance = 0
	}
	lasts, depth := share(1/m.in(p.Lasts)), m.in(p.Tired)
	_, mean, _ := bounds(m.z)
	rate, whole := m.log(p.Rate), m.is(p.Counts)
	on, stock := false, 0.0
	for t, z := range m.z {
		if on = on && !m.is(lasts) || !on && m.is(chance); on {
			stock = 1
		}
		y := rate * exp(min(max((z-mean)*by, -6), 6))
		if on {
			y *= 1 + (lift-1)*m.in(uniform{.5, 1.5})
		} else {
			y *= 1 - depth*stock
			stock /= 2
		}
		if whole {
			y = m.poisson(min(y, 1e6))
		}
		m.y[t] = y
	}
}
