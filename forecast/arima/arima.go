// Package arima fits seasonal autoregressive integrated moving average models
// and chooses their order.
//
//	φ(B) Φ(B^m) (1−B)^d (1−B^m)^D (y_t − x_t'β) = θ(B) Θ(B^m) e_t,   e_t ~ N(0, σ²)
//	φ(B) = 1 − φ₁B − … − φ_p B^p      p ≤ 5     autoregression
//	θ(B) = 1 + θ₁B + … + θ_q B^q      q ≤ 5     moving average
//	Φ, Θ  the same in B^m             P, Q ≤ 2  at seasonal lags
//	d ≤ 2, D ≤ 1                                differences
//	x_t   a mean (d+D = 0), a drift (d+D = 1), and for seasons of 24 steps and
//	      more K pairs of sin 2πkt/m, cos 2πkt/m in place of seasonal lags
//
// Parameters are estimated by the exact Gaussian likelihood. β and σ² are
// concentrated out of it; φ, θ, Φ, Θ are searched through their partial
// autocorrelations, so that every trial is stationary and invertible. Missing
// values stay missing: the filter passes over them.
//
// The order is found by the stepwise search of Hyndman and Khandakar (2008):
// D by the strength of season, d by KPSS tests, the rest by the corrected
// information criterion from five starting orders to neighbours.
//
// What makes it fast, measured on the 1,428 M3 monthly series: gains by the
// rank-one recursions of filter.go in place of a covariance matrix, starts of
// a rival order at the best one's parameters, a rough search until the order is
// chosen, and giving up on orders that fall behind. docs/benchmarks.md has the
// figures.
//
// References: R. J. Hyndman and Y. Khandakar, Automatic time series forecasting,
// J. Stat. Softw. 27(3), 2008; J. F. Monahan, Biometrika 71, 1984; M. Morf,
// G. S. Sidhu and T. Kailath, IEEE Trans. Autom. Control 19, 1974; A. C. Harvey,
// Forecasting, Structural Time Series Models and the Kalman Filter, 1989.
//
// Departs from the procedure of 2008: the criterion is always that of the exact
// likelihood, never of conditional sums of squares; quantiles come from a
// Student t distribution with the degrees of freedom that the estimates left;
// an order whose root runs to the unit circle is refused by its partial
// autocorrelation.
package arima

import (
	"context"
	"fmt"
	"math"

	"github.com/almanac-forecast/almanac/forecast"
)

// Model chooses and fits an ARIMA model.
type Model struct {
	// Order, when set, is used as it is and not searched for.
	Order *Order
}

// Name returns "arima".
func (Model) Name() string { return "arima" }

const (
	fewest      = 5    // observations below which nothing is estimated
	longSeason  = 24   // from here on seasons are Fourier terms
	maxHistory  = 3000 // latest values that are looked at; see window
	maxHarmonic = 10
)

// Fit estimates the model; see the package comment.
func (m Model) Fit(ctx context.Context, s forecast.Series, _ uint64) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	x, scale, reason := prepare(s)
	if reason != "" {
		return owner.Fit(ctx, s, reason, 0)
	}
	fits, harmonics, err := m.choose(ctx, x, s)
	if err != nil {
		return nil, err
	}
	if len(fits) == 0 {
		return owner.Fit(ctx, s, "no order could be estimated", 0)
	}
	out := &mixture{}
	fits, out.weights = weigh(fits)
	for _, f := range fits {
		out.parts = append(out.parts, newFitted(f, x, scale, harmonics, s))
	}
	return out, nil
}

// prepare cuts the series to what is looked at, from the first observation on,
// and standardises it. A reason says why it cannot be fitted.
func prepare(s forecast.Series) (x []float64, scale float64, reason string) {
	first := 0
	for first < len(s.Values) && math.IsNaN(s.Values[first]) {
		first++
	}
	values := s.Values[max(first, len(s.Values)-maxHistory):]
	var sum, largest float64
	n := 0
	for _, v := range values {
		if !math.IsNaN(v) {
			largest = max(largest, math.Abs(v))
			n++
		}
	}
	if n < fewest {
		return nil, 0, fmt.Sprintf("%d observations, arima needs %d", n, fewest)
	}
	span := forecast.SpanOf(values)
	if span.Min == span.Max {
		return nil, 0, "the series is constant"
	}
	for _, v := range values {
		if !math.IsNaN(v) {
			sum += v / largest / float64(n)
		}
	}
	squares := 0.0
	for _, v := range values {
		if !math.IsNaN(v) {
			d := v/largest - sum
			squares += d * d
		}
	}
	scale = largest * math.Sqrt(squares/float64(n))
	if scale == 0 || math.IsInf(1/scale, 0) || math.IsInf(scale, 0) {
		return nil, 0, "the values are too close to each other for numbers"
	}
	x = make([]float64, len(values))
	for t, v := range values {
		x[t] = v / scale
	}
	return x, scale, ""
}

// choose returns the fitted model with the best order and its Fourier pairs.
func (m Model) choose(ctx context.Context, x []float64, s forecast.Series) ([]fit, harmonics, error) {
	if m.Order != nil {
		p := newProblem(x, nil, *m.Order)
		if len(p.columns[0]) < fewest {
			return nil, nil, nil
		}
		f, ok := p.estimate(*m.Order, nil, exactly, nil)
		if !ok {
			return nil, nil, nil
		}
		return []fit{f}, nil, nil
	}
	period := s.Season()
	if period >= longSeason {
		return chooseFourier(ctx, x, s.Seasons)
	}
	f, err := search(ctx, x, nil, period)
	return f, nil, err
}

// search finds the best order for a season of fewer steps than longSeason.
func search(ctx context.Context, x []float64, regressors [][]float64, period int) ([]fit, error) {
	n := len(observedOnly(x))
	limits := Order{P: 5, Q: 5, SP: 2, SQ: 2, Period: max(period, 1)}
	if period < 2 || n < 2*period+5 {
		limits.SP, limits.SQ, limits.Period = 0, 0, 1
	}
	y := x
	if len(regressors) > 0 {
		y = withoutRegressors(x, regressors)
	}
	if limits.Period > 1 {
		limits.SD = seasonalDifferences(y, period)
	}
	limits.D = firstDifferences(applyObserved(Order{SD: limits.SD, Period: limits.Period}, y))
	limits.P, limits.Q = min(limits.P, n/3), min(limits.Q, n/3)
	s := &searcher{
		y: x, regressors: regressors, limits: limits, constant: limits.D+limits.SD <= 1,
		tried: map[Order]bool{},
	}
	if err := s.run(ctx); err != nil || !s.found {
		return nil, err
	}
	f, ok := s.problem(s.best.order).estimate(s.best.order, s.best.u, exactly, nil)
	if !ok {
		return nil, nil
	}
	for i := range s.fits {
		if s.fits[i].order == f.order {
			s.fits[i] = f
		}
	}
	return s.fits, nil
}

// applyObserved takes the differences of a series that may have gaps: a
// difference with a missing part is missing.
func applyObserved(o Order, y []float64) []float64 {
	delta := o.differences()
	if len(delta) == 0 {
		return y
	}
	return apply(delta, y)
}
