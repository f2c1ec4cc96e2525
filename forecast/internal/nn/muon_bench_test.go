package nn

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkMuon measures updates of matrices as large as those of the zero-shot
// network, on two goroutines.
func BenchmarkMuon(b *testing.B) {
	m := Muon{AdamW: AdamW{First: 0.9, Second: 0.98, Average: 0.999}, Momentum: 0.95}
	n := 0
	for _, s := range []Matrix{{Rows: 131, Cols: 320}, {Rows: 320, Cols: 320}, {Rows: 320, Cols: 128}, {Rows: 128, Cols: 128}, {Rows: 37, Cols: 128}, {Rows: 128, Cols: 128}} {
		s.From = n
		m.Matrices = append(m.Matrices, s)
		n = s.end()
	}
	r := rand.New(rand.NewPCG(1, 1))
	s, g := NewState(make([]float32, n)), make([]float32, n)
	for i := range g {
		g[i] = float32(r.NormFloat64())
	}
	for b.Loop() {
		m.Update(2, s, g, 1, 1e-3)
	}
}
