package theta

import (
	"context"
	"math"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/cycle"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
)

// estimates are what a series was fitted with, and what is saved.
type estimates struct {
	parameters
	scale  float64
	season season
	a, b   float64 // the line through the whole series, for the variants that have one
	known  int     // values that the estimates come from
	head   state.Head
}

// State saves the estimates.
func (f *fitted) State() ([]byte, error) {
	w := f.model.owner().Begin()
	for _, v := range []float64{f.alpha, f.weight, f.level, f.sigma2, f.scale, f.a, f.b} {
		w.Float(v)
	}
	w.Head(f.head)
	for _, v := range []int{f.known, f.period, int(f.season.kind)} {
		w.Int(v)
	}
	w.Floats(f.season.indices)
	return w.Bytes(), nil
}

// Load runs the recursion with the saved estimates over the series of now. Where it
// begins otherwise than at the fit, α and the season's length are kept, and level,
// θ, line and indices are those of the data of now.
func (m Theta) Load(data []byte, s forecast.Series) (forecast.Fitted, error) {
	return cycle.Load(m.Name(), data, s, m.load)
}

func (m Theta) load(data []byte, s forecast.Series) (forecast.Fitted, error) {
	r, simpler, err := m.owner().Open(data, s)
	if err != nil || simpler != nil {
		return simpler, err
	}
	e := read(r)
	if err := r.Close(); err != nil {
		return nil, err
	}
	s, gap := tail.Cut(s)
	same := e.head.Begins(s.Values)
	if !same {
		e.scale = 0
	}
	x, scale, reason := prepare(s.Values, e.scale)
	if reason != "" {
		instead, err := m.owner().Fit(context.Background(), s, reason, 0)
		return tail.After(instead, gap, err)
	}
	e.scale = scale
	var p *problem
	if same {
		p = m.resume(x, e)
	} else {
		e.known, e.head = len(x), state.HeadOf(s.Values)
		p = m.restart(x, &e, ahead(s))
	}
	return tail.After(m.fitted(e, p, s), gap, nil)
}

// resume takes the saved season out of values that begin as those of the fit did.
func (m Theta) resume(x []float64, e estimates) *problem {
	for t, v := range x {
		x[t] = e.season.remove(v, t)
	}
	interpolate(x)
	p := newProblem(m.variant(), x)
	if m.variant() != Dynamic {
		for t := range p.a {
			p.a[t], p.b[t] = e.a, e.b
		}
	}
	return p
}

// restart estimates what belongs to a beginning.
func (m Theta) restart(x []float64, e *estimates, steps int) *problem {
	e.season = deseason(x, e.period, true)
	interpolate(x)
	p := newProblem(m.variant(), x)
	p.look(steps)
	p.errors(e.alpha)
	p.weigh(&e.parameters)
	p.settle(&e.parameters)
	e.a, e.b = p.a[len(x)], p.b[len(x)]
	return p
}

func read(r *state.Reader) estimates {
	var e estimates
	for _, v := range []*float64{&e.alpha, &e.weight, &e.level, &e.sigma2, &e.scale, &e.a, &e.b} {
		*v = r.Float()
	}
	e.head, e.known, e.period = r.Head(), r.Int(), r.Int()
	e.season = season{kind(r.Int()), r.Floats()}
	switch {
	case e.alpha < minAlphaAhead || e.alpha > maxAlpha || e.weight < 0 || e.weight > maxWeight || e.sigma2 < 0 || !(e.scale > 0) || math.IsInf(1/e.scale, 0):
		r.Fail("alpha %g, weight %g, variance %g, scale %g", e.alpha, e.weight, e.sigma2, e.scale)
	case e.known < least || e.period < 1 || e.season.kind < none || e.season.kind > multiplicative:
		r.Fail("%d values, period %d, season of kind %d", e.known, e.period, e.season.kind)
	case e.season.kind != none && len(e.season.indices) != e.period:
		r.Fail("period %d with %d indices", e.period, len(e.season.indices))
	}
	for _, v := range e.season.indices {
		if e.season.kind == multiplicative && v <= 0 {
			r.Fail("index %g", v)
		}
	}
	return e
}
