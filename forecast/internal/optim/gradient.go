package optim

import "math"

// A Func is a function with an exact gradient. It remembers where it was
// evaluated last.
//
// A recursion that is run backwards gives its whole gradient for about the cost
// of two evaluations, whatever the number of variables. Differences cost one per
// variable and a simplex search a hundred or more: for an exponential smoothing
// model of twelve months with its 17 variables that is the difference between
// one millisecond and fifty.
type Func interface {
	// Value returns the function at x, +Inf or NaN where it has none. It must
	// not keep x.
	Value(x []float64) float64
	// Gradient writes the gradient at the x of the latest Value, which was finite.
	Gradient(g []float64)
}

// Settings bound a search. The zero value means the defaults.
type Settings struct {
	// Iterations is the largest number of steps; 0 means 200.
	Iterations int
	// Tolerance ends the search when two steps in a row lower the function by
	// less; 0 means 1e-5.
	Tolerance float64
	// Stop, if set, is asked after each step with the value and by how much it
	// fell, and may end the search: a candidate that cannot win any more.
	Stop func(value, fall float64) bool
}

// A Minimizer searches with exact gradients: BFGS with a backtracking line
// search (J. Nocedal and S. Wright, Numerical Optimization, 2nd ed., 2006,
// algorithms 3.1 and 6.1, interpolation of section 3.5). It holds the memory of
// a search, to be used again for the next one. The zero value is ready.
type Minimizer struct {
	g, gNew, xNew, dir, step, diff, hy []float64
	h                                  []float64 // [row][column], inverse Hessian
	// Evaluations counts the calls of Value since the owner last reset it.
	Evaluations int
}

const (
	sufficient = 1e-4 // Armijo's constant, Nocedal and Wright p. 33
	maxCuts    = 30   // shortenings of a step before it is given up
)

// Minimize improves x in place and returns the smallest value found, which is
// that at x. The value at the given x must be finite; if it is not, x stays as
// it is and the value is returned.
func (m *Minimizer) Minimize(f Func, x []float64, s Settings) float64 {
	n := len(x)
	m.resize(n)
	if s.Iterations == 0 {
		s.Iterations = 200
	}
	if s.Tolerance == 0 {
		s.Tolerance = 1e-5
	}
	value := f.Value(x)
	m.Evaluations++
	if n == 0 || math.IsNaN(value) || math.IsInf(value, 0) {
		return value
	}
	f.Gradient(m.g)
	m.identity(n, 1)
	fresh, small := true, 0
	for range s.Iterations {
		slope := m.direction(n, fresh)
		if slope >= 0 {
			break // the gradient is zero, or not a number
		}
		next, ok := m.search(f, x, value, slope)
		if !ok {
			if fresh {
				break
			}
			m.identity(n, 1) // the model of the curvature is bad: once more without
			fresh = true
			continue
		}
		f.Gradient(m.gNew)
		fall := value - next
		value = next
		for i := range n {
			m.step[i] = m.xNew[i] - x[i]
			m.diff[i] = m.gNew[i] - m.g[i]
			x[i], m.g[i] = m.xNew[i], m.gNew[i]
		}
		fresh = !m.update(n, fresh) && fresh
		if small++; fall >= s.Tolerance {
			small = 0
		}
		if small == 2 || s.Stop != nil && s.Stop(value, fall) {
			break
		}
	}
	return value
}

func (m *Minimizer) resize(n int) {
	if cap(m.g) < n {
		flat := make([]float64, 7*n+n*n)
		for _, v := range []*[]float64{&m.g, &m.gNew, &m.xNew, &m.dir, &m.step, &m.diff, &m.hy} {
			*v, flat = flat[:n:n], flat[n:]
		}
		m.h = flat
	}
	for _, v := range []*[]float64{&m.g, &m.gNew, &m.xNew, &m.dir, &m.step, &m.diff, &m.hy} {
		*v = (*v)[:n]
	}
	m.h = m.h[:n*n]
}

func (m *Minimizer) identity(n int, scale float64) {
	clear(m.h)
	for i := range n {
		m.h[i*n+i] = scale
	}
}

// direction sets dir to −H·g and returns its slope. Without knowledge of the
// curvature the step is at most of length one: variables are scaled so that one
// is a large change.
func (m *Minimizer) direction(n int, fresh bool) float64 {
	slope, norm := 0.0, 0.0
	for i := range n {
		sum := 0.0
		for j, h := range m.h[i*n : (i+1)*n] {
			sum += h * m.g[j]
		}
		m.dir[i] = -sum
		slope -= sum * m.g[i]
		norm += sum * sum
	}
	if fresh && norm > 1 {
		scale := 1 / math.Sqrt(norm)
		for i := range m.dir {
			m.dir[i] *= scale
		}
		slope *= scale
	}
	if !(slope < 0) {
		return 0
	}
	return slope
}

// search shortens the step until the function falls enough.
func (m *Minimizer) search(f Func, x []float64, value, slope float64) (float64, bool) {
	length := 1.0
	for range maxCuts {
		for i := range x {
			m.xNew[i] = x[i] + length*m.dir[i]
		}
		next := f.Value(m.xNew)
		m.Evaluations++
		if next <= value+sufficient*length*slope && !math.IsInf(next, 0) {
			return next, true
		}
		// The minimum of the parabola through the two values and the slope.
		cut := 0.1
		if rise := next - value - length*slope; rise > 0 && !math.IsInf(rise, 0) {
			cut = min(max(-slope*length/(2*rise), 0.1), 0.5)
		}
		length *= cut
		if -length*slope < 1e-12*(1+math.Abs(value)) {
			break
		}
	}
	return 0, false
}

// update brings the inverse Hessian up to date with the last step, unless that
// tells nothing of the curvature; it returns whether it did.
func (m *Minimizer) update(n int, fresh bool) bool {
	sy, yy := 0.0, 0.0
	for i := range n {
		sy += m.step[i] * m.diff[i]
		yy += m.diff[i] * m.diff[i]
	}
	if sy <= 1e-12*yy || sy == 0 {
		return false
	}
	if fresh {
		m.identity(n, sy/yy)
	}
	yhy := 0.0
	for i := range n {
		sum := 0.0
		for j, h := range m.h[i*n : (i+1)*n] {
			sum += h * m.diff[j]
		}
		m.hy[i] = sum
		yhy += sum * m.diff[i]
	}
	a := (1 + yhy/sy) / sy
	for i := range n {
		si, hi := m.step[i], m.hy[i]
		row := m.h[i*n : (i+1)*n]
		for j := range row {
			row[j] += a*si*m.step[j] - (hi*m.step[j]+si*m.hy[j])/sy
		}
	}
	return true
}
