package ets

import "math"

// startCycles is how many of the first cycles the initial effects come from.
const startCycles = 5

// startSeason returns initial seasonal effects from the first cycles: the
// average distance (ratio) of each phase from the moving average over a whole
// cycle, moved so that the effects add up to 0 (to m). The series must have two
// cycles.
func startSeason(y, w []float64, m int, ratio bool) []float64 {
	n := min(len(y), startCycles*m)
	sums, counts := make([]float64, m), make([]float64, m)
	half := m / 2
	// The window holds m steps; with an even m its two ends count half.
	for t := half; t+half < n; t++ {
		if w[t] == 0 {
			continue
		}
		sum, weight := 0.0, 0.0
		for k := t - half; k <= t+half; k++ {
			c := w[k]
			if m%2 == 0 && (k == t-half || k == t+half) {
				c /= 2
			}
			sum += c * y[k]
			weight += c
		}
		level := sum / weight
		d := y[t] - level
		if ratio {
			d = y[t] / max(level, muMin)
		}
		sums[t%m] += d
		counts[t%m]++
	}
	neutral, total := 0.0, 0.0
	if ratio {
		neutral = 1
	}
	for i := range sums {
		if counts[i] > 0 {
			sums[i] /= counts[i]
		} else {
			sums[i] = neutral
		}
		total += sums[i]
	}
	shift := neutral - total/float64(m)
	for i := range sums {
		sums[i] += shift
		if ratio {
			sums[i] = max(sums[i], 0.01)
		}
	}
	return sums
}

// startLine returns the level before the first step and the slope of the line
// through the first values after the seasonal effects are taken off; the level
// alone where no slope is wanted.
func startLine(y, w, season []float64, form Form) (level, slope float64) {
	m := len(season)
	most := min(len(y), max(10, 2*m))
	var n, st, sy, stt, sty float64
	for t := 0; t < len(y) && (t < most || n < 3); t++ {
		if w[t] == 0 {
			continue
		}
		v := y[t] - season[t%m]
		if form.Season == Multiplicative {
			v = y[t] / season[t%m]
		}
		x := float64(t + 1)
		n++
		st, sy, stt, sty = st+x, sy+v, stt+x*x, sty+x*v
	}
	mean := sy / n
	spread := stt - st*st/n
	if !form.trended() || n < 3 || spread <= 0 {
		return mean, 0
	}
	slope = (sty - st*sy/n) / spread
	return mean - slope*st/n, slope
}

// startStates returns the states to begin the search from.
func startStates(y, w, season []float64, form Form) initial {
	in := initial{s: season}
	in.l, in.b = startLine(y, w, season, form)
	if form.positive() {
		// A line through noisy first values may start at or below zero.
		in.l = max(in.l, 0.1*math.Abs(y[0])+0.01)
		if form.trended() && !form.power() {
			in.b = max(in.b, -in.l/float64(2*len(y)+1))
		}
	}
	if form.power() {
		in.b = min(max(1+in.b/in.l, 0.9), 1.1)
	}
	return in
}
