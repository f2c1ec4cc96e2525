// Package intermittent forecasts demand that is zero most of the time.
//
// With x_t the demand, the methods estimate its expectation per step:
//
//	croston  z/p, z the smoothed size of a demand and p the smoothed interval
//	sba      (1 − α/2) z/p, Croston's rate without its bias
//	tsb      π z, π the smoothed probability of a demand, updated at every step
//	adida    exponential smoothing of sums over the mean interval, per step
//	imapa    the mean of that over all lengths of sums up to the mean interval
//
// α is in (0, 1): near 0 the past counts long, near 1 only the latest demand
// does. It is chosen by the squared errors one step ahead, from a grid.
//
// The distribution of each step is a mixture of zero and of the sizes that were
// seen,
//
//	P(X = 0) = 1 − π,   X | X > 0 ~ the past sizes, the recent ones weighing more
//
// with π such that the mean is the method's rate. Where demand comes at nearly
// every step and the rate is above what the sizes allow, they are scaled up.
//
// References: J. D. Croston, Oper. Res. Q. 23, 1972; A. A. Syntetos and J. E.
// Boylan, Int. J. Forecasting 21, 2005 (SBA); R. H. Teunter, A. A. Syntetos and
// M. Z. Babai, Eur. J. Oper. Res. 214, 2011 (TSB); K. Nikolopoulos et al., J. Oper.
// Res. Soc. 62, 2011 (ADIDA); F. Petropoulos and N. Kourentzes, J. Oper. Res.
// Soc. 66, 2015 (IMAPA). The papers give points only; the distribution is ours.
package intermittent

import (
	"context"
	"fmt"
	"math"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/standin"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
)

// A Method is one of the estimates of the rate.
type Method string

// The methods.
const (
	Croston Method = "croston"
	SBA     Method = "sba"
	TSB     Method = "tsb"
	ADIDA   Method = "adida"
	IMAPA   Method = "imapa"
)

// Methods returns all of them.
func Methods() []Method { return []Method{Croston, SBA, TSB, ADIDA, IMAPA} }

// Model is a method as a model.
type Model struct {
	// Method is TSB where it is empty.
	Method Method
}

func (m Model) method() Method {
	if m.Method == "" {
		return TSB
	}
	return m.Method
}

// Name returns the name of the method.
func (m Model) Name() string { return string(m.method()) }

func (m Model) owner() standin.Owner { return standin.Owner{Model: m.Name(), Version: 2} }

// Fit estimates the rate and collects the sizes. A series with negative values,
// or without any demand, gets the naive forecast.
func (m Model) Fit(ctx context.Context, s forecast.Series, _ uint64) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	x, reason := demands(s.Values)
	if reason != "" {
		return m.owner().Fit(ctx, s, reason, 0)
	}
	return m.fitted(s, x, smooth(m.method(), x)), nil
}

// demands returns the values that are not missing.
func demands(values []float64) (x []float64, reason string) {
	demand := false
	for _, v := range values {
		if math.IsNaN(v) {
			continue
		}
		if v < 0 {
			return nil, "the series has negative values, and a demand is none"
		}
		demand = demand || v > 0
		x = append(x, v)
	}
	if !demand {
		return nil, "the series has no demand"
	}
	return x, ""
}

func (m Model) fitted(s forecast.Series, x []float64, by []smoothing) *fitted {
	return &fitted{
		model: m, smoothings: by, rate: rate(m.method(), x, by), sizes: sizesOf(x), class: Classify(x), span: forecast.SpanOf(s.Values),
	}
}

// fitted is a rate with the sizes that were seen.
type fitted struct {
	model      Model
	smoothings []smoothing
	rate       float64 // demand per step
	sizes      sizes
	class      Class
	span       forecast.Span
}

// Forecast gives every step the same distribution: these methods know no trend
// and no season.
func (f *fitted) Forecast(ctx context.Context, horizon int, levels []float64) (forecast.Forecast, error) {
	if err := forecast.CheckRequest(horizon, levels); err != nil {
		return forecast.Forecast{}, err
	}
	if err := ctx.Err(); err != nil {
		return forecast.Forecast{}, err
	}
	out := forecast.New(levels, horizon)
	for t := range out.Mean {
		out.Mean[t] = f.rate
	}
	for i, p := range levels {
		q := f.sizes.quantile(p, f.rate)
		for t := range out.Quantiles[i] {
			out.Quantiles[i][t] = q
		}
	}
	out.Bound(f.span, true)
	return out, nil
}

// Info tells the rate and the class.
func (f *fitted) Info() forecast.Info {
	p := map[string]float64{"rate": f.rate, "size": f.sizes.mean}
	for _, s := range f.smoothings {
		name := "alpha"
		if f.model.method() == IMAPA {
			name = fmt.Sprintf("alpha of %d", s.block)
		}
		p[name] = s.alpha
	}
	if f.model.method() == TSB {
		p["beta"] = f.smoothings[0].beta
	}
	return forecast.Info{Model: f.model.Name(), Reason: string(f.class) + " demand", Params: p}
}

// State saves the smoothing parameters.
func (f *fitted) State() ([]byte, error) {
	w := f.model.owner().Begin()
	w.Int(len(f.smoothings))
	for _, s := range f.smoothings {
		w.Int(s.block)
		for _, v := range []float64{s.alpha, s.beta, s.start} {
			w.Float(v)
		}
	}
	return w.Bytes(), nil
}

// Load smooths the series of now with the saved parameters.
func (m Model) Load(data []byte, s forecast.Series) (forecast.Fitted, error) {
	r, simpler, err := m.owner().Open(data, s)
	if err != nil || simpler != nil {
		return simpler, err
	}
	by := readSmoothings(r)
	if err := r.Close(); err != nil {
		return nil, err
	}
	x, reason := demands(s.Values)
	if reason != "" {
		return m.owner().Fit(context.Background(), s, reason, 0)
	}
	return m.fitted(s, x, by), nil
}

func readSmoothings(r *state.Reader) []smoothing {
	n := r.Int()
	if n < 1 {
		r.Fail("%d smoothings", n)
	}
	var out []smoothing
	for len(out) < n {
		s := smoothing{r.Int(), r.Float(), r.Float(), r.Float()}
		if s.block < 1 || !(s.alpha > 0 && s.alpha <= 1) || s.beta < 0 || s.beta > 1 || s.start < 0 || s.start > 1 {
			r.Fail("smoothing parameters %+v", s)
			return nil
		}
		out = append(out, s)
	}
	return out
}
