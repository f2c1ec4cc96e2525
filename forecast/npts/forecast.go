package npts

import (
	"context"
	"math"
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
)

// fitted is what can be drawn from.
type fitted struct {
	model       NPTS
	season      int
	past        []value // ascending by value
	span        forecast.Span
	nonNegative bool
}

// value is a past value and how many steps before the end of the series it lies.
type value struct {
	v   float64
	age int
}

// order returns the values that are not missing, ascending.
func order(values []float64) []value {
	var out []value
	for t, v := range values {
		if !math.IsNaN(v) {
			out = append(out, value{v, len(values) - 1 - t})
		}
	}
	slices.SortStableFunc(out, func(a, b value) int {
		switch {
		case a.v < b.v:
			return -1
		case a.v > b.v:
			return 1
		}
		return 0
	})
	return out
}

// draws returns the values with a weight at a step ahead, ascending, and their
// weights, which sum to one. Where the season's phase has no value, or all its
// weights vanish, the values of all phases count.
func (f *fitted) draws(step int, v, w []float64) (values, weights []float64) {
	for _, f := range []*fitted{f, {model: f.model, season: 1, past: f.past}} {
		v, w = v[:0], w[:0]
		sum := 0.0
		nearest := math.MaxInt
		for _, x := range f.past {
			if (x.age+step)%f.season == 0 {
				nearest = min(nearest, x.age)
			}
		}
		for _, x := range f.past {
			// Ages count from the nearest value, so that weights do not vanish
			// however far back the values lie.
			if (x.age+step)%f.season != 0 {
				continue
			}
			k := f.weight(x.age - nearest)
			v, w = append(v, x.v), append(w, k)
			sum += k
		}
		if len(v) > 0 {
			for i := range w {
				w[i] /= sum
			}
			break
		}
	}
	return v, w
}

// Forecast computes each phase's distribution once.
func (f *fitted) Forecast(ctx context.Context, horizon int, levels []float64) (forecast.Forecast, error) {
	if err := forecast.CheckRequest(horizon, levels); err != nil {
		return forecast.Forecast{}, err
	}
	out := forecast.New(levels, horizon)
	v, w := make([]float64, 0, len(f.past)), make([]float64, 0, len(f.past))
	for t := range horizon {
		if err := ctx.Err(); err != nil {
			return forecast.Forecast{}, err
		}
		if t >= f.season { // the same phase, one season on: the same relative weights
			out.Mean[t] = out.Mean[t-f.season]
			for i := range levels {
				out.Quantiles[i][t] = out.Quantiles[i][t-f.season]
			}
			continue
		}
		v, w = f.draws(t+1, v, w)
		for i, x := range v {
			out.Mean[t] += w[i] * x
		}
		for i, p := range levels {
			out.Quantiles[i][t] = quantile(v, w, p)
		}
	}
	out.Bound(f.span, f.nonNegative)
	return out, nil
}

// quantile interpolates between the middles of neighbouring values' shares.
func quantile(v, w []float64, p float64) float64 {
	below := 0.0
	previous, at := v[0], 0.0
	for i, x := range v {
		middle := below + w[i]/2
		if p <= middle {
			if i == 0 || middle == at {
				return x
			}
			return previous + (x-previous)*(p-at)/(middle-at)
		}
		below += w[i]
		previous, at = x, middle
	}
	return v[len(v)-1]
}
