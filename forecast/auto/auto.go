// Package auto chooses a model for each series by what it would have missed.
//
// The candidates are fitted before up to three windows of the series' own past
// and forecast them; the one with the smallest weighted quantile loss over the
// levels 0.1, 0.5 and 0.9 is fitted to the whole series. The windows are as
// long as the forecast to come, or as a fifth of the series where that is
// shorter, and the latest three of that length.
//
// A backtest of a few steps is mostly luck. So one candidate, the ensemble of
// exponential smoothing, ARIMA, Theta and the pretrained network, is taken unless another beats it
// clearly: the other's loss must be lower by a share that grows as the compared
// steps get fewer. A series without room for a window is not compared at all. The
// ensemble's members hold on to simple forms when a series is short, and name the
// simpler model that stands in where there is too little for any form.
//
// The candidates are the ensemble, the pretrained network alone (package
// zeroshot), the seasonal naive forecast of every season of
// which the series holds two cycles, naive and drift. Where most steps have no
// demand, a model of intermittent demand comes first and is the trusted one. In
// series with several seasons, where the ensemble is another and has ridge in it,
// mstl is compared too, and where one season is long ridge and mstl.
//
// A series with regressors that explain it (by the criterion of package arima)
// has one candidate more, package regress around the ensemble, or around ridge.
// The criterion looks at the whole series and is the better judge, so the windows
// only have to agree: the regression takes the first candidate's place if its loss
// is lower; where most steps have no demand it must win as others do, since the
// criterion takes errors for normal. No other candidate sees the regressors, so that they change nothing
// where they do not help.
package auto

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/arima"
	"github.com/almanac-forecast/almanac/forecast/backtest"
	"github.com/almanac-forecast/almanac/forecast/baseline"
	"github.com/almanac-forecast/almanac/forecast/ensemble"
	"github.com/almanac-forecast/almanac/forecast/ets"
	"github.com/almanac-forecast/almanac/forecast/intermittent"
	"github.com/almanac-forecast/almanac/forecast/internal/cycle"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
	"github.com/almanac-forecast/almanac/forecast/metric"
	"github.com/almanac-forecast/almanac/forecast/mstl"
	"github.com/almanac-forecast/almanac/forecast/npts"
	"github.com/almanac-forecast/almanac/forecast/regress"
	"github.com/almanac-forecast/almanac/forecast/ridge"
	"github.com/almanac-forecast/almanac/forecast/theta"
	"github.com/almanac-forecast/almanac/forecast/zeroshot"
)

// ErrModel means that no model has a name.
var ErrModel = errors.New("auto: no such model")

// Models returns every model that users can choose by name, auto first. Horizon
// is the number of steps that will be forecast: auto's windows are as long.
func Models(horizon int) []forecast.Model {
	return append([]forecast.Model{Auto{Horizon: horizon}}, single(horizon)...)
}

// single returns the models that make no choice between models.
func single(horizon int) []forecast.Model {
	models := []forecast.Model{
		ets.ETS{},
		arima.Model{},
		theta.Theta{},
		ensemble.Ensemble{Horizon: horizon},
		npts.NPTS{},
		mstl.Model{},
		ridge.Model{Horizon: horizon},
		zeroshot.Model{},
		regress.Model{},
		regress.Model{Inner: ridge.Model{Horizon: horizon}},
		baseline.SeasonalNaive{},
		baseline.Naive{},
		baseline.Drift{},
		baseline.Mean{},
	}
	for _, m := range []intermittent.Method{intermittent.Croston, intermittent.SBA, intermittent.TSB, intermittent.ADIDA, intermittent.IMAPA} {
		models = append(models, intermittent.Model{Method: m})
	}
	return models
}

// UsesRegressors tells whether a model of [Models] looks at the regressors of a
// series; an ensemble does as far as its members do.
func UsesRegressors(m forecast.Model) bool {
	switch m.(type) {
	case Auto, arima.Model, ensemble.Ensemble, regress.Model:
		return true
	}
	return false
}

// Lookup returns the model of [Models] with a name. The error wraps [ErrModel]
// and lists the names.
func Lookup(name string, horizon int) (forecast.Model, error) {
	var names []string
	for _, m := range Models(horizon) {
		if m.Name() == name {
			return m, nil
		}
		names = append(names, m.Name())
	}
	return nil, fmt.Errorf("%w: %q, have %v", ErrModel, name, names)
}

// Auto is the model that chooses. The zero value is ready.
type Auto struct {
	// Horizon is the number of steps that will be forecast; 0 means the season,
	// or 8 where there is none.
	Horizon int
}

// Name returns "auto".
func (Auto) Name() string { return "auto" }

// choiceLevels are the quantiles by which candidates are compared.
var choiceLevels = []float64{0.1, 0.5, 0.9}

const maxWindows = 3

// trust is how much better than the first candidate another must be: its loss
// must be lower by trust/√(steps compared). Of 0.5, 1, 1.5 and 2 it had the
// smallest loss on the last steps of the training parts of eight cases (M3
// yearly, quarterly and monthly, M4 weekly, hospital, tourism, electricity,
// instruments); at 0.5 the luck of the windows costs hospital 4 %.
const trust = 1.5

// Fit compares the candidates and fits the best.
func (a Auto) Fit(ctx context.Context, s forecast.Series, seed uint64) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	s, gap := tail.Cut(s)
	best, reason, err := a.choose(ctx, s, seed)
	if err != nil {
		return nil, err
	}
	inner, err := best.Fit(ctx, seen(best, s), seed)
	if err != nil {
		return nil, err
	}
	return tail.After((&fitted{Fitted: inner, name: best.Name(), reason: reason}).drawing(), gap, nil)
}

// longSeason is the number of steps from which a season is too long for the
// states of exponential smoothing.
const longSeason = 24

// candidates returns what is compared, the most trusted first.
func candidates(s forecast.Series, horizon int) []forecast.Model {
	var out []forecast.Model
	if sparse(s.Values) {
		out = append(out, intermittent.Model{Method: intermittent.IMAPA})
	}
	switch m := s.Season(); {
	case cycle.Several(s): // the ensemble has ridge in it
		out = append(out, ensemble.Ensemble{Horizon: horizon}, mstl.Model{})
	case m >= longSeason && 2*m <= len(s.Values):
		out = append(out, ensemble.Ensemble{}, ridge.Model{Horizon: horizon}, mstl.Model{})
	default:
		out = append(out, ensemble.Ensemble{})
	}
	out = append(out, zeroshot.Model{})
	for _, m := range s.Seasons {
		if m > 1 && 2*m <= len(s.Values) {
			out = append(out, baseline.SeasonalNaive{Season: m})
		}
	}
	return append(out, baseline.Naive{}, baseline.Drift{})
}

// regression returns the candidate that uses the regressors of the series, nil
// where they do not explain it.
func regression(ctx context.Context, s forecast.Series, horizon int) (forecast.Model, error) {
	if len(s.Regressors) == 0 {
		return nil, nil
	}
	if e, err := arima.Effects(ctx, s); err != nil || e.None() {
		return nil, err
	}
	if cycle.Several(s) && !sparse(s.Values) {
		return regress.Model{Inner: ridge.Model{Horizon: horizon}}, nil
	}
	return regress.Model{}, nil // what is left of intermittent demand is not intermittent
}

// seen is the series as a candidate sees it.
func seen(m forecast.Model, s forecast.Series) forecast.Series {
	if _, ok := m.(regress.Model); !ok {
		s.Regressors = nil
	}
	return s
}

// sparse tells whether demand comes so seldom that a level says little about
// it: no value is negative, and the mean interval between those that are not
// zero is 1.32 steps or more (A. A. Syntetos, J. E. Boylan and J. D. Croston, On
// the categorization of demand patterns, J. Oper. Res. Soc. 56, 2005).
func sparse(values []float64) bool {
	observed, demands := 0, 0
	for _, v := range values {
		switch {
		case v < 0:
			return false
		case v > 0:
			demands++
			observed++
		case v == 0:
			observed++
		}
	}
	return demands > 0 && float64(observed) >= 1.32*float64(demands)
}

// choose returns the model to fit and why.
func (a Auto) choose(ctx context.Context, s forecast.Series, seed uint64) (forecast.Model, string, error) {
	models := candidates(s, a.Horizon)
	n := len(s.Values)
	h := a.Horizon
	if h < 1 {
		h = s.Season()
		if h == 1 {
			h = 8
		}
	}
	h = min(h, n/5)
	if h < 1 || len(models) == 1 {
		return models[0], models[0].Name() + ": too short for a comparison", nil
	}
	w := backtest.Windows{Horizon: h, Count: min(maxWindows, n/(2*h))}
	with, err := regression(ctx, s, a.Horizon)
	if err != nil {
		return nil, "", err
	}
	if with != nil {
		models = slices.Insert(models, 1, with)
	}
	best, bestLoss, first := 0, math.Inf(1), math.Inf(1)
	points := 0
	for i, m := range models {
		loss, steps, err := compare(ctx, compared(m, s), seen(m, s), w, seed)
		if err != nil {
			return nil, "", err
		}
		switch margin := 1 - trust/math.Sqrt(float64(max(points, 1))); {
		case i == 0:
			first, points, bestLoss = loss, steps, loss
		case i == 1 && with != nil && !sparse(s.Values):
			if loss < first {
				best, bestLoss, first = i, loss, loss
			}
		case loss < first*margin && loss < bestLoss:
			best, bestLoss = i, loss
		}
	}
	return models[best], fmt.Sprintf("%s has the smallest loss of %d candidates over %d windows of %d steps", models[best].Name(), len(models), w.Count, h), nil
}

// compared returns the model that stands for a candidate in the comparison. An
// ensemble takes part without ARIMA, its slow member: it can only lose by that,
// to what it beats anyhow, and the comparison takes a tenth of the time. Where there
// are several seasons it has no such member.
func compared(m forecast.Model, s forecast.Series) forecast.Model {
	quick := ensemble.Ensemble{Members: []forecast.Model{ets.ETS{}, theta.Theta{}, zeroshot.Model{}}}
	switch m := m.(type) {
	case ensemble.Ensemble:
		if !cycle.Several(s) {
			return quick
		}
	case regress.Model:
		if m.Inner == nil {
			return regress.Model{Inner: quick}
		}
	}
	return m
}

// compare returns the summed loss of a model over the windows and the number of
// steps compared.
func compare(ctx context.Context, m forecast.Model, s forecast.Series, w backtest.Windows, seed uint64) (float64, int, error) {
	results, err := backtest.Run(ctx, m, s, w, backtest.Options{Levels: choiceLevels, Season: 1, Seed: seed})
	if err != nil {
		return 0, 0, err
	}
	sum := metric.NewAccumulator(choiceLevels)
	for _, r := range results {
		sum.Add(r.Item())
	}
	scores := sum.Scores()
	if scores.Points == 0 {
		return math.Inf(1), 0, nil
	}
	return scores.AverageWQL, scores.Points, nil
}

const stateVersion = 1

// Load loads the model that was chosen.
func (a Auto) Load(data []byte, s forecast.Series) (forecast.Fitted, error) {
	r := state.NewReader(data, a.Name(), stateVersion)
	f := &fitted{name: r.String(), reason: r.String()}
	inner := r.String()
	if err := r.Close(); err != nil {
		return nil, err
	}
	if err := s.Check(); err != nil {
		return nil, err
	}
	s, gap := tail.Cut(s)
	for _, m := range single(a.Horizon) {
		if m.Name() != f.name {
			continue
		}
		var err error
		if f.Fitted, err = m.Load([]byte(inner), seen(m, s)); err != nil {
			return nil, err
		}
		return tail.After(f.drawing(), gap, nil)
	}
	return nil, fmt.Errorf("%w for auto: chosen model %.40q is not known", forecast.ErrState, f.name)
}

// fitted is the chosen model with its reason.
type fitted struct {
	forecast.Fitted
	name, reason string
}

// drawing lets the chosen model draw paths where it can.
func (f *fitted) drawing() forecast.Fitted {
	if p, ok := f.Fitted.(forecast.Pather); ok {
		return struct {
			*fitted
			forecast.Pather
		}{f, p}
	}
	return f
}

// Info adds the reason of the choice.
func (f *fitted) Info() forecast.Info {
	info := f.Fitted.Info()
	info.Reason = f.reason
	return info
}

// State wraps the state of the chosen model.
func (f *fitted) State() ([]byte, error) {
	inner, err := f.Fitted.State()
	if err != nil {
		return nil, err
	}
	w := state.NewWriter(Auto{}.Name(), stateVersion)
	w.String(f.name)
	w.String(f.reason)
	w.String(string(inner))
	return w.Bytes(), nil
}
