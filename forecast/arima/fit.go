package arima

import (
	"math"

	"github.com/almanac-forecast/almanac/forecast/internal/optim"
)

// A problem is a series with its regressors, ready to be fitted with any order
// of the same differences. Columns are levels, standardised to variance one.
type problem struct {
	order   Order       // only the differences, the period and the constant count
	delta   []float64   // of the differences
	total   int         // observed values of y
	levels  [][]float64 // [column][time]: y, then the regressors
	columns [][]float64 // [column][time]: what the filter sees: differenced, or levels where values are missing
	gaps    bool        // some value of y is missing
	work    [][]float64 // scratch of the same shape as columns
	fast    filter
	slow    gapFilter
	search  optim.BFGS
	normal  []float64 // scratch of the normal equations
	beta    []float64
	shrink  float64 // of the last regressor, see priors.go
}

// newProblem prepares a series. Regressors are [column][time]; a constant is
// added as the last of them.
func newProblem(y []float64, regressors [][]float64, o Order) *problem {
	p := &problem{order: o, delta: o.differences()}
	p.levels = append(p.levels, y)
	p.levels = append(p.levels, regressors...)
	if o.Constant {
		p.levels = append(p.levels, trend(len(y), o))
	}
	for _, v := range y {
		if math.IsNaN(v) {
			p.gaps = true
		} else {
			p.total++
		}
	}
	for _, c := range p.levels {
		if p.gaps {
			p.columns = append(p.columns, c)
		} else {
			p.columns = append(p.columns, apply(p.delta, c))
		}
		p.work = append(p.work, make([]float64, len(p.columns[len(p.columns)-1])))
	}
	if o.Constant && o.D+o.SD == 1 {
		p.shrink = driftWeight
	}
	k := len(p.levels) - 1
	p.normal, p.beta = make([]float64, k*k), make([]float64, k)
	return p
}

// trend returns the column whose differences are one at each time.
func trend(n int, o Order) []float64 {
	x := make([]float64, n)
	for t := range x {
		x[t] = constantAt(t, o)
	}
	return x
}

// constantAt is the value of the constant's column at a time, which may lie ahead.
func constantAt(t int, o Order) float64 {
	switch {
	case o.D+o.SD == 0:
		return 1
	case o.D == 0: // one seasonal difference
		return float64(t) / float64(o.Period)
	}
	return float64(t)
}

// A fit is an order with its estimates, on the standardised scale.
type fit struct {
	order  Order
	u      []float64 // free parameters, see coefficients.expand
	beta   []float64 // of the regressors, the constant last
	sigma2 float64   // variance of the one-step errors, by n − k
	n      int       // observations in the likelihood
	loglik float64
	aicc   float64 // see criterion
}

// A value is what evaluate finds at a point.
type value struct {
	rss     float64 // of the standardised errors
	logF    float64 // sum of the logarithms of their variances over σ²
	n       int     // errors that count
	penalty float64 // of the priors
}

// evaluate returns the deviance at u, with the regressors' coefficients and
// the variance concentrated out: generalised least squares on the standardised
// errors gives both. It fills p.beta. +Inf where u is no model.
func (p *problem) evaluate(o Order, u []float64) (float64, value) {
	v, ok := p.whiten(o, u)
	if !ok {
		return math.Inf(1), v
	}
	v.rss = p.regress()
	if !(v.rss >= 0) || v.n < 2 {
		return math.Inf(1), v
	}
	v.penalty = penalty(o, u)
	return v.deviance(p.total) + v.penalty, v
}

// whiten fills p.work with the standardised errors of every column at u.
func (p *problem) whiten(o Order, u []float64) (v value, ok bool) {
	for c, col := range p.columns {
		copy(p.work[c], col)
	}
	if p.gaps {
		p.slow.coef.expand(o, u)
		v.logF, v.n, ok = p.slow.run(p.work, p.delta)
	} else {
		p.fast.coef.expand(o, u)
		v.logF, ok = p.fast.run(p.work)
		v.n = len(p.work[0])
	}
	return v, ok
}

// deviance is −2 log likelihood as if the errors were n.
func (v value) deviance(n int) float64 {
	// A perfect fit has no likelihood; the floor is far below any data's noise.
	return float64(n)*(math.Log(2*math.Pi*max(v.rss, 1e-18)/float64(n))+1) + v.logF
}

// regress solves the normal equations of the errors' columns into p.beta and
// returns the sum of squares that is left.
func (p *problem) regress() float64 {
	y, x := p.work[0], p.work[1:]
	k := len(x)
	rss := dot(y, y)
	if k == 0 {
		return rss
	}
	for i := range k {
		for j := range i + 1 {
			v := dot(x[i], x[j])
			p.normal[i*k+j], p.normal[j*k+i] = v, v
		}
		// Columns that coincide share their effect, and one that the differences
		// wipe out has none.
		p.normal[i*k+i] += 1e-12*p.normal[i*k+i] + 1e-9
		p.beta[i] = dot(x[i], y)
	}
	p.normal[k*k-1] += p.shrink
	if !solve(p.normal, p.beta) {
		return math.NaN()
	}
	// The residuals are formed rather than the short cut y'y − b'x'y, which
	// loses every digit on a series with a strong trend.
	rss = p.shrink * p.beta[k-1] * p.beta[k-1]
	for t, v := range y {
		for i, b := range p.beta {
			v -= b * x[i][t]
		}
		rss += v * v
	}
	return rss
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// estimate maximises the likelihood of an order from a start, which may be
// shorter than needed. stop ends a search that cannot win any more.
func (p *problem) estimate(o Order, start []float64, tolerance float64, stop func(step int, deviance float64) bool) (fit, bool) {
	u := make([]float64, o.arma())
	copy(u, start)
	p.search.Tolerance, p.search.Stop = tolerance, stop
	p.search.Minimize(func(u []float64) float64 { d, _ := p.evaluate(o, u); return d }, u)
	return p.finish(o, u)
}

// finish evaluates once more at u and counts the information criterion.
func (p *problem) finish(o Order, u []float64) (fit, bool) {
	deviance, v := p.evaluate(o, u)
	k := float64(o.arma() + len(p.beta) + 1)
	aicc := deviance + criterion(p.total, k+float64(o.lost()))
	if math.IsInf(aicc, 0) || math.IsNaN(aicc) {
		return fit{}, false
	}
	return fit{
		order: o, u: u, beta: append([]float64(nil), p.beta...), n: v.n,
		sigma2: v.rss / max(1, float64(v.n)-k+1), loglik: -v.deviance(v.n) / 2, aicc: aicc,
	}, true
}

// criterion returns what k estimates add to a deviance of n observations, +Inf
// where there are too few.
//
// The values that differences use up count as estimates: they are the initial
// states of the process. The deviance is taken as if its errors were as many as
// the observations, since those states make the first errors zero. So orders
// with different differences can be compared, as forms of exponential smoothing
// are, and no test has to choose between them.
func criterion(n int, k float64) float64 {
	left := float64(n) - k - 1
	if left <= 0 {
		return math.Inf(1)
	}
	return 2*k + 2*k*(k+1)/left
}
