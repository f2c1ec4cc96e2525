package mstl

import (
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/ets"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
)

const stateVersion = 2

// State holds the plan, what is looked at, and the state of the model of the rest.
// The seasons are not in it: they are smoothed out of the series of the day.
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
	w.Head(f.head)
	w.Int(f.from)
	w.Int(len(f.seasons))
	for _, m := range f.seasons {
		w.Int(m)
	}
	w.String(string(inner))
	return w.Bytes(), nil
}

// Load decomposes the series of now by the saved plan. Where it cannot, with
// less than two cycles or values that have no logarithm, the saved model of the
// rest is given the series as it is. Where it begins as at the fit the rest is
// smoothed from the same step and the same states on.
func (Model) Load(saved []byte, s forecast.Series) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	r := state.NewReader(saved, Model{}.Name(), stateVersion)
	reason := r.String()
	p := plan{log: r.Int() == 1, scale: r.Float()}
	head, from := r.Head(), r.Int()
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
	s, gap := tail.Cut(s)
	n := len(s.Values)
	same := head.Begins(s.Values) && from >= 0 && from <= n
	if !same {
		head, from = state.HeadOf(s.Values), max(0, n-history)
	}
	f := newFitted(p, s, from)
	f.head = head
	if f.reason != "" && reason != "" {
		f.reason = reason
	}
	load := ets.ETS{}.Load
	if same && len(f.seasons) > 0 {
		load = ets.ETS{}.Resume
	}
	var err error
	f.inner, err = load([]byte(inner), f.rest(s))
	return tail.After(f, gap, err)
}
