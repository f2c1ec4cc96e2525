package baseline

import (
	"context"

	"github.com/almanac-forecast/almanac/forecast/internal/path"
)

// Processes is a random walk for naive and drift, a walk for each phase of the
// season, and independent steps around the mean.
func (f *fitted) Processes(horizon int) []path.Process {
	p := path.Independent(horizon)
	every := horizon
	switch f.kind {
	case naive, drift:
		every = 1
	case seasonal:
		every = f.season
	case mean:
	}
	for t := every; t < horizon; t += every {
		p.Psi[t] = 1
	}
	return []path.Process{p}
}

// Paths draws from the processes.
func (f *fitted) Paths(ctx context.Context, horizon, count int, seed uint64) ([][]float64, error) {
	return path.Draw(ctx, f, path.Size{Horizon: horizon, Count: count, Seed: seed})
}
