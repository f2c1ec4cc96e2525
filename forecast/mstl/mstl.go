// Package mstl takes a series apart into several seasons and the rest, forecasts
// the rest by exponential smoothing and repeats the last cycle of each season.
//
//	x_t = S¹_t + S²_t + … + A_t         x = y or log y
//	x̂_{t+k} = Σ S^i_{t+k−m_i·⌈k/m_i⌉} + Â_{t+k}
//
// S^i has the period m_i, from the shortest season to the longest; A is the
// seasonally adjusted series, trend and remainder. The parts come from STL (see
// package stl) applied to the series less the other seasons, each season in
// turn, twice over; the i-th is smoothed over 7 + 4i of its cycles.
//
// A season is used if the series holds three cycles of it and if it is strong: at
// least 0.3 of what is left without trend and without the other seasons
// (max(0, 1 − Var(R)/Var(S+R))). If none is, exponential smoothing forecasts the
// series as it is. The logarithm is taken where the values are above zero and the
// parts explain more of it than of the values, both seen relative to the trend.
//
// Quantiles are those of the exponential smoothing of A, widened for the seasons by
// the variance that repeating cycles has missed at the end of the series (see
// missed).
//
// Missing values are interpolated for the decomposition and stay missing in A.
//
// References: R. B. Cleveland, W. S. Cleveland, J. E. McRae and I. Terpenning,
// STL: a seasonal-trend decomposition procedure based on loess, Journal of Official
// Statistics 6, 1990. K. Bandara, R. J. Hyndman and C. Bergmeir, MSTL: a
// seasonal-trend decomposition algorithm for time series with multiple seasonal
// patterns, 2021 (arXiv 2107.13462).
//
// Departs from them: weak seasons are left out, as an estimated season of pure
// noise costs more than it explains; the transform is identity or logarithm and
// not a Box-Cox transform; no robustness weights.
package mstl

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/ets"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
	"github.com/almanac-forecast/almanac/forecast/stl"
)

// Model is the decomposition with exponential smoothing. The zero value is ready.
type Model struct{}

// Name returns "mstl".
func (Model) Name() string { return "mstl" }

const (
	// weak is the strength below which a season is left out.
	weak = 0.3
	// history is how many of the latest adjusted values are smoothed
	// exponentially: older ones say nothing of the level of now.
	history = 3000
	// rounds is how often each season is estimated.
	rounds = 2
	// nearZero is the smallest value, relative to the mean absolute one, that a
	// logarithm is taken of.
	nearZero = 1e-3
)

// plan is what is chosen about a series.
type plan struct {
	log     bool
	seasons []int // ascending, those that are strong
	scale   float64
}

// Fit decomposes the series and fits exponential smoothing to the rest.
func (Model) Fit(ctx context.Context, s forecast.Series, seed uint64) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, gap := tail.Cut(s)
	f := newFitted(choose(ctx, s), s, max(0, len(s.Values)-history))
	f.head = state.HeadOf(s.Values)
	inner, err := ets.ETS{}.Fit(ctx, f.rest(s), seed)
	if err != nil {
		return nil, err
	}
	f.inner = inner
	return tail.After(f, gap, ctx.Err())
}

// choose decides on seasons and transform.
func choose(ctx context.Context, s forecast.Series) plan {
	p := plan{scale: meanAbs(s.Values)}
	for _, m := range s.Seasons {
		if m > 1 && 3*m <= len(s.Values) {
			p.seasons = append(p.seasons, m)
		}
	}
	slices.Sort(p.seasons)
	p.seasons = slices.Compact(p.seasons)
	if len(p.seasons) == 0 || p.scale == 0 {
		p.seasons = nil
		return p
	}
	plain := p
	plainRest := plain.strong(ctx, s.Values)
	if forecast.SpanOf(s.Values).Min <= nearZero*p.scale {
		return plain
	}
	p.log = true
	if rest := p.strong(ctx, s.Values); rest < plainRest {
		return p
	}
	return plain
}

// strong drops the weak seasons and returns the size of the remainder: its root
// mean square relative to the trend, of logarithms as it is.
func (p *plan) strong(ctx context.Context, values []float64) float64 {
	for {
		d := p.decompose(values)
		if !d.ok || ctx.Err() != nil {
			p.seasons = nil
			return math.Inf(1)
		}
		weakest, strength := -1, weak
		for i := range p.seasons {
			if v := d.strength(i); v < strength {
				weakest, strength = i, v
			}
		}
		if weakest < 0 {
			return d.size(p.log)
		}
		p.seasons = slices.Delete(slices.Clone(p.seasons), weakest, weakest+1)
		if len(p.seasons) == 0 {
			return math.Inf(1)
		}
	}
}

// view returns the values on the scale that is decomposed.
func (p *plan) view(values []float64) []float64 {
	x := make([]float64, len(values))
	for t, v := range values {
		if x[t] = v / p.scale; p.log {
			x[t] = math.Log(x[t])
		}
	}
	return x
}

// parts is a decomposition.
type parts struct {
	seasons     [][]float64 // [season][time]
	trend, rest []float64   // rest is NaN where a value is missing
	ok          bool
}

// decompose takes values apart by the plan.
func (p *plan) decompose(values []float64) parts {
	x := p.view(values)
	out := parts{seasons: make([][]float64, len(p.seasons))}
	for i := range out.seasons {
		out.seasons[i] = make([]float64, len(x))
	}
	left := slices.Clone(x) // less all seasons
	turns := rounds
	if len(p.seasons) == 1 {
		turns = 1
	}
	for range turns {
		for i, m := range p.seasons {
			for t := range left {
				left[t] += out.seasons[i][t]
			}
			d, ok := stl.Decompose(left, m, stl.Options{Window: 11 + 4*i})
			if !ok {
				return out
			}
			out.seasons[i], out.trend, out.rest = d.Season, d.Trend, d.Remainder
			for t := range left {
				left[t] -= d.Season[t]
			}
		}
	}
	out.ok = len(p.seasons) > 0
	return out
}

// strength is that of a season against the remainder.
func (d *parts) strength(i int) float64 {
	return stl.Decomposition{Season: d.seasons[i], Remainder: d.rest}.Strength()
}

// size is the root mean square of the remainder, relative to the trend unless
// the scale is logarithmic.
func (d *parts) size(log bool) float64 {
	sum, n := 0.0, 0.0
	for t, r := range d.rest {
		if math.IsNaN(r) {
			continue
		}
		if !log {
			r /= max(math.Abs(d.trend[t]), nearZero)
		}
		sum, n = sum+r*r, n+1
	}
	return math.Sqrt(sum / n)
}

// meanAbs returns the mean absolute value, or 0 where there is none.
func meanAbs(values []float64) float64 {
	span := forecast.SpanOf(values)
	largest := max(math.Abs(span.Max), math.Abs(span.Min))
	sum, n := 0.0, 0.0
	for _, v := range values {
		if !math.IsNaN(v) {
			sum, n = sum+math.Abs(v/largest), n+1
		}
	}
	if n == 0 || largest == 0 {
		return 0
	}
	return largest * (sum / n)
}

// name is the form in words.
func (p *plan) name(inner string) string {
	if p.log {
		return fmt.Sprintf("mstl(log, %v, %s)", p.seasons, inner)
	}
	return fmt.Sprintf("mstl(%v, %s)", p.seasons, inner)
}
