// Package forecast is the vocabulary of a library of time series models: a
// [Series] goes in, a [Model] fits it, a [Fitted] model gives a [Forecast] of
// quantiles and a mean.
//
// The models live in the packages below this one (baseline, ets, theta, auto
// and others); calendar knows frequencies and bins, prep makes regular series
// out of irregular rows, metric scores forecasts, and backtest runs models over
// past windows.
//
// The library does no input or output, logs nothing, keeps no global state and
// starts no goroutine that outlives a call. Everything is deterministic: the
// same series and the same seed give the same bytes on any number of cores.
//
// Three promises hold for every model, and package forecasttest checks them:
//
//   - any series whose values are finite or NaN can be fitted, whatever its
//     length; a model that cannot use it falls back to a named simpler one, and
//     [Info] says so and why;
//   - quantiles never cross, and no number that comes out is NaN or infinite;
//   - no quantile is farther from the data than [MaxReach] times their range.
package forecast

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// MaxReach is how many times the range of a series a quantile may lie beyond
// its smallest or largest value. See [Forecast.Bound].
const MaxReach = 10

var (
	// ErrHorizon means that a horizon below one was asked for.
	ErrHorizon = errors.New("forecast: horizon must be at least 1")
	// ErrLevels means that quantile levels are not strictly ascending within (0, 1).
	ErrLevels = errors.New("forecast: quantile levels must be strictly ascending between 0 and 1, both exclusive")
	// ErrSeries means that a series holds an infinite value, a season length below 1
	// or a regressor with a gap.
	ErrSeries = errors.New("forecast: bad series")
	// ErrState means that saved state is damaged, or of another model or version.
	ErrState = errors.New("forecast: bad model state")
)

// Series is one regular time series, oldest value first.
type Series struct {
	// Values holds one value per step. NaN is a missing value; this is the only
	// place of the library where NaN has a meaning. Infinities are refused.
	// Models keep no reference to the slice beyond the call and never change it.
	Values []float64
	// Seasons are the lengths of plausible seasonal cycles in steps, shortest
	// first; empty means none. A model uses those that the series is long
	// enough for. Lengths of 1 are ignored.
	Seasons []int
	// NonNegative tells that values below zero are impossible: no quantile and
	// no mean is below zero then.
	NonNegative bool
	// Smooth leaves quantiles between the multiples of the unit that the values come
	// in, see [Span]: for those who combine or transform forecasts before anybody
	// sees them.
	Smooth bool
	// Regressors are what is known beside the values, such as a price or a
	// holiday: [regressor][step], from the step of the first value on and as far
	// beyond the last one as is known, without gaps. Models that cannot use them
	// ignore them; one that can tells so in its comment. A series that is cut for a
	// backtest keeps them whole. They are shared, and no model changes them.
	Regressors [][]float64
}

// Check reports whether the series can be given to a model: an error that
// wraps [ErrSeries] names the first infinite value, season below 1, or value of
// a regressor that is missing or not a number.
func (s Series) Check() error {
	for i, v := range s.Values {
		if math.IsInf(v, 0) {
			return fmt.Errorf("%w: value %d of %d is %v", ErrSeries, i, len(s.Values), v)
		}
	}
	for _, m := range s.Seasons {
		if m < 1 {
			return fmt.Errorf("%w: season length %d", ErrSeries, m)
		}
	}
	for i, r := range s.Regressors {
		if len(r) < len(s.Values) {
			return fmt.Errorf("%w: regressor %d has %d values, fewer than the %d of the series", ErrSeries, i, len(r), len(s.Values))
		}
		for t, v := range r {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("%w: value %d of regressor %d is %v", ErrSeries, t, i, v)
			}
		}
	}
	return nil
}

// Season returns the shortest season of 2 steps or more, or 1 where there is none.
func (s Series) Season() int {
	best := 1
	for _, m := range s.Seasons {
		if m > 1 && (best == 1 || m < best) {
			best = m
		}
	}
	return best
}

// A Model is a recipe that can be fitted to a series. Its settings are fields
// of the implementing type. Models are safe for concurrent use.
type Model interface {
	// Name is the short lower-case name by which users choose the model.
	Name() string
	// Fit estimates the model. It fails only when the context is done or the
	// series does not pass [Series.Check]; a series that the model cannot use
	// gets a simpler one, as [Info] tells. The seed feeds every random choice.
	// Long computations look at the context at least every few milliseconds.
	Fit(ctx context.Context, s Series, seed uint64) (Fitted, error)
	// Load applies the parameters that [Fitted.State] gave to the data of now:
	// nothing is estimated again. The series may have grown since the fit; see
	// [Update]. An error wraps [ErrState] when the state is not of this model.
	Load(state []byte, s Series) (Fitted, error)
}

// A Fitted model knows its series. It is immutable and safe for concurrent use.
type Fitted interface {
	// Forecast gives the steps 1 to horizon after the last value of the series:
	// its quantiles at the levels, strictly ascending within (0, 1), possibly
	// none, and its mean. Errors wrap [ErrHorizon] or [ErrLevels], or are the
	// context's. Two calls give the same numbers.
	Forecast(ctx context.Context, horizon int, levels []float64) (Forecast, error)
	// State gives the parameters in a versioned form for [Model.Load]; it holds
	// none of the series' values beyond what the parameters need.
	State() ([]byte, error)
	// Info tells what was fitted.
	Info() Info
}

// Update gives a fitted model of m the series of now, which begins as that of the
// fit did and has grown: nothing is estimated again, and what comes out is what
// the same parameters make of the whole series, however many updates it came in.
// The state stays that of the fit. New values may be missing; when all are, the
// forecast moves on by as many steps and changes no number. Where the parameters
// cannot follow what has come, such as a zero where the model divides, a simpler
// model stands in and [Info] says so.
func Update(m Model, f Fitted, s Series) (Fitted, error) {
	saved, err := f.State()
	if err != nil {
		return nil, err
	}
	return m.Load(saved, s)
}

// A Pather is a fitted model that can draw whole futures. Quantiles tell nothing
// of how the steps hang together; a total over the horizon, a stock that must
// not run out and the largest of many steps are read off paths.
type Pather interface {
	// Paths draws the steps 1 to horizon count times, [path][step]. At each step
	// the paths are distributed as Forecast says. Equal seeds give equal paths, and
	// the promises about a forecast's numbers hold for theirs. Errors wrap
	// [ErrHorizon] or are the context's.
	Paths(ctx context.Context, horizon, count int, seed uint64) ([][]float64, error)
}

// Info tells what a fit came to.
type Info struct {
	// Model names what was fitted, with its form where it has one: "ets(A,Ad,N)".
	Model string
	// Fallback is empty, or the reason why a simpler model stands in for the
	// one that was asked for.
	Fallback string
	// Reason says in a sentence why an automatic choice fell on this model.
	Reason string
	// Params holds the estimates by name, for people to read.
	Params map[string]float64
}

// Forecast holds the predictive distribution of each step of the horizon.
type Forecast struct {
	Levels    []float64   // [level], strictly ascending
	Quantiles [][]float64 // [level][step]
	Mean      []float64   // [step]
}

// Horizon returns the number of steps.
func (f Forecast) Horizon() int { return len(f.Mean) }

// CheckRequest reports whether a horizon and levels can be asked of a model.
func CheckRequest(horizon int, levels []float64) error {
	if horizon < 1 {
		return fmt.Errorf("%w, got %d", ErrHorizon, horizon)
	}
	for i, p := range levels {
		if !(p > 0 && p < 1) || i > 0 && p <= levels[i-1] {
			return fmt.Errorf("%w, got %v at place %d", ErrLevels, p, i)
		}
	}
	return nil
}

// New returns a forecast of zeros with room for the levels and the horizon. It
// copies the levels.
func New(levels []float64, horizon int) Forecast {
	f := Forecast{
		Levels:    slices.Clone(levels),
		Quantiles: make([][]float64, len(levels)),
		Mean:      make([]float64, horizon),
	}
	flat := make([]float64, len(levels)*horizon)
	for i := range f.Quantiles {
		f.Quantiles[i], flat = flat[:horizon:horizon], flat[horizon:]
	}
	return f
}
