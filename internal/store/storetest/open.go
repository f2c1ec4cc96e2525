package storetest

import (
	"context"
	"database/sql"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store"
)

// Open returns a migrated SQLite database in a folder of the test. Tasks are
// recorded but no worker ever sees them; a queue that is made for the database
// changes that.
func Open(tb testing.TB) *store.DB {
	tb.Helper()
	return OpenAt(tb, filepath.Join(tb.TempDir(), "almanac.db"), clock.System{})
}

// OpenAt is Open for a given database and clock.
func OpenAt(tb testing.TB, where string, c clock.Clock) *store.DB {
	tb.Helper()
	db, err := store.Open(tb.Context(), where, c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	if err := db.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	var jobs atomic.Int64
	db.SetEnqueuer(func(context.Context, *sql.Tx, resource.Task, time.Time) (int64, error) {
		return jobs.Add(1), nil
	})
	return db
}
