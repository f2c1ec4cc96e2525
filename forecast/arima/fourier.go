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
func chooseFourier(ctx context.Context, x []float64, seasons []int, d design) ([]fit, design, error) {
	beta, err := d.choosePairs(ctx, x, usableSeasons(x, seasons))
	if err != nil {
		return nil, design{}, err
	}
	// The orders are compared on what the columns leave, with coefficients that
	// are estimated once: their effect on the choice is small, and a likelihood
	// without regressors costs a tenth.
	columns := d.columns(0, len(x))
	rest := slices.Clone(x)
	for c, b := range beta {
		for t, v := range columns[c] {
			rest[t] -= b * v
		}
	}
	found, err := search(ctx, rest, nil, 1)
	if err != nil {
		return nil, design{}, err
	}
	return refine(x, columns, found), d, nil
}

// usableSeasons returns the two shortest seasons that the data hold twice.
func usableSeasons(x []float64, seasons []int) []int {
	n := len(observedOnly(x))
	var usable []int
	for _, m := range seasons {
		if m > 1 && 2*m+5 <= n {
			usable = append(usable, m)
		}
	}
	slices.Sort(usable)
	usable = slices.Compact(usable)
	return usable[:min(len(usable), 2)]
}

// choosePairs compares numbers of pairs under one process of errors, season by
// season, adds the best to the design and returns the coefficients of its
// columns: how the errors correlate matters little to how many pairs pay.
func (d *design) choosePairs(ctx context.Context, x []float64, seasons []int) ([]float64, error) {
	best := math.Inf(1)
	o := Order{P: 1, D: 1, Q: 1, Period: 1}
	at := []float64{0.3, -0.5}
	var beta []float64
	if len(d.known) > 0 {
		if f, ok := newProblem(x, d.columns(0, len(x)), o).finish(o, at); ok {
			beta = f.beta
		}
	}
	for i, m := range seasons {
		var keep harmonics
		for _, pairs := range candidates {
			if 2*pairs > m || len(x) < 4*pairs+fewest {
				break
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			trial := *d
			trial.harmonics = append(slices.Clone(d.harmonics[:i:i]), harmonic{m, pairs})
			f, ok := newProblem(x, trial.columns(0, len(x)), o).finish(o, at)
			if ok && f.aicc < best {
				best, keep, beta = f.aicc, trial.harmonics, f.beta
			}
		}
		if keep == nil {
			break
		}
		d.harmonics = keep
	}
	return beta, nil
}
