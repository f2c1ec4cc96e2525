package ets

import (
	"math"

	"github.com/almanac-forecast/almanac/forecast/internal/spread"
)

// origins is how many earlier times calibrate forecasts from.
const origins = 300

// calibrate mixes the deviations that follow from the form with those that its
// forecasts from earlier times of the series have shown: the root mean square
// error at each distance, relative to the forecast where the form multiplies.
// A series of hours whose level seems to wander comes back to its usual days, and
// the formula's interval grows beyond anything that happened. It returns
// these errors.
func (f *fitted) calibrate(mean, dev []float64) spread.Shown {
	best := &f.members[0]
	n, h := len(f.data.y), len(dev)
	fl := newFilter(f.data.y, f.data.w, best.m)
	fl.form, fl.alpha, fl.beta, fl.gamma, fl.phi = best.form, best.alpha, best.beta, best.gamma, best.phi
	fl.l[0], fl.b[0] = best.begin.l, best.begin.b
	copy(fl.s, best.begin.s)
	fl.forward()
	first := max(n/4, 2*best.m) // before, the states still know their start only
	step := max(1, (n-first)/origins)
	shown := spread.NewShown(h)
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
			shown.Add(j, e)
		}
	}
	var factor []float64
	if relative {
		factor = mean
	}
	shown.Mix(dev, factor)
	return shown
}
