package zeroshot

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/standin"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
	"github.com/almanac-forecast/almanac/forecast/zeroshot/internal/net"
)

// Model is the pretrained forecaster. The zero value runs the newest weights
// that the program holds for the seasons of a series.
type Model struct {
	// Weights replaces the shipped weights, whatever the seasons.
	Weights *Weights
}

// Name returns "zeroshot".
func (Model) Name() string { return "zeroshot" }

// owner is the model in saved form; the naive forecast stands in for it.
var owner = standin.Owner{Model: Model{}.Name(), Version: 3}

// unbound is the version of models saved before log results were kept near plain
// ones. They answer as they did.
const unbound = 2

// how is what a saved model knows of how its series is forecast.
type how struct {
	shown []shown // the views and what they count; none where both are still to be chosen
	apart float64 // see the constant; infinite in models saved as unbound
}

// owner returns the owner of models that are saved so.
func (h how) owner() standin.Owner {
	o := owner
	if math.IsInf(h.apart, 1) {
		o.Version = unbound
	}
	return o
}

// least is the fewest observations that the network is shown.
const least = 3

// Fit keeps the end of the series: nothing is estimated. Fewer than three
// observations, or ones all alike, get the naive forecast.
func (m Model) Fit(ctx context.Context, s forecast.Series, seed uint64) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return m.weights(s.Seasons).fit(ctx, s, how{apart: apart}, seed)
}

// Load takes the weights that a saved model names, and shows them the series of now
// in the ways chosen at the fit.
func (m Model) Load(data []byte, s forecast.Series) (forecast.Fitted, error) {
	h := how{apart: apart}
	if state.Version(data) == unbound {
		h.apart = math.Inf(1)
	}
	r, instead, err := h.owner().Open(data, s)
	if err != nil || instead != nil {
		return instead, err
	}
	name, sum := r.String(), r.String()
	h.shown = readShown(r)
	if err := r.Close(); err != nil {
		return nil, err
	}
	w, err := m.named(name, sum)
	if err != nil {
		return nil, err
	}
	return w.fit(context.Background(), s, h, 0)
}

// weights returns what new models of a series with such seasons run on.
func (m Model) weights(seasons []int) *Weights {
	if m.Weights != nil {
		return m.Weights
	}
	return newest(seasons).read()
}

// named returns the weights of a saved model.
func (m Model) named(name, sum string) (*Weights, error) {
	if w := m.Weights; w != nil && w.name == name && w.sum() == sum {
		return w, nil
	}
	var have []string
	for _, v := range shipped() {
		have = append(have, v.name)
		if v.name != name {
			continue
		}
		w := v.read()
		if w.sum() != sum {
			return nil, fmt.Errorf("%w for zeroshot: weights %s have the checksum %s, the model was saved with %.64q", forecast.ErrState, name, w.sum(), sum)
		}
		return w, nil
	}
	return nil, fmt.Errorf("%w for zeroshot: saved with weights %.40q, which this program does not hold; it has %v", forecast.ErrState, name, have)
}

// fitted is a series seen through weights.
type fitted struct {
	weights     *Weights
	how         how
	views       []view
	shares      []float64 // what each view counts
	values      []float64 // from the first that is looked at to the last observed
	positive    bool      // what is looked at is above zero
	nonNegative bool
	top         float64 // the largest value looked at
	span        forecast.Span
}

// fit prepares a series up to its last observation, or has the naive forecast stand in.
func (w *Weights) fit(ctx context.Context, s forecast.Series, h how, seed uint64) (forecast.Fitted, error) {
	seen, gap := tail.Cut(s)
	f, reason := w.look(seen, h)
	if reason != "" {
		return h.owner().Fit(ctx, s, reason, seed)
	}
	return tail.After(f, gap, nil)
}

// look prepares a series that ends with an observation, or says why the network
// cannot use it. It is shown as given, unless nothing is given or the series has
// become too short for that.
func (w *Weights) look(s forecast.Series, h how) (*fitted, string) {
	n := len(s.Values)
	f := &fitted{weights: w, how: h, span: s.Span()}
	f.nonNegative = s.NonNegative || f.span.Min >= 0
	f.views = views(s.Seasons, n)
	if fits(h.shown, n) {
		f.views = nil
		for _, g := range h.shown {
			f.views, f.shares = append(f.views, g.view), append(f.shares, g.share)
		}
	}
	if reason := enough(s.Values[max(0, n-f.least()):]); reason != "" {
		return nil, reason
	}
	f.values = slices.Clone(s.Values[max(0, n-f.most()):])
	looked := forecast.SpanOf(f.values)
	f.positive, f.top = looked.Min > 0, looked.Max
	if f.shares == nil {
		k := w.worker()
		f.shares = k.weigh(f)
		w.spare.Put(k)
	}
	return f, ""
}

// most is the number of values that are looked at, now and from the earlier
// times by which views are weighed.
func (f *fitted) most() int {
	n := 0
	for _, v := range f.views {
		n = max(n, net.History(v.season, v.long))
	}
	if len(f.views) > 1 {
		n += n / 2
	}
	return n
}

// enough says why values are too few or too much alike to be forecast.
func enough(values []float64) string {
	observed := 0
	for _, v := range values {
		if !math.IsNaN(v) {
			observed++
		}
	}
	switch span := forecast.SpanOf(values); {
	case observed < least:
		return fmt.Sprintf("%d of the latest %d values are observed, %d are needed", observed, len(values), least)
	case span.Min == span.Max:
		return fmt.Sprintf("the latest %d values are all %v", len(values), span.Min)
	}
	return ""
}

// State names the weights and the views with what they count.
func (f *fitted) State() ([]byte, error) {
	w := f.how.owner().Begin()
	w.String(f.weights.name)
	w.String(f.weights.sum())
	w.Int(len(f.views))
	for i, v := range f.views {
		w.Int(v.season)
		w.Float(f.shares[i])
	}
	return w.Bytes(), nil
}

// Info tells the weights and what they are shown.
func (f *fitted) Info() forecast.Info {
	params := map[string]float64{}
	for i, v := range f.views {
		params[fmt.Sprintf("share of season %d", v.season)] = f.shares[i]
	}
	space := "plain"
	if f.positive {
		space = "plain and log"
	}
	return forecast.Info{Model: fmt.Sprintf("zeroshot(%s, %s)", f.weights.name, space), Params: params}
}
