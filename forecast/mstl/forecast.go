package mstl

import (
	"context"
	"math"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
)

// fitted is a decomposed series with a model of the rest.
type fitted struct {
	plan
	cycles   [][]float64 // [season][phase], the last cycle, the next step first
	missed   float64     // variance that repeating the cycles adds to that of the rest
	adjusted []float64   // the values from a step on less the seasons, transformed
	from     int         // that step
	head     state.Head  // of the series at the fit
	inner    forecast.Fitted
	// span and nonNegative are those of the series.
	span        forecast.Span
	nonNegative bool
	reason      string // why nothing was taken apart, or empty
}

// newFitted decomposes a series by a plan. What is left is looked at from a step on.
func newFitted(p plan, s forecast.Series, from int) *fitted {
	f := &fitted{plan: p, from: from, span: s.Span(), nonNegative: s.NonNegative}
	if len(p.seasons) == 0 {
		f.reason = "no strong season of which the series holds three cycles"
		return f
	}
	d := p.decompose(s.Values)
	if !d.ok {
		f.seasons, f.reason = nil, "the series cannot be decomposed"
		return f
	}
	n := len(s.Values)
	f.adjusted = p.view(s.Values)
	for i, m := range p.seasons {
		season := d.seasons[i]
		f.cycles = append(f.cycles, season[n-m:])
		for t := range season {
			f.adjusted[t] -= season[t]
		}
	}
	f.adjusted = f.adjusted[from:]
	f.missed = p.missed(s.Values, d)
	return f
}

// missed measures what repeating the last cycles misses on the last cycle of the
// longest season, or as much of it as leaves two cycles before: the mean square
// of the values less the trend and the repeated cycles, less that of the
// remainder. The remainder alone is too small, as smoothing has taken some of
// every value's noise into its season.
func (p *plan) missed(values []float64, d parts) float64 {
	n, longest := len(values), p.seasons[len(p.seasons)-1]
	inside := 0.0
	count := 0.0
	for _, r := range d.rest {
		if !math.IsNaN(r) {
			inside, count = inside+r*r, count+1
		}
	}
	inside /= max(count, 1)
	hold := min(longest, n-2*longest)
	cut := n - hold
	if hold < p.seasons[0] {
		return inside
	}
	before := p.decompose(values[:cut])
	if !before.ok {
		return inside
	}
	x := p.view(values)
	sum := 0.0
	count = 0
	for t := cut; t < n; t++ {
		e := x[t] - d.trend[t]
		for i, m := range p.seasons {
			e -= before.seasons[i][cut-m+(t-cut)%m]
		}
		if !math.IsNaN(e) {
			sum, count = sum+e*e, count+1
		}
	}
	if count == 0 {
		return inside
	}
	return max(0, sum/count-inside)
}

// rest is what the inner model is given: the adjusted series, or the series
// itself where it was not taken apart.
func (f *fitted) rest(s forecast.Series) forecast.Series {
	if len(f.seasons) > 0 {
		return forecast.Series{Values: f.adjusted}
	}
	s.Seasons = nil
	return s
}

// Info tells the seasons and the model of the rest.
func (f *fitted) Info() forecast.Info {
	info := f.inner.Info()
	if len(f.seasons) == 0 {
		info.Fallback = info.Model + ": " + f.reason
		return info
	}
	info.Model, info.Reason = f.name(info.Model), ""
	return info
}

// grid are the levels that a mean of exponentials is taken over.
var grid = func() []float64 {
	out := make([]float64, 39)
	for i := range out {
		out[i] = float64(i+1) / 40
	}
	return out
}()

// Forecast puts the seasons back on the forecast of the rest.
func (f *fitted) Forecast(ctx context.Context, horizon int, levels []float64) (forecast.Forecast, error) {
	if len(f.seasons) == 0 {
		return f.inner.Forecast(ctx, horizon, levels)
	}
	if err := forecast.CheckRequest(horizon, levels); err != nil {
		return forecast.Forecast{}, err
	}
	rest, err := f.inner.Forecast(ctx, horizon, levels)
	if err != nil {
		return forecast.Forecast{}, err
	}
	spread, err := f.inner.Forecast(ctx, horizon, grid)
	if err != nil {
		return forecast.Forecast{}, err
	}
	out := forecast.New(levels, horizon)
	for t := range horizon {
		season := 0.0
		for i, m := range f.seasons {
			season += f.cycles[i][t%m]
		}
		middle := spread.Quantiles[len(grid)/2][t]
		sigma := (spread.Quantiles[35][t] - spread.Quantiles[3][t]) / (2 * 1.2815515655446004) // of 0.9 and 0.1
		wider := 1.0
		if sigma > 0 {
			wider = math.Sqrt(1 + f.missed/(sigma*sigma))
		}
		back := func(v float64) float64 { return f.invert(season + middle + wider*(v-middle)) }
		for i := range levels {
			out.Quantiles[i][t] = back(rest.Quantiles[i][t])
		}
		if !f.log {
			out.Mean[t] = f.invert(season + rest.Mean[t])
			continue
		}
		for i := range grid {
			out.Mean[t] += back(spread.Quantiles[i][t]) / float64(len(grid))
		}
	}
	out.Bound(f.span, f.nonNegative)
	return out, ctx.Err()
}

// invert brings a value back to the scale of the series.
func (f *fitted) invert(v float64) float64 {
	if f.log {
		v = math.Exp(v)
	}
	return f.scale * v
}
