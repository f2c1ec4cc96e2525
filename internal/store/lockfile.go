package store

import (
	"context"
	"errors"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
)

type lockMode int

const (
	shared lockMode = iota
	exclusive
)

// errLocked says that another process holds a lock that excludes ours.
var errLocked = errors.New("store: another process holds the lock")

// lockFile takes an advisory lock on a file and waits for it. The system frees
// the lock when the process ends, however it ends.
func lockFile(ctx context.Context, path string, mode lockMode, c clock.Clock) (*fileLock, error) {
	for {
		l, err := tryLockFile(path, mode)
		if !errors.Is(err, errLocked) {
			return l, err
		}
		if err := c.Wait(ctx, 10*time.Millisecond); err != nil {
			return nil, err
		}
	}
}
