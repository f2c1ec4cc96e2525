package theta

import (
	"context"

	"github.com/almanac-forecast/almanac/forecast/internal/path"
)

// Processes is the smoothing of the level, ψ_j = α. The line is the same in every
// path.
func (f *fitted) Processes(horizon int) []path.Process {
	psi := make([]float64, horizon)
	for j := range psi {
		psi[j] = f.alpha
	}
	psi[0] = 1
	return []path.Process{{Share: 1, Psi: psi}}
}

// Paths draws from the processes.
func (f *fitted) Paths(ctx context.Context, horizon, count int, seed uint64) ([][]float64, error) {
	return path.Draw(ctx, f, path.Size{Horizon: horizon, Count: count, Seed: seed})
}
