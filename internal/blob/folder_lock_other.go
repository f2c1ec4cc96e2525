//go:build !unix

package blob

import (
	"errors"
	"os"
)

var errLocked = errors.New("file is locked")

// tryLock always succeeds: such systems refuse to remove an open file, which
// serves as well.
func tryLock(*os.File) error { return nil }
