// Package ensemble combines models of one series with equal weights.
//
// With q_i(p) the quantile of member i at level p, and k members,
//
//	mean     a(p) = Σ q_i(p)/k         the members' distributions averaged by quantiles (Vincent 1912)
//	median   m(p) = median of q_i(p)
//	default  q(p) = (a(p) + m(p))/2
//
// and likewise for the mean. The average uses all members, and one that goes
// astray takes the forecast along; the median is safe from that and throws away
// what the outer members know. Halfway, four members weigh 1/8, 3/8, 3/8, 1/8 in the
// order of their size, at every step and level. Averaging quantiles keeps the shape and the mean
// width of the members' distributions, where averaging probabilities makes them
// wider by how far the members disagree; the members here are calibrated each by
// itself, so there is nothing to widen. None makes quantiles cross.
//
// Where a series cannot be negative and the median of the members' quantiles is
// zero, zero it is: many of the values to come are exactly that, and a quantile
// just above leaves all of them below it.
//
// The members are exponential smoothing, ARIMA, Theta and the pretrained network
// (package zeroshot) unless others are given: three views of a series and one of
// all the series that were simulated, whose errors agree less than those of any
// two forms of one of them. Where a series holds two cycles of several seasons and
// package ridge can use it, that is a member, because it sees how they go together,
// in place of exponential smoothing, which is much like Theta there, and of ARIMA,
// which misses most; but ARIMA stays where there are regressors, which it alone
// uses. A member that cannot use a series and has a simpler
// model stand in for it is left out, and Info tells; where no member can, the
// stand-in of the first is the forecast.
//
// References: R. Lichtendahl, Y. Grushka-Cockayne and R. Winkler, Is it better to
// average probabilities or quantiles?, Management Science 59, 2013; F.
// Petropoulos and I. Svetunkov, A simple combination of univariate models, Int.
// J. Forecasting 36, 2020, for the median; V. Jose and R. Winkler, Simple robust
// averages of forecasts, Int. J. Forecasting 24, 2008, for what lies between.
//
// What that gained: docs/models.md.
package ensemble

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/arima"
	"github.com/almanac-forecast/almanac/forecast/ets"
	"github.com/almanac-forecast/almanac/forecast/internal/cycle"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
	"github.com/almanac-forecast/almanac/forecast/ridge"
	"github.com/almanac-forecast/almanac/forecast/theta"
	"github.com/almanac-forecast/almanac/forecast/zeroshot"
)

// Ensemble is the combination as a model. The zero value is ready.
type Ensemble struct {
	// Members are combined; if there are none, ETS, ARIMA, Theta and zeroshot, or
	// ridge, Theta and zeroshot where there are several seasons and no regressors.
	// Their names must differ.
	Members []forecast.Model
	// Horizon is the number of steps that will be forecast, for ridge; 0 means that
	// of its own.
	Horizon int
	// Median takes the median of the members alone.
	Median bool
}

// Name returns "ensemble" or "ensemble-median".
func (e Ensemble) Name() string {
	if e.Median {
		return "ensemble-median"
	}
	return "ensemble"
}

// usual are the members where none are given, and seasonal where there are several
// seasons besides.
func usual() []forecast.Model {
	return []forecast.Model{ets.ETS{}, arima.Model{}, theta.Theta{}, zeroshot.Model{}}
}

func (e Ensemble) seasonal() []forecast.Model {
	return []forecast.Model{ridge.Model{Horizon: e.Horizon}, theta.Theta{}, zeroshot.Model{}}
}

// Fit fits every member, with the same seed.
func (e Ensemble) Fit(ctx context.Context, s forecast.Series, seed uint64) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	s, gap := tail.Cut(s)
	f, err := e.fit(ctx, s, seed)
	return tail.After(f, gap, err)
}

func (e Ensemble) fit(ctx context.Context, s forecast.Series, seed uint64) (forecast.Fitted, error) {
	if len(e.Members) > 0 {
		return e.combine(ctx, e.Members, s, seed)
	}
	if cycle.Several(s) && len(s.Regressors) == 0 {
		f, err := e.combine(ctx, e.seasonal(), s, seed)
		if err != nil || f.infos[0].Fallback == "" {
			return f, err
		} // too short for ridge
	}
	return e.combine(ctx, usual(), s, seed)
}

func (e Ensemble) combine(ctx context.Context, members []forecast.Model, s forecast.Series, seed uint64) (*fitted, error) {
	out := &fitted{model: e, span: s.Span(), nonNegative: s.NonNegative}
	s.Smooth = true
	for _, m := range members {
		part, err := m.Fit(ctx, s, seed)
		if err != nil {
			return nil, fmt.Errorf("fitting member %s: %w", m.Name(), err)
		}
		out.add(m, part)
	}
	return out, nil
}

// fitted is the members in their order.
type fitted struct {
	model       Ensemble
	names       []string
	parts       []forecast.Fitted
	infos       []forecast.Info
	span        forecast.Span
	nonNegative bool
}

func (f *fitted) add(m forecast.Model, part forecast.Fitted) {
	f.names = append(f.names, m.Name())
	f.parts = append(f.parts, part)
	f.infos = append(f.infos, part.Info())
}

// used returns the places of the members that are combined.
func (f *fitted) used() []int {
	var out []int
	for i, info := range f.infos {
		if info.Fallback == "" {
			out = append(out, i)
		}
	}
	if len(out) == 0 {
		out = append(out, 0)
	}
	return out
}

// Forecast combines the members' forecasts.
func (f *fitted) Forecast(ctx context.Context, horizon int, levels []float64) (forecast.Forecast, error) {
	if err := forecast.CheckRequest(horizon, levels); err != nil {
		return forecast.Forecast{}, err
	}
	var all []forecast.Forecast
	for _, i := range f.used() {
		part, err := f.parts[i].Forecast(ctx, horizon, levels)
		if err != nil {
			return forecast.Forecast{}, fmt.Errorf("forecasting with member %s: %w", f.names[i], err)
		}
		all = append(all, part)
	}
	if len(all) == 1 {
		return all[0], nil
	}
	join := halfway
	if f.model.Median {
		join = median
	}
	out := forecast.New(levels, horizon)
	scratch := make([]float64, len(all))
	for t := range out.Mean {
		for i, part := range all {
			scratch[i] = part.Mean[t]
		}
		out.Mean[t] = join(scratch)
	}
	for l, q := range out.Quantiles {
		for t := range q {
			for i, part := range all {
				scratch[i] = part.Quantiles[l][t]
			}
			q[t] = join(scratch)
			if f.nonNegative && median(scratch) == 0 { // an atom at zero, see the package comment
				q[t] = 0
			}
		}
	}
	out.Bound(f.span, f.nonNegative)
	return out, nil
}

// halfway sorts the values.
func halfway(values []float64) float64 { return mean(values)/2 + median(values)/2 }

// mean divides before it adds, so that the largest numbers do not overflow.
func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v / float64(len(values))
	}
	return sum
}

// median sorts the values.
func median(values []float64) float64 {
	slices.SortFunc(values, cmp.Compare)
	n := len(values)
	return values[(n-1)/2]/2 + values[n/2]/2
}

// Info names the members that are combined and those that are not.
func (f *fitted) Info() forecast.Info {
	var names, without []string
	used := f.used()
	out := forecast.Info{Params: map[string]float64{}}
	for i, info := range f.infos {
		if !slices.Contains(used, i) {
			without = append(without, f.names[i]+" ("+info.Fallback+")")
			continue
		}
		names = append(names, info.Model)
		for k, v := range info.Params {
			out.Params[f.names[i]+"."+k] = v
		}
	}
	out.Model = f.model.Name() + "(" + strings.Join(names, ", ") + ")"
	switch first := f.infos[used[0]].Fallback; {
	case first != "":
		out.Fallback = first
	case len(without) > 0:
		out.Fallback = "without " + strings.Join(without, ", ")
	}
	return out
}

const stateVersion = 1

// State holds the members' states.
func (f *fitted) State() ([]byte, error) {
	w := state.NewWriter(f.model.Name(), stateVersion)
	w.Int(len(f.parts))
	for i, part := range f.parts {
		saved, err := part.State()
		if err != nil {
			return nil, fmt.Errorf("saving member %s: %w", f.names[i], err)
		}
		w.String(f.names[i])
		w.String(string(saved))
	}
	return w.Bytes(), nil
}

// Load loads the members of the fit, which may be some of the model's: an
// ensemble that has gained a member since answers as it did.
func (e Ensemble) Load(data []byte, s forecast.Series) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	members := e.Members
	if len(members) == 0 { // the series may hold a season more than when it was fitted
		members = append(usual(), e.seasonal()...)
	}
	r := state.NewReader(data, e.Name(), stateVersion)
	n := r.Int()
	if n < 1 || n > len(members) {
		r.Fail("%d members, the model has %d", n, len(members))
		n = 0
	}
	names, states := make([]string, n), make([]string, n)
	for i := range n {
		names[i], states[i] = r.String(), r.String()
		if !slices.ContainsFunc(members, func(m forecast.Model) bool { return m.Name() == names[i] }) {
			r.Fail("member %.40q is not one of the model's", names[i])
		}
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	s, gap := tail.Cut(s)
	out := &fitted{model: e, span: s.Span(), nonNegative: s.NonNegative}
	s.Smooth = true
	for i, name := range names {
		m := members[slices.IndexFunc(members, func(m forecast.Model) bool { return m.Name() == name })]
		f, err := m.Load([]byte(states[i]), s)
		if err != nil {
			return nil, fmt.Errorf("loading member %s: %w", name, err)
		}
		out.add(m, f)
	}
	return tail.After(out, gap, nil)
}
