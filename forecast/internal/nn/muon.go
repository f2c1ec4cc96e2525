package nn

import (
	"math"

	"github.com/almanac-forecast/almanac/forecast/internal/f32"
)

// Muon moves whole matrices of weights, and what is no matrix as AdamW does
// (K. Jordan and others, "Muon: an optimizer for hidden layers in neural
// networks", 2024; the scale is that of J. Liu and others, "Muon is scalable for
// LLM training", arXiv 2502.16982, 2025, which lets both share one rate). With the
// gradient G of a matrix of r rows and c columns, rate a and decay d:
//
//	M = b·M + G
//	W = W - a·d·W - a·0.4·sqrt(max(r, c))·orthogonal(G + b·M)
//
// where orthogonal keeps the singular vectors of a matrix and makes its singular
// values about 1: so directions that gradients seldom point to are learned as
// fast as the others.
type Muon struct {
	AdamW // its Decay and Average are those of the matrices too

	// Momentum is b.
	Momentum float64
	// Matrices are the parts of the vector that are matrices, in its order.
	Matrices []Matrix
}

// A Matrix is a part of the vector of parameters, row by row.
type Matrix struct{ From, Rows, Cols int }

func (m *Matrix) end() int { return m.From + m.Rows*m.Cols }

// rootMeanSquare is that of an update at rate 1. Those of AdamW tend to 0.2, which
// learns more slowly here.
const rootMeanSquare = 0.4

// Update makes an update at the given rate. The gradient counts times scale.
func (m *Muon) Update(threads int, s *State, gradient []float32, scale, rate float64) {
	s.Updates++
	u := m.update(s.Updates, scale, rate)
	Each(threads, len(m.Matrices)+1, func(i int) {
		if i < len(m.Matrices) {
			m.move(&m.Matrices[i], s, gradient, &u, rate)
			return
		}
		from := 0
		for k := range m.Matrices {
			u.apply(s, gradient, from, m.Matrices[k].From)
			from = m.Matrices[k].end()
		}
		u.apply(s, gradient, from, len(s.Params))
	})
}

// move updates one matrix. The second moments of its place stay 0.
func (m *Muon) move(at *Matrix, s *State, gradient []float32, u *update, rate float64) {
	from, end := at.From, at.end()
	p, mean, first, g := s.Params[from:end], s.Mean[from:end], s.First[from:end], gradient[from:end]
	b := float32(m.Momentum)
	x := make([]float32, len(p))
	for i, v := range g {
		v *= u.g
		first[i] = float32(b*first[i]) + v
		x[i] = v + float32(b*first[i])
	}
	orthogonal(x, at.Rows, at.Cols)
	step := float32(rate * rootMeanSquare * math.Sqrt(float64(max(at.Rows, at.Cols))))
	for i, v := range x {
		p[i] = float32(p[i]*u.keep) - float32(step*v)
		mean[i] += float32(u.fresh * (p[i] - mean[i]))
	}
}

// orthogonal makes the singular values of x lie between 0.7 and 1.2, by five
// steps of the iteration of Newton and Schulz with the coefficients of Jordan,
// which trade exactness for speed:
//
//	x = 3.4445·x - 4.775·(x·xᵀ)·x + 2.0315·(x·xᵀ)²·x
func orthogonal(x []float32, rows, cols int) {
	r, c := min(rows, cols), max(rows, cols)
	t := make([]float32, len(x))
	wide := x
	if rows > cols { // products of the short side cost less
		wide = make([]float32, len(x))
		f32.Transpose(wide, x, rows, cols)
	}
	square := 0.0
	for _, v := range wide {
		square += float64(v) * float64(v)
	}
	f32.Scale(float32(1/(math.Sqrt(square)+epsilon)), wide)
	a, b, y := make([]float32, r*r), make([]float32, r*r), make([]float32, len(x))
	for range 5 {
		f32.Transpose(t, wide, r, c)
		f32.Gemm(false, r, r, c, wide, c, t, r, a, r, false)
		f32.Gemm(false, r, r, r, a, r, a, r, b, r, false)
		for i, v := range a {
			b[i] = float32(2.0315*b[i]) - float32(4.775*v)
		}
		f32.Gemm(false, r, c, r, b, r, wide, c, y, c, false)
		for i, v := range y {
			wide[i] = float32(3.4445*wide[i]) + v
		}
	}
	if rows > cols {
		f32.Transpose(x, wide, r, c)
	}
}
