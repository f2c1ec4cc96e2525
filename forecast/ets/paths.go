package ets

import (
	"context"

	"github.com/almanac-forecast/almanac/forecast/internal/path"
)

// Processes are the forms by their weights. The errors of a multiplicative form
// correlate, to the first order, as those of the additive one with its parameters.
func (f *fitted) Processes(horizon int) []path.Process {
	var out []path.Process
	for i := range f.members {
		m := &f.members[i]
		psi := m.effects(horizon)
		psi[0] = 1
		out = append(out, path.Process{Share: m.weight, Psi: psi})
	}
	return out
}

// Paths draws from the processes.
func (f *fitted) Paths(ctx context.Context, horizon, count int, seed uint64) ([][]float64, error) {
	return path.Draw(ctx, f, path.Size{Horizon: horizon, Count: count, Seed: seed})
}
