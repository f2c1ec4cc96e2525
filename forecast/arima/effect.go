package arima

import (
	"context"
	"math"
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
)

// An Effect is what the regressors of a series do to its values.
type Effect struct {
	// Coefficients are the change of the value per unit of each regressor, or with
	// Multiplies that of its logarithm; 0 for one that does nothing.
	Coefficients []float64
	// Multiplies tells that the effect is a factor.
	Multiplies bool
}

// None tells whether no regressor does anything.
func (e Effect) None() bool {
	return !slices.ContainsFunc(e.Coefficients, func(c float64) bool { return c != 0 })
}

// Effects estimates what the regressors of a series do, apart from what else
// happens to it, by generalised least squares: the errors follow one of two
// processes, (1,0,1) with a mean and (1,1,1), around Fourier pairs for the
// seasons. How the errors correlate matters little to the coefficients, so no
// order is searched for, and this takes a small part of the time of a fit.
//
// Regressors count where they are known ahead, change within the values looked
// at, and are wanted one by one and together by Schwarz's criterion, which asks
// more of a coefficient than the one of the orders does: of 40 simulated series
// with four columns of noise, the automatic choice took 8 for effects by the
// latter, and none by this.
// Series above zero are looked at in logarithms as well, and the criterion with
// its Jacobian says whether effects multiply.
func Effects(ctx context.Context, s forecast.Series) (Effect, error) {
	if err := s.Check(); err != nil {
		return Effect{}, err
	}
	if err := ctx.Err(); err != nil {
		return Effect{}, err
	}
	best, err := estimateEffect(ctx, s)
	if err != nil || !positive(s.Values) {
		return best.effect(s, false), err
	}
	logs := s
	logs.Values = make([]float64, len(s.Values))
	for t, v := range s.Values {
		logs.Values[t] = math.Log(v)
	}
	other, err := estimateEffect(ctx, logs)
	if err != nil {
		return Effect{}, err
	}
	jacobian := 0.0
	for _, v := range logs.Values[len(logs.Values)-other.n:] {
		if !math.IsNaN(v) {
			jacobian += 2 * v
		}
	}
	if other.wanted && (!best.wanted || other.aicc+jacobian < best.aicc) {
		return other.effect(s, true), nil
	}
	return best.effect(s, false), nil
}

// positive tells whether every value that is there is above zero.
func positive(values []float64) bool {
	span := forecast.SpanOf(values)
	return !span.Empty && span.Min > 0
}

// estimate is what one scale of the values gave.
type estimate struct {
	wanted bool
	coefs  []float64 // of all regressors
	aicc   float64   // of the values as they are, not standardised
	n      int       // latest values that were looked at
}

func (e estimate) effect(s forecast.Series, multiplies bool) Effect {
	if !e.wanted {
		return Effect{Coefficients: make([]float64, len(s.Regressors))}
	}
	return Effect{e.coefs, multiplies}
}

// around is a fit with the design it was made with.
type around struct {
	fit
	design design
}

// cost is what the criterion of the fit is with Schwarz's price of the
// regressors, ln n a piece.
func (a around) cost() float64 {
	return a.aicc + float64(len(a.design.known))*max(0, math.Log(float64(a.n))-2)
}

func estimateEffect(ctx context.Context, s forecast.Series) (estimate, error) {
	x, scale, reason := prepare(s)
	if reason != "" {
		return estimate{}, nil
	}
	d := newDesign(s, len(x))
	if len(d.known) == 0 {
		return estimate{}, nil
	}
	plain, ok, err := simplest(ctx, x, s.Seasons, d.without())
	if err != nil || !ok {
		return estimate{}, err
	}
	full, ok, err := simplest(ctx, x, s.Seasons, d)
	if err != nil || !ok {
		return estimate{}, err
	}
	full = full.prune(x, s)
	if len(full.design.known) == 0 || full.cost() >= plain.cost() {
		return estimate{}, nil
	}
	out := estimate{wanted: true, coefs: make([]float64, len(s.Regressors)), n: len(x)}
	at := len(full.design.harmonics.columns(0, 1))
	for i, deviation := range full.design.scales {
		if deviation != 0 {
			out.coefs[i] = full.beta[at] * scale / deviation
			at++
		}
	}
	out.aicc = full.aicc + 2*float64(len(observedOnly(x)))*math.Log(scale)
	return out, nil
}

// simplest fits the two processes around a design that gets its Fourier pairs
// here, and returns the better one.
func simplest(ctx context.Context, x []float64, seasons []int, d design) (around, bool, error) {
	if _, err := d.choosePairs(ctx, x, usableSeasons(x, seasons)); err != nil {
		return around{}, false, err
	}
	columns := d.columns(0, len(x))
	var best around
	found := false
	for _, o := range []Order{{P: 1, Q: 1, Period: 1, Constant: true}, {P: 1, D: 1, Q: 1, Period: 1}} {
		if err := ctx.Err(); err != nil {
			return around{}, false, err
		}
		p := newProblem(x, columns, o)
		if len(p.columns[0]) < fewest {
			continue
		}
		if f, ok := p.estimate(o, []float64{0.3, -0.5}, roughly, nil); ok && (!found || f.aicc < best.aicc) {
			best, found = around{f, d}, true
		}
	}
	return best, found, nil
}

// prune leaves out regressors, the least useful first, as long as the criterion falls.
func (a around) prune(x []float64, s forecast.Series) around {
	for {
		best := a
		for i, scale := range a.design.scales {
			if scale == 0 {
				continue
			}
			d := design{harmonics: a.design.harmonics, scales: slices.Clone(a.design.scales)}
			d.scales[i] = 0
			d.measure(s, len(x))
			f, ok := newProblem(x, d.columns(0, len(x)), a.order).finish(a.order, a.u)
			if without := (around{f, d}); ok && without.cost() < best.cost() {
				best = without
			}
		}
		if best.cost() >= a.cost() {
			return a
		}
		a = best
	}
}
