package simulate

import "math"

// season adds a season to the path, which may move.
func (m *maker) season() {
	p, length := &m.prior.ranges.Season, m.prior.Season
	if !m.is(p.Some) {
		return
	}
	size := m.log(p.Size) * m.unit
	m.shape = m.pattern(m.shape, length)
	for i := range m.shape {
		m.shape[i] *= size
	}
	step := 0.0
	if m.is(p.Moving) {
		step = m.log(p.Step) * size
		if length > 12 {
			step /= 2
		}
	}
	if step == 0 {
		repeat(m.z, m.shape, 1)
		return
	}
	i := 0
	for t := range m.z {
		m.z[t] += m.shape[i]
		m.shape[i] += step * m.normal()
		if i++; i == length {
			i = 0
		}
	}
}

// repeat adds size times the shape to z, over and over.
func repeat(z, shape []float64, size float64) {
	for len(z) > 0 {
		n := min(len(z), len(shape))
		for i, s := range shape[:n] {
			z[i] += size * s
		}
		z = z[n:]
	}
}

// pattern returns a season of n steps with mean 0 and standard deviation 1, in
// the memory of shape.
func (m *maker) pattern(shape []float64, n int) []float64 {
	p := &m.prior.ranges.Season
	shape = resize(shape, n)
	switch kind := share(m.uniform()); {
	case kind < p.Harmonics:
		clear(shape)
		m.harmonics(shape, float64(n), min(6, n/2), m.in(p.Decay))
	case kind < p.Harmonics+p.Free:
		m.free(shape)
	case kind < p.Harmonics+p.Free+p.Peaks:
		m.free(shape)
		up, often := m.sign(p.Up), share(max(1.5/float64(n), .05))
		for i := range shape {
			shape[i] *= .15
			if m.is(often) {
				shape[i] += up * m.in(uniform{.5, 2})
			}
		}
	default:
		m.free(shape)
		on, from := max(1, int(m.in(p.Width)*float64(n))), m.below(n)
		for i := range shape {
			shape[i] *= .1
			if (i-from+n)%n < on {
				shape[i]++
			}
		}
	}
	standardise(shape)
	return shape
}

// harmonics adds so many harmonics of a period to x, each smaller than the one
// before by decay, all with amplitudes and phases of their own. The cosines
// are made by rotation.
func (m *maker) harmonics(x []float64, period float64, many int, decay float64) {
	size := 1.0
	for k := 1; k <= many; k++ {
		a := m.normal() * size
		size *= decay
		ds, dc := math.Sincos(2 * math.Pi * float64(k) / period)
		s, c := math.Sincos(2 * math.Pi * m.uniform())
		s, c = a*s, a*c
		for t := range x {
			x[t] += c
			s, c = s*dc+c*ds, c*dc-s*ds
		}
	}
}

// free fills a season with independent numbers, of which neighbours share some
// when it is long.
func (m *maker) free(shape []float64) {
	n, width := len(shape), 1
	if n > 12 {
		width = n / 12
	}
	m.tmp = resize(m.tmp, n)
	for i := range m.tmp {
		m.tmp[i] = m.normal() / math.Sqrt(float64(width))
	}
	for i := range shape {
		shape[i] = 0
		for j := range width {
			shape[i] += m.tmp[(i+j)%n]
		}
	}
}

// standardise moves x to mean 0 and standard deviation 1.
func standardise(x []float64) {
	mean, n := 0.0, float64(len(x))
	for _, v := range x {
		mean += v / n
	}
	square := 0.0
	for _, v := range x {
		square += (v - mean) * (v - mean) / n
	}
	by := 1 / (math.Sqrt(square) + 1e-6)
	for i := range x {
		x[i] = (x[i] - mean) * by
	}
}
