package simulate

import "math"

// latent makes the path in units of its noise: level, slope, season and ARMA
// noise.
func (m *maker) latent() {
	n := len(m.z)
	p := &m.prior.ranges.Level
	noisy, around := m.is(p.Noisy), 1.0
	if !noisy {
		around = p.Faint
	}
	step := 0.0
	if !m.is(p.Fixed) {
		if step = 1; noisy {
			step = m.log(p.Step)
		}
	}
	m.unit = math.Sqrt(around*around + step*step)
	m.noise(n)
	m.arma(m.e)
	m.levels(step)
	for t, l := range m.level {
		m.z[t] = l + around*m.e[t]
	}
	if m.prior.Season > 1 {
		m.season()
	}
}

// levels fills in the level, whose steps have the given standard deviation.
func (m *maker) levels(step float64) {
	p, n := &m.prior.ranges.Level, len(m.level)
	rho, kappa := 0.0, 1.0
	if m.is(p.Momentum) {
		rho = m.in(p.Rho)
	}
	if m.is(p.Reverting) {
		kappa = m.in(p.Kappa)
	}
	b, moves, phi := m.slope()
	change, changed := -1, 0.0
	if m.is(m.prior.ranges.Slope.Change) {
		change, changed = m.when(n), m.normal()*math.Abs(b)*1.5
	}
	if step > 0 {
		m.levelNoise(n)
	} else {
		m.g = resize(m.g, n)
		clear(m.g)
	}
	l, w := 0.0, 0.0
	for t := range m.level {
		if t == change {
			b = changed
		}
		w = rho*w + step*m.g[t]
		l = kappa*l + b + w
		m.level[t] = l
		b *= phi
		if moves > 0 {
			b += moves * m.normal()
		}
	}
}

// slope returns the first slope, the standard deviation of its steps, and what
// is left of it after a step.
func (m *maker) slope() (b, moves, phi float64) {
	p, unit := &m.prior.ranges.Slope, m.unit/math.Sqrt(float64(m.prior.Season))
	if m.is(p.Some) {
		b = m.log(p.Size) * m.sign(p.Up) * unit
	}
	if m.is(p.Moving) {
		moves = m.log(p.Step) * unit
	}
	phi = 1
	if m.is(p.Damped) {
		phi = 1 - m.log(p.Damping)
	}
	if moves > 0 {
		phi = min(phi, .995)
	}
	if phi < .9 { // so that all of it together is not lost in the noise
		b *= .3 / max(1-phi, .05)
	}
	return b, moves, phi
}

// when returns a step of the longest path there is, counted from the start of
// this one, which is its end: -1 or less when it lies before.
func (m *maker) when(n int) int {
	return n - 1 - m.below(int(float64(n)/min(m.full, 1)))
}
