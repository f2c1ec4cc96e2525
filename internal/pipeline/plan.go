// Package pipeline turns datasets into models and models into forecasts,
// partition by partition. The jobs of the server and the command line run the
// same code.
//
// A partition is the unit of work: its series are read in the order of their
// keys, worked on by several threads, and written in the same order to objects
// of their own. A finished partition is recorded as a step, so that a later
// attempt goes on with the next one. The bytes that come out depend on the data,
// the plan and the seed alone: not on the number of threads, nor on how often
// the work was interrupted. Memory is bounded by the series in work.
package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/auto"
	"github.com/almanac-forecast/almanac/forecast/calendar"
	"github.com/almanac-forecast/almanac/forecast/prep"
	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/dataset"
)

// MeanType is the forecast type of the mean; the others are quantile levels.
const MeanType = "mean"

// Limit says how long a horizon may be for a history of L bins (contract 6.3).
type Limit int

// The limits.
const (
	LimitQuarter Limit = iota // L/4: a new auto predictor
	LimitThird                // L/3: a retrained one
	LimitLessOne              // L-1: an algorithm that fits each series on its own
)

// Plan says what is made of the data.
type Plan struct {
	Frequency   calendar.Frequency
	Boundary    calendar.Boundary
	Horizon     int
	Limit       Limit
	Types       []string // forecast types: quantile levels as "0.1", and "mean"
	Dimensions  []string // forecast dimensions; the others are aggregated away
	Aggregation prep.Aggregation
	Filling     prep.Filling            // of the target
	Related     map[string]prep.Filling // of the related features, by attribute

	Model string // a name of auto.Models
	// Seasons are the season lengths to try, nil for those of the frequency.
	Seasons []int
	// Bounded keeps the forecasts of series without negative values at zero or
	// above. The service itself never did; see docs/divergences.md.
	Bounded bool
	// Fixed says that series which were not there when the models were trained
	// get no forecast. Otherwise they are fitted when they appear.
	Fixed bool

	Windows int // backtest windows; 0 for none
	Offset  int // bins from one window to the next, at least Horizon; 0 means Horizon
	Seed    uint64
	// KeepCase writes identifiers and dimensions as the data spell them, in
	// place of lower case.
	KeepCase bool
}

// Inputs are the datasets. Related and Items may be nil.
type Inputs struct {
	Target, Related, Items *dataset.Data
}

// Steps keeps which steps of a job are finished and what they gave, so that a
// later attempt goes on there. See resource.Steps, which has the same methods.
type Steps interface {
	Done(ctx context.Context) (map[string]json.RawMessage, error)
	Finish(ctx context.Context, name string, output any) error
}

// Output says where the work goes and how it is done.
type Output struct {
	Bucket blob.Bucket
	// Prefix is where objects are written: another one for every attempt.
	// Objects of finished steps stay where their attempt wrote them.
	Prefix  string
	Steps   Steps // nil: none is kept
	Threads int   // series worked on at once; 0 means one
	// Report is told how many units of work are done, from one goroutine at a
	// time; may be nil.
	Report func(done, total int64)
}

// UnusableError is an error that the owner of the data can mend. Its text is a full
// sentence to show.
type UnusableError struct{ Message string }

// Error implements error.
func (e *UnusableError) Error() string { return e.Message }

func unusable(format string, args ...any) error {
	return &UnusableError{Message: fmt.Sprintf(format, args...)}
}

func (p Plan) check() error {
	if !p.Frequency.Valid() {
		return errors.New("pipeline: a plan without a frequency")
	}
	if err := p.Boundary.Check(p.Frequency); err != nil {
		return fmt.Errorf("pipeline: %w", err)
	}
	if p.Horizon < 1 {
		return fmt.Errorf("pipeline: a horizon of %d", p.Horizon)
	}
	if len(p.Types) == 0 {
		return errors.New("pipeline: a plan without forecast types")
	}
	if p.Windows > 0 && p.offset() < p.Horizon {
		return fmt.Errorf("pipeline: backtest windows %d bins apart for a horizon of %d", p.Offset, p.Horizon)
	}
	return nil
}

func (p Plan) offset() int {
	if p.Offset == 0 {
		return p.Horizon
	}
	return p.Offset
}

// levels returns the quantile levels among the types, ascending.
func (p Plan) levels() ([]float64, error) {
	var levels []float64
	for _, t := range p.Types {
		if t == MeanType {
			continue
		}
		level, err := strconv.ParseFloat(t, 64)
		if err != nil || !(level > 0 && level < 1) {
			return nil, fmt.Errorf("pipeline: forecast type %q is neither %q nor a number between 0 and 1", t, MeanType)
		}
		levels = append(levels, level)
	}
	slices.Sort(levels)
	return slices.Compact(levels), nil
}

// sameLevel tells whether a forecast type is a level.
func sameLevel(level float64, forecastType string) bool {
	l, err := strconv.ParseFloat(forecastType, 64)
	return err == nil && l == level
}

// model returns the model of the plan.
func (p Plan) model() (forecast.Model, error) {
	m, err := auto.Lookup(p.Model, p.Horizon)
	if errors.Is(err, auto.ErrModel) {
		var names []string
		for _, m := range auto.Models(p.Horizon) {
			names = append(names, m.Name())
		}
		return nil, unusable("There is no model %q; choose one of %s.", p.Model, strings.Join(names, ", "))
	}
	return m, err
}

func (p Plan) seasons() []int {
	if p.Seasons != nil {
		return p.Seasons
	}
	return calendar.Seasons(p.Frequency)
}

// span is the common time range of all series, in bins of the grid.
type span struct {
	grid  calendar.Grid
	count int // L, bins from the first to the last one with a row
}

// span finds the range of the target's data. The first bin has index 0.
func (p Plan) span(d *dataset.Data) (span, error) {
	if d.Rows() == 0 {
		return span{}, unusable("The target time series dataset holds no rows.")
	}
	grid := calendar.Grid{Frequency: p.Frequency, Boundary: p.Boundary, Anchor: d.MinTime()}
	s := span{grid: grid, count: grid.Count(d.MinTime(), d.MaxTime())}
	return s, nil
}

// start returns the label of bin i as text.
func (s span) start(i int) string { return stamp(s.grid.Time(i)) }

// stamp prints a time as the service's messages do.
func stamp(t int64) string { return time.Unix(t, 0).UTC().Format("2006-01-02T15:04:05") }

func stampMinutes(t int64) string { return time.Unix(t, 0).UTC().Format("2006-01-02T15:04") }

// checkLength applies the length rules of contract 6.3 and 6.4.
func (p Plan) checkLength(s span) error {
	limit, rule := s.count/4, "a quarter of its length"
	switch p.Limit {
	case LimitQuarter:
	case LimitThird:
		limit, rule = s.count/3, "a third of its length"
	case LimitLessOne:
		limit, rule = s.count-1, "one less than its length"
	}
	if p.Horizon > limit {
		return unusable("The forecast horizon of %d is longer than the data allow. At frequency %s the target time series has %d time points "+
			"(from %s to %s), which allow a horizon of at most %d, %s. Shorten the horizon or import a longer history.",
			p.Horizon, p.Frequency, s.count, s.start(0), s.start(s.count-1), limit, rule)
	}
	if p.Windows == 0 {
		return nil
	}
	if p.Offset != 0 && 2*p.Offset >= s.count && p.Offset != p.Horizon {
		return unusable("The backtest window offset of %d is too large. It must be less than half of the %d time points of the target time series "+
			"(from %s to %s). Choose an offset below %d or import a longer history.",
			p.Offset, s.count, s.start(0), s.start(s.count-1), (s.count+1)/2)
	}
	if need := p.Windows*p.offset() + 1; need > s.count {
		return unusable("%d backtest windows with an offset of %d need at least %d time points, and the target time series has %d at frequency %s "+
			"(from %s to %s). Ask for fewer windows, a smaller offset or a shorter horizon, or import a longer history.",
			p.Windows, p.offset(), need, s.count, p.Frequency, s.start(0), s.start(s.count-1))
	}
	return nil
}

// window is a range of bins that is held back to test on; end is exclusive.
type window struct{ start, end int }

// windows returns the backtest windows, oldest first.
func (p Plan) windows(s span) []window {
	out := make([]window, p.Windows)
	for i := range out {
		start := s.count - (p.Windows-i)*p.offset()
		out[i] = window{start: start, end: start + p.Horizon}
	}
	return out
}
