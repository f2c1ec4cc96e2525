package store

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// mostReadAhead is how much of the end of the file is read ahead, in bytes: the
// newest rows and what indexes hold of them.
const mostReadAhead = 1 << 30

// ReadAhead reads the file of SQLite once, so that the system has it in memory.
// A list goes from new rows to old ones and so backwards through the file, which
// the system does not foresee: after a restart of the machine it would fetch each
// few kilobytes when they are needed, and a page of 100 jobs would take three
// times as long. On PostgreSQL it does nothing.
func (db *DB) ReadAhead(ctx context.Context) error {
	if db.file == nil {
		return nil
	}
	size, err := db.file.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("read the database ahead: %w", err)
	}
	buf := make([]byte, 1<<20)
	for at := max(0, size-mostReadAhead); at < size && ctx.Err() == nil; at += int64(len(buf)) {
		if _, err := db.file.ReadAt(buf, at); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the database ahead: %w", err)
		}
	}
	return nil
}
