package ridge

import "math"

// The size of errors changes: a stormy week is followed by another, a quiet month
// by a quiet one. With r an error over its scales, u the mean of all |r| and n_s
// the number of errors made at time s,
//
//	size_t = (P + Σ_(s≤t) ρ^(t−s)·Σ|r_s|/u) / (P + Σ_(s≤t) ρ^(t−s)·n_s)
//
// is how large the errors known at origin t are beside the usual ones. ρ halves in
// two horizons; P counts as much as a third of all that is remembered. The shape of
// errors is that of r/size (filtered historical simulation: G. Barone-Adesi,
// K. Giannopoulos and L. Vosper, VaR without correlations for portfolios of
// derivative securities, Journal of Futures Markets 19, 1999), and the forecast's
// widths are multiplied by the size of now.
const (
	// halfIn is over how many horizons what is remembered of errors halves.
	halfIn = 2
	// usualShare is how much the usual size counts beside what is remembered.
	usualShare = 1.0 / 3
	// forgotten is after how many halvings errors are left out.
	forgotten = 8
	// dense is from how many origins in a horizon sizes are measured, as far as
	// mostOrigins reach.
	dense       = 4
	mostOrigins = 1000
)

// A memory is how errors are remembered: the factor that their weight shrinks by
// with each step, and the weight of the usual size.
type memory struct{ keep, usual float64 }

// newMemory is that of errors of so many steps from origins.
func newMemory(origins []int, ahead int) memory {
	m := memory{keep: math.Exp2(-1 / float64(halfIn*ahead))}
	apart := 1
	if len(origins) > 1 {
		apart = origins[0] - origins[1]
	}
	m.usual = usualShare * float64(ahead) / float64(apart) / (1 - m.keep)
	return m
}

// sizesOf returns the size known at each of n times. Errors are over their scales.
func sizesOf(all []miss, usual float64, m memory, n int) []float64 {
	sums, counts := make([]float64, n), make([]float64, n)
	for _, a := range all {
		sums[a.t] += math.Abs(a.e)
		counts[a.t]++
	}
	sum, count := 0.0, 0.0
	for t := range n {
		sum, count = m.keep*sum+sums[t], m.keep*count+counts[t]
		sums[t] = 1
		if usual > 0 {
			sums[t] = (m.usual + sum/usual) / (m.usual + count)
		}
	}
	return sums
}

// follow sets the size of now: that of the latest errors of the team in use.
func (w *widths) follow(s *search, m team) {
	n := len(s.d.y)
	origins := s.d.back(max(0, n-1-forgotten*halfIn*s.ahead), s.ahead/dense)
	all := s.misses(m, origins)
	w.relative(all)
	w.late = sizesOf(all, w.usual, newMemory(origins, s.ahead), n)[n-1]
}
