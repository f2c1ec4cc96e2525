package intermittent

import "math"

// alphas are the smoothing parameters that are tried. Demand that comes every
// tenth step tells little about its speed of change, so a grid is as good as a
// search and has no local optima.
var alphas = []float64{0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5}

// A rate is what a method makes of a history: the expected demand per step, and
// the estimates behind it.
type rate struct {
	perStep float64
	alpha   float64 // of the intervals or of the demand
	beta    float64 // of the probability, for TSB
}

// estimate runs a method over non-missing values with at least one demand. A
// given alpha is used as it is, zero is searched for.
func estimate(m Method, x []float64, given rate) rate {
	switch m {
	case Croston, SBA:
		return best(x, given, func(r rate, visit func(t int, forecast float64)) float64 {
			f := croston(x, r.alpha, visit)
			if m == SBA {
				f *= 1 - r.alpha/2
			}
			return f
		})
	case TSB:
		return best(x, given, func(r rate, visit func(int, float64)) float64 { return tsb(x, r.alpha, r.beta, visit) })
	case ADIDA:
		k := meanInterval(x)
		return rate{perStep: aggregated(x, k, given)}
	case IMAPA:
		top := max(1, meanInterval(x))
		sum := 0.0
		for k := 1; k <= top; k++ {
			sum += aggregated(x, k, given)
		}
		return rate{perStep: sum / float64(top)}
	}
	panic("intermittent: unknown method")
}

// best returns the rate with the smallest squared error one step ahead.
func best(x []float64, given rate, run func(r rate, visit func(int, float64)) float64) rate {
	if given.alpha > 0 {
		given.perStep = run(given, nil)
		return given
	}
	lowest := math.Inf(1)
	var out rate
	for _, a := range alphas {
		for _, b := range alphas {
			r := rate{alpha: a, beta: b}
			loss := 0.0
			r.perStep = run(r, func(t int, f float64) { d := x[t] - f; loss += d * d })
			if loss < lowest {
				lowest, out = loss, r
			}
		}
	}
	return out
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
func tsb(x []float64, alpha, beta float64, visit func(t int, forecast float64)) float64 {
	var z, p float64
	demands := 0.0
	for _, v := range x {
		if v != 0 {
			demands++
			if z == 0 {
				z = v
			}
		}
	}
	p = demands / float64(len(x))
	for t, v := range x {
		if visit != nil {
			visit(t, p*z)
		}
		if v != 0 {
			z += alpha * (v - z)
			p += beta * (1 - p)
		} else {
			p -= beta * p
		}
	}
	return p * z
}

// meanInterval is the mean number of steps from one demand to the next, rounded.
func meanInterval(x []float64) int {
	demands := 0
	for _, v := range x {
		if v != 0 {
			demands++
		}
	}
	return int(math.Round(float64(len(x)) / float64(demands)))
}

// aggregated sums k steps at a time, from the latest backwards, smooths the
// sums exponentially and gives the last back per step (Nikolopoulos et al. 2011).
func aggregated(x []float64, k int, given rate) float64 {
	n := len(x) / k
	if n == 0 {
		k, n = len(x), 1
	}
	sums := make([]float64, n)
	for i := range sums {
		for _, v := range x[len(x)-(n-i)*k : len(x)-(n-i-1)*k] {
			sums[i] += v
		}
	}
	r := best(sums, given, func(r rate, visit func(int, float64)) float64 {
		l := sums[0]
		for t, v := range sums {
			if visit != nil && t > 0 {
				visit(t, l)
			}
			l += r.alpha * (v - l)
		}
		return l
	})
	return r.perStep / float64(k)
}
