package simulate

import "math"

// shifts lets the level of the path jump.
func (m *maker) shifts() {
	p := &m.prior.ranges.Shock
	if !m.is(p.Shifts) {
		return
	}
	for range m.between(p.Number.Lo, p.Number.Hi) {
		at, by := m.when(len(m.z)), m.normal()*p.Size*m.unit
		for t := max(at, 3); t < len(m.z) && at >= 0; t++ {
			m.z[t] += by
		}
	}
}

// finish adds outliers, rounds and floors what is observed.
func (m *maker) finish(family string) {
	if family == "sporadic" || family == "compound" {
		return
	}
	whole := family == "counts"
	if m.is(m.prior.ranges.Shock.Outliers) {
		m.outliers(whole)
	}
	p := &m.prior.ranges.Observed
	if whole {
		return
	}
	if m.is(p.Rounded) {
		unit := math.Abs(m.y[m.end-1])/m.log(p.Digits) + 1e-9
		for t := range m.y {
			m.y[t] = math.Round(m.y[t]/unit) * unit
		}
	}
	if m.is(p.Floored) {
		negative := 0
		for _, v := range m.y {
			if v < 0 {
				negative++
			}
		}
		if float64(negative) < float64(p.Negative)*float64(len(m.y)) {
			for t := range m.y {
				m.y[t] = max(m.y[t], 0)
			}
		}
	}
}

// outliers adds outliers of one height, which leave a series that has no
// negative value without one, and whole numbers whole.
func (m *maker) outliers(whole bool) {
	p := &m.prior.ranges.Shock
	rate, height := share(m.in(p.Rate)), meanStep(m.y)*m.in(p.Height)*m.sign(p.High)
	if whole {
		height = math.Round(height)
	}
	lowest := math.Inf(1)
	for _, v := range m.y {
		lowest = min(lowest, v)
	}
	for t := range m.y {
		if m.is(rate) {
			m.y[t] += height
			if lowest >= 0 {
				m.y[t] = max(m.y[t], 0)
			}
		}
	}
}

// meanStep returns the mean absolute step of x.
func meanStep(x []float64) float64 {
	sum := 0.0
	for t := 1; t < len(x); t++ {
		sum += math.Abs(x[t] - x[t-1])
	}
	return sum / float64(len(x)-1)
}

// bounds returns the smallest, the mean and the largest of x.
func bounds(x []float64) (lo, mean, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range x {
		lo, hi, mean = min(lo, v), max(hi, v), mean+v
	}
	return lo, mean / float64(len(x)), hi
}
