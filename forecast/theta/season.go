package theta

import "math"

type kind int

const (
	none kind = iota
	additive
	multiplicative
)

// season holds the seasonal indices by the phase of their time.
type season struct {
	kind    kind
	indices []float64
}

// at returns the index of a time.
func (s season) at(t int) float64 { return s.indices[t%len(s.indices)] }

// remove takes the season out of a value, restore puts it back.
func (s season) remove(v float64, t int) float64 {
	switch s.kind {
	case additive:
		return v - s.at(t)
	case multiplicative:
		return v / s.at(t)
	case none:
	}
	return v
}

func (s season) restore(v float64, t int) float64 {
	switch s.kind {
	case additive:
		return v + s.at(t)
	case multiplicative:
		return v * s.at(t)
	case none:
	}
	return v
}

// evident is how many standard errors the autocorrelation at the season's lag
// must be above zero for the season to be taken out. The usual test at 90 % asks
// for 1.645: it keeps noise out of the indices, which their shrinkage does as
// well, and leaves seasons of short series in.
const evident = 0.5

// deseason replaces x by the seasonally adjusted series, if the season of m
// steps is there or is known to be, and returns the season.
func deseason(x []float64, m int, known bool) season {
	if m < 2 || len(x) < 3*m || !known && !seasonal(x, m) {
		return season{}
	}
	s := decompose(x, m)
	for t, v := range x {
		x[t] = s.remove(v, t)
	}
	return s
}

// seasonal tests the autocorrelation at lag m against its standard error
// √((1 + 2Σ_(k<m) r_k²)/n).
func seasonal(x []float64, m int) bool {
	mean, n := 0.0, 0
	for _, v := range x {
		if !math.IsNaN(v) {
			mean += v
			n++
		}
	}
	mean /= float64(n)
	correlation := func(lag int) float64 {
		sum, total := 0.0, 0.0
		for t, v := range x {
			if math.IsNaN(v) {
				continue
			}
			total += (v - mean) * (v - mean)
			if t >= lag && !math.IsNaN(x[t-lag]) {
				sum += (v - mean) * (x[t-lag] - mean)
			}
		}
		return sum / total
	}
	squares := 0.0
	for k := 1; k < m; k++ {
		r := correlation(k)
		squares += r * r
	}
	return correlation(m) > evident*math.Sqrt((1+2*squares)/float64(n))
}

// decompose computes the indices: means over the phases of the ratios (or
// differences) to a centred moving average of one season, shrunk and scaled so
// that they average one (zero).
func decompose(x []float64, m int) season {
	s := season{kind: multiplicative, indices: make([]float64, m)}
	for _, v := range x {
		if v <= 0 {
			s.kind = additive
		}
	}
	sums, squares, counts := make([]float64, m), make([]float64, m), make([]float64, m)
	for t, trend := range centred(x, m) {
		if math.IsNaN(trend) || math.IsNaN(x[t]) {
			continue
		}
		d := x[t] - trend
		if s.kind == multiplicative {
			d = x[t] / trend
		}
		k := t % m
		sums[k] += d
		squares[k] += d * d
		counts[k]++
	}
	total := 0.0
	for k := range s.indices {
		if counts[k] == 0 {
			return season{}
		}
		s.indices[k] = sums[k] / counts[k]
		total += s.indices[k] / float64(m)
	}
	neutral := 0.0
	for k := range s.indices {
		if s.kind == multiplicative {
			s.indices[k] /= total
			neutral = 1
		} else {
			s.indices[k] -= total
		}
	}
	s.shrink(neutral, squares, counts, sums)
	return s
}

// shrink draws the indices towards neutral by the share of their variance that
// the noise of a mean of a few values explains (James and Stein's estimator, as
// Miller and Williams 2003 use it for seasonal indices).
func (s season) shrink(neutral float64, squares, counts, sums []float64) {
	m := float64(len(s.indices))
	noise, spread := 0.0, 0.0
	for k, v := range s.indices {
		mean := sums[k] / counts[k]
		if counts[k] > 1 {
			noise += max(0, squares[k]/counts[k]-mean*mean) / (counts[k] - 1) / m
		}
		spread += (v - neutral) * (v - neutral) / m
	}
	if m < 4 || spread == 0 {
		return
	}
	keep := max(0, 1-(m-3)/(m-1)*noise/spread)
	for k, v := range s.indices {
		s.indices[k] = neutral + keep*(v-neutral)
		if s.kind == multiplicative {
			s.indices[k] = max(s.indices[k], 0.01)
		}
	}
}

// centred returns the moving averages over one season, centred (2×m for an even
// m). Missing values are left out of their average; NaN where it does not fit
// into the series or has nothing to average.
func centred(x []float64, m int) []float64 {
	out := make([]float64, len(x))
	half := m / 2
	for t := range x {
		out[t] = math.NaN()
		if t < half || t+half >= len(x) {
			continue
		}
		sum, weight := 0.0, 0.0
		for k := -half; k <= half; k++ {
			w := 1.0
			if m%2 == 0 && (k == -half || k == half) {
				w = 0.5
			}
			if v := x[t+k]; !math.IsNaN(v) {
				sum += w * v
				weight += w
			}
		}
		if weight > 0 {
			out[t] = sum / weight
		}
	}
	return out
}
