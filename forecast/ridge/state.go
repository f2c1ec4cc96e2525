package ridge

import (
	"context"
	"math"
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/ets"
	"github.com/almanac-forecast/almanac/forecast/internal/cycle"
	"github.com/almanac-forecast/almanac/forecast/internal/standin"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
)

// owner names the saved form and its version; exponential smoothing stands in.
var owner = standin.Owner{Model: Model{}.Name(), Version: 3, Instead: ets.ETS{}}

// State holds the settings, the profile, the coefficients and the widths.
func (f *fitted) State() ([]byte, error) {
	w := owner.Begin()
	w.Float(f.data.scale)
	w.Head(f.head)
	first := f.team[0]
	for _, v := range []int{int(first.kind), len(first.coef), len(f.team)} {
		w.Int(v)
	}
	w.Float(first.half)
	for _, m := range f.team {
		w.Int(m.lags)
		w.Int(m.width)
		w.Int(m.season)
		w.Float(m.penalty)
		for _, e := range m.profile.Effects {
			w.Floats(e)
		}
		for _, c := range m.coef {
			w.Floats(c)
		}
	}
	w.Floats(f.width.step)
	w.Floats(f.width.phase)
	w.Floats(f.width.shape)
	w.Float(f.width.usual)
	return w.Bytes(), nil
}

// Load applies the coefficients to the series of now. Where it begins otherwise
// than at the fit the phases are lost: profile and widths by phase are then those
// of the data of now.
func (Model) Load(saved []byte, s forecast.Series) (forecast.Fitted, error) {
	r, simpler, err := owner.Open(saved, s)
	if err != nil || simpler != nil {
		return simpler, err
	}
	s, gap := tail.Cut(s)
	f := &fitted{span: s.Span(), nonNegative: s.NonNegative}
	scale := r.Float()
	if !(scale > 0) {
		r.Fail("scale %v", scale)
	}
	f.head = r.Head()
	f.read(r)
	if err := r.Close(); err != nil {
		return nil, err
	}
	if f.data = prepare(s, scale); f.data.reason == "" {
		switch {
		case !f.data.admits(f.team[0].kind):
			f.data.reason = "values have come that the " + f.team[0].kind.String() + " does not admit"
		case len(f.data.y) < f.team.lags():
			f.data.reason = "fewer values than lags"
		case !f.head.Begins(s.Values) && len(f.data.y) < 2*f.team.longest():
			f.data.reason = "less than two cycles of a series that begins otherwise than at the fit"
		}
	}
	if f.data.reason != "" {
		instead, err := owner.Fit(context.Background(), s, f.data.reason, 0)
		return tail.After(instead, gap, err)
	}
	if !f.head.Begins(s.Values) {
		f.rephase(s)
	}
	f.width.follow(&search{d: &f.data, ahead: len(f.team[0].coef)}, f.team)
	return tail.After(f, gap, nil)
}

// rephase counts phases from the beginning of the series of now.
func (f *fitted) rephase(s forecast.Series) {
	f.head = state.HeadOf(s.Values)
	x := f.data.through(f.team[0].kind)
	for i := range f.team {
		p := &f.team[i].profile
		*p = cycle.NewProfile(x, p.Lengths())
	}
	for i := range f.width.phase {
		f.width.phase[i] = 1
	}
}

// longest is the longest season of the team's profiles.
func (m team) longest() int {
	most := 0
	for i := range m {
		for _, n := range m[i].profile.Lengths() {
			most = max(most, n)
		}
	}
	return most
}

// read reads the team and its widths.
func (f *fitted) read(r *state.Reader) {
	kind, steps, members, half := transform(r.Int()), r.Int(), r.Int(), r.Float()
	if kind < 0 || kind >= transforms || steps < 1 || steps > maxAhead || members < 1 || members > maxTeam {
		r.Fail("transform %d, %d steps, %d members", kind, steps, members)
		return
	}
	for range members {
		f.team = append(f.team, readSolution(r, kind, steps))
		f.team[len(f.team)-1].half = half
	}
	f.width = widths{step: r.Floats(), phase: r.Floats(), shape: r.Floats(), usual: r.Float()}
	if len(f.width.step) != steps || len(f.width.phase) == 0 || len(f.width.shape) != shapeSize {
		r.Fail("%d, %d and %d widths", len(f.width.step), len(f.width.phase), len(f.width.shape))
	}
	for _, v := range slices.Concat(f.width.step, f.width.phase) {
		if !(v > 0 && v < math.MaxFloat64) {
			r.Fail("width %v", v)
		}
	}
	if !(f.width.usual >= 0) {
		r.Fail("errors of size %v", f.width.usual)
	}
}

// readSolution reads a member.
func readSolution(r *state.Reader, kind transform, steps int) (m solution) {
	m.kind, m.lags, m.width, m.season, m.penalty = kind, r.Int(), r.Int(), r.Int(), r.Float()
	switch {
	case m.lags < 1 || m.lags > maxLags || m.width < 1 || m.width > m.lags:
		r.Fail("level over %d of %d lags", m.width, m.lags)
		return m
	case m.season < 0 || m.season > 16:
		r.Fail("%d seasons", m.season)
		return m
	}
	for range m.season {
		e := r.Floats()
		if len(e) == 0 {
			r.Fail("a season without effects")
		}
		m.profile.Effects = append(m.profile.Effects, e)
	}
	for range steps {
		c := r.Floats()
		if len(c) != m.lags {
			r.Fail("%d coefficients for %d lags", len(c), m.lags)
		}
		m.coef = append(m.coef, c)
	}
	return m
}
