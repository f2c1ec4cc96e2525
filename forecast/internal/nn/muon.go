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

	orthogonal []orthogonalizer // of each matrix
}

// A Matrix is a part of the vector of parameters, row by row.
type Matrix struct{ From, Rows, Cols int }

func (m *Matrix) end() int { return m.From + m.Rows*m.Cols }

// rootMeanSquare is that of an update at rate 1. Those of AdamW tend to 0.2, which
// learns more slowly here.
const rootMeanSquare = 0.4

// Update makes an update at the given rate. The gradient counts times scale. Each
// matrix is the work of one goroutine: there are several of them, and products
// cut up for more would wait for one another all the time.
func (m *Muon) Update(threads int, s *State, gradient []float32, scale, rate float64) {
	s.Updates++
	u := m.update(s.Updates, scale, rate)
	if m.orthogonal == nil {
		m.orthogonal = make([]orthogonalizer, len(m.Matrices))
	}
	Each(threads, len(m.Matrices)+1, func(i int) {
		if i < len(m.Matrices) {
			m.move(i, s, gradient, &u, rate)
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

// move updates a matrix. The second moments of its place stay 0.
func (m *Muon) move(i int, s *State, gradient []float32, u *update, rate float64) {
	at, o := &m.Matrices[i], &m.orthogonal[i]
	from, end := at.From, at.end()
	p, mean, first, g := s.Params[from:end], s.Mean[from:end], s.First[from:end], gradient[from:end]
	b := float32(m.Momentum)
	x := grow(&o.x, len(p))
	f32.Combine(b, first, u.g, g)
	copy(x, g)
	f32.Combine(u.g, x, b, first)
	o.run(at.Rows, at.Cols)
	step := float32(rate * rootMeanSquare * math.Sqrt(float64(max(at.Rows, at.Cols))))
	f32.Combine(u.keep, p, -step, x)
	f32.Approach(mean, u.fresh, p)
}
