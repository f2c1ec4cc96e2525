// Package path draws whole futures of a fitted model.
//
// What a step is worth comes from the model's forecast, how the steps hang
// together from its moving average of infinite order: with
//
//	z_t = Σ_(j<t) ψ_j e_(t−j) / √(Σ_(j<t) ψ_j²),   e ~ N(0, 1)
//
// a path has at step t the forecast's quantile of level Φ(z_t). So its steps are
// distributed as the forecast says, with whatever bounds, widths and earlier errors
// went into that, and correlate as the errors of the model's forecasts do: it is
// the Gaussian copula of the model (A. Sklar 1959; R. B. Nelsen, An Introduction
// to Copulas, 2nd ed., 2006, section 2.3).
package path

import (
	"context"
	"math"
	"math/rand/v2"
	"sort"

	"github.com/almanac-forecast/almanac/forecast"
)

// A Process is one of the processes that a model mixes: its share and its ψ,
// ψ_0 = 1 first and one for each step of the horizon. Steps without any
// correlation have ψ = 1, 0, 0, ….
type Process struct {
	Share float64
	Psi   []float64
}

// The forecast is asked for quantiles at these normal scores; between them it is
// linear in the score.
const (
	reach  = 3.6
	spaced = 0.1
)

// Stream is the second half of the generator's seed: paths use none of the
// numbers that a fit with the same seed has used.
const Stream = 0x70617468

// A Source is a fitted model that tells the processes it mixes, with shares that
// sum to one.
type Source interface {
	forecast.Fitted
	Processes(horizon int) []Process
}

// Independent is the process whose steps have nothing to do with each other.
func Independent(horizon int) Process {
	psi := make([]float64, horizon)
	psi[0] = 1
	return Process{Share: 1, Psi: psi}
}

// Draw draws as many paths as the size says.
func Draw(ctx context.Context, f Source, size Size) ([][]float64, error) {
	var scores, levels []float64
	for i := range int(2*reach/spaced) + 1 {
		z := -reach + spaced*float64(i)
		scores = append(scores, z)
		levels = append(levels, math.Erfc(-z/math.Sqrt2)/2)
	}
	told, err := f.Forecast(ctx, size.Horizon, levels)
	if err != nil {
		return nil, err
	}
	processes := f.Processes(size.Horizon)
	rnd := rand.New(rand.NewPCG(size.Seed, Stream))
	out := make([][]float64, max(size.Count, 0))
	e := make([]float64, size.Horizon)
	for i := range out {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := pick(processes, rnd.Float64())
		for t := range e {
			e[t] = rnd.NormFloat64()
		}
		out[i] = make([]float64, size.Horizon)
		squares := 0.0
		for t := range e {
			z := 0.0
			for j, w := range p.Psi[:t+1] {
				z += w * e[t-j]
			}
			squares += p.Psi[t] * p.Psi[t]
			out[i][t] = read(told.Quantiles, scores, t, z/math.Sqrt(squares))
		}
	}
	return out, nil
}

// Size is how much is drawn, and from which seed.
type Size struct {
	Horizon, Count int
	Seed           uint64
}

func pick(processes []Process, u float64) Process {
	for _, p := range processes {
		if u -= p.Share; u < 0 {
			return p
		}
	}
	return processes[0]
}

// read returns the value of step t at a score.
func read(quantiles [][]float64, scores []float64, t int, z float64) float64 {
	z = min(max(z, scores[0]), scores[len(scores)-1])
	i := min(max(sort.SearchFloat64s(scores, z), 1), len(scores)-1)
	w := (z - scores[i-1]) / (scores[i] - scores[i-1])
	return (1-w)*quantiles[i-1][t] + w*quantiles[i][t]
}
