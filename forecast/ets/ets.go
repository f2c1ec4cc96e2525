package ets

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/cycle"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
)

// ETS is the model. The zero value chooses the form of every series.
type ETS struct {
	// Form fixes what is not to be chosen.
	Form Form
	// Single takes the form with the smallest criterion alone. Otherwise the forms
	// close to it are combined, weighted by how likely each is.
	Single bool
}

// Name returns "ets".
func (ETS) Name() string { return "ets" }

// least is the smallest number of observed values that a form is fitted to.
const least = 4

// Fit chooses and estimates a form. A series with fewer than four observed
// values, or of one value only, gets the naive forecast.
func (m ETS) Fit(ctx context.Context, s forecast.Series, seed uint64) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, gap := tail.Cut(s)
	f, err := cycle.Fit(m.Name(), s, func(s forecast.Series) (forecast.Fitted, error) { return m.fit(ctx, s, seed) })
	return tail.After(f, gap, err)
}

func (m ETS) fit(ctx context.Context, s forecast.Series, seed uint64) (forecast.Fitted, error) {
	d := prepare(s)
	if d.reason == "" {
		found, err := m.search(ctx, d, s)
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			f, _ := newFitted(found, d, s, seed)
			return f, nil
		}
		d.reason = fmt.Sprintf("no form can be estimated from %d values", d.obs)
	}
	return owner.Fit(ctx, s, d.reason, seed)
}

// leastRatio is how large the smallest value must be, beside the mean absolute
// one, for a multiplicative season to be chosen. A season that falls to a
// hundredth of the mean turns an ordinary value in it into a level many times
// as high. One such series costs the training parts of M3 monthly 5 % of their
// quantile loss.
const leastRatio = 0.05

// data is a series in the form that filters take.
type data struct {
	y, w     []float64
	obs      int
	scale    float64
	positive bool   // far enough from zero for forms that divide
	ratios   bool   // far enough for the choice to fall on a season that multiplies
	reason   string // why it cannot be fitted, or empty
}

// prepare scales a series to a mean absolute value of 1.
func prepare(s forecast.Series) data { return prepareScaled(s, 0) }

// prepareScaled cuts off what is missing in front, divides by the scale, which
// is the mean absolute value where 0 is given, and replaces missing values by
// weights of zero.
func prepareScaled(s forecast.Series, scale float64) data {
	d := data{positive: true, scale: scale}
	first := slices.IndexFunc(s.Values, func(v float64) bool { return !math.IsNaN(v) })
	if first < 0 {
		d.reason = "no observed value"
		return d
	}
	values := s.Values[first:]
	largest, smallest := math.Inf(-1), math.Inf(1)
	for _, v := range values {
		if !math.IsNaN(v) {
			d.obs++
			largest, smallest = max(largest, v), min(smallest, v)
		}
	}
	switch {
	case d.obs < least:
		d.reason = fmt.Sprintf("%d observed values, a form needs %d", d.obs, least)
		return d
	case largest == smallest:
		d.reason = "all values are equal"
		return d
	}
	if scale == 0 {
		d.scale = meanAbs(values, max(math.Abs(largest), math.Abs(smallest)), d.obs)
	}
	// Ratios to numbers very near zero are as bad as ratios to zero.
	d.positive, d.ratios = smallest > 1e-6*d.scale, smallest > leastRatio*d.scale
	flat := make([]float64, 2*len(values))
	d.y, d.w = flat[:len(values)], flat[len(values):]
	for t, v := range values {
		if !math.IsNaN(v) {
			d.y[t], d.w[t] = v/d.scale, 1
		}
	}
	return d
}

// meanAbs returns the mean absolute value, formed so that it cannot overflow.
func meanAbs(values []float64, largest float64, n int) float64 {
	sum := 0.0
	for _, v := range values {
		if !math.IsNaN(v) {
			sum += math.Abs(v / largest)
		}
	}
	return largest * (sum / float64(n))
}

// search returns the estimates to combine, the best first, or none.
func (m ETS) search(ctx context.Context, d data, series forecast.Series) ([]estimate, error) {
	s := &search{ctx: ctx, y: d.y, w: d.w, obs: d.obs, best: math.Inf(1), fades: cycle.Several(series)}
	plain, seasonal := m.candidates(d)
	if err := s.forms(plain, 1); err != nil {
		return nil, err
	}
	if season := usable(series.Seasons, d); season > 1 {
		if err := s.forms(seasonal, season); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	near := s.found[:0]
	for _, e := range s.found {
		if e.aicc-s.best <= combined {
			near = append(near, e)
		}
	}
	slices.SortStableFunc(near, func(a, b estimate) int { return cmp.Compare(a.aicc, b.aicc) })
	if m.Single && len(near) > 1 {
		near = near[:1]
	}
	return near, nil
}

// usable returns the shortest season of which the data hold two cycles, or 1.
func usable(seasons []int, d data) int {
	best := 1
	for _, m := range seasons {
		if m > 1 && 2*m <= len(d.y) && (best == 1 || m < best) {
			best = m
		}
	}
	return best
}

// candidates returns the forms to compare, those without and those with a
// season, ordered so that each is near the one before.
func (m ETS) candidates(d data) (plain, seasonal []Form) {
	for _, season := range []Component{None, Additive, Multiplicative} {
		for _, trend := range []Component{None, Additive, AdditiveDamped, Multiplicative, MultiplicativeDamped} {
			for _, e := range []Component{Additive, Multiplicative} {
				form := Form{e, trend, season}
				if !m.wants(form) || form.positive() && !d.positive {
					continue
				}
				if season == Multiplicative && !d.ratios && !m.fixed() {
					continue
				}
				if season == None {
					plain = append(plain, form)
				} else {
					seasonal = append(seasonal, form)
				}
			}
		}
	}
	return plain, seasonal
}

// wants tells whether the settings admit a form.
func (m ETS) wants(form Form) bool {
	match := func(want, got Component) bool { return want == Auto || want == got }
	if !match(m.Form.Error, form.Error) || !match(m.Form.Trend, form.Trend) || !match(m.Form.Season, form.Season) {
		return false
	}
	return m.fixed() || form.stable() || m.Form.power() && form.Error == Multiplicative
}

// fixed tells whether nothing is left to be chosen.
func (m ETS) fixed() bool {
	return m.Form.Error != Auto && m.Form.Trend != Auto && m.Form.Season != Auto
}

// newFitted runs the estimates over the data; it returns false where one of
// them cannot follow the data.
func newFitted(estimates []estimate, d data, s forecast.Series, seed uint64) (*fitted, bool) {
	f := &fitted{data: d, span: s.Span(), nonNegative: s.NonNegative, seed: seed, head: state.HeadOf(s.Values)}
	total, all := 0.0, true
	for _, e := range estimates {
		end, ok := e.finish(d.y, d.w)
		all = all && ok
		w := math.Exp((estimates[0].aicc - e.aicc) / even)
		total += w
		f.members = append(f.members, member{e, e.start, end, w})
	}
	for i := range f.members {
		f.members[i].weight /= total
	}
	f.describe()
	return f, all
}

// describe fills in what Info tells.
func (f *fitted) describe() {
	e := f.members[0]
	f.info.Model = "ets(" + e.form.String() + ")"
	f.info.Params = map[string]float64{"alpha": e.alpha, "aicc": e.aicc, "weight": e.weight}
	if n := len(f.members); n > 1 {
		var others []string
		for _, m := range f.members[1:] {
			others = append(others, m.form.String())
		}
		f.info.Reason = fmt.Sprintf("the smallest criterion; combined with %s, weighted by likelihood", strings.Join(others, "; "))
	}
	if e.form.trended() {
		f.info.Params["beta"] = e.beta
	}
	if e.form.damped() {
		f.info.Params["phi"] = e.phi
	}
	if e.form.Season != None {
		f.info.Params["gamma"], f.info.Params["season"] = e.gamma, float64(e.m)
	}
}
