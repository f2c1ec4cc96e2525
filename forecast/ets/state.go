package ets

import (
	"context"
	"math"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
)

const stateVersion = 1

// State holds the form, its parameters and initial states.
func (f *fitted) State() ([]byte, error) {
	w := state.NewWriter(ETS{}.Name(), stateVersion)
	w.String("")
	for _, c := range []Component{f.form.Error, f.form.Trend, f.form.Season} {
		w.Int(int(c))
	}
	w.Int(f.m)
	for _, v := range []float64{f.alpha, f.beta, f.gamma, f.phi, f.variance, f.freedom, f.aicc, f.scale, f.start.l, f.start.b} {
		w.Float(v)
	}
	w.Floats(f.start.s)
	w.Int(int(f.seed >> 32))
	w.Int(int(f.seed & math.MaxUint32))
	w.Int(int(f.head >> 32))
	w.Int(int(f.head & math.MaxUint32))
	return w.Bytes(), nil
}

// State holds the reason.
func (f simpler) State() ([]byte, error) {
	w := state.NewWriter(ETS{}.Name(), stateVersion)
	w.String(f.reason)
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
	if err := s.Check(); err != nil {
		return nil, err
	}
	r := state.NewReader(saved, ETS{}.Name(), stateVersion)
	if reason := r.String(); reason != "" {
		if err := r.Close(); err != nil {
			return nil, err
		}
		inner, err := fallback(context.Background(), "", s, 0)
		if err != nil {
			return nil, err
		}
		return simpler{inner.(simpler).Fitted, reason}, nil
	}
	e, scale, seed, head := readEstimate(r)
	if err := r.Close(); err != nil {
		return nil, err
	}
	return e.apply(s, scale, seed, head)
}

func readEstimate(r *state.Reader) (e estimate, scale float64, seed, head uint64) {
	e.form = Form{Component(r.Int()), Component(r.Int()), Component(r.Int())}
	e.m = r.Int()
	for _, v := range []*float64{&e.alpha, &e.beta, &e.gamma, &e.phi, &e.variance, &e.freedom, &e.aicc, &scale, &e.start.l, &e.start.b} {
		*v = r.Float()
	}
	e.start.s = r.Floats()
	seed = uint64(r.Int())<<32 | uint64(r.Int())
	head = uint64(r.Int())<<32 | uint64(r.Int())
	within := func(v, low, high float64) bool { return v >= low && v <= high }
	switch {
	case !e.form.admissible() || e.form.Error == Auto || e.form.Trend == Auto || e.form.Season == Auto:
		r.Fail("no form")
	case e.m < 1 || len(e.start.s) != e.m || (e.form.Season == None) != (e.m == 1):
		r.Fail("season of %d with %d effects", e.m, len(e.start.s))
	case !within(e.alpha, 0, 1) || !within(e.beta, 0, e.alpha) || !within(e.gamma, 0, 1) || !within(e.phi, 0, 1),
		!within(e.variance, 0, math.MaxFloat64), !within(e.freedom, 1, math.MaxInt32), !(scale > 0):
		r.Fail("parameters out of their range")
	}
	return e, scale, seed, head
}

// apply uses the estimate on a series.
func (e estimate) apply(s forecast.Series, scale float64, seed, head uint64) (forecast.Fitted, error) {
	d := prepareScaled(s, scale)
	switch {
	case d.reason != "":
		return fallback(context.Background(), d.reason, s, seed)
	case e.form.positive() && !d.positive:
		return fallback(context.Background(), "values at or below zero have come to a form that needs positive ones", s, seed)
	}
	begun := e
	if fingerprint(d.y) != head {
		if e.form.Season != None && len(d.y) < 2*e.m {
			return fallback(context.Background(), "less than two seasons of a series that begins otherwise than at the fit", s, seed)
		}
		season := make([]float64, e.m)
		if e.form.Season != None {
			season = startSeason(d.y, d.w, e.m, e.form.Season == Multiplicative)
		}
		begun.start = startStates(d.y, d.w, season, e.form)
	}
	if _, ok := begun.finish(d.y, d.w); !ok {
		return fallback(context.Background(), "the saved parameters cannot follow the series", s, seed)
	}
	f := newFitted(begun, d, s, seed)
	f.head = head
	f.estimate.start = e.start // the state stays what it was
	return f, nil
}
