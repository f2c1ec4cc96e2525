package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/store/storetest"
)

// TestReadAhead checks that reading the file ahead leaves SQLite its locks, which
// a process loses when it closes any descriptor of the file.
func TestReadAhead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "almanac.db")
	db := storetest.OpenAt(t, path, clock.System{})
	if _, err := db.Secret(t.Context(), "some"); err != nil { // so that a connection has read and holds its lock
		t.Fatal(err)
	}
	before := locks(t, path)
	if len(before) == 0 {
		t.Fatal("SQLite holds no lock on its file")
	}
	if err := db.ReadAhead(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := locks(t, path); len(got) != len(before) {
		t.Errorf("locks on the file after it was read: %q, before: %q", got, before)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.ReadAhead(ended); err != nil {
		t.Errorf("when it is no longer wanted: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.ReadAhead(t.Context()); err == nil {
		t.Error("a closed file was read")
	}
}

// locks returns the lines of the system's table of locks for a file.
func locks(t *testing.T, path string) (lines []string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	inode, _ := info.Sys().(*syscall.Stat_t)
	table, err := os.ReadFile("/proc/locks")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		if strings.Contains(line, fmt.Sprintf(":%d ", inode.Ino)) {
			lines = append(lines, line)
		}
	}
	return lines
}
