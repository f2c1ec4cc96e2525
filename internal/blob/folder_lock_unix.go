//go:build unix

package blob

import (
	"errors"
	"os"
	"syscall"
)

var errLocked = errors.New("file is locked")

// tryLock takes the file's lock, which the system gives back when the process
// ends, however it ends. It returns errLocked if another has it, and another
// error where the file system has no locks.
func tryLock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errLocked
	}
	return err
}
