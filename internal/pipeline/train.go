package pipeline

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/baseline"
	"github.com/almanac-forecast/almanac/forecast/calendar"
	"github.com/almanac-forecast/almanac/forecast/metric"
	"github.com/almanac-forecast/almanac/forecast/prep"
	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/result"
)

// TrainResult is what training found.
type TrainResult struct {
	Series  int64
	Skipped int64 // series without a single value, or without related data
	// Unrelated are those of Skipped that have no related time series beside them.
	Unrelated int64
	Features  []Feature      // of the related time series
	Models    map[string]int // series by the model that was fitted: "ets", "naive"
	Fallbacks Fallbacks      // those of them that it stands in for
	Windows   []Window       // oldest first
	Summary   metric.Scores  // the mean of the windows
	Naive     metric.Scores  // of the seasonal naive forecast on the same windows
	// Objects are the keys of the files, apart from the manifest.
	Objects []string
}

// Window is the accuracy in one backtest window.
type Window struct {
	Start, End int64 // epoch seconds; End is exclusive
	Scores     metric.Scores
	Naive      metric.Scores
}

// trainer is what all series of one training have in common. It is not changed
// once the work has begun.
type trainer struct {
	plan    Plan
	span    span
	levels  []float64
	model   forecast.Model
	naive   forecast.Model
	seasons []int
	windows []window
	// features of the related time series, and what makes regressors of them.
	features   []Feature
	regressors regressors
}

func newTrainer(in Inputs, plan Plan) (*trainer, error) {
	if err := plan.check(); err != nil {
		return nil, err
	}
	t := &trainer{plan: plan, naive: baseline.SeasonalNaive{}, seasons: plan.seasons()}
	var err error
	if t.levels, err = plan.levels(); err != nil {
		return nil, err
	}
	if t.model, err = plan.model(); err != nil {
		return nil, err
	}
	if t.span, err = plan.span(in.Target); err != nil {
		return nil, err
	}
	t.windows = plan.windows(t.span)
	return t, plan.checkLength(t.span)
}

// Train fits the models and backtests them. Under out.Prefix it writes, per
// partition, the states of the models and the forecasts of the backtest
// windows, and last a manifest. Errors that the owner of the data can mend are
// [UnusableError].
func Train(ctx context.Context, in Inputs, plan Plan, out Output) (TrainResult, error) {
	t, err := newTrainer(in, plan)
	if err != nil {
		return TrainResult{}, err
	}
	w, err := openWork(ctx, in, plan, out)
	if err != nil {
		return TrainResult{}, err
	}
	if t.features, err = validateOnce(ctx, in, t, w.done); err != nil {
		return TrainResult{}, err
	}
	if t.regressors, err = newRegressors(plan, t.span, in.Related, t.features); err != nil {
		return TrainResult{}, err
	}
	m := modelManifest{Model: plan.Model, Dimensions: plan.Dimensions, Features: t.features, Parts: make([]modelPart, w.of)}
	for i := range m.Parts {
		if m.Parts[i], err = t.part(ctx, w, i); err != nil {
			return TrainResult{}, err
		}
	}
	r, err := t.score(ctx, out.Bucket, m)
	if err != nil {
		return TrainResult{}, err
	}
	return r, writeModelManifest(ctx, out.Bucket, out.Prefix, m)
}

// part trains one partition, or takes over what an earlier attempt made of it.
func (t *trainer) part(ctx context.Context, w *work, i int) (modelPart, error) {
	step := w.step("train", i)
	var part modelPart
	if found, err := w.done.get(step, &part); found || err != nil {
		w.report.skip(part.Series + part.Skipped)
		return part, err
	}
	files, err := t.openPart(ctx, w.out, i)
	if err != nil {
		return part, err
	}
	defer files.abort()
	series := t.plan.beside(ctx, w.project.read(ctx, w.in.Target, i, w.of), w.in.Related, i, w.of, files.skip)
	err = ordered(ctx, w.out.Threads, series, t.fit, func(f fitted) error {
		w.report.add(1)
		return files.add(f)
	})
	if err != nil {
		return part, err
	}
	w.report.add(files.passed.Load())
	if part, err = files.close(); err != nil {
		return part, err
	}
	return part, w.done.finish(ctx, step, part)
}

// fitted is what training made of one series.
type fitted struct {
	key      result.Key
	model    string // "" when there was nothing to fit
	fallback string // why it is not the one that was asked for, or empty
	state    []byte
	backtest [][]float64 // [row of backtestRows][window × step]
}

// fit trains one series and backtests it.
func (t *trainer) fit(ctx context.Context, r rows) (fitted, error) {
	f := fitted{key: t.plan.display(r.key)}
	history, data := t.plan.history(t.span, r)
	first := slices.Index(data, true)
	if first < 0 {
		return f, nil
	}
	c := candidate{history: history, data: data, first: first, seed: t.plan.seed(r.key)}
	var err error
	if c.regressors, err = t.regressors.of(r, first); err != nil {
		return f, err
	}
	m, err := t.model.Fit(ctx, t.input(c, len(history)), c.seed)
	if err != nil {
		return f, describe(r.key, err)
	}
	info := m.Info()
	f.model, f.fallback = family(info.Model), info.Fallback
	if f.state, err = m.State(); err != nil {
		return f, describe(r.key, err)
	}
	if len(t.windows) > 0 {
		f.backtest = t.emptyBacktest()
	}
	for i, w := range t.windows {
		if err := t.test(ctx, f.backtest, i, w, c); err != nil {
			return f, describe(r.key, err)
		}
	}
	return f, nil
}

// candidate is a series to be trained, in bins.
type candidate struct {
	history    []float64
	data       []bool      // what counts as observed
	first      int         // bin of the first observation
	regressors [][]float64 // from there to the end of the horizon
	seed       uint64
}

// input is the series up to a bin, as models get it. Its regressors are known
// beyond: they are what the owner of the data knew ahead.
func (t *trainer) input(c candidate, end int) forecast.Series {
	s := t.plan.series(c.history[c.first:end], t.seasons)
	s.Regressors = c.regressors
	return s
}

// describe names the series that an error is about.
func describe(k result.Key, err error) error {
	return fmt.Errorf("pipeline: series %q %q: %w", k.ID, k.Dims, err)
}

// family is the model without its form: "ets" of "ets(A,Ad,N)".
func family(model string) string {
	name, _, _ := strings.Cut(model, "(")
	return name
}

// history puts the rows of a series into the bins of the span and fills them.
// The bins before the first observation stay missing. data tells what counts
// as observed.
func (p Plan) history(s span, r rows) (values []float64, data []bool) {
	return p.Filling.Apply(p.aggregate(s, r), 0)
}

// aggregate is one value per bin, missing where the series has none.
func (p Plan) aggregate(s span, r rows) []float64 {
	return prep.Aggregate(r.times, r.values, s.grid, 0, s.count, p.Aggregation)
}

// series makes the input of a model.
func (p Plan) series(values []float64, seasons []int) forecast.Series {
	s := forecast.Series{Values: values, Seasons: seasons, NonNegative: p.Bounded}
	for _, v := range values {
		s.NonNegative = s.NonNegative && !(v < 0)
	}
	return s
}

// The rows of a backtest record: the quantiles at the levels, the mean, the
// actual values (missing where the series is not scored), the quantiles and
// the mean of the seasonal naive forecast, and the scale of MASE.
func (t *trainer) backtestRows() []string {
	var names []string
	for _, prefix := range []string{"", "naive:"} {
		for _, level := range t.levels {
			names = append(names, prefix+fmt.Sprint(level))
		}
		names = append(names, prefix+MeanType)
	}
	return append(names, "actual", "scale")
}

func (t *trainer) emptyBacktest() [][]float64 {
	rows := make([][]float64, 2*(len(t.levels)+1)+2)
	for i := range rows {
		rows[i] = make([]float64, len(t.windows)*t.plan.Horizon)
		for j := range rows[i] {
			rows[i][j] = math.NaN()
		}
	}
	return rows
}

// test forecasts one window from what precedes it. A series with a value in
// the window that is not data, or with nothing before the window, is left out.
func (t *trainer) test(ctx context.Context, into [][]float64, i int, w window, c candidate) error {
	if c.first >= w.start || slices.Contains(c.data[w.start:w.end], false) {
		return nil
	}
	past := t.input(c, w.start)
	n := len(t.levels) + 1
	at := i * t.plan.Horizon
	if err := t.forecastInto(ctx, into[:n], at, t.model, past, c.seed); err != nil {
		return err
	}
	if err := t.forecastInto(ctx, into[n:2*n], at, t.naive, past, c.seed); err != nil {
		return err
	}
	copy(into[2*n][at:], c.history[w.start:w.end])
	scale := metric.Scale(past.Values, calendar.AmazonSeason(t.plan.Frequency))
	for k := range t.plan.Horizon {
		into[2*n+1][at+k] = scale
	}
	return nil
}

func (t *trainer) forecastInto(ctx context.Context, into [][]float64, at int, m forecast.Model, past forecast.Series, seed uint64) error {
	f, err := m.Fit(ctx, past, seed)
	if err != nil {
		return err
	}
	y, err := f.Forecast(ctx, t.plan.Horizon, t.levels)
	if err != nil {
		return err
	}
	for k, q := range y.Quantiles {
		copy(into[k][at:], q)
	}
	copy(into[len(t.levels)][at:], y.Mean)
	return nil
}

// partWriter writes the two files of a partition.
type partWriter struct {
	part     modelPart
	out      Output
	models   blob.Writer
	states   *modelWriter
	tests    blob.Writer // nil without windows
	backtest *result.PartWriter
	key      string // of the backtest file
	passed   atomic.Int64
}

// skip counts a series without a related one, which is not trained. It is called by the goroutine that
// reads, beside the one that writes.
func (w *partWriter) skip() { w.passed.Add(1) }

func (t *trainer) openPart(ctx context.Context, out Output, i int) (*partWriter, error) {
	w := &partWriter{out: out, part: modelPart{Key: join(out.Prefix, fmt.Sprintf("part-%05d.models", i)), Models: map[string]int{}, Fallbacks: Fallbacks{}}}
	var err error
	if w.models, err = out.Bucket.NewWriter(ctx, w.part.Key); err != nil {
		return nil, fmt.Errorf("pipeline: writing %s: %w", w.part.Key, err)
	}
	w.states = newModelWriter(w.models, len(t.plan.Dimensions))
	if len(t.windows) == 0 {
		return w, nil
	}
	w.key = join(out.Prefix, fmt.Sprintf("part-%05d.backtest", i))
	if w.tests, err = out.Bucket.NewWriter(ctx, w.key); err != nil {
		w.models.Abort()
		return nil, fmt.Errorf("pipeline: writing %s: %w", w.key, err)
	}
	shape := result.Shape{Types: len(t.backtestRows()), Steps: len(t.windows) * t.plan.Horizon, Dims: len(t.plan.Dimensions)}
	w.backtest, err = result.NewPartWriter(w.tests, shape)
	return w, err
}

func (w *partWriter) add(f fitted) error {
	if f.model == "" {
		w.part.Skipped++
		return nil
	}
	w.part.Series++
	w.part.Models[f.model]++
	if f.fallback != "" {
		w.part.Fallbacks.add(f.model, Fallback{1, f.key.ID, f.key.Dims, f.fallback})
	}
	if err := w.states.add(f.key, f.state); err != nil {
		return err
	}
	if w.backtest == nil {
		return nil
	}
	return w.backtest.Add(result.Series{Key: f.key, Values: f.backtest})
}

func (w *partWriter) abort() {
	w.models.Abort()
	if w.tests != nil {
		w.tests.Abort()
	}
}

func (w *partWriter) close() (modelPart, error) {
	if err := w.states.close(); err != nil {
		return modelPart{}, fmt.Errorf("pipeline: writing %s: %w", w.part.Key, err)
	}
	w.part.Bytes = w.states.bytes
	w.part.Unrelated = w.passed.Load()
	w.part.Skipped += w.part.Unrelated
	if err := w.models.Close(); err != nil {
		return modelPart{}, fmt.Errorf("pipeline: writing %s: %w", w.part.Key, err)
	}
	if w.backtest == nil {
		return w.part, nil
	}
	p, err := w.backtest.Close()
	if err == nil {
		err = w.tests.Close()
	}
	if err != nil {
		return modelPart{}, fmt.Errorf("pipeline: writing %s: %w", w.key, err)
	}
	p.Key = "/" + w.key
	w.part.Backtest = &p
	return w.part, nil
}
