package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/coldstart"
	"github.com/almanac-forecast/almanac/internal/dataset"
	"github.com/almanac-forecast/almanac/internal/result"
)

// Models says where the models of a predictor are.
type Models struct {
	Prefix string // in the output's bucket; holds what Train wrote
}

// Selection is the series that a forecast is wanted for; nil means all.
type Selection struct {
	keys map[string]struct{}
}

// Select adds a series. Case does not matter.
func (s *Selection) Select(id string, dims []string) {
	if s.keys == nil {
		s.keys = map[string]struct{}{}
	}
	s.keys[foldKey(id, dims)] = struct{}{}
}

// Len returns the number of series selected.
func (s *Selection) Len() int { return len(s.keys) }

// ForecastResult is what a forecast produced.
type ForecastResult struct {
	Series  int64
	Skipped int64 // series of the data without a model, or without related data
	Start   int64 // label of the first step
	// Objects are the keys of the files, apart from the manifest.
	Objects []string
}

// forecaster is what all series of one forecast have in common.
type forecaster struct {
	plan    Plan
	span    span
	levels  []float64
	rows    []int // for each type its place in the levels, -1 for the mean
	model   forecast.Model
	seasons []int
	trained modelManifest
	only    *Selection
	// regressors makes those that the models were trained with.
	regressors regressors
	// known forecasts what has no history. It is made when it is first needed.
	known func() (*coldstart.Group, error)
}

func newForecaster(ctx context.Context, in Inputs, plan Plan, models Models, out Output) (*forecaster, error) {
	if err := plan.check(); err != nil {
		return nil, err
	}
	f := &forecaster{plan: plan, seasons: plan.seasons()}
	var err error
	if f.levels, err = plan.levels(); err != nil {
		return nil, err
	}
	for _, t := range plan.Types {
		at := -1
		if t != MeanType {
			at = slices.IndexFunc(f.levels, func(l float64) bool { return sameLevel(l, t) })
		}
		f.rows = append(f.rows, at)
	}
	if f.trained, err = readModelManifest(ctx, out.Bucket, models.Prefix); err != nil {
		return nil, err
	}
	if f.trained.Model != plan.Model || !slices.Equal(f.trained.Dimensions, plan.Dimensions) {
		return nil, fmt.Errorf("pipeline: the models are of %q with dimensions %q, the plan asks for %q with %q",
			f.trained.Model, f.trained.Dimensions, plan.Model, plan.Dimensions)
	}
	if f.model, err = plan.model(); err != nil {
		return nil, err
	}
	if f.span, err = plan.span(in.Target); err != nil {
		return nil, err
	}
	f.regressors, err = newRegressors(plan, f.span, in.Related, f.trained.Features)
	return f, err
}

// Forecast applies the models to the data of now and writes the forecast under
// out.Prefix: a file per partition and last a manifest. Series that have
// appeared since training are fitted, or skipped if the plan is Fixed.
func Forecast(ctx context.Context, in Inputs, plan Plan, models Models, only *Selection, out Output) (ForecastResult, error) {
	f, err := newForecaster(ctx, in, plan, models, out)
	if err != nil {
		return ForecastResult{}, err
	}
	w, err := openWork(ctx, in, plan, out)
	if err != nil {
		return ForecastResult{}, err
	}
	w.of = max(w.of, len(f.trained.Parts))
	f.only = only
	f.known = sync.OnceValues(func() (*coldstart.Group, error) { return f.group(ctx, w) })
	m := f.manifest(in.Target, w.of)
	for i := range m.Parts {
		p, err := f.part(ctx, w, i)
		if err != nil {
			return ForecastResult{}, err
		}
		m.Parts[i] = p.Part
		m.Series += p.Part.Series
		m.Skipped += p.Skipped
	}
	if m.Series == 0 {
		return ForecastResult{}, f.nothing(only, m.Skipped)
	}
	if err := result.WriteManifest(ctx, out.Bucket, out.Prefix, m); err != nil {
		return ForecastResult{}, err
	}
	r := ForecastResult{Series: m.Series, Skipped: m.Skipped, Start: m.Times[0]}
	for _, p := range m.Parts {
		r.Objects = append(r.Objects, strings.TrimPrefix(p.Key, "/"))
	}
	return r, nil
}

func (f *forecaster) nothing(only *Selection, skipped int64) error {
	if only != nil && skipped == 0 {
		return unusable("None of the %d time series in the time series selector is in the target time series dataset.", only.Len())
	}
	return unusable("There is no series to forecast: the predictor has no model for any of the %d time series of the current data, or they have no related time series.", skipped)
}

func (f *forecaster) manifest(d *dataset.Data, parts int) result.Manifest {
	m := result.Manifest{
		ID: d.Schema().ID, Dimensions: f.plan.Dimensions, Types: f.plan.Types, Frequency: f.plan.Frequency.String(),
		Parts: make([]result.Part, parts),
	}
	for i := range f.plan.Horizon {
		m.Times = append(m.Times, f.span.grid.Time(f.span.count+i))
	}
	return m
}

// forecastPart is what a step of a forecast gave.
type forecastPart struct {
	Part    result.Part `json:"part"`
	Skipped int64       `json:"skipped,omitempty"`
}

func (f *forecaster) part(ctx context.Context, w *work, i int) (forecastPart, error) {
	step := w.step("forecast", i)
	var p forecastPart
	if found, err := w.done.get(step, &p); found || err != nil {
		w.report.skip(p.Part.Series + p.Skipped)
		return p, err
	}
	states, err := f.states(ctx, w, i)
	if err != nil {
		return p, err
	}
	var passed atomic.Int64 // series without a related one
	series := filter(w.project.read(ctx, w.in.Target, i, w.of), f.only.wants())
	series = f.plan.beside(ctx, series, w.in.Related, i, w.of, func() { passed.Add(1) })
	items, err := readMetadata(ctx, w.in.Items, i, w.of)
	if err != nil {
		return p, err
	}
	added, err := f.newKeys(ctx, w, i, items)
	if err != nil {
		return p, err
	}
	series = withKeys(series, f.only.pick(added))
	predict := func(ctx context.Context, r rows) (result.Series, error) {
		return f.predict(ctx, r, states[fold(r.key)], items[dataset.Fold(r.key.ID)].attributes)
	}
	if p, err = f.write(ctx, w, i, series, predict); err != nil {
		return p, err
	}
	w.report.add(passed.Load())
	p.Skipped += passed.Load()
	return p, w.done.finish(ctx, step, p)
}

// wants returns whether a series is selected; nil when all are.
func (s *Selection) wants() func(rows) bool {
	if s == nil {
		return nil
	}
	return func(r rows) bool { return s.has(r.key) }
}

func (s *Selection) has(k result.Key) bool {
	_, ok := s.keys[fold(k)]
	return ok
}

// pick returns the keys that are selected.
func (s *Selection) pick(keys []result.Key) []result.Key {
	if s == nil {
		return keys
	}
	return slices.DeleteFunc(keys, func(k result.Key) bool { return !s.has(k) })
}

// states reads the models of the series that lie in partition i. The models
// may have been cut into fewer partitions than the data are now.
func (f *forecaster) states(ctx context.Context, w *work, i int) (map[string][]byte, error) {
	parts := f.trained.Parts
	states := map[string][]byte{}
	for q, p := range parts {
		// Both counts are powers of two and the hash is cut at its low bits.
		if n := min(len(parts), w.of); q&(n-1) != i&(n-1) {
			continue
		}
		for s, err := range readModels(ctx, w.out.Bucket, p) {
			if err != nil {
				return nil, err
			}
			if w.of == len(parts) || Partition(s.key.ID, w.of) == i {
				states[fold(s.key)] = s.state
			}
		}
	}
	return states, nil
}

func (f *forecaster) write(ctx context.Context, work *work, i int, series rowsSeq, predict func(context.Context, rows) (result.Series, error)) (forecastPart, error) {
	var p forecastPart
	key := join(work.out.Prefix, fmt.Sprintf("part-%05d.fc", i))
	w, err := work.out.Bucket.NewWriter(ctx, key)
	if err != nil {
		return p, fmt.Errorf("pipeline: writing %s: %w", key, err)
	}
	defer w.Abort()
	pw, err := result.NewPartWriter(w, result.Shape{Types: len(f.plan.Types), Steps: f.plan.Horizon, Dims: len(f.plan.Dimensions)})
	if err != nil {
		return p, err
	}
	err = ordered(ctx, work.out.Threads, series, predict, func(s result.Series) error {
		work.report.add(1)
		if s.Values == nil {
			p.Skipped++
			return nil
		}
		return pw.Add(s)
	})
	if err != nil {
		return p, err
	}
	if p.Part, err = pw.Close(); err != nil {
		return p, fmt.Errorf("pipeline: writing %s: %w", key, err)
	}
	if err := w.Close(); err != nil {
		return p, fmt.Errorf("pipeline: writing %s: %w", key, err)
	}
	p.Part.Key = "/" + key
	return p, nil
}

// predict forecasts one series; one that gets no forecast has no values.
func (f *forecaster) predict(ctx context.Context, r rows, state []byte, attributes []string) (result.Series, error) {
	s := result.Series{Key: f.plan.display(r.key)}
	if state == nil && f.plan.Fixed {
		return s, nil
	}
	y, ok, err := f.forecast(ctx, r, state, f.levels)
	if err != nil {
		return s, err
	}
	if !ok && f.plan.Fixed {
		return s, nil
	}
	if !ok {
		group, err := f.known()
		if group == nil || err != nil {
			return s, err
		}
		y = group.Forecast(attributes, f.levels)
	}
	for _, at := range f.rows {
		if at < 0 {
			s.Values = append(s.Values, y.Mean)
		} else {
			s.Values = append(s.Values, y.Quantiles[at])
		}
	}
	return s, nil
}

// forecast applies the model of a series, or fits one where there is none. It
// is not ok where the series has no history.
func (f *forecaster) forecast(ctx context.Context, r rows, state []byte, levels []float64) (y forecast.Forecast, ok bool, err error) {
	history, data := f.plan.history(f.span, r)
	first := slices.Index(data, true)
	if first < 0 {
		return y, false, nil
	}
	input := f.plan.series(history[first:], f.seasons)
	if input.Regressors, err = f.regressors.of(r, first); err != nil {
		return y, false, err
	}
	var m forecast.Fitted
	if state != nil {
		m, err = f.model.Load(state, input)
	} else {
		m, err = f.model.Fit(ctx, input, f.plan.seed(r.key))
	}
	if err != nil {
		return y, false, describe(r.key, err)
	}
	if y, err = m.Forecast(ctx, f.plan.Horizon, levels); err != nil {
		return y, false, describe(r.key, err)
	}
	return y, true, nil
}
