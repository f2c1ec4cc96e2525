package ets

import "math"

// A filter runs the recursion of the package comment over a series, forwards
// for the errors and backwards for their gradient. Its memory is used again for
// other parameters and forms of the same series.
//
// Seasonal effects lie in one slice: s[t] is the effect of step t, s[t+m] the
// one that step t leaves behind. Without a season m is 1 and all effects are 0.
// A missing value has weight 0: its error is 0 and the states go on without it.
type filter struct {
	form Form
	m    int
	y    []float64 // [step], 0 where missing
	w    []float64 // [step], 1 or 0
	obs  int       // Σw

	alpha, beta, gamma, phi float64

	l, b []float64 // [step+1] states before each step, and after the last
	s    []float64 // [step+m]
	mu   []float64 // [step] one-step forecasts
	e    []float64 // [step] y − mu, 0 where missing

	gs                          []float64 // [step+m] adjoint of s
	gAlpha, gBeta, gGamma, gPhi float64
	gl, gb                      float64
}

func newFilter(y, w []float64, m int) *filter {
	n := len(y)
	f := &filter{m: m, y: y, w: w}
	for _, v := range w {
		f.obs += int(v)
	}
	flat := make([]float64, 2*(n+1)+2*(n+m)+2*n)
	cut := func(n int) (out []float64) {
		out, flat = flat[:n:n], flat[n:]
		return out
	}
	f.l, f.b, f.s, f.gs, f.mu, f.e = cut(n+1), cut(n+1), cut(n+m), cut(n+m), cut(n), cut(n)
	return f
}

// Bounds of one-step forecasts of multiplicative forms; the data's mean
// absolute value is 1. Beyond them a set of parameters is refused: it leads to
// the explosions that bounds of package forecast would only cut off.
const (
	muMin = 1e-8
	muMax = 1e8
)

// forward runs the recursion from the states l[0], b[0] and s[:m]. It returns
// Σe² of an additive error and Σ(e/μ)² of a multiplicative one, with Σlog μ for
// the latter; both +Inf where the recursion leaves the form's range.
func (f *filter) forward() (sum, logs float64) {
	switch {
	case f.form.power():
		if !f.forwardPower() {
			return math.Inf(1), math.Inf(1)
		}
	case f.form.Season == Multiplicative:
		if !f.forwardRatio() {
			return math.Inf(1), math.Inf(1)
		}
	default:
		f.forwardLinear()
	}
	if f.form.Error == Multiplicative {
		return f.relative()
	}
	for _, e := range f.e {
		sum += e * e
	}
	return sum, 0
}

// forwardLinear is the recursion without products of states.
func (f *filter) forwardLinear() {
	alpha, beta, gamma, phi, m := f.alpha, f.beta, f.gamma, f.phi, f.m
	n := len(f.y)
	y, w, mus, es, ls, bs := f.y[:n], f.w[:n], f.mu[:n], f.e[:n], f.l[:n+1], f.b[:n+1]
	now, next := f.s[:n], f.s[m:m+n]
	l, b := ls[0], bs[0]
	for t, v := range y {
		fb := phi * b
		q := l + fb
		s := now[t]
		mu := q + s
		e := w[t] * (v - mu)
		mus[t], es[t] = mu, e
		l = q + alpha*e
		b = fb + beta*e
		ls[t+1], bs[t+1] = l, b
		next[t] = s + gamma*e
	}
}

// forwardRatio is the recursion with a multiplicative season.
func (f *filter) forwardRatio() bool {
	alpha, beta, gamma, phi, m := f.alpha, f.beta, f.gamma, f.phi, f.m
	n := len(f.y)
	y, w, mus, es, ls, bs := f.y[:n], f.w[:n], f.mu[:n], f.e[:n], f.l[:n+1], f.b[:n+1]
	now, next := f.s[:n], f.s[m:m+n]
	l, b := ls[0], bs[0]
	for t, v := range y {
		fb := phi * b
		q := l + fb
		s := now[t]
		if !(q > muMin && s > muMin) {
			return false
		}
		mu := q * s
		e := w[t] * (v - mu)
		mus[t], es[t] = mu, e
		l = q + alpha*e/s
		b = fb + beta*e/s
		ls[t+1], bs[t+1] = l, b
		next[t] = s + gamma*e/q
	}
	return true
}

// forwardPower is the recursion with a multiplicative trend and any season.
func (f *filter) forwardPower() bool {
	n := len(f.y)
	ratio := f.form.Season == Multiplicative
	for t := range n {
		fb := math.Pow(f.b[t], f.phi)
		q := f.l[t] * fb
		s := f.s[t]
		mu, d := q+s, 1.0
		if ratio {
			mu, d = q*s, s
		}
		if !(q > muMin && f.l[t] > muMin && q < muMax && d > muMin && f.b[t] > 0.1 && f.b[t] < 10) {
			return false
		}
		e := f.w[t] * (f.y[t] - mu)
		f.mu[t], f.e[t] = mu, e
		f.l[t+1] = q + f.alpha*e/d
		f.b[t+1] = fb + f.beta*e/(d*f.l[t])
		if ratio {
			f.s[t+f.m] = s + f.gamma*e/q
		} else {
			f.s[t+f.m] = s + f.gamma*e
		}
	}
	return true
}

// relative sums the squares of the relative errors and the logarithms of the
// forecasts of observed steps. Logarithms are taken of products of sixteen,
// which cannot overflow within the bounds of mu: a logarithm costs as much as
// four steps of the recursion.
func (f *filter) relative() (sum, logs float64) {
	product, count := 1.0, 0
	for t, mu := range f.mu {
		if f.w[t] == 0 {
			continue
		}
		if !(mu > muMin && mu < muMax) {
			return math.Inf(1), math.Inf(1)
		}
		r := f.e[t] / mu
		sum += r * r
		product *= mu
		if count++; count&15 == 0 {
			logs += math.Log(product)
			product = 1
		}
	}
	return sum, logs + math.Log(product)
}

// backward sets the adjoints of the parameters and initial states for the
// function cs·(the first sum of forward) + cl·(the second).
func (f *filter) backward(cs, cl float64) {
	n := len(f.y)
	clear(f.gs[n:])
	f.gAlpha, f.gBeta, f.gGamma, f.gPhi = 0, 0, 0, 0
	f.gl, f.gb = 0, 0
	// The direct part of each step: the derivative of its terms by mu. It is
	// kept in gs[t], which the recursion below reads before it writes it.
	if f.form.Error == Multiplicative {
		for t, mu := range f.mu {
			inv := f.w[t] / mu
			f.gs[t] = inv * (cl - 2*cs*f.e[t]*f.y[t]*inv*inv)
		}
	} else {
		for t, e := range f.e {
			f.gs[t] = -2 * cs * e
		}
	}
	switch {
	case f.form.power():
		f.backwardPower()
	case f.form.Season == Multiplicative:
		f.backwardRatio()
	default:
		f.backwardLinear()
	}
}

func (f *filter) backwardLinear() {
	alpha, beta, gamma, phi, m := f.alpha, f.beta, f.gamma, f.phi, f.m
	n := len(f.y)
	w, es, bs, gs, after := f.w[:n], f.e[:n], f.b[:n], f.gs[:n], f.gs[m:m+n]
	var gl, gb, gAlpha, gBeta, gGamma, gPhi float64
	for t := n - 1; t >= 0; t-- {
		e, gNext := es[t], after[t]
		gAlpha += gl * e
		gBeta += gb * e
		gGamma += gNext * e
		gMu := gs[t] - w[t]*(alpha*gl+beta*gb+gamma*gNext)
		gq := gl + gMu
		gs[t] = gNext + gMu
		gfb := gb + gq
		gPhi += bs[t] * gfb
		gl, gb = gq, phi*gfb
	}
	f.gAlpha, f.gBeta, f.gGamma, f.gPhi, f.gl, f.gb = gAlpha, gBeta, gGamma, gPhi, gl, gb
}

func (f *filter) backwardRatio() {
	alpha, beta, gamma, phi, m := f.alpha, f.beta, f.gamma, f.phi, f.m
	n := len(f.y)
	w, es, ls, bs, ss, gs, after := f.w[:n], f.e[:n], f.l[:n], f.b[:n], f.s[:n], f.gs[:n], f.gs[m:m+n]
	var gl, gb, gAlpha, gBeta, gGamma, gPhi float64
	for t := n - 1; t >= 0; t-- {
		gNext := after[t]
		q, s := ls[t]+phi*bs[t], ss[t]
		is, iq := 1/s, 1/q
		es1, eq := es[t]*is, es[t]*iq
		gAlpha += gl * es1
		gBeta += gb * es1
		gGamma += gNext * eq
		states := alpha*gl + beta*gb
		gMu := gs[t] - w[t]*(states*is+gamma*gNext*iq)
		gq := gl - gamma*gNext*eq*iq + gMu*s
		gs[t] = gNext - states*es1*is + gMu*q
		gfb := gb + gq
		gPhi += bs[t] * gfb
		gl, gb = gq, phi*gfb
	}
	f.gAlpha, f.gBeta, f.gGamma, f.gPhi, f.gl, f.gb = gAlpha, gBeta, gGamma, gPhi, gl, gb
}

func (f *filter) backwardPower() {
	ratio := f.form.Season == Multiplicative
	var gl, gb float64
	for t := len(f.y) - 1; t >= 0; t-- {
		l, b, e, s, gNext := f.l[t], f.b[t], f.e[t], f.s[t], f.gs[t+f.m]
		fb := math.Pow(b, f.phi)
		q, d, dq := l*fb, 1.0, 1.0
		if ratio {
			d, dq = s, q
		}
		f.gAlpha += gl * e / d
		f.gBeta += gb * e / (d * l)
		f.gGamma += gNext * e / dq
		states := f.alpha*gl + f.beta*gb/l
		gMu := f.gs[t] - f.w[t]*(states/d+f.gamma*gNext/dq)
		gq, gsNow := gl+gMu, gNext+gMu
		if ratio {
			gq = gl - f.gamma*gNext*e/(q*q) + gMu*s
			gsNow = gNext - states*e/(d*d) + gMu*q
		}
		f.gs[t] = gsNow
		gfb := gb + gq*l
		gl = gq*fb - f.beta*gb*e/(d*l*l)
		gb = gfb * f.phi * fb / b
		f.gPhi += gfb * math.Log(b) * fb
	}
	f.gl, f.gb = gl, gb
}
