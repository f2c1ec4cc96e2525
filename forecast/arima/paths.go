package arima

import (
	"context"

	"github.com/almanac-forecast/almanac/forecast/internal/path"
)

// Processes are the orders by their weights.
func (m *mixture) Processes(horizon int) []path.Process {
	var out []path.Process
	for i, f := range m.parts {
		out = append(out, path.Process{Share: m.weights[i], Psi: psi(joined(f.coef.phi, f.delta), f.coef.theta, horizon)})
	}
	return out
}

// Paths draws from the processes.
func (m *mixture) Paths(ctx context.Context, horizon, count int, seed uint64) ([][]float64, error) {
	return path.Draw(ctx, m, path.Size{Horizon: horizon, Count: count, Seed: seed})
}
