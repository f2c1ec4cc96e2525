package forecast

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"
)

// A Frame is a set of series that belong together.
type Frame struct {
	Keys   []string // [series], distinct
	Series []Series // [series]
}

// SeedOf returns the seed of one series of many: it depends on the seed of the
// whole and on the series' key, not on how many series there are, how they are
// split into parts or in which order they are worked on.
func SeedOf(seed uint64, key string) uint64 {
	h := fnv.New64a()
	var b [8]byte
	for i := range b {
		b[i] = byte(seed >> (8 * i))
	}
	_, _ = h.Write(b[:])
	_, _ = h.Write([]byte(key))
	return h.Sum64()
}

// FitEach fits a model to every series of a frame, up to workers at once, and
// returns the fits in the frame's order. Each series has the seed of its key,
// so the result does not depend on workers. The first error, by the frame's
// order, names its series; a context that is done ends the work early.
func FitEach(ctx context.Context, m Model, f Frame, seed uint64, workers int) ([]Fitted, error) {
	if len(f.Keys) != len(f.Series) {
		panic("forecast: frame with keys and series of different numbers")
	}
	fits, errs := make([]Fitted, len(f.Series)), make([]error, len(f.Series))
	slots := make(chan struct{}, max(workers, 1))
	var group sync.WaitGroup
	for i, s := range f.Series {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			if errs[i] = ctx.Err(); errs[i] == nil {
				fits[i], errs[i] = m.Fit(ctx, s, SeedOf(seed, f.Keys[i]))
			}
		})
	}
	group.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("fitting %s to series %q: %w", m.Name(), f.Keys[i], err)
		}
	}
	return fits, nil
}
