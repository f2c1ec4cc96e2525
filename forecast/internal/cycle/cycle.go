package cycle

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/path"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
)

// memory is how many cycles of the longest season the model of the rest is given.
const memory = 2

// A longer is what was taken out of a series.
type longer struct {
	profile Profile // of the seasons after the shortest
	from    int     // the step, counted from the first observation, that the rest begins at
	head    state.Head
}

// A Fitter fits a model of one season, or applies a saved one.
type Fitter func(forecast.Series) (forecast.Fitted, error)

// Fit fits a model to what is left of the series, and puts back on its forecasts
// what was taken out. A series that does not hold two cycles of two seasons is
// given as it is.
func Fit(model string, s forecast.Series, fit Fitter) (forecast.Fitted, error) {
	l := take(s)
	if l.none() {
		return fit(s)
	}
	return l.restored(model, s, fit)
}

// take estimates the effects and decides on the step to begin at.
func take(s forecast.Series) longer {
	values := observed(s.Values)
	seasons := Held(s.Seasons, len(values))
	if len(seasons) < 2 {
		return longer{}
	}
	l := longer{head: state.HeadOf(values), from: max(0, len(values)-memory*seasons[len(seasons)-1])}
	span := forecast.SpanOf(values)
	scale := max(math.Abs(span.Min), math.Abs(span.Max))
	if scale == 0 {
		return l
	}
	x := make([]float64, len(values))
	for t, v := range values {
		x[t] = v / scale // so that squares do not overflow
	}
	p := NewProfile(x, seasons)
	short := float64(len(values)-l.from) / float64(seasons[0]) // cycles of it in the rest
	for i, e := range p.Effects {
		if i == 0 || !slices.ContainsFunc(e, func(v float64) bool { return v != 0 }) {
			continue
		}
		for k := range e {
			e[k] *= scale
		}
		l.profile.Effects = append(l.profile.Effects, e)
		cycles := float64(len(values)) / float64(seasons[i])
		l.profile.Doubt = append(l.profile.Doubt, p.Doubt[i]*scale*scale*(1+cycles/short))
	}
	return l
}

// observed cuts off what is missing in front.
func observed(values []float64) []float64 {
	for len(values) > 0 && math.IsNaN(values[0]) {
		values = values[1:]
	}
	return values
}

// Several tells whether a series holds two cycles of two seasons. What is left of it
// does too.
func Several(s forecast.Series) bool { return len(Held(s.Seasons, len(s.Values))) > 1 }

// Held returns the seasons, ascending, that n values hold two cycles of.
func Held(seasons []int, n int) []int {
	var out []int
	for _, m := range seasons {
		if m > 1 && 2*m <= n {
			out = append(out, m)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// none tells whether the series is left as it is.
func (l *longer) none() bool { return len(l.profile.Effects) == 0 && l.from == 0 }

// rest is the series that the model of one season sees.
func (l *longer) rest(s forecast.Series) forecast.Series {
	values := observed(s.Values)
	s.Values = l.profile.Without(values)[l.from:]
	if len(l.profile.Effects) > 0 {
		s.NonNegative, s.Smooth = false, true
	}
	return s
}

// restored fits the rest, and returns the model as one of the series.
func (l *longer) restored(model string, s forecast.Series, fit Fitter) (forecast.Fitted, error) {
	inner, err := fit(l.rest(s))
	if err != nil {
		return nil, err
	}
	return &fitted{
		Source: inner.(path.Source), // the models of one season draw paths, and so do those that stand in for them
		longer: *l, model: model, steps: len(observed(s.Values)), span: s.Span(), nonNegative: s.NonNegative,
	}, nil
}

// fitted is a model of the rest on the whole series.
type fitted struct {
	path.Source
	longer

	model       string
	steps       int // from the first observation to the end
	span        forecast.Span
	nonNegative bool
}

// tenth, middle and ninth are levels that tell the deviation of the rest.
const (
	tenth, middle, ninth = 0.1, 0.5, 0.9
	// apart is the distance of tenth and ninth in deviations of a normal distribution.
	apart = 2 * 1.2815515655446004
)

// Forecast puts the effects back, and makes the quantiles wider by their doubt.
func (f *fitted) Forecast(ctx context.Context, horizon int, levels []float64) (forecast.Forecast, error) {
	if len(f.profile.Effects) == 0 {
		return f.Source.Forecast(ctx, horizon, levels)
	}
	if err := forecast.CheckRequest(horizon, levels); err != nil {
		return forecast.Forecast{}, err
	}
	asked := append([]float64{tenth, middle, ninth}, levels...)
	slices.Sort(asked)
	asked = slices.Compact(asked)
	rest, err := f.Source.Forecast(ctx, horizon, asked)
	if err != nil {
		return forecast.Forecast{}, err
	}
	at := func(level float64) []float64 {
		i, _ := slices.BinarySearch(asked, level)
		return rest.Quantiles[i]
	}
	doubt := 0.0
	for _, v := range f.profile.Doubt {
		doubt += v
	}
	out := forecast.New(levels, horizon)
	low, centre, high := at(tenth), at(middle), at(ninth)
	for t := range horizon {
		effect := f.profile.At(f.steps + t)
		wider := 1.0
		if sigma := (high[t] - low[t]) / apart; sigma > 0 {
			wider = math.Hypot(1, math.Sqrt(doubt)/sigma)
		}
		for i, p := range levels {
			out.Quantiles[i][t] = effect + centre[t] + wider*(at(p)[t]-centre[t])
		}
		out.Mean[t] = effect + rest.Mean[t]
	}
	out.Bound(f.span, f.nonNegative)
	return out, nil
}

// Paths draws from the processes of the rest.
func (f *fitted) Paths(ctx context.Context, horizon, count int, seed uint64) ([][]float64, error) {
	return path.Draw(ctx, f, path.Size{Horizon: horizon, Count: count, Seed: seed})
}

// Info tells the seasons that were taken out beside what the rest was fitted with.
func (f *fitted) Info() forecast.Info {
	info := f.Source.Info()
	for _, m := range f.profile.Lengths() {
		info.Model += fmt.Sprintf("+cycle %d", m)
	}
	return info
}
