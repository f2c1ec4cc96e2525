package simulate

import "math"

// noise fills e with n numbers of unit scale.
func (m *maker) noise(n int) {
	p := &m.prior.ranges.Noise
	m.e = resize(m.e, n)
	switch kind := share(m.uniform()); {
	case kind < p.Student:
		freedom := float64(m.between(p.Freedom.Lo, p.Freedom.Hi))
		for t := range m.e {
			spread := math.Sqrt(2 * m.gamma(freedom/2) / freedom)
			m.e[t] = m.normal() / max(spread, .12)
		}
	case kind < p.Student+p.Laplace:
		for t := range m.e {
			x := m.exponential() * math.Sqrt2 / 2
			m.e[t] = x * m.sign(.5)
		}
	case kind < p.Student+p.Laplace+p.Contaminated:
		m.contaminated(m.e, p.Hits, p.Factor)
	default:
		for t := range m.e {
			m.e[t] = m.normal()
		}
	}
	if m.is(p.Volatile) {
		m.volatile(m.e)
	}
}

// contaminated fills e with normal numbers, some of them larger.
func (m *maker) contaminated(e []float64, hits, factor uniform) {
	hit, by := share(m.in(hits)), m.in(factor)
	for t := range e {
		e[t] = m.normal()
		if m.is(hit) {
			e[t] *= by
		}
	}
}

// volatile lets the size of e move: its logarithm is an autoregression.
func (m *maker) volatile(e []float64) {
	rho := m.in(m.prior.ranges.Noise.Memory)
	step := m.in(m.prior.ranges.Noise.Volatility) * math.Sqrt(1-rho*rho)
	s := 0.0
	for t := range e {
		s = rho*s + step*m.normal()
		e[t] *= exp(s)
	}
}

// levelNoise fills g with n numbers for the steps of the level.
func (m *maker) levelNoise(n int) {
	p := &m.prior.ranges.Noise
	m.g = resize(m.g, n)
	if m.is(p.LevelContaminated) {
		m.contaminated(m.g, p.LevelHits, p.LevelFactor)
		return
	}
	for t := range m.g {
		m.g[t] = m.normal()
	}
}

// arma filters e by the poles and the moving average that are drawn.
func (m *maker) arma(e []float64) {
	p := &m.prior.ranges.Noise
	var a1, a2, theta float64
	if m.is(p.Auto) {
		a1, a2 = m.poles()
	}
	if m.is(p.Moving) {
		theta = m.in(p.Theta)
	}
	if a1 == 0 && theta == 0 {
		return
	}
	var u1, u2, e1 float64
	for t, x := range e {
		u := a1*u1 + a2*u2 + x + theta*e1
		u2, u1, e1 = u1, u, x
		e[t] = u
	}
}

// poles returns the coefficients of an autoregression of order 2 with both
// poles within the unit circle.
func (m *maker) poles() (a1, a2 float64) {
	p := &m.prior.ranges.Noise
	if m.is(p.Complex) {
		r, v := m.in(p.Radius), m.uniform()
		return 2 * r * math.Cos(math.Pi*v*math.Sqrt(v)), -r * r
	}
	first, second := m.in(p.First), 0.0
	if m.is(p.HasSecond) {
		second = m.in(p.Second)
	}
	return first + second, -first * second
}
