package main

import (
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
)

// usageMeter measures what the process uses from a moment on.
type usageMeter struct {
	clock clock.Clock
	began time.Time
}

func startUsage(c clock.Clock) *usageMeter { return &usageMeter{c, c.Now()} }

// read returns the seconds on the wall since the start, and what the process
// used since it began: seconds of all cores, and the most memory at any time.
// Where the system does not tell, the latter are zero.
func (u *usageMeter) read() (wall, cpu float64, peak int64) {
	cpu, peak = processUsage()
	return u.clock.Now().Sub(u.began).Seconds(), cpu, peak
}
