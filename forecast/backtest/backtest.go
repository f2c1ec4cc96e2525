// Package backtest runs models over windows of the past.
//
// A window is a stretch of the history that is cut off before the model is
// fitted and compared with afterwards. Window 0 is the most recent; window i
// starts (i+1)·offset steps before the end of the history and is horizon steps
// long, so that with an offset above the horizon the windows leave gaps. The
// model of a window sees everything before its start and nothing else.
package backtest

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/metric"
)

var (
	// ErrWindows means that the number or the offset of windows is not allowed.
	ErrWindows = errors.New("backtest: bad windows")
	// ErrShort means that the history is too short for its windows.
	ErrShort = errors.New("backtest: history too short")
)

// MaxWindows is the largest number of windows.
const MaxWindows = 5

// Windows describes the windows of a backtest.
type Windows struct {
	Horizon int // steps of a window, at least 1
	Count   int // 1 to MaxWindows; 0 means 1
	Offset  int // steps from one start to the next, at least Horizon; 0 means Horizon
}

// withDefaults returns the windows with zeros replaced.
func (w Windows) withDefaults() Windows {
	if w.Count == 0 {
		w.Count = 1
	}
	if w.Offset == 0 {
		w.Offset = w.Horizon
	}
	return w
}

// Check returns an error that wraps [ErrWindows] where a number is out of its
// range whatever the history.
func (w Windows) Check() error {
	w = w.withDefaults()
	switch {
	case w.Horizon < 1:
		return fmt.Errorf("%w: horizon %d, want at least 1", ErrWindows, w.Horizon)
	case w.Count < 1 || w.Count > MaxWindows:
		return fmt.Errorf("%w: %d windows, want 1 to %d", ErrWindows, w.Count, MaxWindows)
	case w.Offset < w.Horizon:
		return fmt.Errorf("%w: offset %d, want at least the horizon %d", ErrWindows, w.Offset, w.Horizon)
	}
	return nil
}

// Fit checks the windows against a history of length steps: the offset must be
// below half of it, and every window must leave a step to learn from. The error
// wraps [ErrShort] or is that of [Windows.Check].
func (w Windows) Fit(length int) error {
	if err := w.Check(); err != nil {
		return err
	}
	w = w.withDefaults()
	if 2*w.Offset >= length {
		return fmt.Errorf("%w: the backtest offset of %d steps must be below half of the history of %d steps", ErrShort, w.Offset, length)
	}
	if start, _ := w.Window(length, w.Count-1); start < 1 {
		return fmt.Errorf("%w: %d windows %d steps apart leave nothing of a history of %d steps to learn from", ErrShort, w.Count, w.Offset, length)
	}
	return nil
}

// Window returns where window i of a history of length steps starts and ends:
// the steps start to end−1. Window 0 is the most recent.
func (w Windows) Window(length, i int) (start, end int) {
	w = w.withDefaults()
	start = length - (i+1)*w.Offset
	return start, start + w.Horizon
}

// A Result is what a model made of one window.
type Result struct {
	Start    int // the first step of the window in the series
	Forecast forecast.Forecast
	Actual   []float64 // NaN where missing
	Info     forecast.Info
	Scale    float64 // the denominator of MASE from the history before the window
}

// Item returns the result in the form in which metrics take it.
func (r Result) Item() metric.Item {
	return metric.Item{Actual: r.Actual, Mean: r.Forecast.Mean, Quantiles: r.Forecast.Quantiles, Scale: r.Scale}
}

// Run fits the model before each window of the series and forecasts the window;
// result i is that of window i. Season is the lag of MASE's scale. The seed of a
// window is the seed plus its number. A window that begins at or before the
// first value is fitted on an empty series.
func Run(ctx context.Context, m forecast.Model, s forecast.Series, w Windows, o Options) ([]Result, error) {
	if err := w.Check(); err != nil {
		return nil, err
	}
	w = w.withDefaults()
	results := make([]Result, w.Count)
	for i := range results {
		start, end := w.Window(len(s.Values), i)
		past := s
		past.Values = s.Values[:max(start, 0)]
		fitted, err := m.Fit(ctx, past, o.Seed+uint64(i))
		if err != nil {
			return nil, fmt.Errorf("fitting %s before window %d: %w", m.Name(), i, err)
		}
		f, err := fitted.Forecast(ctx, w.Horizon, o.Levels)
		if err != nil {
			return nil, fmt.Errorf("forecasting window %d with %s: %w", i, m.Name(), err)
		}
		r := Result{Start: start, Forecast: f, Info: fitted.Info(), Scale: metric.Scale(past.Values, o.Season)}
		r.Actual = make([]float64, w.Horizon)
		for t := range r.Actual {
			r.Actual[t] = valueAt(s.Values, start+t, end)
		}
		results[i] = r
	}
	return results, nil
}

// Options are what a backtest needs besides model, series and windows.
type Options struct {
	Levels []float64 // as for [forecast.Fitted]
	Season int       // the lag of MASE's scale; 0 means 1
	Seed   uint64
}

// valueAt returns a value of the series, or NaN outside it.
func valueAt(values []float64, t, end int) float64 {
	if t < 0 || t >= len(values) || t >= end {
		return math.NaN()
	}
	return values[t]
}
