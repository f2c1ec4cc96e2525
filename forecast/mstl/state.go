package mstl

import (
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/ets"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
)

const stateVersion = 1

// State holds the plan and the state of the model of the rest. The seasons are
// not in it: they are smoothed out of the series of the day.
func (f *fitted) State() ([]byte, error) {
	inner, err := f.inner.State()
	if err != nil {
		return nil, err
	}
	w := state.NewWriter(Model{}.Name(), stateVersion)
	w.String(f.reason)
	log := 0
	if f.log {
		log = 1
	}
	w.Int(log)
	w.Float(f.scale)
	w.Int(len(f.seasons))
	for _, m := range f.seasons {
		w.Int(m)
	}
	w.String(string(inner))
	return w.Bytes(), nil
}

// Load decomposes the series of now by the saved plan. Where it cannot, with
// less than two cycles or values that have no logarithm, the saved model of the
// rest is given the series as it is.
func (Model) Load(saved []byte, s forecast.Series) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	r := state.NewReader(saved, Model{}.Name(), stateVersion)
	reason := r.String()
	p := plan{log: r.Int() == 1, scale: r.Float()}
	count := r.Int()
	if count < 0 || count > 64 {
		r.Fail("%d seasons", count)
		count = 0
	}
	for range count {
		m := r.Int()
		if m < 2 || m > 1<<20 {
			r.Fail("season of %d", m)
		}
		p.seasons = append(p.seasons, m)
	}
	if !slices.IsSorted(p.seasons) || p.scale < 0 || p.scale == 0 && count > 0 {
		r.Fail("seasons %v, scale %v", p.seasons, p.scale)
	}
	inner := r.String()
	if err := r.Close(); err != nil {
		return nil, err
	}
	if count > 0 && p.log && forecast.SpanOf(s.Values).Min <= nearZero*p.scale {
		p.seasons = nil
	}
	f := newFitted(p, s)
	if f.reason != "" && reason != "" {
		f.reason = reason
	}
	var err error
	f.inner, err = ets.ETS{}.Load([]byte(inner), f.rest(s))
	return f, err
}
