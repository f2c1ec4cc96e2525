package arima

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"github.com/almanac-forecast/almanac/forecast/internal/spread"
)

// origins is how many earlier times the best order forecasts again from.
const origins = 200

const (
	// leastSpan is the fewest values whose mean is a level.
	leastSpan = 4
	// leastFollowed is how many one-step errors there must be for their size to be
	// followed, which halves what it remembers in followed seasons, shortestHalf steps
	// at the least.
	leastFollowed = 200
	followed      = 2
	shortestHalf  = 8
)

// past is what an order made of the series: values without the regressors'
// part, and one-step errors. Both are nil where values are missing.
type past struct{ values, errors []float64 }

// pastOf reads both off a problem that was just evaluated. The errors are the
// standardised ones, whose variance differs from σ² at the start alone.
func pastOf(p *problem, beta []float64) past {
	if p.gaps {
		return past{}
	}
	out := past{values: append([]float64(nil), p.levels[0]...), errors: make([]float64, len(p.levels[0]))}
	lost := len(p.levels[0]) - len(p.work[0])
	copy(out.errors[lost:], p.work[0])
	for c, b := range beta {
		for t, v := range p.levels[c+1] {
			out.values[t] -= b * v
		}
		for t, v := range p.work[c+1] {
			out.errors[lost+t] -= b * v
		}
	}
	return out
}

// shown returns the errors that the order makes at each distance from earlier
// times of the series, from a quarter of it on: before, the process has hardly
// begun. Those of a positive series are of the size that the last level would have
// had them, the level being the mean of as many values as the differences span; those
// of a long series as large as errors are of late.
func (f *fitted) shown(horizon int) spread.Shown {
	out := spread.NewShown(horizon)
	y := f.past.values
	n := len(y)
	full := joined(product(nil, f.coef.phi, nil, 1), f.delta)
	first := max(n/4, len(full)+len(f.coef.theta))
	step := max(1, (n-first)/origins)
	path := make([]float64, len(full)+horizon) // newest last
	grown := f.grown()
	sizes := f.sizes(first, grown)
	// Coefficients of columns that take a share u of the errors make them smaller by
	// 1−u than they are, and those to come larger by 1+u.
	wider := math.Sqrt((1 + f.used) / (1 - f.used))
	for t := n - 1; t >= first; t -= step {
		ahead := min(horizon, n-t)
		f.predict(path, full, t, ahead)
		size := wider * grown(t) * sizes[n-1] / sizes[max(0, t-1)]
		for h := range ahead {
			out.Add(h, (y[t+h]-path[len(full)+h])*size)
		}
	}
	return out
}

// grown returns by what an error made at a time is multiplied to be of the size
// that the last level would have had it.
func (f *fitted) grown() func(t int) float64 {
	y := f.past.values
	if !spread.Positive(y) {
		return func(int) float64 { return 1 }
	}
	n, span := len(y), max(leastSpan, len(f.delta))
	last := stat.Mean(y[n-min(n, span):], nil)
	return func(t int) float64 { return spread.Grown(stat.Mean(y[max(0, t-span):t], nil), last) }
}

// sizes returns how large the one-step errors from a time on are known to be at
// each time, ones for a series of few.
func (f *fitted) sizes(first int, grown func(t int) float64) []float64 {
	n := len(f.past.errors)
	track := spread.NewTrack(n)
	errors, usual := make([]float64, n), 0.0
	for t := first; t < n; t++ {
		errors[t] = f.past.errors[t] * grown(t)
		usual += math.Abs(errors[t]) / float64(n-first)
	}
	if n-first >= leastFollowed && usual > 0 {
		for t := first; t < n; t++ {
			track.Add(t, errors[t]/usual)
		}
	}
	return track.Sizes(spread.Memory{Half: max(shortestHalf, followed*float64(f.season())), Density: 1, Usual: spread.UsualShare})
}

// season is the number of steps of the shortest season in the model, 1 without one.
func (f *fitted) season() int {
	if h := f.design.harmonics; len(h) > 0 {
		return h[0].Period
	}
	return max(1, f.order.Period)
}

// predict writes to path the values before time t and after them the forecasts
// of t and later, by the difference equation.
func (f *fitted) predict(path, full []float64, t, ahead int) {
	k := len(full)
	copy(path[:k], f.past.values[t-k:t])
	for h := range ahead {
		v := 0.0
		for i, c := range full {
			v += c * path[k+h-1-i]
		}
		for j := h; j < len(f.coef.theta); j++ {
			v += f.coef.theta[j] * f.past.errors[t+h-1-j]
		}
		path[k+h] = v
	}
}

// calibrate replaces the deviations of the mixture by a mixture with what the
// best order has shown, and returns these errors.
func (m *mixture) calibrate(dev []float64) spread.Shown {
	best := m.parts[0]
	if best.past.values == nil {
		return spread.Shown{}
	}
	shown := best.shown(len(dev))
	for t := range dev {
		dev[t] /= best.scale
	}
	shown.Mix(dev, nil)
	for t := range dev {
		dev[t] *= best.scale
	}
	return shown
}
