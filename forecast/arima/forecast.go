package arima

import (
	"math"
	"strings"

	"github.com/almanac-forecast/almanac/forecast"
)

// fitted is a model with the state at the end of its series, on the
// standardised scale.
type fitted struct {
	fit
	design      design
	scale       float64
	length      int // of the series that was filtered: the regressors' clock
	coef        coefficients
	ends        []float64 // [r+k] state of y − x'β after the last value: ARMA part, then the last levels, newest first
	cover       []float64 // [(r+k)²] its covariance over σ², nil when everything was observed
	delta       []float64
	span        forecast.Span
	nonNegative bool
	past        past    // of the best order
	used        float64 // share of the errors that estimates of Fourier pairs use up, at most a half
}

// history is what a model is applied to: values over a scale with the columns
// beside them.
type history struct {
	x       []float64
	columns [][]float64 // [column][time]
	scale   float64
	design  design
	series  forecast.Series
}

// newFitted filters the series once more with the estimates and keeps the end.
// Coefficients of columns that the history lacks are taken out of it already.
func newFitted(f fit, h history) *fitted {
	out := &fitted{
		fit: f, design: h.design, scale: h.scale, length: len(h.x), delta: f.order.differences(),
		span: h.series.Span(), nonNegative: h.series.NonNegative,
	}
	p := newProblem(h.x, h.columns, f.order)
	p.evaluate(f.order, f.u)
	if len(h.design.harmonics) > 0 {
		shared := len(f.beta) - len(p.beta)
		out.used = min(0.5, float64(shared)/float64(max(1, f.n)))
		if !h.design.same {
			copy(f.beta[shared:], p.beta) // a constant: of the data of now, as they are
		}
	}
	f.beta = f.beta[len(f.beta)-len(p.beta):]
	x := h.x
	out.past = pastOf(p, f.beta)
	if p.gaps {
		g := &p.slow
		out.coef = coefficients{append([]float64(nil), g.coef.phi...), append([]float64(nil), g.coef.theta...)}
		out.ends = combine(g.state, f.beta, g.n)
		out.cover = append([]float64(nil), g.p[:g.n*g.n]...)
		return out
	}
	g := &p.fast
	out.coef = coefficients{append([]float64(nil), g.coef.phi...), append([]float64(nil), g.coef.theta...)}
	out.ends = combine(g.state[:len(p.columns)], f.beta, g.r)
	for j := range out.delta {
		level := 0.0
		for c, col := range p.levels {
			v := col[len(x)-1-j]
			if c == 0 {
				level += v
			} else {
				level -= f.beta[c-1] * v
			}
		}
		out.ends = append(out.ends, level)
	}
	return out
}

// combine returns the state of y less those of the regressors times β.
func combine(states [][]float64, beta []float64, n int) []float64 {
	out := append([]float64(nil), states[0][:n]...)
	for i, b := range beta {
		for j := range out {
			out[j] -= b * states[i+1][j]
		}
	}
	return out
}

// points writes the expected values by iterating the state.
func (f *fitted) points(dst []float64) {
	g := f.machine()
	a := append([]float64(nil), f.ends...)
	future := f.design.columns(f.length, len(dst))
	for t := range dst {
		v := g.observe(a)
		for c, col := range future {
			v += f.beta[c] * col[t]
		}
		if f.order.Constant {
			v += f.beta[len(f.beta)-1] * constantAt(f.length+t, f.order)
		}
		dst[t] = v
		g.advance(a)
	}
}

// machine returns the transition of the whole state.
func (f *fitted) machine() *gapFilter {
	r := len(f.ends) - len(f.delta)
	g := &gapFilter{coef: f.coef, delta: f.delta, r: r, n: len(f.ends), old: make([]float64, len(f.ends)), m: make([]float64, len(f.ends))}
	g.phi, g.th = make([]float64, r), make([]float64, r)
	copy(g.phi, f.coef.phi)
	for j := range g.th {
		g.th[j] = at(f.coef.theta, j)
	}
	return g
}

// deviations returns the standard deviation of each step's error: σ √Σ ψ_j²
// with the weights of the whole model, differences included. With values missing
// at the end the state is uncertain itself, and its covariance is carried on.
func (f *fitted) deviations(horizon int) []float64 {
	sd := make([]float64, horizon)
	sigma := math.Sqrt(f.sigma2)
	if f.cover != nil {
		g := f.machine()
		g.p, g.tp = append([]float64(nil), f.cover...), make([]float64, len(f.cover))
		for t := range sd {
			sd[t] = sigma * math.Sqrt(max(0, g.gain()))
			g.propagate()
		}
		return sd
	}
	full := product(nil, f.coef.phi, nil, 1)
	full = joined(full, f.delta)
	sum := 0.0
	for t, w := range psi(full, f.coef.theta, horizon) {
		sum += w * w
		sd[t] = sigma * math.Sqrt(sum)
	}
	return sd
}

// joined returns the coefficients of (1 − Σ a_i B^i)(1 − Σ b_j B^j).
func joined(a, b []float64) []float64 {
	out := make([]float64, len(a)+len(b))
	copy(out, a)
	for j, w := range b {
		out[j] += w
		for i, v := range a {
			out[i+j+1] -= v * w
		}
	}
	return out
}

// Info tells the order and the estimates.
func (f *fitted) Info() forecast.Info {
	p := map[string]float64{"sigma": math.Sqrt(f.sigma2) * f.scale, "aicc": f.aicc, "log_likelihood": f.loglik}
	o := f.order
	var buf [8]float64
	u := f.u
	for _, g := range []struct {
		name string
		n    int
		sign float64
	}{{"phi", o.P, 1}, {"theta", o.Q, -1}, {"seasonal_phi", o.SP, 1}, {"seasonal_theta", o.SQ, -1}} {
		for i, c := range levinson(buf[:0], u[:g.n]) {
			p[g.name+string(rune('1'+i))] = g.sign * c
		}
		u = u[g.n:]
	}
	if o.Constant {
		p["constant"] = f.beta[len(f.beta)-1] * f.scale
	}
	var name strings.Builder
	name.WriteString(o.String())
	for _, h := range f.design.harmonics {
		p["fourier_"+itoa(h.Period)] = float64(h.Pairs)
		name.WriteString("+fourier[" + itoa(h.Period) + "]")
	}
	if at := len(f.design.harmonics.columns(0, 1)); len(f.design.known) > 0 {
		name.WriteString("+regressors")
		for i, scale := range f.design.scales {
			if scale != 0 {
				p["regressor_"+itoa(i+1)] = f.beta[at] * f.scale / scale
				at++
			}
		}
	}
	return forecast.Info{Model: name.String(), Params: p}
}
