package npts

import (
	"context"
	"math/rand/v2"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/path"
)

// Processes is independent steps, as the forecast itself has them.
func (f *fitted) Processes(horizon int) []path.Process {
	return []path.Process{path.Independent(horizon)}
}

// Paths draws every step from its own distribution, without the detour over
// quantiles at given levels: a few past values make steps in them.
func (f *fitted) Paths(ctx context.Context, horizon, count int, seed uint64) ([][]float64, error) {
	if err := forecast.CheckRequest(horizon, nil); err != nil {
		return nil, err
	}
	rnd := rand.New(rand.NewPCG(seed, path.Stream))
	out := make([][]float64, max(count, 0))
	for i := range out {
		out[i] = make([]float64, horizon)
	}
	v, w := make([]float64, 0, len(f.past)), make([]float64, 0, len(f.past))
	for t := range horizon {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v, w = f.draws(t+1, v, w)
		for i := range out {
			x := quantile(v, w, rnd.Float64())
			if f.nonNegative {
				x = max(x, 0)
			}
			out[i][t] = x
		}
	}
	return out, nil
}
