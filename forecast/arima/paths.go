package arima

import (
	"context"

	"github.com/almanac-forecast/almanac/forecast/internal/path"
)

// Paths draws from the orders in proportion to their weights.
func (m *mixture) Paths(ctx context.Context, horizon, count int, seed uint64) ([][]float64, error) {
	var processes []path.Process
	for i, f := range m.parts {
		full := joined(f.coef.phi, f.delta)
		processes = append(processes, path.Process{Share: m.weights[i], Psi: psi(full, f.coef.theta, max(horizon, 0))})
	}
	return path.Draw(ctx, m, processes, path.Size{Horizon: horizon, Count: count, Seed: seed})
}
