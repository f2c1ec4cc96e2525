package ridge

// A profile is the mean course of the seasons, one after the other: the shortest
// first, then what the next longer one adds to it. Time 0 is phase 0 of each.
type profile struct {
	effects [][]float64 // [season][phase]
}

// newProfile estimates the effects from values by their distance to a moving
// average of one cycle of the longest season.
//
// Each season's effects are the means of its phases, drawn towards zero by the
// ratio of the noise of such a mean to what the means differ by:
// n/(n + σ²/τ²) for n cycles, the empirical Bayes estimate.
func newProfile(x []float64, seasons []int) profile {
	var p profile
	if len(seasons) == 0 {
		return p
	}
	rest := detrended(x, seasons[len(seasons)-1])
	for _, m := range seasons {
		e := shrunkMeans(rest, m)
		for t := range rest {
			rest[t] -= e[t%m]
		}
		p.effects = append(p.effects, e)
	}
	return p
}

// at returns the sum of the effects at a time.
func (p profile) at(t int) float64 {
	sum := 0.0
	for _, e := range p.effects {
		sum += e[t%len(e)]
	}
	return sum
}

// without returns the series less its profile.
func (p profile) without(x []float64) []float64 {
	if len(p.effects) == 0 {
		return x
	}
	out := make([]float64, len(x))
	for t, v := range x {
		out[t] = v - p.at(t)
	}
	return out
}

// detrended returns x less its centred moving average of m values, which at the
// ends is that of the first and last m.
func detrended(x []float64, m int) []float64 {
	n := len(x)
	out := make([]float64, n)
	m = min(m, n)
	sum := 0.0
	for _, v := range x[:m] {
		sum += v
	}
	end := m // the average is over end−m to end−1
	for t, v := range x {
		for end < n && end < t+m-m/2 {
			sum += x[end] - x[end-m]
			end++
		}
		out[t] = v - sum/float64(m)
	}
	return out
}

// shrunkMeans returns the means of the m phases, shrunk.
func shrunkMeans(x []float64, m int) []float64 {
	means, squares, counts := make([]float64, m), make([]float64, m), make([]float64, m)
	for t, v := range x {
		k := t % m
		means[k] += v
		squares[k] += v * v
		counts[k]++
	}
	noise, freedom, spread := 0.0, 0.0, 0.0
	for k := range means {
		means[k] /= counts[k]
		noise += squares[k] - counts[k]*means[k]*means[k]
		freedom += counts[k] - 1
		spread += means[k] * means[k] / float64(m)
	}
	if freedom <= 0 || !(spread > 0) {
		return make([]float64, m)
	}
	noise = max(0, noise/freedom)
	cycles := float64(len(x)) / float64(m)
	signal := max(0, spread-noise/cycles)
	for k := range means {
		if noise > 0 {
			means[k] *= signal / (signal + noise/counts[k])
		}
	}
	return means
}
