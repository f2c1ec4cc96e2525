package intermittent

import (
	"math"
	"slices"
)

// alphas are the smoothing parameters that are tried. Demand that comes every
// tenth step tells little about its speed of change, so a grid is as good as a
// search and has no local optima.
var alphas = []float64{0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5}

// A smoothing is what a method estimates from a history.
type smoothing struct {
	block int     // steps that are summed; 1 but for ADIDA and IMAPA
	alpha float64 // of sizes and intervals, or of the sums
	beta  float64 // of the probability, for TSB
	start float64 // the probability at the start, for TSB
}

// smooth estimates the smoothings of a method from values that are not missing
// with at least one demand: one, or for IMAPA one for each length of sums.
func smooth(m Method, x []float64) []smoothing {
	interval := meanInterval(x)
	from, to := 1, 1
	switch m {
	case ADIDA:
		from, to = interval, interval
	case IMAPA:
		to = max(1, interval)
	case Croston, SBA, TSB:
	}
	var out []smoothing
	for k := from; k <= to; k++ {
		out = append(out, best(m, x, smoothing{block: k, start: demanded(x) / float64(len(x))}))
	}
	return out
}

// best returns the smoothing with the smallest squared error one step ahead.
func best(m Method, x []float64, s smoothing) smoothing {
	betas := alphas[:1]
	if m == TSB {
		betas = alphas
	}
	if m == ADIDA || m == IMAPA {
		x = blocks(x, s.block)
	}
	lowest := math.Inf(1)
	out := s
	for _, s.alpha = range alphas {
		for _, s.beta = range betas {
			loss := 0.0
			run(m, x, s, func(t int, f float64) { d := x[t] - f; loss += d * d })
			if loss < lowest {
				lowest, out = loss, s
			}
		}
	}
	return out
}

// rate returns the demand per step after the values.
func rate(m Method, x []float64, by []smoothing) float64 {
	sum := 0.0
	for _, s := range by {
		if m == ADIDA || m == IMAPA {
			y := blocks(x, s.block)
			sum += run(m, y, s, nil) / float64(min(s.block, len(x)))
			continue
		}
		sum += run(m, x, s, nil)
	}
	return sum / float64(len(by))
}

// run smooths values and returns the forecast after the last one; visit, where
// there is one, is told the forecast before each.
func run(m Method, x []float64, s smoothing, visit func(t int, forecast float64)) float64 {
	switch m {
	case Croston:
		return croston(x, s.alpha, visit)
	case SBA:
		return croston(x, s.alpha, visit) * (1 - s.alpha/2)
	case TSB:
		return tsb(x, s, visit)
	case ADIDA, IMAPA:
		return level(x, s.alpha, visit)
	}
	panic("intermittent: unknown method")
}

// croston smooths sizes and intervals at each demand (Croston 1972):
// z ← z + α(x − z), p ← p + α(q − p), and forecasts z/p.
func croston(x []float64, alpha float64, visit func(t int, forecast float64)) float64 {
	var z, p float64
	since := 1
	seen := false
	for t, v := range x {
		if seen && visit != nil {
			visit(t, z/p)
		}
		if v == 0 {
			since++
			continue
		}
		if !seen {
			z, p, seen = v, float64(since), true
		} else {
			z += alpha * (v - z)
			p += alpha * (float64(since) - p)
		}
		since = 1
	}
	return z / p
}

// tsb smooths sizes at each demand and the probability of demand at each step
// (Teunter, Syntetos and Babai 2011): what is no longer asked for fades.
func tsb(x []float64, s smoothing, visit func(t int, forecast float64)) float64 {
	z, p := 0.0, s.start
	if i := slices.IndexFunc(x, func(v float64) bool { return v != 0 }); i >= 0 {
		z = x[i]
	}
	for t, v := range x {
		if visit != nil {
			visit(t, p*z)
		}
		if v != 0 {
			z += s.alpha * (v - z)
			p += s.beta * (1 - p)
		} else {
			p -= s.beta * p
		}
	}
	return p * z
}

// demanded is the number of steps with a demand.
func demanded(x []float64) float64 {
	n := 0.0
	for _, v := range x {
		if v != 0 {
			n++
		}
	}
	return n
}

// meanInterval is the mean number of steps from one demand to the next, rounded.
func meanInterval(x []float64) int { return int(math.Round(float64(len(x)) / demanded(x))) }

// blocks sums k steps at a time, from the latest backwards (Nikolopoulos et al.
// 2011); all values where there are fewer.
func blocks(x []float64, k int) []float64 {
	k = min(k, len(x))
	n := len(x) / k
	sums := make([]float64, n)
	for i := range sums {
		for _, v := range x[len(x)-(n-i)*k : len(x)-(n-i-1)*k] {
			sums[i] += v
		}
	}
	return sums
}

// level smooths values exponentially.
func level(x []float64, alpha float64, visit func(t int, forecast float64)) float64 {
	l := x[0]
	for t, v := range x {
		if visit != nil && t > 0 {
			visit(t, l)
		}
		l += alpha * (v - l)
	}
	return l
}
