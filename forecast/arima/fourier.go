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

// columns returns sine and cosine of every pair at the times from to from+n−1,
// which may be negative, less those pairs of a season that are a pair of one before.
func (h harmonics) columns(from, n int) [][]float64 {
	var out [][]float64
	for s, k := range h {
		for i := 1; i <= k.Pairs; i++ {
			if h[:s].holds(i, k.Period) {
				continue
			}
			sin, cos := make([]float64, n), make([]float64, n)
			for t := range n {
				// The angle is reduced in integers, so that it stays exact however long the series is.
				phase := ((from+t)%k.Period + k.Period) % k.Period
				a := 2 * math.Pi * float64(phase*i%k.Period) / float64(k.Period)
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

// width returns how many columns there are.
func (h harmonics) width() int {
	n := 0
	for s, k := range h {
		for i := 1; i <= k.Pairs; i++ {
			switch {
			case h[:s].holds(i, k.Period):
			case 2*i == k.Period:
				n++
			default:
				n += 2
			}
		}
	}
	return n
}

// holds reports whether i cycles in a period are a whole number of cycles in one
// of the seasons, of which such pairs are left to it.
func (h harmonics) holds(i, period int) bool {
	for _, k := range h {
		if i*k.Period%period == 0 {
			return true
		}
	}
	return false
}

// chooseFourier models long seasons by Fourier terms with errors that follow a
// non-seasonal ARIMA process; the number of pairs is the one with the best
// criterion (Young, Pedregal and Tych 1999 call it dynamic harmonic regression).
//
// The orders are compared on what the columns leave, with coefficients that are
// estimated once: their effect on the choice is small, and a likelihood without
// hundreds of regressors costs a hundredth.
func chooseFourier(ctx context.Context, x []float64, seasons []int, d design) ([]fit, design, error) {
	beta, err := d.choosePairs(ctx, x, usableSeasons(x, seasons))
	if err != nil {
		return nil, design{}, err
	}
	columns := d.columns(0, len(x))
	rest := less(x, columns, beta)
	found, err := search(ctx, rest, nil, 1)
	if err != nil || len(found) == 0 {
		return nil, design{}, err
	}
	return share(x, rest, columns, found), d, nil
}

// less returns x − Σ β_c·column_c.
func less(x []float64, columns [][]float64, beta []float64) []float64 {
	rest := slices.Clone(x)
	for c, b := range beta {
		for t, v := range columns[c] {
			rest[t] -= b * v
		}
	}
	return rest
}

// share keeps the orders that count, fits the best of them to the end, and gives
// all of them its coefficients of the columns.
func share(x, rest []float64, columns [][]float64, found []fit) []fit {
	kept, _ := weigh(found)
	first := kept[0]
	if better, ok := newProblem(rest, nil, first.order).estimate(first.order, first.u, exactly, nil); ok {
		first = better
	}
	whole, ok := newProblem(x, columns, first.order).finish(first.order, first.u)
	if !ok {
		return nil
	}
	beta := whole.beta[:len(columns)]
	out := []fit{whole}
	for _, f := range kept[1:] {
		f.beta = append(slices.Clone(beta), f.beta...)
		f.aicc += whole.aicc - first.aicc
		f.loglik += whole.loglik - first.loglik
		f.sigma2 *= whole.sigma2 / first.sigma2
		out = append(out, f)
	}
	return out
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
