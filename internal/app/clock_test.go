package app_test

import (
	"context"
	"sync"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
)

// steppedClock is the machine's clock, moved on by the test.
type steppedClock struct {
	clock.System

	mu  sync.Mutex
	now time.Time
}

func (c *steppedClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *steppedClock) step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Wait implements [clock.Clock] in real time: what waits are polling loops.
func (c *steppedClock) Wait(ctx context.Context, d time.Duration) error { return c.System.Wait(ctx, d) }
