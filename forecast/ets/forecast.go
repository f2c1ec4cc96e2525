package ets

import (
	"context"
	"math"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
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

// effects returns c, what an error of one leaves in the forecast j = 0 to h steps
// later: α + β(φ + … + φ^j), with γ where a whole season lies between (Hyndman et
// al. 2008, table 6.1). A multiplicative season is no part of it. c_0 is zero.
func (e *estimate) effects(h int) []float64 {
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
	return c
}

// deviations writes the standard deviation of each step. mean and trend are
// those of means.
func (e *estimate) deviations(end states, mean, trend, dev []float64) {
	h := len(mean)
	c := e.effects(h)
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

// A member is an estimate with the states at the end of the series and its
// share in the combination.
type member struct {
	estimate
	begin  initial // of this series; start is that of the fit
	end    states
	weight float64
}

// fitted is one form or a combination on a series.
type fitted struct {
	members     []member // the best first
	data        data
	span        forecast.Span
	nonNegative bool
	seed        uint64
	head        state.Head // of the series at the fit
	info        forecast.Info
}

// Info tells the best form and its parameters.
func (f *fitted) Info() forecast.Info { return f.info }

// Forecast gives the mean of the combination and quantiles around it, of the
// shape that the errors have shown. Their variance is that within the forms and
// between them:
//
//	Σ w_i·(σ_i² + (μ_i − μ)²),  μ = Σ w_i·μ_i
func (f *fitted) Forecast(ctx context.Context, horizon int, levels []float64) (forecast.Forecast, error) {
	if err := forecast.CheckRequest(horizon, levels); err != nil {
		return forecast.Forecast{}, err
	}
	out := forecast.New(levels, horizon)
	mean, trend, dev := make([]float64, horizon), make([]float64, horizon), make([]float64, horizon)
	second := make([]float64, horizon) // Σ w_i·(σ_i² + μ_i²), less the centre below
	var centre []float64
	freedom := 0.0
	for i := range f.members {
		if err := ctx.Err(); err != nil {
			return forecast.Forecast{}, err
		}
		m := &f.members[i]
		m.means(m.end, mean, trend)
		if m.form.simulated() {
			m.simulate(f.seed, m.end, mean, dev)
		} else {
			m.deviations(m.end, mean, trend, dev)
		}
		if centre == nil {
			centre = append([]float64(nil), mean...) // squares of distances from here do not cancel
		}
		freedom += m.weight * m.freedom
		for t, v := range mean {
			d := v - centre[t]
			out.Mean[t] += m.weight * d
			second[t] += m.weight * (dev[t]*dev[t] + d*d)
		}
	}
	for t, d := range out.Mean {
		dev[t] = math.Sqrt(max(0, second[t]-d*d))
		out.Mean[t] = centre[t] + d
	}
	shown := f.calibrate(out.Mean, dev)
	f.data.restrain(dev)
	for i, z := range shown.Scores(levels, horizon, freedom) {
		for t := range horizon {
			out.Quantiles[i][t] = f.data.scale * (out.Mean[t] + z[t]*dev[t])
		}
	}
	for t := range out.Mean {
		out.Mean[t] *= f.data.scale
	}
	out.Bound(f.span, f.nonNegative)
	return out, ctx.Err()
}

// restraint is how many times larger than the error of the naive forecast, at
// the same distance and in the same series, the deviation of a forecast may be.
const restraint = 2

// restrain bounds deviations by what the series has shown: the root mean square
// of its differences over the same distance. A model worse than the naive
// forecast by more is not believed: in practice its level has come near zero
// and its relative errors have exploded. Distances beyond half the series take
// that of half, grown with the square root.
func (d data) restrain(dev []float64) {
	n := len(d.y)
	last := 0.0
	at := 0
	for t := range dev {
		h := t + 1
		if h <= n/2 || at == 0 {
			sum, count := 0.0, 0.0
			for i := max(h, n-restrainSteps); i < n; i++ {
				if d.w[i] != 0 && d.w[i-h] != 0 {
					e := d.y[i] - d.y[i-h]
					sum, count = sum+e*e, count+1
				}
			}
			if count >= 3 {
				last, at = max(last, math.Sqrt(sum/count)), h
			}
		}
		if at > 0 {
			dev[t] = min(dev[t], restraint*last*math.Sqrt(float64(h)/float64(at)))
		}
	}
}

// restrainSteps is how many of the latest steps restrain looks at.
const restrainSteps = 1000
