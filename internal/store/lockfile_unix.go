//go:build unix && !solaris && !illumos && !aix

package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// fileLock is a lock on an open file; the file stays when the lock goes.
type fileLock struct{ f *os.File }

// canLock says that a lock which was granted excludes others.
const canLock = true

func tryLockFile(path string, mode lockMode) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // beside the database the operator names
	if err != nil {
		return nil, fmt.Errorf("open lock file: %w", err)
	}
	l := &fileLock{f}
	if err := l.set(mode); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return l, nil
}

// set changes the mode of the lock, or returns errLocked at once.
func (l *fileLock) set(mode lockMode) error {
	how := syscall.LOCK_SH
	if mode == exclusive {
		how = syscall.LOCK_EX
	}
	for {
		err := syscall.Flock(int(l.f.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		default:
			return fmt.Errorf("lock %s: %w", l.f.Name(), err)
		}
	}
}

// Unlock gives the lock back.
func (l *fileLock) Unlock() error { return l.f.Close() }
