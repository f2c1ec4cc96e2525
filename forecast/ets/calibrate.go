package ets

import "math"

const (
	// origins is how many earlier times calibrate forecasts from.
	origins = 300
	// leastOrigins is how many errors of one distance tell anything of it.
	leastOrigins = 20
	// halfOrigins is how many errors count as much as the formula.
	halfOrigins = 40
)

// calibrate mixes the deviations that follow from the form with those that its
// forecasts from earlier times of the series have shown: the root mean square
// error at each distance, relative to the forecast where the form multiplies.
// The share of the latter is n/(n + 40) for n errors. Formulas believe in their
// form; a series of hours whose level seems to wander comes back to its usual
// days, and the formula's interval grows beyond anything that happened.
func (f *fitted) calibrate(mean, dev []float64) {
	best := &f.members[0]
	n, h := len(f.data.y), len(dev)
	fl := newFilter(f.data.y, f.data.w, best.m)
	fl.form, fl.alpha, fl.beta, fl.gamma, fl.phi = best.form, best.alpha, best.beta, best.gamma, best.phi
	fl.l[0], fl.b[0] = best.begin.l, best.begin.b
	copy(fl.s, best.begin.s)
	fl.forward()
	first := max(n/4, 2*best.m) // before, the states still know their start only
	step := max(1, (n-first)/origins)
	sums, counts := make([]float64, h), make([]float64, h)
	path, trend := make([]float64, h), make([]float64, h)
	relative := best.form.positive()
	for t := n - 1; t >= first; t -= step {
		ahead := min(h, n-t)
		best.means(states{fl.l[t], fl.b[t], fl.s[t : t+best.m]}, path[:ahead], trend[:ahead])
		for j := range ahead {
			if f.data.w[t+j] == 0 {
				continue
			}
			e := f.data.y[t+j] - path[j]
			if relative {
				e /= max(math.Abs(path[j]), muMin)
			}
			sums[j] += e * e
			counts[j]++
		}
	}
	ratio := 1.0
	for j := range dev {
		if counts[j] >= leastOrigins && dev[j] > 0 {
			shown := sums[j] / counts[j]
			if relative {
				shown *= mean[j] * mean[j]
			}
			w := counts[j] / (counts[j] + halfOrigins)
			ratio = math.Sqrt((1 - w) + w*shown/(dev[j]*dev[j]))
		}
		dev[j] *= ratio
	}
}
