// Package optim minimises smooth functions of a few variables.
package optim

import "math"

// BFGS minimises a function by the method of Broyden, Fletcher, Goldfarb and
// Shanno with gradients by differences and a backtracking line search (Nocedal
// and Wright 2006, algorithm 6.1). The function may return +Inf where it is not
// defined. The zero value is ready; its scratch space is reused between calls.
//
// Likelihoods of time series models are smooth and cost far more than the
// algebra here: on ARIMA models of two to six parameters it needs a third to a
// half of the evaluations of a simplex search for the same optimum.
type BFGS struct {
	// Tolerance ends the search when a step gains less. Default 1e-6.
	Tolerance float64
	// Steps bounds the iterations. Default 50.
	Steps int
	// Stop, when set, is asked after every step with the best value so far; true ends the search.
	Stop func(step int, best float64) bool

	grad, next, dir, trial, dx, dg, hdg []float64
	inverse                             []float64 // of the Hessian, by rows
}

// difference is the step of the gradient: about the cube root of the precision
// of the functions, whose parameters are all of order one.
const difference = 1e-5

// Minimize improves x in place and returns the value there.
func (b *BFGS) Minimize(f func([]float64) float64, x []float64) float64 {
	n := len(x)
	best := f(x)
	if n == 0 || math.IsInf(best, 1) {
		return best
	}
	tolerance, steps := b.Tolerance, b.Steps
	if tolerance == 0 {
		tolerance = 1e-6
	}
	if steps == 0 {
		steps = 50
	}
	b.reset(n)
	b.gradient(f, x, best, b.grad)
	b.identity(n)
	for step := range steps {
		slope := 0.0
		for i := range n {
			d := 0.0
			for j := range n {
				d -= b.inverse[i*n+j] * b.grad[j]
			}
			b.dir[i] = d
			slope += d * b.grad[i]
		}
		if !(slope < 0) {
			if slope == 0 {
				break
			}
			b.identity(n)
			continue
		}
		value, ok := b.search(f, x, best, slope)
		if !ok {
			break
		}
		gain := best - value
		best = value
		b.gradient(f, x, best, b.next)
		b.update(n)
		b.grad, b.next = b.next, b.grad
		if gain < tolerance || b.Stop != nil && b.Stop(step, best) {
			break
		}
	}
	return best
}

func (b *BFGS) reset(n int) {
	for _, s := range []*[]float64{&b.grad, &b.next, &b.dir, &b.trial, &b.dx, &b.dg, &b.hdg} {
		if cap(*s) < n {
			*s = make([]float64, n)
		}
		*s = (*s)[:n]
	}
	if cap(b.inverse) < n*n {
		b.inverse = make([]float64, n*n)
	}
	b.inverse = b.inverse[:n*n]
}

func (b *BFGS) identity(n int) {
	clear(b.inverse)
	for i := range n {
		// A step of a tenth at first: parameters of order one meet gradients
		// of the order of the number of observations.
		b.inverse[i*n+i] = 0.1 / max(1, math.Abs(b.grad[i]))
	}
}

// gradient writes forward differences, or backward ones where the function is
// not defined ahead.
func (b *BFGS) gradient(f func([]float64) float64, x []float64, value float64, grad []float64) {
	for i, old := range x {
		h := difference * max(1, math.Abs(old))
		x[i] = old + h
		g := (f(x) - value) / h
		if math.IsInf(g, 0) || math.IsNaN(g) {
			x[i] = old - h
			g = (value - f(x)) / h
			if math.IsInf(g, 0) || math.IsNaN(g) {
				g = 0
			}
		}
		x[i] = old
		grad[i] = g
	}
}

// search walks along b.dir until the value has fallen enough (Armijo), trying
// the minimum of the parabola through what is known.
func (b *BFGS) search(f func([]float64) float64, x []float64, value, slope float64) (float64, bool) {
	length := 0.0
	for _, d := range b.dir {
		length = max(length, math.Abs(d))
	}
	t := min(1, 2/length) // no parameter moves by more than two at once
	for range 12 {
		for i, d := range b.dir {
			b.trial[i] = x[i] + t*d
		}
		v := f(b.trial)
		if v <= value+1e-4*t*slope {
			for i := range x {
				b.dx[i] = b.trial[i] - x[i]
			}
			copy(x, b.trial)
			return v, true
		}
		shrunk := -slope * t * t / (2 * (v - value - slope*t))
		if !(shrunk > 0.1*t && shrunk < 0.5*t) {
			shrunk = 0.3 * t
		}
		t = shrunk
	}
	return value, false
}

// update brings the inverse Hessian up to date with the last step.
func (b *BFGS) update(n int) {
	sy := 0.0
	for i := range n {
		b.dg[i] = b.next[i] - b.grad[i]
		sy += b.dx[i] * b.dg[i]
	}
	if sy < 1e-12 {
		return
	}
	yhy := 0.0
	for i := range n {
		s := 0.0
		for j := range n {
			s += b.inverse[i*n+j] * b.dg[j]
		}
		b.hdg[i] = s
		yhy += s * b.dg[i]
	}
	scale := (1 + yhy/sy) / sy
	for i := range n {
		for j := range n {
			b.inverse[i*n+j] += scale*b.dx[i]*b.dx[j] - (b.dx[i]*b.hdg[j]+b.hdg[i]*b.dx[j])/sy
		}
	}
}
