//go:build unix

package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store"
	"github.com/almanac-forecast/almanac/internal/store/storetest"
)

// TestPreparedAtOnce uses one text again while its rows are still being read,
// on one connection: each must have a statement of its own.
func TestPreparedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		t.Helper()
		if db.Engine() == store.PostgreSQL {
			t.Skip("a connection to PostgreSQL answers one query at a time")
		}
		ctx := t.Context()
		const text = "SELECT value FROM (SELECT 1 AS value UNION ALL SELECT 2 UNION ALL SELECT 3) AS v WHERE value >= $1 ORDER BY value"
		tx, err := db.SQL().BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		for range 3 { // prepared, kept, kept
			outer, err := tx.QueryContext(ctx, text, 1)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for outer.Next() {
				var a, b int
				if err := outer.Scan(&a); err != nil {
					t.Fatal(err)
				}
				if err := tx.QueryRowContext(ctx, text, a).Scan(&b); err != nil {
					t.Fatal(err)
				}
				got = append(got, fmt.Sprint(a, b))
			}
			if err := outer.Err(); err != nil {
				t.Fatal(err)
			}
			if err := outer.Close(); err != nil {
				t.Fatal(err)
			}
			if want := "[1 1 2 2 3 3]"; fmt.Sprint(got) != want {
				t.Errorf("got %v, want %s", got, want)
			}
		}
	})
}

// TestPreparedMany uses more texts than a connection keeps, some of them wrong,
// and looks whether an error stays with a statement.
func TestPreparedMany(t *testing.T) {
	db := storetest.Open(t)
	ctx := t.Context()
	for i := range 1000 {
		var got int
		if err := db.SQL().QueryRowContext(ctx, fmt.Sprintf("SELECT %d + $1", i%400), 1).Scan(&got); err != nil || got != i%400+1 {
			t.Fatalf("got %d, %v, want %d", got, err, i%400+1)
		}
		if _, err := db.SQL().ExecContext(ctx, "INSERT INTO secret (name, value) VALUES ($1, $2)", strconv.Itoa(i/2), ""); (err == nil) != (i%2 == 0) {
			t.Fatalf("insert %d: %v; the second of each pair should fail", i, err)
		}
	}
}

// TestReadersWait has more readers than connections: all of them get a turn, and
// one that gives up does not keep it.
func TestReadersWait(t *testing.T) {
	db := storetest.OpenAt(t, filepath.Join(t.TempDir(), "almanac.db"), clock.System{})
	row := storetest.Row(resource.KindDataset, 1)
	if err := db.Update(t.Context(), func(tx resource.Tx) error { return tx.Insert(t.Context(), row) }); err != nil {
		t.Fatal(err)
	}
	hold := make(chan struct{})
	inside := make(chan struct{}, 1) // kept for us if we come later than all who get a turn
	var wg sync.WaitGroup
	const many = 64
	for range many {
		wg.Go(func() {
			err := db.View(t.Context(), func(resource.Reader) error {
				select {
				case inside <- struct{}{}:
				default:
				}
				<-hold
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	<-inside
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	for { // until the others have taken all turns
		if _, err := db.Get(ctx, row.ARN); err != nil {
			break
		}
	}
	if ctx.Err() == nil {
		t.Error("a reader failed although it had not given up")
	}
	close(hold)
	wg.Wait()
	if got, err := db.Get(t.Context(), row.ARN); err != nil || got.ARN != row.ARN {
		t.Errorf("got %s, %v", got.ARN, err)
	}
}
