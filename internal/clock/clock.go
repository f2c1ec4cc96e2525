// Package clock is the one place where the program asks what time it is.
//
// Everything else takes a [Clock] from its caller, so that a test can decide
// what the time is and a transaction can carry one time throughout.
package clock

import (
	"context"
	"time"
)

// Clock tells the time and waits. Implementations are safe for concurrent use.
type Clock interface {
	// Now returns the current time in UTC, to the microsecond: the precision
	// that every store keeps.
	Now() time.Time
	// Wait returns after d has passed, or earlier with the context's cause.
	Wait(ctx context.Context, d time.Duration) error
}

// System is the clock of the machine.
type System struct{}

// Now implements [Clock].
func (System) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Wait implements [Clock].
func (System) Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Fixed is a clock that stands still; Wait returns at once. For tests.
type Fixed time.Time

// Now implements [Clock].
func (f Fixed) Now() time.Time { return time.Time(f) }

// Wait implements [Clock].
func (Fixed) Wait(ctx context.Context, _ time.Duration) error { return context.Cause(ctx) }
