// Package regress lets any model forecast a series with regressors: what they
// do is taken out of the series, the model forecasts the rest, and what they
// will do is put back.
//
//	adds        y_t = z_t + Σ β_i (x_it − c_i)
//	multiplies  y_t = z_t · exp Σ β_i (x_it − c_i)
//
// β is estimated by generalised least squares, and the form chosen, as
// [arima.Effects] tells; c_i is the mean of a regressor over the series, so that
// z stays where y is. z is forecast by the inner model, the ensemble unless
// another is given, which knows nothing of the regressors. The quantiles do not
// count that β is an estimate: where the criterion wants it, its error is small
// beside that of z.
//
// Where no regressor is known ahead and wanted, the inner model forecasts the
// series as it is, and Info tells. A forecast beyond what is known of a
// regressor takes its last value to stay.
//
// What that gained: docs/models.md.
package regress

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/arima"
	"github.com/almanac-forecast/almanac/forecast/ensemble"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
)

// Model is the regression with the rest forecast by another model. The zero
// value is ready.
type Model struct {
	Inner forecast.Model // of the rest; the ensemble where there is none
}

func (m Model) inner() forecast.Model {
	if m.Inner == nil {
		return ensemble.Ensemble{}
	}
	return m.Inner
}

// Name returns "regression" where the ensemble forecasts the rest, or
// "regression-" and the inner model's name.
func (m Model) Name() string {
	if name := m.inner().Name(); name != (ensemble.Ensemble{}).Name() {
		return "regression-" + name
	}
	return "regression"
}

// Fit estimates the effects and fits the inner model to the rest.
func (m Model) Fit(ctx context.Context, s forecast.Series, seed uint64) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	s, gap := tail.Cut(s)
	e, err := arima.Effects(ctx, s)
	if err != nil {
		return nil, err
	}
	f := newFitted(m, s, e)
	for i, c := range e.Coefficients {
		if c != 0 {
			f.centres[i] = mean(s.Regressors[i][:len(s.Values)])
		}
	}
	inner, err := m.inner().Fit(ctx, f.rest(s), seed)
	if err != nil {
		return nil, err
	}
	return tail.After(f.around(inner), gap, nil)
}

// mean adds up shares, since a sum may overflow.
func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v / float64(len(values))
	}
	return sum
}

// fitted is an effect with the model of the rest.
type fitted struct {
	forecast.Fitted
	model       Model
	effect      arima.Effect
	centres     []float64
	regressors  [][]float64
	n           int // values of the series
	span        forecast.Span
	nonNegative bool
}

func newFitted(m Model, s forecast.Series, e arima.Effect) *fitted {
	return &fitted{
		model: m, effect: e, centres: make([]float64, len(e.Coefficients)), regressors: s.Regressors, n: len(s.Values),
		span: s.Span(), nonNegative: s.NonNegative,
	}
}

// at is what the regressors do at a time: what is added, or the factor.
func (f *fitted) at(t int) float64 {
	sum := 0.0
	for i, c := range f.effect.Coefficients {
		if c == 0 {
			continue
		}
		r := f.regressors[i]
		sum += c * (r[min(t, len(r)-1)] - f.centres[i])
	}
	if f.effect.Multiplies {
		return math.Exp(min(max(sum, -largest), largest))
	}
	return sum
}

// largest bounds the logarithm of a factor: far outside of what data show, and
// a number with its inverse.
const largest = 300

// rest is the series without the effects; without regressors in any case, so
// that the inner model is the one it would be without them.
func (f *fitted) rest(s forecast.Series) forecast.Series {
	s.Regressors = nil
	if f.effect.None() {
		return s
	}
	s.Smooth = true
	s.NonNegative = s.NonNegative && f.effect.Multiplies
	values := make([]float64, len(s.Values))
	for t, v := range s.Values {
		if f.effect.Multiplies {
			values[t] = v / f.at(t)
		} else {
			values[t] = v - f.at(t)
		}
		if math.IsInf(values[t], 0) {
			values[t] = math.NaN()
		}
	}
	s.Values = values
	return s
}

// around completes f with the model of the rest.
func (f *fitted) around(inner forecast.Fitted) forecast.Fitted {
	f.Fitted = inner
	if p, ok := inner.(forecast.Pather); ok {
		return &drawing{f, p}
	}
	return f
}

// Forecast forecasts the rest and puts the effects back.
func (f *fitted) Forecast(ctx context.Context, horizon int, levels []float64) (forecast.Forecast, error) {
	out, err := f.Fitted.Forecast(ctx, horizon, levels)
	if err != nil || f.effect.None() {
		return out, err
	}
	f.restore(out.Mean)
	for _, q := range out.Quantiles {
		f.restore(q)
	}
	out.Bound(f.span, f.nonNegative)
	return out, nil
}

// restore puts the effects back into the steps after the series.
func (f *fitted) restore(steps []float64) {
	for h := range steps {
		if e := f.at(f.n + h); f.effect.Multiplies {
			steps[h] *= e
		} else {
			steps[h] += e
		}
	}
}

// drawing is a fit whose inner model can draw.
type drawing struct {
	*fitted
	inner forecast.Pather
}

// Paths draws the rest and puts the effects back.
func (d *drawing) Paths(ctx context.Context, horizon, count int, seed uint64) ([][]float64, error) {
	paths, err := d.inner.Paths(ctx, horizon, count, seed)
	if err != nil || d.effect.None() {
		return paths, err
	}
	for _, p := range paths {
		d.restore(p)
		forecast.Forecast{Mean: p}.Bound(d.span, d.nonNegative)
	}
	return paths, nil
}

// Info names the regressors that are used, and their effects in Params.
func (f *fitted) Info() forecast.Info {
	info := f.Fitted.Info()
	if f.effect.None() {
		if info.Fallback == "" {
			info.Fallback = f.model.inner().Name() + ": no regressor is known ahead and explains the series"
		}
		return info
	}
	params := map[string]float64{}
	maps.Copy(params, info.Params)
	var used []string
	for i, c := range f.effect.Coefficients {
		if c != 0 {
			name := fmt.Sprintf("regressor_%d", i+1)
			used, params[name] = append(used, name), c
		}
	}
	form := "adds"
	if f.effect.Multiplies {
		form = "multiplies"
	}
	info.Params = params
	info.Model = fmt.Sprintf("%s(%s %s, %s)", f.model.Name(), strings.Join(used, "+"), form, info.Model)
	return info
}

const stateVersion = 1

// State holds the effects and the state of the model of the rest.
func (f *fitted) State() ([]byte, error) {
	inner, err := f.Fitted.State()
	if err != nil {
		return nil, fmt.Errorf("saving the model of the rest: %w", err)
	}
	w := state.NewWriter(f.model.Name(), stateVersion)
	w.Floats(f.effect.Coefficients)
	w.Floats(f.centres)
	multiplies := 0
	if f.effect.Multiplies {
		multiplies = 1
	}
	w.Int(multiplies)
	w.String(string(inner))
	return w.Bytes(), nil
}

// Load applies saved effects and the saved model to the series of now.
func (m Model) Load(data []byte, s forecast.Series) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	r := state.NewReader(data, m.Name(), stateVersion)
	e := arima.Effect{Coefficients: r.Floats()}
	centres := r.Floats()
	e.Multiplies = r.Int() == 1
	inner := r.String()
	if slices.ContainsFunc(slices.Concat(e.Coefficients, centres), func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }) {
		r.Fail("an effect that is not a number")
	}
	if len(centres) != len(e.Coefficients) {
		r.Fail("%d centres of %d effects", len(centres), len(e.Coefficients))
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	for i, c := range e.Coefficients {
		if c != 0 && (i >= len(s.Regressors) || len(s.Regressors[i]) == 0) {
			return nil, fmt.Errorf("%w for %s: it was fitted with regressor %d, and the series has %d regressors", forecast.ErrState, m.Name(), i+1, len(s.Regressors))
		}
	}
	s, gap := tail.Cut(s)
	f := newFitted(m, s, e)
	f.centres = centres
	fit, err := m.inner().Load([]byte(inner), f.rest(s))
	if err != nil {
		return nil, fmt.Errorf("loading the model of the rest: %w", err)
	}
	return tail.After(f.around(fit), gap, nil)
}
