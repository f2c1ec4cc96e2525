package arima

import (
	"math"
	"slices"
)

// A gapFilter is the filter for series with missing values. It works on the
// levels: the state is [a (r), y_(t−1) … y_(t−k)], with the k levels that the
// differences need as part of it, so that a missing value costs one
// observation and not one for each difference it enters (Harvey 1989, section
// 3.4; Kohn and Ansley 1986). The first levels are unknown: their variance is
// diffuse, and errors whose variance still shows it count nothing.
type gapFilter struct {
	coef    coefficients
	inner   filter // for the autocovariances
	delta   []float64
	r, n    int // ARMA part, whole state
	p, tp   []float64
	m       []float64
	phi, th []float64 // [r] padded; th[0] = 1
	state   [][]float64
	old     []float64
}

// diffuse is the variance of an unknown level of data whose variance is one,
// and known is the error variance above which an error still depends on it.
const (
	diffuse = 1e7
	known   = 1e4
)

// run works as filter.run, on levels. NaN in the first column marks what is
// missing; those errors become zero. n counts the errors that count.
func (g *gapFilter) run(errors [][]float64, delta []float64) (logF float64, n int, ok bool) {
	if !g.start(len(errors), delta) {
		return 0, 0, false
	}
	for t := range errors[0] {
		missing := math.IsNaN(errors[0][t])
		if !missing {
			variance := g.gain()
			if !(variance > 0) || math.IsInf(variance, 0) {
				return 0, 0, false
			}
			counts := variance < known
			if counts {
				logF += math.Log(variance)
				n++
			}
			g.correct(errors, t, variance, counts)
		} else {
			for _, y := range errors {
				y[t] = 0
			}
		}
		for _, a := range g.state {
			g.advance(a)
		}
		g.propagate()
	}
	return logF, n, true
}

// start sets the state to zero and its covariance to that of the stationary
// process and of unknown levels.
func (g *gapFilter) start(columns int, delta []float64) bool {
	g.inner.coef = g.coef
	if !g.inner.prepare(0) {
		return false
	}
	g.delta, g.r = delta, g.inner.r
	g.n = g.r + len(delta)
	g.phi, g.th = g.inner.phi, grow(g.th, g.r)
	for j := range g.th {
		g.th[j] = at(g.coef.theta, j)
	}
	g.p, g.tp = grow(g.p, g.n*g.n), grow(g.tp, g.n*g.n)
	g.m, g.old = grow(g.m, g.n), grow(g.old, g.n)
	for len(g.state) < columns {
		g.state = append(g.state, nil)
	}
	g.state = g.state[:columns]
	for c := range g.state {
		g.state[c] = grow(g.state[c], g.n)
		clear(g.state[c])
	}
	clear(g.p)
	g.stationary()
	for i := g.r; i < g.n; i++ {
		g.p[i*g.n+i] = diffuse
	}
	return true
}

// stationary fills the ARMA block of the covariance. With a_t[i] = Σ_(j>i) φ_j
// y_(t+i−j) + Σ_(j≥i) θ_j e_(t+i−j) every entry is a sum of autocovariances of
// y, of y with e, and of e (Gardner, Harvey and Phillips 1980 solve for the same).
func (g *gapFilter) stationary() {
	phi, theta := g.coef.phi, g.coef.theta
	gamma := func(k int) float64 {
		if k < 0 {
			k = -k
		}
		return g.inner.gamma[k]
	}
	cross := func(k int) float64 { // E y_t e_(t−k)
		if k < 0 || k >= g.r {
			return 0
		}
		return g.inner.psi[k]
	}
	for i := range g.r {
		for h := range i + 1 {
			v := 0.0
			for j := i; j <= len(theta); j++ { // errors with errors of the same time: j−i = l−h
				if l := j - i + h; l <= len(theta) {
					v += at(theta, j) * at(theta, l)
				}
			}
			for a := i + 1; a <= len(phi); a++ {
				for b := h + 1; b <= len(phi); b++ {
					v += phi[a-1] * phi[b-1] * gamma((a-i)-(b-h))
				}
				for l := h; l <= len(theta); l++ { // y_(t−(a−i)) with e_(t−(l−h))
					v += phi[a-1] * at(theta, l) * cross((l-h)-(a-i))
				}
			}
			for b := h + 1; b <= len(phi); b++ {
				for j := i; j <= len(theta); j++ {
					v += phi[b-1] * at(theta, j) * cross((j-i)-(b-h))
				}
			}
			g.p[i*g.n+h], g.p[h*g.n+i] = v, v
		}
	}
}

// gain sets m = P Z' and returns Z P Z'. Z is [1 0 … 0, δ].
func (g *gapFilter) gain() float64 {
	for i := range g.n {
		row := g.p[i*g.n : (i+1)*g.n]
		v := row[0]
		for j, d := range g.delta {
			v += d * row[g.r+j]
		}
		g.m[i] = v
	}
	return g.observe(g.m)
}

// observe returns Z a.
func (g *gapFilter) observe(a []float64) float64 {
	v := a[0]
	for j, d := range g.delta {
		v += d * a[g.r+j]
	}
	return v
}

// correct takes the values of time t into the states and turns them into errors.
func (g *gapFilter) correct(errors [][]float64, t int, variance float64, counts bool) {
	scale := 1 / math.Sqrt(variance)
	for c, y := range errors {
		a := g.state[c]
		v := y[t] - g.observe(a)
		for i, m := range g.m {
			a[i] += m * v / variance
		}
		y[t] = 0
		if counts {
			y[t] = v * scale
		}
	}
	for i, mi := range g.m {
		row := g.p[i*g.n : (i+1)*g.n]
		f := mi / variance
		for j, mj := range g.m {
			row[j] -= f * mj
		}
	}
}

// advance replaces a by T a.
func (g *gapFilter) advance(a []float64) {
	copy(g.old, a)
	level := g.observe(a)
	advance(a[:g.r], g.phi, g.old[:g.r])
	if g.n > g.r {
		copy(a[g.r+1:], g.old[g.r:g.n-1])
		a[g.r] = level
	}
}

// propagate replaces P by T P T' + R R'.
func (g *gapFilter) propagate() {
	n := g.n
	g.left(g.tp, g.p)  // T P, by rows
	transpose(g.tp, n) // P T' since P is symmetric
	g.left(g.p, g.tp)  // T P T'
	for i, x := range g.th {
		for j, y := range g.th {
			g.p[i*n+j] += x * y
		}
	}
}

// left sets dst = T src, row by row.
func (g *gapFilter) left(dst, src []float64) {
	n, r := g.n, g.r
	first := src[:n]
	for i := range r {
		row := dst[i*n : (i+1)*n]
		if i+1 < r {
			copy(row, src[(i+1)*n:(i+2)*n])
		} else {
			clear(row)
		}
		if c := g.phi[i]; c != 0 {
			for j, v := range first {
				row[j] += c * v
			}
		}
	}
	if n == r {
		return
	}
	level := dst[r*n : (r+1)*n]
	copy(level, first)
	for j, d := range g.delta {
		if d == 0 {
			continue
		}
		for i, v := range src[(r+j)*n : (r+j+1)*n] {
			level[i] += d * v
		}
	}
	copy(dst[(r+1)*n:], src[r*n:(n-1)*n])
}

func transpose(a []float64, n int) {
	for i := range n {
		for j := range i {
			a[i*n+j], a[j*n+i] = a[j*n+i], a[i*n+j]
		}
	}
}

// mostFilled is the share of missing values up to which orders are searched on
// filled ones: a pass over gaps takes a hundred times as long, and a few values
// decide about no order. Estimates are those of the values that are there.
const mostFilled = 0.1

// filled returns x with each missing value replaced by the mean of the nearest ones
// of its phase, or x itself where none or too many are missing.
func filled(x []float64, period int) []float64 {
	missing := len(x) - len(observedOnly(x))
	if missing == 0 || float64(missing) > mostFilled*float64(len(x)) {
		return x
	}
	period = max(period, 1)
	out := slices.Clone(x)
	for t, v := range x {
		if !math.IsNaN(v) {
			continue
		}
		sum, n := 0.0, 0.0
		for _, step := range []int{-period, period} {
			at := t + step
			for at >= 0 && at < len(x) && math.IsNaN(x[at]) {
				at += step
			}
			if at >= 0 && at < len(x) {
				sum, n = sum+x[at], n+1
			}
		}
		if n == 0 {
			return x // a phase without any value
		}
		out[t] = sum / n
	}
	return out
}
