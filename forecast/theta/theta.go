// Package theta holds the Theta models: a straight line and a smoothed level,
// combined.
//
// With ε the error and y the seasonally adjusted series, the dynamic model is
//
//	μ_t = l_(t−1) + (1 − 1/θ) g_t,   y_t = μ_t + ε_t
//	g_t = (1−α)^(t−1) A_(t−1) + (1 − (1−α)^t)/α · B_(t−1)
//	l_t = α y_t + (1−α) l_(t−1)
//	B_t = ((t−2) B_(t−1) + 6 (y_t − ȳ_(t−1))/t)/(t+1),  A_t = ȳ_t − (t+1)/2 · B_t
//
// l is the level, smoothed with 0.1 ≤ α ≤ 0.99; A and B are intercept and slope
// of the least squares line through the values up to t, so the trend follows the
// data; θ ≥ 1 says how much of the line counts: none at 1, half at 2, all
// of it as θ grows.
//
//	standard   θ = 2, one line through the whole series (Assimakopoulos and
//	           Nikolopoulos 2000: the winner of the M3 competition)
//	optimised  θ estimated, one line
//	dynamic    θ estimated, the line moves with the data (the default)
//
// For a given α the errors are linear in l_0 and in 1 − 1/θ, so the sum of
// squares over those two is minimised in closed form and only α is searched
// for, by golden section. That takes about 25 runs over the series where a
// simplex search over all three takes 200 to 400. α and 1 − 1/θ have weak priors
// (see fit.go): ten values often leave the level fixed and the line alone, and
// that forecasts worse than a level that moves.
//
// Season: if the autocorrelation at the season's lag is half a standard error
// above zero, the series is decomposed by moving averages, multiplicatively where all values
// are positive and by differences otherwise, and the indices are shrunk towards
// none by what their noise explains (Miller and Williams 2003).
//
// Longer seasons are taken out before and put back after (package cycle). In
// series that hold several seasons the errors that α, θ and l_0 minimise are not those of the
// next step but of the mean of the next season of m steps, a day of hours:
//
//	(y_(t+1) + … + y_(t+m))/m − l_t − (1 − 1/θ)(g_(t+1) + (m−1)/2 · B_t),   0.01 ≤ α ≤ 0.99
//
// since α(y − l) then is what an hour tells of the day and not of the next hour, which
// it resembles whatever the day is like. Where the model is wrong, as a level is for what
// hangs together for hours, parameters serve the steps that they were estimated for
// (Tiao and Xu 1993).
//
// Quantiles are those of a t distribution, mixed with the shape of the errors made
// within the series (spread.Shown). The variance of step h is between
// that of the model, σ²(1 + (h−1)α²) for the level with the line's own standard
// error, and the mean square of the errors that the model makes h steps ahead
// within the series, times n/(n−3), each multiplied by (l_n/l_t)^0.75 where all
// values are positive: errors grow with the level.
//
// What was tried and what it gained, MASE / WQL9 of the test parts (chosen on
// three or four origins inside the training parts, see docs/models.md):
//
//	                              M3 yearly    quarterly    monthly      other        hospital
//	no priors                     2.587/.1239  1.123/.0693  .846/.0927   1.913/.0337  .753/.0541
//	both priors                   2.573/.1237  1.117/.0690  .848/.0931   1.921/.0339  .756/.0546
//	more seasons, wider by level  2.576/.1223  1.099/.0672  .845/.0926   1.925/.0334  .746/.0518
//	average over α by likelihood  2.615/.1240  1.119/.0688  .847/.0930   1.927/.0340  .754/.0542
//
// The average, kept out, was added to the first line; it adds nothing to the
// priors.
//
// References: V. Assimakopoulos and K. Nikolopoulos, Int. J. Forecasting 16,
// 2000; J. A. Fiorucci, T. R. Pellegrini, F. Louzada, F. Petropoulos and A. B.
// Koehler, Int. J. Forecasting 32, 2016; D. M. Miller and D. Williams, Int. J.
// Forecasting 19, 2003; G. C. Tiao and D. Xu, Robustness of maximum likelihood
// estimates for multi-step predictions: the exponential smoothing case, Biometrika 80,
// 1993. Departs from them in the closed form above, in the
// shrinkage of the indices, in the variance, and in missing values, which are
// interpolated after the seasonal adjustment.
package theta

import (
	"context"
	"fmt"
	"math"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/cycle"
	"github.com/almanac-forecast/almanac/forecast/internal/standin"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
)

// A Variant is one of the Theta models.
type Variant string

// The variants.
const (
	Standard  Variant = "theta-standard"
	Optimised Variant = "theta-optimised"
	Dynamic   Variant = "theta"
)

// Variants returns all of them.
func Variants() []Variant { return []Variant{Dynamic, Optimised, Standard} }

// Theta is a variant as a model.
type Theta struct {
	// Variant is Dynamic where it is empty.
	Variant Variant
}

func (m Theta) variant() Variant {
	if m.Variant == "" {
		return Dynamic
	}
	return m.Variant
}

// Name returns "theta", "theta-optimised" or "theta-standard".
func (m Theta) Name() string { return string(m.variant()) }

func (m Theta) owner() standin.Owner { return standin.Owner{Model: m.Name(), Version: 2} }

// least is the smallest number of observed values that are fitted.
const least = 4

// Fit estimates the model. A series with fewer than four observed values, or of
// one value only, gets the naive forecast.
func (m Theta) Fit(ctx context.Context, s forecast.Series, _ uint64) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, gap := tail.Cut(s)
	f, err := cycle.Fit(m.Name(), s, func(s forecast.Series) (forecast.Fitted, error) { return m.fit(ctx, s) })
	return tail.After(f, gap, err)
}

func (m Theta) fit(ctx context.Context, s forecast.Series) (forecast.Fitted, error) {
	x, scale, reason := prepare(s.Values, 0)
	if reason != "" {
		return m.owner().Fit(ctx, s, reason, 0)
	}
	e := estimates{scale: scale, known: len(x), head: state.HeadOf(s.Values), season: deseason(x, s.Season(), false)}
	interpolate(x)
	p := newProblem(m.variant(), x)
	low := p.look(ahead(s))
	e.parameters = p.search(low)
	p.settle(&e.parameters)
	e.period = 1
	if e.season.kind != none {
		e.period = s.Season()
	}
	e.a, e.b = p.a[len(x)], p.b[len(x)]
	return m.fitted(e, p, s), nil
}

// fitted runs estimates over a series.
func (m Theta) fitted(e estimates, p *problem, s forecast.Series) *fitted {
	return &fitted{
		estimates: e, model: m, n: len(p.y), end: p.run(e.parameters), shown: p.horizons(e.parameters),
		span: s.Span(), nonNegative: s.NonNegative,
	}
}

// prepare copies the values from the first observed one on, divided by a scale: the
// largest absolute value, where 0 is given.
func prepare(values []float64, given float64) (x []float64, scale float64, reason string) {
	first := 0
	for first < len(values) && math.IsNaN(values[first]) {
		first++
	}
	values = values[first:]
	n := 0
	for _, v := range values {
		if !math.IsNaN(v) {
			scale = max(scale, math.Abs(v))
			n++
		}
	}
	if n < least {
		return nil, 0, fmt.Sprintf("%d observations, theta needs %d", n, least)
	}
	if span := forecast.SpanOf(values); span.Min == span.Max {
		return nil, 0, "the series is constant"
	}
	if given > 0 {
		scale = given
	}
	x = make([]float64, len(values))
	for t, v := range values {
		x[t] = v / scale
	}
	return x, scale, ""
}

// interpolate draws lines over the gaps; the first and the last value are observed.
func interpolate(x []float64) {
	last := 0
	for t, v := range x {
		if math.IsNaN(v) {
			continue
		}
		for g := last + 1; g < t; g++ {
			f := float64(g-last) / float64(t-last)
			x[g] = x[last]*(1-f) + v*f
		}
		last = t
	}
}
