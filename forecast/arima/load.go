package arima

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/standin"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
)

func itoa(n int) string { return strconv.Itoa(n) }

// owner names the saved form and its version.
var owner = standin.Owner{Model: Model{}.Name(), Version: 4}

// State saves the orders, their weights and estimates.
func (m *mixture) State() ([]byte, error) {
	w := owner.Begin()
	first := m.parts[0]
	w.Float(first.scale)
	w.Int(len(first.design.harmonics))
	for _, h := range first.design.harmonics {
		w.Int(h.Period)
		w.Int(h.Pairs)
	}
	w.Head(m.begin.head)
	w.Int(m.begin.from)
	w.Floats(first.design.scales)
	w.Int(len(m.parts))
	for i, f := range m.parts {
		w.Float(m.weights[i])
		o := f.order
		constant := 0
		if o.Constant {
			constant = 1
		}
		for _, v := range []int{o.P, o.D, o.Q, o.SP, o.SD, o.SQ, o.Period, constant, f.n} {
			w.Int(v)
		}
		w.Floats(f.u)
		w.Floats(f.beta)
		w.Float(f.sigma2)
		w.Float(f.loglik)
		w.Float(f.aicc)
	}
	return w.Bytes(), nil
}

// Load applies saved estimates to the series of now.
func (Model) Load(data []byte, s forecast.Series) (forecast.Fitted, error) {
	r, simpler, err := owner.Open(data, s)
	if err != nil || simpler != nil {
		return simpler, err
	}
	saved, err := read(r)
	if err != nil {
		return nil, err
	}
	s, gap := tail.Cut(s)
	f, err := saved.apply(s)
	return tail.After(f, gap, err)
}

// apply uses the estimates on a series.
func (saved saved) apply(s forecast.Series) (forecast.Fitted, error) {
	x, now, reason := prepare(s)
	for _, f := range saved.fits {
		if reason == "" && len(x) <= f.order.lost() {
			reason = "the series has become shorter than the model's differences"
		}
	}
	if reason != "" {
		return owner.Fit(context.Background(), s, reason, 0)
	}
	for i, v := range saved.design.scales {
		if v != 0 && i >= len(s.Regressors) {
			return nil, fmt.Errorf("%w for arima: it was fitted with regressor %d, and the series has %d regressors", forecast.ErrState, i+1, len(s.Regressors))
		}
	}
	saved.design.measure(s, len(x))
	here := beginOf(s, len(x))
	if saved.begin.head.Begins(s.Values) {
		saved.design.moved, saved.design.same = here.from-saved.begin.from, true
		here = saved.begin
	}
	for t := range x { // back to the scale of the estimates
		x[t] *= now / saved.scale
	}
	out := newMixture(saved.fits, saved.weights, history{x, saved.design.columns(0, len(x)), saved.scale, saved.design, s})
	out.begin = here
	return out, nil
}

// begin tells of a series how it begins, and how many steps after its first
// observation lies the first value that is looked at.
type begin struct {
	head state.Head
	from int
}

// beginOf tells it of a series of which the latest n values are looked at.
func beginOf(s forecast.Series, n int) begin {
	first := slices.IndexFunc(s.Values, func(v float64) bool { return !math.IsNaN(v) })
	return begin{state.HeadOf(s.Values), len(s.Values) - n - first}
}

// saved is what a state holds.
type saved struct {
	scale   float64
	begin   begin
	design  design
	fits    []fit
	weights []float64
}

func read(r *state.Reader) (saved, error) {
	var out saved
	out.scale = r.Float()
	if out.scale <= 0 {
		r.Fail("scale %g", out.scale)
	}
	for range bounded(r, r.Int(), 0, 4) {
		k := harmonic{r.Int(), r.Int()}
		if k.Period < 2 || k.Pairs < 1 || 2*k.Pairs > k.Period {
			r.Fail("%d pairs of period %d", k.Pairs, k.Period)
			return out, r.Close()
		}
		out.design.harmonics = append(out.design.harmonics, k)
	}
	out.begin = begin{r.Head(), r.Int()}
	if out.begin.from < 0 {
		r.Fail("begins at %d", out.begin.from)
	}
	columns := out.design.harmonics.width()
	out.design.scales = r.Floats()
	for _, v := range out.design.scales {
		if !(v >= 0) || math.IsInf(v, 0) || math.IsInf(1/v, 0) && v != 0 {
			r.Fail("scale %g of a regressor", v)
		} else if v != 0 {
			columns++
		}
	}
	for range bounded(r, r.Int(), 1, mostParts) {
		out.weights = append(out.weights, r.Float())
		out.fits = append(out.fits, readFit(r, columns))
	}
	return out, r.Close()
}

// bounded returns n, or zero after a failure when it is out of range.
func bounded(r *state.Reader, n, lo, hi int) int {
	if n < lo || n > hi {
		r.Fail("count %d", n)
		return 0
	}
	return n
}

func readFit(r *state.Reader, columns int) fit {
	var v [9]int
	for i := range v {
		v[i] = r.Int()
	}
	f := fit{order: Order{P: v[0], D: v[1], Q: v[2], SP: v[3], SD: v[4], SQ: v[5], Period: v[6], Constant: v[7] == 1}, n: v[8]}
	f.u, f.beta = r.Floats(), r.Floats()
	f.sigma2, f.loglik, f.aicc = r.Float(), r.Float(), r.Float()
	o := f.order
	if o.Constant {
		columns++
	}
	if !o.within(5, 5, 2, 2) || o.D < 0 || o.D > 2 || o.SD < 0 || o.SD > 1 || o.Period < 1 || o.Period >= longSeason ||
		len(f.u) != o.arma() || len(f.beta) != columns || f.sigma2 < 0 {
		r.Fail("order %v", v)
	}
	return f
}
