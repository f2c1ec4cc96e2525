package ensemble

import (
	"context"

	"github.com/almanac-forecast/almanac/forecast/internal/path"
)

// Processes are those of the members that are combined, in equal shares. Members
// that tell none leave theirs to the others.
func (f *fitted) Processes(horizon int) []path.Process {
	var out []path.Process
	sources := 0.0
	for _, i := range f.used() {
		if s, ok := f.parts[i].(path.Source); ok {
			out = append(out, s.Processes(horizon)...)
			sources++
		}
	}
	if sources == 0 {
		return []path.Process{path.Independent(horizon)}
	}
	for i := range out {
		out[i].Share /= sources
	}
	return out
}

// Paths draws from the processes.
func (f *fitted) Paths(ctx context.Context, horizon, count int, seed uint64) ([][]float64, error) {
	return path.Draw(ctx, f, path.Size{Horizon: horizon, Count: count, Seed: seed})
}
