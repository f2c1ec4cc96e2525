package theta

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/cycle"
	"github.com/almanac-forecast/almanac/forecast/internal/spread"
)

// parameters are the estimates, on the scaled and seasonally adjusted series.
type parameters struct {
	alpha  float64
	weight float64 // 1 − 1/θ, within [0, 1)
	level  float64 // l_0
	period int     // of the season that was taken out, 1 for none
	sigma2 float64 // variance of the one-step errors, by n − 3
}

// The bounds of the search.
const (
	minAlpha, maxAlpha = 0.1, 0.99
	minAlphaAhead      = 0.01  // where the errors are those of the mean of several steps
	maxWeight          = 0.999 // θ = 1000: the line alone
)

// A problem is a series ready to be fitted, with scratch space. The errors, of
// one step or of the mean of several, are e − level·d − weight·g: linear in what
// weigh finds.
type problem struct {
	variant Variant
	y       []float64
	steps   int       // that an error is over
	target  []float64 // [n] mean of so many values from here on
	a, b    []float64 // [n+1] intercept and slope of the line known before time t+1
	e, d, g []float64
	weights []float64
	total   float64 // of the weights
}

// early is how fast the weights of the first errors grow.
const early = 4

func newProblem(v Variant, y []float64) *problem {
	n := len(y)
	p := &problem{
		variant: v, y: y, a: make([]float64, n+1), b: make([]float64, n+1),
		e: make([]float64, n), d: make([]float64, n), g: make([]float64, n), weights: make([]float64, n),
	}
	p.look(1)
	mean := 0.0
	for i, v := range y {
		t := float64(i + 1)
		if i > 0 {
			p.b[i+1] = ((t-2)*p.b[i] + 6*(v-mean)/t) / (t + 1)
		}
		mean += (v - mean) / t
		p.a[i+1] = mean - (t+1)/2*p.b[i+1]
	}
	if v != Dynamic {
		for i := range n {
			p.a[i], p.b[i] = p.a[n], p.b[n]
		}
	}
	return p
}

// ahead is how many steps the errors of a fit are over: one, or a whole season
// where the series holds several.
func ahead(s forecast.Series) int {
	if cycle.Several(s) {
		return s.Season()
	}
	return 1
}

// look makes the errors those of the mean of so many steps. It returns the smallest
// α to search from.
func (p *problem) look(steps int) float64 {
	n := len(p.y)
	p.steps, p.target, p.total = steps, p.y, 0
	if steps > 1 {
		p.target = make([]float64, n)
	}
	for i := range p.weights {
		p.weights[i] = 0
		if i+steps > n {
			continue // not all of the values are known
		}
		p.weights[i] = float64(i) / float64(i+early)
		p.total += p.weights[i]
		if steps > 1 {
			p.target[i] = floats.Sum(p.y[i:i+steps]) / float64(steps)
		}
	}
	if steps > 1 {
		return minAlphaAhead
	}
	return minAlpha
}

// settle sets the variance to that of the errors of one step, where the parameters
// are those of several.
func (p *problem) settle(r *parameters) {
	if p.steps == 1 {
		return
	}
	p.look(1)
	p.errors(r.alpha)
	sum := 0.0
	for i, k := range p.weights {
		e := p.e[i] - r.level*p.d[i] - r.weight*p.g[i]
		sum += k * e * e
	}
	r.sigma2 = sum / max(1, p.total-3)
}

// errors fills e, d and g for an α. Of several steps the line adds to the mean as
// much as half way through them.
func (p *problem) errors(alpha float64) {
	keep, decay, l := 1-alpha, 1.0, 0.0 // decay = (1−α)^(t−1)
	inv := 1 / alpha
	further := float64(p.steps-1) / 2
	for i, v := range p.y {
		p.e[i], p.d[i] = p.target[i]-l, decay
		next := decay * keep
		p.g[i] = decay*p.a[i] + ((1-next)*inv+further)*p.b[i]
		decay = next
		l += alpha * (v - l)
	}
}

// The priors, chosen by forecasting the last steps of the training parts of the
// M3 and hospital data.
const (
	// alphaPrior raises the likelihood by exp(alphaPrior·α/2): of a level that
	// ten values cannot tell from a fixed one, the moving one forecasts better.
	alphaPrior = 6
	// weightPrior is the precision of the line's weight around weightMiddle, in
	// errors of the one-step forecast. Half the line is the Theta model of 2000.
	weightPrior, weightMiddle = 1, 0.7
)

// weigh finds the level and the weight that minimise the sum of squares, with
// the weight's prior, and returns that of the data alone. The i-th error weighs i/(i+early), from i = 0 on: the line of the
// first few values is a guess, and its errors say little about the parameters.
// On the M3 quarterly data that is worth 1.9 % of MASE, on monthly 2.9 %.
func (p *problem) weigh(r *parameters) float64 {
	var dd, dg, gg, de, ge, ee float64
	for i, e := range p.e {
		k := p.weights[i]
		d, g := p.d[i], p.g[i]
		dd += k * d * d
		dg += k * d * g
		gg += k * g * g
		de += k * d * e
		ge += k * g * e
		ee += k * e * e
	}
	w := 0.5
	if p.variant != Standard {
		w = p.line(moments{dd, dg, gg, de, ge, ee})
	}
	l := (de - w*dg) / dd
	r.weight, r.level = w, l
	rss := max(0, ee+l*l*dd+w*w*gg-2*l*de-2*w*ge+2*l*w*dg)
	r.sigma2 = rss / max(1, p.total-3)
	return rss
}

// moments are the weighted sums of products of errors and their derivatives.
type moments struct{ dd, dg, gg, de, ge, ee float64 }

// line returns the weight of the line: that of least squares drawn towards the
// prior's, whose precision is in units of the variance that least squares leave.
func (p *problem) line(m moments) float64 {
	det := m.dd*m.gg - m.dg*m.dg
	if !(det > 1e-12*m.dd*m.gg) {
		return 0
	}
	w := max(0, min(maxWeight, (m.dd*m.ge-m.dg*m.de)/det))
	l := (m.de - w*m.dg) / m.dd
	rss := max(0, m.ee+l*l*m.dd+w*w*m.gg-2*l*m.de-2*w*m.ge+2*l*w*m.dg)
	pull := weightPrior * rss / max(1, p.total-3)
	w = (m.dd*(m.ge+weightMiddle*pull) - m.dg*m.de) / (det + m.dd*pull)
	return max(0, min(maxWeight, w))
}

// search minimises over α, from the lowest on, the sum of squares that the prior of
// α scales.
func (p *problem) search(low float64) parameters {
	const golden = 0.6180339887498949
	var best parameters
	n := float64(len(p.y))
	value := func(alpha float64) float64 {
		p.errors(alpha)
		r := parameters{alpha: alpha}
		return p.weigh(&r) * math.Exp(-alphaPrior*alpha/n)
	}
	// The sum of squares may have two valleys: a grid finds the deeper one.
	const steps = 8
	lowest, at := math.Inf(1), 0
	for i := range steps + 1 {
		if v := value(low + (maxAlpha-low)*float64(i)/steps); v < lowest {
			lowest, at = v, i
		}
	}
	width := (maxAlpha - low) / steps
	lo, hi := low+width*float64(max(0, at-1)), low+width*float64(min(steps, at+1))
	x1, x2 := hi-golden*(hi-lo), lo+golden*(hi-lo)
	f1, f2 := value(x1), value(x2)
	for hi-lo > 1e-3 {
		if f1 < f2 {
			hi, x2, f2 = x2, x1, f1
			x1 = hi - golden*(hi-lo)
			f1 = value(x1)
		} else {
			lo, x1, f1 = x1, x2, f2
			x2 = lo + golden*(hi-lo)
			f2 = value(x2)
		}
	}
	best.alpha = (lo + hi) / 2
	p.errors(best.alpha)
	p.weigh(&best)
	return best
}

// An origin is the state of the recursion after some values.
type origin struct {
	t         int // values seen
	level     float64
	mean      float64
	a, b      float64
	decay     float64 // (1−α)^t
	tracksOwn bool    // the line moves with the values
}

// run returns the state after the last value.
func (p *problem) run(r parameters) origin {
	l := r.level
	mean := 0.0
	for i, v := range p.y {
		l += r.alpha * (v - l)
		mean += (v - mean) / float64(i+1)
	}
	n := len(p.y)
	return origin{t: n, level: l, mean: mean, a: p.a[n], b: p.b[n], decay: math.Pow(1-r.alpha, float64(n)), tracksOwn: p.variant == Dynamic}
}

// step returns the forecast of the next value and moves on as if it had come.
func (o *origin) step(r parameters) float64 {
	next := o.decay * (1 - r.alpha)
	mu := o.level + r.weight*(o.decay*o.a+(1-next)/r.alpha*o.b)
	o.decay = next
	o.t++
	o.level += r.alpha * (mu - o.level)
	if o.tracksOwn {
		t := float64(o.t)
		o.b = ((t-2)*o.b + 6*(mu-o.mean)/t) / (t + 1)
		o.mean += (mu - o.mean) / t
		o.a = o.mean - (t+1)/2*o.b
	}
	return mu
}

// reach is how many steps ahead the errors within the series are looked at, and
// settle the place of the first origin: before, the line is a guess.
const (
	reach  = 24
	settle = 4
)

// horizons returns, for each number of steps ahead, the errors that the
// parameters make within the series. They are of the size that the last level
// would have had them.
func (p *problem) horizons(r parameters) spread.Shown {
	shown := spread.NewShown(reach)
	n := len(p.y)
	first := max(settle, n-400)
	last := p.run(r).level
	positive := spread.Positive(p.y)
	l, mean := r.level, 0.0
	for i, v := range p.y {
		l += r.alpha * (v - l)
		mean += (v - mean) / float64(i+1)
		if i+1 < first || i+1 >= n {
			continue
		}
		o := origin{t: i + 1, level: l, mean: mean, a: p.a[i+1], b: p.b[i+1], decay: math.Pow(1-r.alpha, float64(i+1)), tracksOwn: p.variant == Dynamic}
		size := 1.0
		if positive {
			size = spread.Grown(l, last)
		}
		for h := range min(reach, n-i-1) {
			shown.Add(h, (p.y[i+1+h]-o.step(r))*size)
		}
	}
	return shown
}
