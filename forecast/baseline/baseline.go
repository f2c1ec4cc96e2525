// Package baseline holds the forecasts that every other model has to beat.
//
// With y₁ … y_T the observed values, h steps ahead, the points are
//
//	naive           ŷ = y_T
//	seasonal naive  ŷ = y_{T+h−km},  k = ⌈h/m⌉: the same phase of the last season of m steps
//	drift           ŷ = y_T + h·(y_T − y_1)/(T − 1)
//	mean            ŷ = (y₁ + … + y_T)/T
//
// The quantiles are the point plus a quantile of past errors. Those are errors
// out of sample: what the same rule would have missed when it stood at an
// earlier time and looked as far ahead, at up to [Residuals] latest times.
//
//	naive           y_{t+h} − y_t
//	seasonal naive  y_t − y_{t−km}
//	drift           y_{t+h} − y_t − h·(y_t − y_1)/(t − 1),  t ≥ 3
//	mean            y_t − (y₁ + … + y_{t−1})/(t − 1), of one step, for every h
//
// Looking far ahead leaves few such errors. Where the history has fewer than
// half of what the first step has, the errors are those of the longest
// distance that has as many, grown with the square root of the distance, as the
// error of a random walk does. Package spread says how few errors become
// quantiles.
//
// The mean is the point, and so is the median: quantiles below it are at most
// the point, those above it at least. Missing values are passed over: a point comes from the
// last observed value (of its phase), an error needs both its values.
//
// Reference: R. J. Hyndman and G. Athanasopoulos, Forecasting: Principles and
// Practice, 3rd ed. (2021), section 5.2. Departs from it in the quantiles: the
// book derives them from a normal distribution and residuals of one step.
package baseline

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/spread"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
)

// Residuals is how many past errors of one distance are looked at: 56 days of hours.
const Residuals = 1344

// Naive repeats the last observed value.
type Naive struct{}

// SeasonalNaive repeats the last season.
type SeasonalNaive struct {
	// Season is the length of the season in steps. Zero takes the shortest
	// season of the series that has been seen once and a step more.
	Season int
}

// Drift extends the line through the first and the last observed value.
type Drift struct{}

// Mean repeats the average of all observed values.
type Mean struct{}

// A kind is one of the rules.
type kind int

const (
	naive kind = iota
	seasonal
	drift
	mean
)

var names = [...]string{naive: "naive", seasonal: "seasonal-naive", drift: "drift", mean: "mean"}

// stateVersion is the version of the saved form: the season.
const stateVersion = 1

// Name returns "naive".
func (Naive) Name() string { return names[naive] }

// Name returns "seasonal-naive".
func (SeasonalNaive) Name() string { return names[seasonal] }

// Name returns "drift".
func (Drift) Name() string { return names[drift] }

// Name returns "mean".
func (Mean) Name() string { return names[mean] }

// Fit remembers the end of the series.
func (Naive) Fit(ctx context.Context, s forecast.Series, _ uint64) (forecast.Fitted, error) {
	return fit(ctx, naive, 1, s)
}

// Fit chooses the season and remembers the end of the series. A series too
// short for its seasons gets the naive forecast.
func (m SeasonalNaive) Fit(ctx context.Context, s forecast.Series, _ uint64) (forecast.Fitted, error) {
	season := m.Season
	if season < 1 {
		season = 1
		for _, m := range s.Seasons {
			if m > 1 && m < len(s.Values) && (season == 1 || m < season) {
				season = m
			}
		}
		if season == 1 {
			season = s.Season() // too long, which Info then tells
		}
	}
	return fit(ctx, seasonal, season, s)
}

// Fit remembers the series.
func (Drift) Fit(ctx context.Context, s forecast.Series, _ uint64) (forecast.Fitted, error) {
	return fit(ctx, drift, 1, s)
}

// Fit remembers the series.
func (Mean) Fit(ctx context.Context, s forecast.Series, _ uint64) (forecast.Fitted, error) {
	return fit(ctx, mean, 1, s)
}

// Load takes the series of now.
func (Naive) Load(data []byte, s forecast.Series) (forecast.Fitted, error) {
	return load(naive, data, s)
}

// Load takes the season that was chosen and the series of now.
func (SeasonalNaive) Load(data []byte, s forecast.Series) (forecast.Fitted, error) {
	return load(seasonal, data, s)
}

// Load takes the series of now.
func (Drift) Load(data []byte, s forecast.Series) (forecast.Fitted, error) {
	return load(drift, data, s)
}

// Load takes the series of now.
func (Mean) Load(data []byte, s forecast.Series) (forecast.Fitted, error) {
	return load(mean, data, s)
}

func load(k kind, data []byte, s forecast.Series) (forecast.Fitted, error) {
	r := state.NewReader(data, names[k], stateVersion)
	season := r.Int()
	if season < 1 {
		r.Fail("season %d", season)
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	return fit(context.Background(), k, season, s)
}

// fitted is any of the rules on a series.
type fitted struct {
	asked, kind kind      // they differ where a simpler rule stands in
	season      int       // as asked for
	values      []float64 // NaN is missing; begins and ends with an observation
	last        []float64 // [phase]: the points of the next season, for naive and seasonal
	slope       float64
	average     float64
	span        forecast.Span
	nonNegative bool
	info        forecast.Info
}

func fit(ctx context.Context, k kind, season int, s forecast.Series) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, gap := tail.Cut(s)
	return tail.After(newFitted(k, season, s), gap, nil)
}

// newFitted applies a rule to a series that ends with an observation.
func newFitted(k kind, season int, s forecast.Series) *fitted {
	f := &fitted{asked: k, kind: k, season: season, span: forecast.SpanOf(s.Values), nonNegative: s.NonNegative}
	f.info.Model = names[k]
	first := slices.IndexFunc(s.Values, observed)
	if first < 0 {
		f.kind = naive
		f.info.Model, f.info.Fallback = names[naive], "naive: no observed value, the forecast is zero"
		return f
	}
	f.values = slices.Clone(s.Values[first:])
	n := len(f.values)
	m := season
	switch k {
	case seasonal:
		if m >= n {
			f.info.Fallback = fmt.Sprintf("naive: a season of %d steps needs %d values, the series has %d", m, m+1, n)
			f.info.Model, m = names[naive], 1
			f.kind = naive
		} else {
			f.info.Params = map[string]float64{"season": float64(m)}
		}
	case drift:
		f.fitDrift()
	case mean:
		f.fitMean()
	case naive:
	}
	f.last = lastSeason(f.values, m)
	return f
}

func observed(v float64) bool { return !math.IsNaN(v) }

// lastSeason returns the latest observed value of each phase, the phase of the
// next step first; a phase never observed gets the latest value of all.
func lastSeason(values []float64, m int) []float64 {
	out := make([]float64, m)
	n := len(values)
	for i := range out {
		out[i] = math.NaN()
		for t := n - m + i; t >= 0 && math.IsNaN(out[i]); t -= m {
			out[i] = values[t]
		}
	}
	for i, v := range out {
		if math.IsNaN(v) {
			out[i] = values[n-1]
		}
	}
	return out
}

func (f *fitted) fitDrift() {
	last := len(f.values) - 1
	if last == 0 {
		f.info.Model, f.info.Fallback = names[naive], "naive: a drift needs two observed values, the series has one"
		f.kind = naive
		return
	}
	f.slope = (f.values[last] - f.values[0]) / float64(last)
	f.info.Params = map[string]float64{"slope": f.slope}
}

func (f *fitted) fitMean() {
	n := 0.0
	for _, v := range f.values {
		if observed(v) {
			n++
			f.average += (v - f.average) / n
		}
	}
	f.info.Params = map[string]float64{"mean": f.average}
}

// Info tells the rule and its numbers.
func (f *fitted) Info() forecast.Info { return f.info }

// State holds the season that was asked for; the rest comes from the series.
func (f *fitted) State() ([]byte, error) {
	w := state.NewWriter(names[f.asked], stateVersion)
	w.Int(f.season)
	return w.Bytes(), nil
}

// Forecast adds quantiles of past errors to the points of the rule.
func (f *fitted) Forecast(ctx context.Context, horizon int, levels []float64) (forecast.Forecast, error) {
	if err := forecast.CheckRequest(horizon, levels); err != nil {
		return forecast.Forecast{}, err
	}
	out := forecast.New(levels, horizon)
	if f.span.Empty {
		return out, ctx.Err()
	}
	distance := f.distances()
	offsets := make([]float64, len(levels))
	residuals := make([]float64, 0, min(len(f.values), Residuals))
	block := 0
	for t := range horizon {
		out.Mean[t] = f.point(t)
		if next := f.blockOf(t + 1); next != block && len(levels) > 0 {
			if err := ctx.Err(); err != nil {
				return forecast.Forecast{}, err
			}
			block = next
			at := min(block, distance)
			residuals = f.errors(residuals[:0], at)
			spread.Offsets(offsets, levels, residuals)
			grow := math.Sqrt(float64(block) / float64(at))
			for i, p := range levels {
				offsets[i] = around(p, offsets[i]*grow)
			}
		}
		for i := range levels {
			out.Quantiles[i][t] = out.Mean[t] + offsets[i]
		}
	}
	out.Bound(f.span, f.nonNegative)
	return out, ctx.Err()
}

// around keeps the median at the point: errors of a series that grows are all
// above zero, and what is called naive must not forecast the growth.
func around(p, offset float64) float64 {
	switch {
	case p < 0.5:
		return min(offset, 0)
	case p > 0.5:
		return max(offset, 0)
	}
	return 0
}

// point returns the forecast of step t, counted from 0.
func (f *fitted) point(t int) float64 {
	switch f.kind {
	case mean:
		return f.average
	case drift:
		return f.last[0] + float64(t+1)*f.slope
	case naive, seasonal:
	}
	return f.last[t%len(f.last)]
}

// blockOf returns how many seasons ahead step h lies: the unit in which the
// distance of errors is counted.
func (f *fitted) blockOf(h int) int {
	switch f.kind {
	case mean:
		return 1
	case seasonal:
		m := len(f.last)
		return (h + m - 1) / m
	case naive, drift:
	}
	return h
}

// distances returns the longest distance, in blocks, that has at least half as
// many errors as the first, if all values were observed.
func (f *fitted) distances() int {
	n := len(f.values)
	if f.kind == mean {
		return 1
	}
	step := len(f.last)
	return max(1, (n+step)/2/step)
}

// errors appends the latest errors of the rule at a distance in blocks.
func (f *fitted) errors(dst []float64, block int) []float64 {
	y := f.values
	n := len(y)
	switch f.kind {
	case mean:
		average, count := y[0], 1.0
		for t := 1; t < n; t++ {
			if observed(y[t]) {
				dst = append(dst, y[t]-average)
				count++
				average += (y[t] - average) / count
			}
		}
		return dst[max(0, len(dst)-Residuals):]
	case drift:
		for t := max(2, n-block-Residuals); t+block < n; t++ {
			e := y[t+block] - y[t] - float64(block)*(y[t]-y[0])/float64(t)
			if observed(e) {
				dst = append(dst, e)
			}
		}
		return dst
	case naive, seasonal:
	}
	lag := block * len(f.last)
	for t := max(lag, n-Residuals); t < n; t++ {
		if e := y[t] - y[t-lag]; observed(e) {
			dst = append(dst, e)
		}
	}
	return dst
}
