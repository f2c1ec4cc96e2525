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
	likelihood              float64 // −2·log, less constants
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
	best estimate
	// full searches every form to its end; otherwise those that cannot win any
	// more are left early.
	full bool
}

// criterion returns AICc of a likelihood with k parameters, +Inf where there are
// too few observations for it.
func (s *search) criterion(likelihood float64, k int) float64 {
	spare := float64(s.obs - k - 1)
	if spare <= 0 {
		return math.Inf(1)
	}
	return likelihood + 2*float64(k) + 2*float64(k)*float64(k+1)/spare
}

// forms fits all candidates that share a season and keeps the best.
//
// For each trend the additive error is fitted first. The multiplicative error
// of the same form has the same recursion, and only another weight on each
// error, so its search starts at the other's end and takes a few steps. Likewise
// a damped trend starts where the linear one ended.
func (s *search) forms(candidates []Form, m int) error {
	f := newFilter(s.y, s.w, m)
	o := &objective{f: f, freeSeason: m > 1 && m < longSeason}
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
		if aicc := likelihood + penalty; aicc < s.best.aicc {
			s.best = s.take(o, x, likelihood, aicc, k)
		}
	}
	return nil
}

// Where searches begin.
const (
	startAlpha = 0.3
	startBeta  = 0.1 // of α
	startGamma = 0.1 // of 1−α
	startPhi   = 0.95
)

// begin returns variables to start a search from and sets the objective's
// centre and unit.
func (s *search) begin(o *objective, season []float64) []float64 {
	form := o.f.form
	o.start = startStates(s.y, s.w, season, form)
	o.unit = 1
	x := make([]float64, 0, o.variables())
	x = append(x, unsquash(startAlpha, smoothLow, smoothHigh), 0)
	if form.trended() {
		x = append(x, unsquash(startBeta, smoothLow, smoothHigh), 0)
	}
	if form.damped() {
		x = append(x, unsquash(startPhi, dampLow, dampHigh))
	}
	if form.Season != None {
		x = append(x, unsquash(startGamma, smoothLow, smoothHigh))
	}
	x = x[:o.variables()] // initial effects start at their centre
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
		return !s.full && value+penalty-s.best.aicc > hopeless*fall
	}
	return s.min.Minimize(o, x, settings)
}

// hopeless is how many steps like the last one a search may be away from the
// best criterion before it is left. Searches that win fall faster: on the 1,428
// monthly series of M3 it changes no choice and saves a fifth of the time.
const hopeless = 30

// take copies the parameters at x out of the objective.
func (s *search) take(o *objective, x []float64, likelihood, aicc float64, k int) estimate {
	o.Value(x)
	f := o.f
	e := estimate{
		form: f.form, m: f.m, alpha: f.alpha, beta: f.beta, gamma: f.gamma, phi: f.phi,
		likelihood: likelihood, aicc: aicc, freedom: float64(s.obs - (k - 1)),
	}
	e.start = initial{l: f.l[0], b: f.b[0], s: append([]float64(nil), f.s[:f.m]...)}
	e.variance = o.sum / e.freedom
	return e
}
