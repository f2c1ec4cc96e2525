package job

import (
	"context"
	"errors"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/resource"
)

// meter turns counts of work into the estimate that Describe shows.
type meter struct {
	clock  clock.Clock
	begun  time.Time
	told   time.Time
	first  int64 // done when the first report came
	seen   bool
	update func(remaining time.Duration) error
	cancel context.CancelCauseFunc
}

const (
	estimateAfter = 2 * time.Second
	estimateEvery = 10 * time.Second
)

func newMeter(c clock.Clock, cancel context.CancelCauseFunc, update func(remaining time.Duration) error) *meter {
	now := c.Now()
	return &meter{clock: c, begun: now, told: now.Add(estimateAfter - estimateEvery), cancel: cancel, update: update}
}

// report is called by one goroutine at a time.
func (m *meter) report(done, total int64) {
	now := m.clock.Now()
	if !m.seen {
		m.seen, m.first = true, done
	}
	if now.Sub(m.told) < estimateEvery || done <= m.first || total <= 0 {
		return
	}
	m.told = now
	per := float64(now.Sub(m.begun)) / float64(done-m.first)
	remaining := time.Duration(per * float64(max(total-done, 0)))
	if err := m.update(remaining); err != nil {
		// An estimate that could not be written is no reason to fail, but a
		// resource that nobody wants any more is one to stop.
		if errors.Is(err, resource.ErrNotWanted) || errors.Is(err, resource.ErrOvertaken) {
			m.cancel(err)
		}
	}
}
