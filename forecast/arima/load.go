package arima

import (
	"context"
	"strconv"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/baseline"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Load applies saved estimates to the series of now.
func (m Model) Load(data []byte, s forecast.Series) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if name, err := state.Model(data); err == nil && name == (baseline.Naive{}).Name() {
		f, err := baseline.Naive{}.Load(data, s)
		if err != nil {
			return nil, err
		}
		return &standIn{Fitted: f, reason: "naive: as when it was trained"}, nil
	}
	f, h, scale, err := read(data)
	if err != nil {
		return nil, err
	}
	x, now, reason := prepare(s)
	if reason != "" || len(x) <= f.order.lost() {
		if reason == "" {
			reason = "the series has become shorter than the model's differences"
		}
		return m.fallback(context.Background(), s, 0, reason)
	}
	for t := range x { // back to the scale of the estimates
		x[t] = x[t] * (now / scale)
	}
	return newFitted(f, x, scale, h, s), nil
}

func read(data []byte) (fit, harmonics, float64, error) {
	r := state.NewReader(data, "arima", stateVersion)
	var v [10]int
	for i := range v {
		v[i] = r.Int()
	}
	f := fit{order: Order{P: v[0], D: v[1], Q: v[2], SP: v[3], SD: v[4], SQ: v[5], Period: v[6], Constant: v[7] == 1}, n: v[8]}
	o := f.order
	if !o.within(5, 5, 2, 2) || o.D < 0 || o.D > 2 || o.SD < 0 || o.SD > 1 || o.Period < 1 || o.Period >= longSeason || v[9] < 0 || v[9] > 4 {
		r.Fail("order %v", v)
		return f, nil, 0, r.Close()
	}
	var h harmonics
	for range v[9] {
		k := harmonic{r.Int(), r.Int()}
		if k.Period < 2 || k.Pairs < 1 || 2*k.Pairs > k.Period {
			r.Fail("%d pairs of period %d", k.Pairs, k.Period)
			return f, nil, 0, r.Close()
		}
		h = append(h, k)
	}
	f.u, f.beta = r.Floats(), r.Floats()
	f.sigma2 = r.Float()
	scale := r.Float()
	f.loglik, f.aicc = r.Float(), r.Float()
	r.Int()
	want := len(h.columns(0, 1))
	if o.Constant {
		want++
	}
	if len(f.u) != o.arma() || len(f.beta) != want || f.sigma2 < 0 || scale <= 0 {
		r.Fail("%d and %d parameters for %s", len(f.u), len(f.beta), o)
	}
	return f, h, scale, r.Close()
}

// standIn is a simpler model in place of an ARIMA.
type standIn struct {
	forecast.Fitted
	reason string
}

// Info tells what stands in and why.
func (s *standIn) Info() forecast.Info {
	i := s.Fitted.Info()
	i.Fallback = s.reason
	return i
}
