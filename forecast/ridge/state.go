package ridge

import (
	"context"
	"math"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/ets"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
)

const stateVersion = 1

// State holds the settings, the profile, the coefficients and the widths.
func (f *fitted) State() ([]byte, error) {
	w := state.NewWriter(Model{}.Name(), stateVersion)
	w.String("")
	w.Float(f.data.scale)
	for _, v := range []int{int(f.kind), f.lags, f.solution.width, f.season, len(f.coef)} {
		w.Int(v)
	}
	w.Float(f.penalty)
	w.Float(f.half)
	for _, e := range f.profile.effects {
		w.Floats(e)
	}
	for _, c := range f.coef {
		w.Floats(c)
	}
	w.Floats(f.width.step)
	w.Floats(f.width.phase)
	w.Floats(f.width.shape)
	return w.Bytes(), nil
}

// State holds the reason and the state of the model instead.
func (f simpler) State() ([]byte, error) {
	inner, err := f.Fitted.State()
	if err != nil {
		return nil, err
	}
	w := state.NewWriter(Model{}.Name(), stateVersion)
	w.String(f.reason)
	w.String(string(inner))
	return w.Bytes(), nil
}

// Load applies the coefficients to the series of now. Phases are counted from
// its first observation, so it must begin where the series of the fit began.
func (Model) Load(saved []byte, s forecast.Series) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	r := state.NewReader(saved, Model{}.Name(), stateVersion)
	if reason := r.String(); reason != "" {
		inner := r.String()
		if err := r.Close(); err != nil {
			return nil, err
		}
		f, err := ets.ETS{}.Load([]byte(inner), s)
		if err != nil {
			return nil, err
		}
		return simpler{f, reason}, nil
	}
	f := &fitted{span: forecast.SpanOf(s.Values), nonNegative: s.NonNegative}
	scale := r.Float()
	if !(scale > 0) {
		r.Fail("scale %v", scale)
	}
	f.read(r)
	if err := r.Close(); err != nil {
		return nil, err
	}
	if f.data = prepare(s, scale); f.data.reason == "" {
		switch {
		case !f.data.admits(f.kind):
			f.data.reason = "values have come that the " + f.kind.String() + " does not admit"
		case len(f.data.y) < f.lags:
			f.data.reason = "fewer values than lags"
		}
	}
	if f.data.reason != "" {
		return instead(context.Background(), f.data.reason, s, 0)
	}
	return f, nil
}

// read reads what makes a solution and its widths.
func (f *fitted) read(r *state.Reader) {
	f.kind, f.lags, f.solution.width, f.season = transform(r.Int()), r.Int(), r.Int(), r.Int()
	steps := r.Int()
	f.penalty, f.half = r.Float(), r.Float()
	switch {
	case f.kind < 0 || f.kind >= transforms:
		r.Fail("transform %d", f.kind)
	case f.lags < 1 || f.lags > maxLags || f.solution.width < 1 || f.solution.width > f.lags:
		r.Fail("level over %d of %d lags", f.solution.width, f.lags)
	case f.season < 0 || f.season > 16 || steps < 1 || steps > maxAhead:
		r.Fail("%d seasons, %d steps", f.season, steps)
	default:
		f.tables(r, steps)
	}
}

// tables reads what is indexed: effects, coefficients and widths.
func (f *fitted) tables(r *state.Reader, steps int) {
	for range f.season {
		e := r.Floats()
		if len(e) == 0 {
			r.Fail("a season without effects")
		}
		f.profile.effects = append(f.profile.effects, e)
	}
	for range steps {
		c := r.Floats()
		if len(c) != f.lags {
			r.Fail("%d coefficients for %d lags", len(c), f.lags)
		}
		f.coef = append(f.coef, c)
	}
	f.width = widths{r.Floats(), r.Floats(), r.Floats()}
	if len(f.width.step) != steps || len(f.width.phase) == 0 || len(f.width.shape) != shapeSize {
		r.Fail("%d, %d and %d widths", len(f.width.step), len(f.width.phase), len(f.width.shape))
	}
	for _, v := range append(append([]float64(nil), f.width.step...), f.width.phase...) {
		if !(v > 0 && v < math.MaxFloat64) {
			r.Fail("width %v", v)
		}
	}
}
