package ets

import (
	"context"
	"math"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/cycle"
	"github.com/almanac-forecast/almanac/forecast/internal/standin"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
)

// owner names the saved form and its version.
var owner = standin.Owner{Model: ETS{}.Name(), Version: 3}

// State holds the forms, their parameters and initial states.
func (f *fitted) State() ([]byte, error) {
	w := owner.Begin()
	w.Float(f.data.scale)
	w.Int(int(f.seed >> 32))
	w.Int(int(f.seed & math.MaxUint32))
	w.Head(f.head)
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

// Load runs the recursion with the saved parameters over the series of now.
// Where the series begins as it did at the fit, the saved initial states are
// used; where its beginning was cut off, they come from the first values, as at
// the start of a search.
func (ETS) Load(data []byte, s forecast.Series) (forecast.Fitted, error) {
	return cycle.Load(owner.Model, data, s, func(data []byte, s forecast.Series) (forecast.Fitted, error) {
		return load(data, s, false)
	})
}

// Resume is Load for a series that begins where that of the fit did although its
// first values are no longer quite the same, such as what a smoother leaves: the
// saved initial states are used.
func (ETS) Resume(data []byte, s forecast.Series) (forecast.Fitted, error) {
	return load(data, s, true)
}

func load(data []byte, s forecast.Series, same bool) (forecast.Fitted, error) {
	r, simpler, err := owner.Open(data, s)
	if err != nil || simpler != nil {
		return simpler, err
	}
	scale := r.Float()
	if !(scale > 0) {
		r.Fail("scale %v", scale)
	}
	seed := uint64(r.Int())<<32 | uint64(r.Int())
	head := r.Head()
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
	s, gap := tail.Cut(s)
	f, err := saved{estimates, scale, seed, head}.apply(s, same || head.Begins(s.Values))
	return tail.After(f, gap, err)
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
	case !within(e.alpha, 0, 1) || !within(e.beta, -e.alpha*(1-e.phi), e.alpha) || !within(e.gamma, 0, 1) || !within(e.phi, 0, 1),
		!within(e.variance, 0, math.MaxFloat64), !within(e.freedom, 1, math.MaxInt32):
		r.Fail("parameters out of their range")
	}
	return e
}

// saved is what a state holds.
type saved struct {
	estimates []estimate
	scale     float64
	seed      uint64
	head      state.Head
}

// apply uses the estimates on a series, with the initial states if it begins in the
// same way.
func (v saved) apply(s forecast.Series, same bool) (forecast.Fitted, error) {
	d := prepareScaled(s, v.scale)
	instead := func(reason string) (forecast.Fitted, error) {
		return owner.Fit(context.Background(), s, reason, v.seed)
	}
	if d.reason != "" {
		return instead(d.reason)
	}
	begun := append([]estimate(nil), v.estimates...)
	for i := range begun {
		e := &begun[i]
		if e.form.positive() && !d.positive {
			return instead("values at or below zero have come to a form that needs positive ones")
		}
		if same {
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
	f, ok := newFitted(begun, d, s, v.seed)
	if !ok {
		return instead("the saved parameters cannot follow the series")
	}
	f.head = v.head
	for i := range f.members {
		f.members[i].start = v.estimates[i].start // the state stays what it was
	}
	return f, nil
}
