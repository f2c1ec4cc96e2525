package simulate

// growth observes a positive level that grows by a law of its own, fast or
// slowly, towards a limit or not, but never without end; a season and noise
// multiply it.
func (m *maker) growth() {
	p := &prior.Growth
	m.curve()
	base, wander := m.log(p.Base), 0.0
	noise := m.log(p.PerCent)
	by := m.relative(noise)
	step := 0.0
	if m.is(p.Moving) {
		step = noise * m.log(p.Step)
	}
	for t, c := range m.e[:m.steps] {
		if step > 0 {
			wander += step * m.normal()
		}
		m.y[t] = (base + c) * exp(m.tmp[t]*by+wander)
	}
}

// relative fills tmp with the season and noise of the path, and returns what
// makes a step of it of that size, within the range that is allowed.
func (m *maker) relative(size float64) float64 {
	m.tmp = resize(m.tmp, m.steps)
	for t, z := range m.z {
		m.tmp[t] = z - m.level[t]
	}
	_, mean, _ := bounds(m.tmp)
	for t := range m.tmp {
		m.tmp[t] -= mean
	}
	lo, _, hi := bounds(m.tmp)
	by := size / (meanStep(m.tmp) + 1e-6)
	return by * min(1, prior.Observed.SeasonRange/(max(hi, -lo)*by+1e-6))
}

// curve fills e with a curve between 0 and 1: logistic, Gompertz, approach to
// a limit, power of time, or compound growth; some of them fall.
func (m *maker) curve() {
	p := &prior.Growth
	n := m.steps
	m.e = resize(m.e, n)
	width := m.log(p.Width) * float64(n)
	middle := m.in(uniform{-.2, 1.1}) * float64(n)
	power, before := m.log(p.Power), m.log(p.Before)
	rate := m.log(p.Compound) / float64(n)
	kind := m.below(5)
	for t := range m.e {
		x := float64(t)
		switch kind {
		case 0:
			m.e[t] = 1 / (1 + exp(4*(middle-x)/width))
		case 1:
			m.e[t] = exp(-exp(3 * (middle - x) / width))
		case 2:
			m.e[t] = 1 - exp(-2*max(0, x-min(middle, float64(n)/2))/width)
		case 3:
			m.e[t] = exp(power * ln((x/float64(n)+before)/(1+before)))
		default:
			m.e[t] = exp(rate * (x - float64(n)))
		}
	}
	if m.is(p.Falling) {
		for t := range m.e {
			m.e[t] = 1 - m.e[t]
		}
	}
}
