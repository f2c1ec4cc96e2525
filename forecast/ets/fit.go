package ets

import (
	"context"
	"math"

	"github.com/almanac-forecast/almanac/forecast/internal/optim"
)

// longSeason is the length of season from which the initial effects are not
// estimated but stay as the first cycles give them: the search would have more
// variables than it is worth, and long seasons come with long series, which
// forget their start.
const longSeason = 25

// An estimate is a form with its parameters, in units of the scaled data.
type estimate struct {
	form                    Form
	m                       int // season length, 1 without a season
	alpha, beta, gamma, phi float64
	start                   initial
	aicc                    float64
	variance                float64 // of the error, additive or relative
	freedom                 float64 // observations less estimated parameters
}

// A search fits forms to one series.
type search struct {
	ctx  context.Context
	y, w []float64
	obs  int
	min  optim.Minimizer
	// fades tells whether an error may fade from damped forms; see objective.
	fades bool
	// found holds an estimate of every form that was searched to its end, in
	// the order of the search, and best the smallest criterion among them.
	found []estimate
	best  float64
}

// small is the share of the correction for few observations in the criterion.
// The whole of it belongs to free parameters; those of a prior are half bound,
// and on ten values the whole correction admits no slope at all.
const small = 0.5

// criterion returns the package comment's of a likelihood with k parameters,
// +Inf where there are too few observations for it.
func (s *search) criterion(likelihood float64, k int) float64 {
	spare := float64(s.obs - k - 1)
	if spare <= 0 {
		return math.Inf(1)
	}
	return likelihood + 2*float64(k) + small*2*float64(k)*float64(k+1)/spare
}

// forms fits all candidates that share a season length and keeps the good ones.
//
// For each trend the additive error is fitted first. The multiplicative error
// of the same form has the same recursion, and only another weight on each
// error, so its search starts at the other's end and takes a few steps. Likewise
// a damped trend starts where the linear one ended.
func (s *search) forms(candidates []Form, m int) error {
	f := newFilter(s.y, s.w, m)
	o := &objective{f: f, freeSeason: m > 1 && m < longSeason, fades: s.fades}
	var season []float64
	seasonOf := None
	var x []float64
	for _, form := range candidates {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		k := form.parameters(m)
		if s.obs <= k+1 {
			continue
		}
		if season == nil || form.Season != seasonOf {
			season = make([]float64, m)
			if form.Season != None {
				season = startSeason(s.y, s.w, m, form.Season == Multiplicative)
			}
			seasonOf = form.Season
		}
		warm := form.Error == Multiplicative && f.form == (Form{Additive, form.Trend, form.Season}) && len(x) > 0
		f.form = form
		if !warm {
			x = s.begin(o, season)
		}
		penalty := s.criterion(0, k)
		likelihood := s.minimize(o, x, penalty)
		if warm && math.IsInf(likelihood, 1) {
			x = s.begin(o, season)
			likelihood = s.minimize(o, x, penalty)
		}
		if aicc := likelihood + penalty; aicc-s.best <= combined {
			s.found = append(s.found, s.take(o, x, aicc, k))
			s.best = min(s.best, aicc)
		}
	}
	return nil
}

// begin returns variables to start a search from, the middle of the priors and
// the first guess of the states, and sets the objective's centre and unit.
func (s *search) begin(o *objective, season []float64) []float64 {
	form := o.f.form
	n := o.variables()
	o.start = startStates(s.y, s.w, season, form)
	o.unit = 1
	o.middle, o.precision = o.middle[:0], o.precision[:0]
	add := func(p prior, low, high float64) {
		o.middle = append(o.middle, unsquash(p.middle, low, high))
		o.precision = append(o.precision, p.precision)
	}
	state := func(count int) {
		for range count {
			o.middle, o.precision = append(o.middle, 0), append(o.precision, 0)
		}
	}
	add(priorAlpha, smoothLow, smoothHigh)
	state(1)
	if form.trended() {
		if o.fading() {
			add(priorFade, priorPhi.middle-1, smoothHigh)
		} else {
			add(priorBeta, smoothLow, smoothHigh)
		}
		state(1)
	}
	if form.damped() {
		add(priorPhi, dampLow, dampHigh)
	}
	if form.Season != None {
		add(priorGamma, smoothLow, smoothHigh)
	}
	state(n - len(o.middle))
	x := append([]float64(nil), o.middle...)
	o.set(x)
	o.f.form.Error = Additive
	sum, _ := o.f.forward()
	o.f.form = form
	o.unit = math.Sqrt(sum / float64(s.obs))
	if !(o.unit > 1e-12) || math.IsInf(o.unit, 1) {
		o.unit = 1e-12 + 0.01*math.Abs(o.start.l)
	}
	return x
}

// minimize runs one search; it gives up a form that falls too slowly to reach
// the best.
func (s *search) minimize(o *objective, x []float64, penalty float64) float64 {
	settings := optim.Settings{Tolerance: 1e-4, Iterations: 150}
	settings.Stop = func(value, fall float64) bool {
		if s.ctx.Err() != nil {
			return true
		}
		return value+penalty-s.best > combined+hopeless*fall
	}
	return s.min.Minimize(o, x, settings)
}

// A form's weight in the combination is exp(−Δ/even), Δ being how far its
// criterion lies above the best. Akaike weights (Burnham and Anderson 2002,
// section 2.9) have 2; the choice between forms is less sure than they say.
// From Δ = combined on the weight, a twentieth of that of the best, is none.
const (
	even     = 4
	combined = 12
)

// hopeless is how many steps like the last one a search may be away from being
// combined before it is left.
const hopeless = 30

// take copies the parameters at x out of the objective.
func (s *search) take(o *objective, x []float64, aicc float64, k int) estimate {
	o.Value(x)
	f := o.f
	e := estimate{
		form: f.form, m: f.m, alpha: f.alpha, beta: f.beta, gamma: f.gamma, phi: f.phi,
		aicc: aicc, freedom: float64(s.obs - (k - 1)),
	}
	e.start = initial{l: f.l[0], b: f.b[0], s: append([]float64(nil), f.s[:f.m]...)}
	e.variance = o.sum / e.freedom
	return e
}
