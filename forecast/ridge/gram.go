package ridge

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// A gram holds the weighted sums of products of a window that slides over a
// series. The window at origin t has size values, the latest first:
// x[t+ahead], …, x[t+1] are the targets, x[t], …, x[t−lags+1] the lags.
type gram struct {
	ahead, lags int
	sums        []float64 // [size][size], Σ w_t·x[t+ahead−i]·x[t+ahead−j]
}

// newGram adds up the origins whose targets end before end. The weight of an
// origin shrinks by the factor keep for each step that it is older.
//
// Neighbours on a diagonal differ by the first and the last product only,
//
//	G[i+1][j+1] = (G[i][j] + w_{a−1}·x[a−1+K−i]·x[a−1+K−j] − w_b·x[b+K−i]·x[b+K−j])/keep
//
// for origins a to b, so that only the first row costs a pass over the series
// for each entry: n·size products in place of n·size².
func newGram(x []float64, end, ahead, lags int, keep float64) gram {
	g := gram{ahead: ahead, lags: lags}
	size := ahead + lags
	g.sums = make([]float64, size*size)
	a, b := lags-1, end-1-ahead
	weighted := make([]float64, b-a+1)
	w := 1.0
	for t := b; t >= a; t-- {
		weighted[t-a] = w * x[t+ahead]
		w *= keep
	}
	before := w // the weight of origin a−1
	for j := range size {
		g.sums[j] = floats.Dot(weighted, x[a+ahead-j:b+ahead-j+1])
	}
	for i := range size - 1 {
		row, next := g.sums[i*size:], g.sums[(i+1)*size:]
		for j := i; j < size-1; j++ {
			v := row[j] + before*x[a-1+ahead-i]*x[a-1+ahead-j] - x[b+ahead-i]*x[b+ahead-j]
			next[j+1] = v / keep
		}
	}
	for i := range size {
		for j := range i {
			g.sums[i*size+j] = g.sums[j*size+i]
		}
	}
	return g
}

// centre subtracts from every value of the windows the mean of their latest
// width lags: u = v − 1·w'v gives G − 1q' − q1' + s·11' with q = Gw, s = w'Gw.
func (g gram) centre(width int) {
	size := g.ahead + g.lags
	q := make([]float64, size)
	for i := range q {
		q[i] = floats.Sum(g.sums[i*size+g.ahead:i*size+g.ahead+width]) / float64(width)
	}
	s := floats.Sum(q[g.ahead:g.ahead+width]) / float64(width)
	for i := range size {
		row := g.sums[i*size : (i+1)*size]
		for j := range row {
			row[j] += s - q[i] - q[j]
		}
	}
}

// solve returns the coefficients [step][lag] that minimise
//
//	Σ w_t·(u_{t+k} − Σ b_i·u_{t−i})² + penalty·Σ (b_i − prior_i)²
//
// for every step k; it returns false where the sums are no numbers. The prior
// is [step][lag], or nil for zeros.
func (g gram) solve(penalty float64, prior [][]float64) ([][]float64, bool) {
	size, n := g.ahead+g.lags, g.lags
	low := make([]float64, n*n)
	for i := range n {
		copy(low[i*n:i*n+i+1], g.sums[(g.ahead+i)*size+g.ahead:])
		low[i*n+i] += penalty
	}
	if !cholesky(low, n) {
		return nil, false
	}
	// The transpose makes the substitution backwards run along rows too.
	up := make([]float64, n*n)
	for i := range n {
		for j := range i + 1 {
			up[j*n+i] = low[i*n+j]
		}
	}
	out := make([][]float64, g.ahead)
	flat := make([]float64, g.ahead*n)
	for k := range out {
		b := flat[k*n : (k+1)*n : (k+1)*n]
		row := g.ahead - 1 - k // of target x[t+k+1]
		copy(b, g.sums[row*size+g.ahead:(row+1)*size])
		if prior != nil {
			floats.AddScaled(b, penalty, prior[k])
		}
		for i := range n {
			b[i] = (b[i] - floats.Dot(low[i*n:i*n+i], b[:i])) / low[i*n+i]
		}
		for i := n - 1; i >= 0; i-- {
			b[i] = (b[i] - floats.Dot(up[i*n+i+1:(i+1)*n], b[i+1:])) / low[i*n+i]
		}
		out[k] = b
	}
	return out, true
}

// power returns the mean square of the lags.
func (g gram) power() float64 {
	size, sum := g.ahead+g.lags, 0.0
	for i := g.ahead; i < size; i++ {
		sum += g.sums[i*size+i]
	}
	return sum / float64(g.lags)
}

// cholesky replaces the lower triangle of a symmetric matrix by its factor. It
// returns false where the matrix is not positive definite.
func cholesky(a []float64, n int) bool {
	for i := range n {
		row := a[i*n : i*n+i+1]
		for j := range i {
			row[j] = (row[j] - floats.Dot(row[:j], a[j*n:j*n+j])) / a[j*n+j]
		}
		d := row[i] - floats.Dot(row[:i], row[:i])
		if !(d > 0) || math.IsInf(d, 1) {
			return false
		}
		row[i] = math.Sqrt(d)
	}
	return true
}
