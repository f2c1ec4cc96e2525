package simulate

import "math"

// loadPath makes the path of something used through days and weeks: days of
// different shapes, whose size moves slowly, on a level that follows a slow
// driver as consumption follows temperature, with noise that lasts for hours.
func (m *maker) loadPath() {
	p := &m.prior.ranges.Load
	day := m.prior.Season
	if day == 168 {
		day = 24
	}
	m.days(day)
	amp := drift{m.in(p.AmpDays) * float64(day), m.log(p.Amp)}
	slow := drift{m.log(p.SlowDays) * float64(day), m.log(p.Slow)}
	fast := drift{m.log(p.FastDays) * float64(day), m.log(p.Fast)}
	a, s, f := amp.start(&m.stream), slow.start(&m.stream), fast.start(&m.stream)
	bend, noise, trend := m.is(p.Bend), m.log(p.Noise), 0.0
	if m.is(p.Trend) {
		trend = m.normal() / float64(len(m.z))
	}
	m.unit = noise + fast.size/math.Sqrt(fast.memory)
	size, at := 1.0, 0
	for t := range m.z {
		if t%4 == 0 { // it moves so slowly that every fourth step is enough
			a = amp.next(&m.stream, a, 4)
			size = exp(a)
		}
		s, f = slow.next(&m.stream, s, 1), fast.next(&m.stream, f, 1)
		l := s
		if bend {
			l = math.Abs(s)
		}
		l += trend * float64(t)
		m.level[t] = l
		m.z[t] = l + m.shape[at]*size + f + noise*m.normal()
		if at++; at == len(m.shape) {
			at = 0
		}
	}
}

// load observes the exponential of the path or the path itself, or what of it
// is above its mean, as of the sun by day.
func (m *maker) load() {
	p := &m.prior.ranges.Load
	if m.is(p.Multiply) {
		_, mean, _ := bounds(m.z)
		by := m.log(p.PerCent)
		for t, z := range m.z {
			m.y[t] = exp(min(max((z-mean)*by, -5), 5))
		}
		return
	}
	m.additive()
	if m.is(p.Off) {
		_, mean, _ := bounds(m.y)
		for t := range m.y {
			m.y[t] = max(0, m.y[t]-mean)
		}
	}
}

// days fills shape with seven days: five alike, and two that differ from them
// more or less.
func (m *maker) days(day int) {
	p := &m.prior.ranges.Load
	smooth := m.is(p.Smooth)
	m.oneDay(day, smooth)
	m.shape = resize(m.shape, 7*day)
	for d := range 7 {
		copy(m.shape[d*day:(d+1)*day], m.day)
	}
	if !m.is(p.Weekend) {
		return
	}
	like, lower := m.uniform(), m.normal()*p.Lower
	first := m.below(7)
	m.oneDay(day, smooth)
	for i := range 2 {
		d := (first + i) % 7
		for h := range day {
			at := &m.shape[d*day+h]
			*at = like**at + (1-like)*m.day[h] + lower
		}
	}
}

// oneDay fills day with the pattern of a day.
func (m *maker) oneDay(steps int, smooth bool) {
	if !smooth {
		m.day = m.pattern(m.day, steps)
		return
	}
	p := &m.prior.ranges.Load
	m.day = resize(m.day, steps)
	clear(m.day)
	m.harmonics(m.day, float64(steps), m.between(p.Harmonics.Lo, p.Harmonics.Hi), m.in(m.prior.ranges.Season.Decay))
	standardise(m.day)
}

// drift is a first-order autoregression of that memory in steps and standard
// deviation.
type drift struct{ memory, size float64 }

// start draws a first value.
func (d drift) start(s *stream) float64 { return d.size * s.normal() }

// next moves x by so many steps.
func (d drift) next(s *stream, x, steps float64) float64 {
	rho := 1 - min(steps/d.memory, 1)
	return rho*x + d.size*math.Sqrt(1-rho*rho)*s.normal()
}
