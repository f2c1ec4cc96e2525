package arima

import (
	"context"
	"math"
	"slices"
)

// harmonics are the Fourier pairs of a model: how many of which period.
type harmonics []harmonic

type harmonic struct {
	Period int // steps
	Pairs  int
}

// columns returns sine and cosine of every pair at the times from to from+n−1.
func (h harmonics) columns(from, n int) [][]float64 {
	var out [][]float64
	for _, k := range h {
		for i := 1; i <= k.Pairs; i++ {
			sin, cos := make([]float64, n), make([]float64, n)
			for t := range n {
				// The angle is reduced in integers, so that it stays exact however long the series is.
				a := 2 * math.Pi * float64((from+t)%k.Period*i%k.Period) / float64(k.Period)
				sin[t], cos[t] = math.Sincos(a)
			}
			if 2*i == k.Period { // the sine is zero everywhere
				out = append(out, cos)
				continue
			}
			out = append(out, sin, cos)
		}
	}
	return out
}

// candidates are the numbers of pairs that are tried for the shortest season.
var candidates = []int{1, 2, 3, 5, maxHarmonic}

// chooseFourier models long seasons by Fourier terms with errors that follow a
// non-seasonal ARIMA process; the number of pairs is the one with the best
// criterion (Young, Pedregal and Tych 1999 call it dynamic harmonic regression).
func chooseFourier(ctx context.Context, x []float64, seasons []int) ([]fit, harmonics, error) {
	n := len(observedOnly(x))
	var usable []int
	for _, m := range seasons {
		if m > 1 && 2*m+5 <= n {
			usable = append(usable, m)
		}
	}
	slices.Sort(usable)
	usable = slices.Compact(usable)
	if len(usable) > 2 {
		usable = usable[:2]
	}
	if len(usable) == 0 {
		f, err := search(ctx, x, nil, 1)
		return f, nil, err
	}
	h, err := choosePairs(ctx, x, usable)
	if err != nil {
		return nil, nil, err
	}
	f, err := search(ctx, x, h.columns(0, len(x)), 1)
	return f, h, err
}

// choosePairs compares numbers of pairs under one order of errors, (1,1,1),
// season by season: the errors' order matters little to how many pairs pay.
func choosePairs(ctx context.Context, x []float64, seasons []int) (harmonics, error) {
	var chosen harmonics
	best := math.Inf(1)
	o := Order{P: 1, D: 1, Q: 1, Period: 1}
	for i, m := range seasons {
		var keep harmonics
		for _, pairs := range candidates {
			if 2*pairs > m || len(x) < 4*pairs+fewest {
				break
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			h := append(slices.Clone(chosen[:i:i]), harmonic{m, pairs})
			p := newProblem(x, h.columns(0, len(x)), o)
			f, ok := p.estimate(o, []float64{0.3, -0.5}, 1, nil)
			if ok && f.aicc < best {
				best, keep = f.aicc, h
			}
		}
		if keep == nil {
			break
		}
		chosen = keep
	}
	return chosen, nil
}

// withoutRegressors returns the residuals of a plain regression, for the tests
// that decide on differences.
func withoutRegressors(x []float64, regressors [][]float64) []float64 {
	k := len(regressors) + 1
	a, b := make([]float64, k*k), make([]float64, k)
	at := func(c, t int) float64 {
		if c == 0 {
			return 1
		}
		return regressors[c-1][t]
	}
	for t, v := range x {
		if math.IsNaN(v) {
			continue
		}
		for i := range k {
			for j := range k {
				a[i*k+j] += at(i, t) * at(j, t)
			}
			b[i] += at(i, t) * v
		}
	}
	if !solve(a, b) {
		return x
	}
	out := slices.Clone(x)
	for t := range out {
		for i := range k {
			out[t] -= b[i] * at(i, t)
		}
	}
	return out
}
