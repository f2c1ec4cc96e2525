package cycle

import "math"

// A Profile is the mean course of seasons, one after the other: the shortest
// first, then what the next longer one adds to it. Time 0 is phase 0 of each.
type Profile struct {
	Effects [][]float64 // [season][phase]
	// Doubt is, for each season, the mean variance of an effect around what it
	// estimates.
	Doubt []float64
}

// NewProfile estimates the effects of ascending seasons, by the equations of the
// package comment. NaN is a missing value.
func NewProfile(x []float64, seasons []int) Profile {
	var p Profile
	if len(seasons) == 0 {
		return p
	}
	rest := detrended(x, seasons[len(seasons)-1])
	for _, m := range seasons {
		e, doubt := shrunkMeans(rest, m)
		for t := range rest {
			rest[t] -= e[t%m]
		}
		p.Effects, p.Doubt = append(p.Effects, e), append(p.Doubt, doubt)
	}
	return p
}

// At returns the sum of the effects at a time.
func (p Profile) At(t int) float64 {
	sum := 0.0
	for _, e := range p.Effects {
		sum += e[t%len(e)]
	}
	return sum
}

// Without returns the series less its profile, a new one unless there is none.
func (p Profile) Without(x []float64) []float64 {
	if len(p.Effects) == 0 {
		return x
	}
	out := make([]float64, len(x))
	for t, v := range x {
		out[t] = v - p.At(t)
	}
	return out
}

// Lengths returns the seasons.
func (p Profile) Lengths() []int {
	out := make([]int, 0, len(p.Effects))
	for _, e := range p.Effects {
		out = append(out, len(e))
	}
	return out
}

// detrended returns x less its centred moving average of m values, which at the
// ends is that of the first and last m. What is missing does not count.
func detrended(x []float64, m int) []float64 {
	n := len(x)
	out := make([]float64, n)
	m = min(m, n)
	sum, count := 0.0, 0.0
	for _, v := range x[:m] {
		sum, count = sum+known(v), count+seen(v)
	}
	end := m // the average is over end−m to end−1
	for t, v := range x {
		for end < n && end < t+m-m/2 {
			sum += known(x[end]) - known(x[end-m])
			count += seen(x[end]) - seen(x[end-m])
			end++
		}
		out[t] = v - sum/count
	}
	return out
}

// known is a value, or 0 where it is missing, which seen tells.
func known(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

func seen(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return 1
}

// shrunkMeans returns the means of the m phases, shrunk, and their doubt.
func shrunkMeans(x []float64, m int) (means []float64, doubt float64) {
	means = make([]float64, m)
	squares, counts := make([]float64, m), make([]float64, m)
	for t, v := range x {
		if math.IsNaN(v) {
			continue
		}
		k := t % m
		means[k] += v
		squares[k] += v * v
		counts[k]++
	}
	noise, freedom, spread, observed := 0.0, 0.0, 0.0, 0.0
	for k, count := range counts {
		if count == 0 {
			continue
		}
		means[k] /= count
		noise += squares[k] - count*means[k]*means[k]
		freedom += count - 1
		spread += means[k] * means[k] / float64(m)
		observed += count
	}
	if freedom <= 0 || !(spread > 0) {
		return make([]float64, m), 0
	}
	noise = max(0, noise/freedom)
	cycles := observed / float64(m)
	signal := max(0, spread-noise/cycles)
	if noise == 0 {
		return means, 0
	}
	for k, count := range counts {
		if count > 0 {
			share := signal / (signal + noise/count)
			means[k] *= share
			doubt += 2 * share * noise / count / float64(m)
		}
	}
	return means, doubt
}
