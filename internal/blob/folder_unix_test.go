//go:build unix

package blob_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// TestPipeIsNoObject: a pipe in the folder is not there, and nobody waits for
// whoever might write into it.
func TestPipeIsNoObject(t *testing.T) {
	root := t.TempDir()
	bucket, err := blob.NewFolder(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(root, "pipe"), 0o600); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("this file system has no pipes: %v", err)
	}
	if _, err := bucket.NewReader(t.Context(), "pipe", 0, -1); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("opening a pipe: %v", err)
	}
	if _, err := blob.ReaderAt(t.Context(), bucket, "pipe"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("opening a pipe: %v", err)
	}
}
