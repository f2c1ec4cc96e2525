package job

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/resource"
)

// manual is a clock that a test sets.
type manual struct{ now time.Time }

func (m *manual) Now() time.Time                            { return m.now }
func (m *manual) Wait(context.Context, time.Duration) error { return nil }

func TestMeter(t *testing.T) {
	c := &manual{time.Unix(1000, 0)}
	var told []time.Duration
	var answer error
	ctx, cancel := context.WithCancelCause(t.Context())
	m := newMeter(c, cancel, func(remaining time.Duration) error {
		told = append(told, remaining)
		return answer
	})
	for _, at := range []struct {
		after time.Duration
		done  int64
	}{
		{time.Second, 100},      // too early, and the first: where an earlier attempt stopped
		{3 * time.Second, 100},  // nothing done yet
		{10 * time.Second, 150}, // 50 in 10 s: 850 in 170 s
		{12 * time.Second, 160}, // told just now
		{40 * time.Second, 500}, // 400 in 40 s: 500 in 50 s
		{80 * time.Second, 1000},
	} {
		c.now = time.Unix(1000, 0).Add(at.after)
		m.report(at.done, 1000)
	}
	if diff := cmp.Diff([]time.Duration{170 * time.Second, 50 * time.Second, 0}, told); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	answer = errors.New("the database is busy")
	c.now = c.now.Add(time.Minute)
	m.report(1000, 1000)
	if ctx.Err() != nil {
		t.Error("an estimate that could not be written ended the job")
	}
	answer = resource.ErrNotWanted
	c.now = c.now.Add(time.Minute)
	m.report(1000, 1000)
	if !errors.Is(context.Cause(ctx), resource.ErrNotWanted) {
		t.Error("a job that nobody wants went on")
	}
}
