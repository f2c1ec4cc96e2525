package theta

import (
	"context"
	"math"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/spread"
)

// fitted is the end of a series with its estimates.
type fitted struct {
	estimates
	model       Theta
	end         origin
	shown       spread.Shown
	n           int // values of the series
	span        forecast.Span
	nonNegative bool
}

// Forecast runs the recursion on its own forecasts.
func (f *fitted) Forecast(ctx context.Context, horizon int, levels []float64) (forecast.Forecast, error) {
	if err := forecast.CheckRequest(horizon, levels); err != nil {
		return forecast.Forecast{}, err
	}
	if err := ctx.Err(); err != nil {
		return forecast.Forecast{}, err
	}
	out := forecast.New(levels, horizon)
	o := f.end
	for t := range out.Mean {
		out.Mean[t] = o.step(f.parameters)
	}
	sd := f.deviations(horizon)
	freedom := float64(f.known - 3)
	for i, z := range f.shown.Scores(levels, horizon, freedom) {
		for t, mu := range out.Mean {
			out.Quantiles[i][t] = f.season.restore(mu+z[t]*sd[t], f.n+t) * f.scale
		}
	}
	for t, mu := range out.Mean {
		out.Mean[t] = f.season.restore(mu, f.n+t) * f.scale
	}
	out.Bound(f.span, f.nonNegative)
	return out, nil
}

// trust is how many errors within the series count as much as the model's own
// variance. They overlap, so they are worth less than their number.
const trust = 4

// deviations returns the standard deviation of each step. The variance that the
// model has, σ²(1 + (h−1)α²) and the line's share growing with the square of the
// distance, is averaged with what was missed at the distance; beyond the
// distances that were seen their ratio is kept.
func (f *fitted) deviations(horizon int) []float64 {
	out := make([]float64, horizon)
	n := float64(f.known)
	slope := f.weight * f.weight * 12 / (n * n * n) // of the line's slope, relative to σ²
	ratio := 1.0
	for h := range out {
		k := float64(h)
		model := f.sigma2 * (1 + k*f.alpha*f.alpha + slope*k*k)
		if h < reach && f.shown.Count(h) > 0 && model > 0 {
			c := f.shown.Count(h) / float64(h+1) // errors h steps ahead overlap
			// The errors are of the data that the three parameters were fitted to.
			seen := f.shown.MeanSquare(h) * n / (n - 3)
			weight := c / (c + trust)
			ratio = 1 - weight + weight*seen/model
		}
		out[h] = math.Sqrt(model * ratio)
		if h > 0 {
			out[h] = max(out[h], out[h-1])
		}
	}
	return out
}

// Info tells the estimates.
func (f *fitted) Info() forecast.Info {
	name := f.model.Name()
	switch f.season.kind {
	case multiplicative:
		name += "+multiplicative season"
	case additive:
		name += "+additive season"
	case none:
	}
	return forecast.Info{Model: name, Params: map[string]float64{
		"alpha": f.alpha, "theta": 1 / (1 - f.weight), "level0": f.level * f.scale, "sigma": math.Sqrt(f.sigma2) * f.scale,
	}}
}
