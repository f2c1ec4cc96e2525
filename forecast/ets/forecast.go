package ets

import (
	"context"
	"math"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/spread"
)

// states are the states of a filter after its last step.
type states struct {
	l, b float64
	s    []float64 // [m], the effect of the next step first
}

// finish runs the filter with an estimate's parameters and returns the states
// at the end.
func (e *estimate) finish(y, w []float64) (states, bool) {
	f := newFilter(y, w, e.m)
	f.form, f.alpha, f.beta, f.gamma, f.phi = e.form, e.alpha, e.beta, e.gamma, e.phi
	f.l[0], f.b[0] = e.start.l, e.start.b
	copy(f.s, e.start.s)
	sum, _ := f.forward()
	n := len(y)
	end := states{l: f.l[n], b: f.b[n], s: append([]float64(nil), f.s[n:n+e.m]...)}
	return end, !math.IsInf(sum, 0) && !math.IsNaN(sum)
}

// means writes the point forecasts, and to trend what they are without the
// season.
func (e *estimate) means(end states, mean, trend []float64) {
	l, b := end.l, end.b
	for t := range mean {
		if e.form.power() {
			b = math.Pow(b, e.phi)
			l *= b
		} else {
			b *= e.phi
			l += b
		}
		trend[t] = l
		s := end.s[t%e.m]
		if e.form.Season == Multiplicative {
			mean[t] = l * s
		} else {
			mean[t] = l + s
		}
	}
}

// deviations writes the standard deviation of each step. mean and trend are
// those of means.
func (e *estimate) deviations(end states, mean, trend, dev []float64) {
	h := len(mean)
	// c[j] is what an error of one leaves in the forecast j steps later:
	// α + β(φ + … + φ^j), with γ where a whole season lies between (Hyndman et
	// al. 2008, table 6.1). A multiplicative season is no part of it: it enters
	// below.
	c := make([]float64, h+1)
	sum, power := 0.0, 1.0
	for j := 1; j <= h; j++ {
		power *= e.phi
		sum += power
		c[j] = e.alpha + e.beta*sum
		if e.form.Season == Additive && j%e.m == 0 {
			c[j] += e.gamma
		}
	}
	if e.form.Error == Additive {
		v := 1.0
		for t := range dev {
			dev[t] = math.Sqrt(e.variance * v)
			v += c[t+1] * c[t+1]
		}
		return
	}
	// Multiplicative errors: θ_h = μ_h² + σ²·Σ c_j²·θ_{h−j} is the second moment
	// of the forecast before its own error, v_h = (1 + σ²)θ_h − μ_h² (class 2,
	// equation 6.2). With a multiplicative season μ and θ are those without the
	// season, and v_h = s²·((1 + σ²)(1 + γ²σ²)^k·θ_h − μ_h²), k = ⌊(h−1)/m⌋
	// (class 3, equation 6.4).
	ratio := e.form.Season == Multiplicative
	base := mean
	if ratio {
		base = trend
	}
	theta := make([]float64, h)
	grow := 1.0
	for t := range dev {
		theta[t] = base[t] * base[t]
		for j := 1; j <= t; j++ {
			theta[t] += e.variance * c[j] * c[j] * theta[t-j]
		}
		if ratio && t > 0 && t%e.m == 0 {
			grow *= 1 + e.gamma*e.gamma*e.variance
		}
		dev[t] = math.Sqrt(max(0, (1+e.variance)*grow*theta[t]-base[t]*base[t]))
		if ratio {
			dev[t] *= math.Abs(end.s[t%e.m])
		}
	}
}

// fitted is the chosen form on a series.
type fitted struct {
	estimate
	end         states
	scale       float64 // what the data were divided by
	span        forecast.Span
	nonNegative bool
	seed        uint64
	head        uint64 // fingerprint of the first values, see state.go
	info        forecast.Info
}

// Info tells the form and its parameters.
func (f *fitted) Info() forecast.Info { return f.info }

// Forecast gives quantiles and means from the form's variance, or from
// simulated paths where no formula is known.
func (f *fitted) Forecast(ctx context.Context, horizon int, levels []float64) (forecast.Forecast, error) {
	if err := forecast.CheckRequest(horizon, levels); err != nil {
		return forecast.Forecast{}, err
	}
	if err := ctx.Err(); err != nil {
		return forecast.Forecast{}, err
	}
	out := forecast.New(levels, horizon)
	trend, dev := make([]float64, horizon), make([]float64, horizon)
	f.means(f.end, out.Mean, trend)
	f.deviations(f.end, out.Mean, trend, dev)
	for i, p := range levels {
		z := spread.Student(p, f.freedom)
		for t := range horizon {
			out.Quantiles[i][t] = f.scale * (out.Mean[t] + z*dev[t])
		}
	}
	for t := range out.Mean {
		out.Mean[t] *= f.scale
	}
	out.Bound(f.span, f.nonNegative)
	return out, ctx.Err()
}
