package ets

import (
	"context"
	"math"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/standin"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
)

// owner names the saved form and its version.
var owner = standin.Owner{Model: ETS{}.Name(), Version: 2}

// State holds the forms, their parameters and initial states.
func (f *fitted) State() ([]byte, error) {
	w := owner.Begin()
	w.Float(f.data.scale)
	w.Int(int(f.seed >> 32))
	w.Int(int(f.seed & math.MaxUint32))
	w.Int(int(f.head >> 32))
	w.Int(int(f.head & math.MaxUint32))
	w.Int(len(f.members))
	for _, m := range f.members {
		for _, c := range []Component{m.form.Error, m.form.Trend, m.form.Season} {
			w.Int(int(c))
		}
		w.Int(m.m)
		for _, v := range []float64{m.alpha, m.beta, m.gamma, m.phi, m.variance, m.freedom, m.aicc, m.start.l, m.start.b} {
			w.Float(v)
		}
		w.Floats(m.start.s)
	}
	return w.Bytes(), nil
}

// fingerprint tells series apart by their first values.
func fingerprint(y []float64) uint64 {
	h := uint64(14695981039346656037) // FNV-1a over words
	for _, v := range y[:min(len(y), 8)] {
		h = (h ^ math.Float64bits(v)) * 1099511628211
	}
	return h
}

// Load runs the recursion with the saved parameters over the series of now.
// Where the series begins as it did at the fit, the saved initial states are
// used; where its beginning was cut off, they come from the first values, as at
// the start of a search.
func (ETS) Load(saved []byte, s forecast.Series) (forecast.Fitted, error) {
	r, simpler, err := owner.Open(saved, s)
	if err != nil || simpler != nil {
		return simpler, err
	}
	saved64 := func() uint64 { return uint64(r.Int())<<32 | uint64(r.Int()) }
	scale := r.Float()
	if !(scale > 0) {
		r.Fail("scale %v", scale)
	}
	seed, head := saved64(), saved64()
	count := r.Int()
	if count < 1 || count > maxMembers {
		r.Fail("%d forms", count)
	}
	estimates := make([]estimate, 0, maxMembers)
	for i := 0; i < count && i < maxMembers; i++ {
		estimates = append(estimates, readEstimate(r))
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	return apply(estimates, s, scale, seed, head)
}

// maxMembers is the number of admissible forms.
const maxMembers = 30

func readEstimate(r *state.Reader) (e estimate) {
	e.form = Form{Component(r.Int()), Component(r.Int()), Component(r.Int())}
	e.m = r.Int()
	for _, v := range []*float64{&e.alpha, &e.beta, &e.gamma, &e.phi, &e.variance, &e.freedom, &e.aicc, &e.start.l, &e.start.b} {
		*v = r.Float()
	}
	e.start.s = r.Floats()
	within := func(v, low, high float64) bool { return v >= low && v <= high }
	switch {
	case !e.form.admissible() || e.form.Error == Auto || e.form.Trend == Auto || e.form.Season == Auto:
		r.Fail("no form")
	case e.m < 1 || len(e.start.s) != e.m || (e.form.Season == None) != (e.m == 1):
		r.Fail("season of %d with %d effects", e.m, len(e.start.s))
	case !within(e.alpha, 0, 1) || !within(e.beta, 0, e.alpha) || !within(e.gamma, 0, 1) || !within(e.phi, 0, 1),
		!within(e.variance, 0, math.MaxFloat64), !within(e.freedom, 1, math.MaxInt32):
		r.Fail("parameters out of their range")
	}
	return e
}

// apply uses estimates on a series.
func apply(estimates []estimate, s forecast.Series, scale float64, seed, head uint64) (forecast.Fitted, error) {
	d := prepareScaled(s, scale)
	instead := func(reason string) (forecast.Fitted, error) {
		return owner.Fit(context.Background(), s, reason, seed)
	}
	if d.reason != "" {
		return instead(d.reason)
	}
	begun := append([]estimate(nil), estimates...)
	for i := range begun {
		e := &begun[i]
		if e.form.positive() && !d.positive {
			return instead("values at or below zero have come to a form that needs positive ones")
		}
		if fingerprint(d.y) == head {
			continue
		}
		season := make([]float64, e.m)
		if e.form.Season != None {
			if len(d.y) < 2*e.m {
				return instead("less than two seasons of a series that begins otherwise than at the fit")
			}
			season = startSeason(d.y, d.w, e.m, e.form.Season == Multiplicative)
		}
		e.start = startStates(d.y, d.w, season, e.form)
	}
	f, ok := newFitted(begun, d, s, seed)
	if !ok {
		return instead("the saved parameters cannot follow the series")
	}
	f.head = head
	for i := range f.members {
		f.members[i].start = estimates[i].start // the state stays what it was
	}
	return f, nil
}
