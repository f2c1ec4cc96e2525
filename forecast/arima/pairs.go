package arima

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// maxPairs is the most pairs of a season: 84 make any week of hours.
const maxPairs = 84

// choosePairs compares numbers of pairs under one process of errors, season by
// season, adds the best to the design and returns the coefficients of its
// columns: how the errors correlate matters little to how many pairs pay.
func (d *design) choosePairs(ctx context.Context, x []float64, seasons []int) ([]float64, error) {
	o := Order{P: 1, D: 1, Q: 1, Period: 1}
	at := []float64{0.3, -0.5}
	best := math.Inf(1)
	for _, m := range seasons {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		trial := *d
		last := len(d.harmonics)
		trial.harmonics = append(slices.Clone(d.harmonics), harmonic{m, min(m/2, maxPairs, (len(x)-fewest)/4)})
		// Regressors come before the pairs, so that these can be given up from the end.
		columns := trial.columns(0, len(x))
		known := len(columns) - trial.harmonics.width()
		p := newProblem(x, slices.Concat(columns[len(columns)-known:], columns[:len(columns)-known]), o)
		v, ok := p.whiten(o, at)
		if !ok {
			break
		}
		squares := nested(p.work[0], p.work[1:])
		pairs := 0
		for i := range trial.harmonics[last].Pairs {
			trial.harmonics[last].Pairs = i + 1
			k := known + trial.harmonics.width()
			v.rss = squares[k]
			if c := v.deviance(p.total) + criterion(p.total, float64(o.arma()+k+1+o.lost())); c < best {
				best, pairs = c, i+1
			}
		}
		if pairs == 0 {
			break
		}
		trial.harmonics[last].Pairs = pairs
		d.harmonics = trial.harmonics
	}
	f, ok := newProblem(x, d.columns(0, len(x)), o).finish(o, at)
	if !ok {
		return nil, nil
	}
	return f.beta, nil
}

// nested returns the sums of squares that the first k columns leave of y, for k
// from none to all, off one Cholesky factor X'X = L L': those of k columns are
// y'y − Σ_(i≤k) z_i², with z the solution of L z = X'y. A column that those before
// it make up leaves what they do.
func nested(y []float64, x [][]float64) []float64 {
	out := []float64{floats.Dot(y, y)}
	var factor [][]float64 // the columns' rows of L, each with its z behind
	for i, column := range x {
		row := make([]float64, i+2)
		for j := range i {
			row[j] = floats.Dot(column, x[j])
		}
		row[i], row[i+1] = floats.Dot(column, column), floats.Dot(column, y)
		size := row[i]
		for j, above := range factor {
			if above[j] > 0 {
				row[j] = (row[j] - floats.Dot(row[:j], above[:j])) / above[j]
			} else {
				row[j] = 0
			}
			row[i] -= row[j] * row[j]
			row[i+1] -= row[j] * above[j+1]
		}
		if row[i] > 1e-9*size+1e-12 {
			row[i] = math.Sqrt(row[i])
			row[i+1] /= row[i]
		} else {
			row[i], row[i+1] = 0, 0
		}
		out = append(out, max(0, out[i]-row[i+1]*row[i+1]))
		factor = append(factor, row)
	}
	return out
}
