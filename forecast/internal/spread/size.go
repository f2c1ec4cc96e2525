package spread

import "math"

// A Track follows how large errors are as time goes on: a stormy week is followed
// by another, a quiet month by a quiet one. With r an error beside the usual size
// and n_s the number of those made at time s,
//
//	size_t = (P + Σ_(s≤t) ρ^(t−s)·Σ|r_s|) / (P + Σ_(s≤t) ρ^(t−s)·n_s)
//
// is how large the errors known at time t are. A model's past errors over the size
// that was known when they were forecast tell the shape of errors, and the size of
// now how wide it is (filtered historical simulation: G. Barone-Adesi,
// K. Giannopoulos and L. Vosper, VaR without correlations for portfolios of
// derivative securities, Journal of Futures Markets 19, 1999).
type Track struct {
	sums, counts []float64
}

// NewTrack has room for n times, from 0 on.
func NewTrack(n int) Track {
	return Track{make([]float64, n), make([]float64, n)}
}

// Add notes an error made at a time, over the usual size; its sign does not count.
func (t Track) Add(time int, r float64) {
	t.sums[time] += math.Abs(r)
	t.counts[time]++
}

// UsualShare is how much the usual size counts in the models that follow errors,
// beside all that is remembered; docs/models.md has what others gave.
const UsualShare = 1.0 / 3

// A Memory is how errors are remembered.
type Memory struct {
	// Half is after how many steps an error counts half.
	Half float64
	// Density is how many errors are made at each time.
	Density float64
	// Usual is how much the usual size counts beside all that is remembered.
	Usual float64
}

// Sizes returns the size known at each time.
func (t Track) Sizes(m Memory) []float64 {
	keep := math.Exp2(-1 / m.Half)
	usual := m.Usual * m.Density / (1 - keep)
	sum, count := 0.0, 0.0
	out := make([]float64, len(t.sums))
	for i := range out {
		sum, count = keep*sum+t.sums[i], keep*count+t.counts[i]
		out[i] = (usual + sum) / (usual + count)
	}
	return out
}
