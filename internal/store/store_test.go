//go:build unix

package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store"
	"github.com/almanac-forecast/almanac/internal/store/pgtest"
	"github.com/almanac-forecast/almanac/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) resource.Store {
		t.Helper()
		return storetest.Open(t)
	})
}

func TestPostgreSQL(t *testing.T) {
	storetest.Run(t, func(t *testing.T) resource.Store {
		t.Helper()
		return storetest.OpenAt(t, pgtest.URL(t), clock.System{})
	})
}

// TestFindLimits runs the suite with limits at which every way of finding is taken.
func TestFindLimits(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		t.Helper()
		db.SetFindLimits(10, 8)
		storetest.RunFind(t, db)
	})
}

// TestChunks checks what the walk through a list rests on: chunks never go down
// from an older row to a newer one, whether rows were given theirs one by one,
// out of order here and there, or all at once by the migration.
func TestChunks(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		t.Helper()
		db.SetFindLimits(10, 8)
		storetest.RunFind(t, db)
		check := func(least int) {
			t.Helper()
			const q = "SELECT count(*), count(DISTINCT chunk) FROM (SELECT chunk, chunk - lag(chunk) OVER (ORDER BY created, arn) AS up FROM resource) AS s WHERE up < $1"
			var down, chunks int
			for _, c := range []struct {
				up   int
				into *int
			}{{0, &down}, {1 << 30, &chunks}} {
				rows := 0
				if err := db.SQL().QueryRowContext(t.Context(), q, c.up).Scan(&rows, c.into); err != nil {
					t.Fatal(err)
				}
			}
			if down != 0 || chunks < least {
				t.Errorf("chunks go down at %d places, and there are %d of them; want none, and at least %d", down, chunks, least)
			}
		}
		check(20)
		err := db.Update(t.Context(), func(tx resource.Tx) error {
			for i := range 1000 {
				if err := tx.Insert(t.Context(), storetest.Row(resource.KindImportJob, 1000+i)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.MigrateDown(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		check(2)
	})
}

// each runs a test on every database there is.
func each(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { f(t, storetest.Open(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { f(t, storetest.OpenAt(t, pgtest.URL(t), clock.System{})) })
}

// TestWriteAtOnce checks that those who write at the same time take turns: each
// of these reads what the others are about to write.
func TestWriteAtOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		t.Helper()
		const writers, rows = 16, 10
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range rows {
					err := db.Update(t.Context(), func(tx resource.Tx) error {
						row := storetest.Row(resource.KindImportJob, 1+w*rows+i)
						n, err := tx.Count(t.Context(), row.Account, row.Region, row.Kind)
						if err != nil {
							return err
						}
						row.Message = strconv.Itoa(n)
						return tx.Insert(t.Context(), row)
					})
					if err != nil {
						t.Errorf("writer %d, row %d: %v", w, i, err)
					}
				}
			})
		}
		wg.Wait()
		var different int
		if err := db.SQL().QueryRowContext(t.Context(), "SELECT count(DISTINCT message) FROM resource").Scan(&different); err != nil {
			t.Fatal(err)
		}
		if different != writers*rows || db.Retries() > 0 {
			t.Errorf("%d different counts were seen, %d transactions had to be repeated; want %d and none", different, db.Retries(), writers*rows)
		}
	})
}

func TestKeys(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		t.Helper()
		ctx := t.Context()
		if has, err := db.HasKeys(ctx); err != nil || has {
			t.Fatalf("a new database has keys: %v, %v", has, err)
		}
		k, err := db.AddKey(ctx, "123456789012", "laptop")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(k.ID, "AKIA") || len(k.ID) != 20 || len(k.Secret) != 40 {
			t.Errorf("key %q has %d characters and its secret %d, want 20 that begin with AKIA, and 40", k.ID, len(k.ID), len(k.Secret))
		}
		got, err := db.LookupKey(ctx, k.ID)
		if err != nil || got != k {
			t.Errorf("got %v, %v, want the key that was added", got, err)
		}
		for _, shown := range []string{fmt.Sprint(k), fmt.Sprintf("%+v", k), fmt.Sprintf("%#v", k), k.LogValue().String()} {
			if strings.Contains(shown, k.Secret) {
				t.Errorf("%q shows the secret", shown)
			}
		}
		if _, err := db.AddKey(ctx, "12", ""); err == nil {
			t.Error("an account of two digits was taken")
		}

		soon, err := db.AddTemporaryKey(ctx, "123456789012", "role", clock.System{}.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := db.LookupKey(ctx, soon.ID); err != nil || got.Token == "" || got != soon {
			t.Errorf("got %v, %v, want the temporary key with its token", got, err)
		}
		gone, err := db.AddTemporaryKey(ctx, "123456789012", "role", clock.System{}.Now().Add(-time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.LookupKey(ctx, gone.ID); !errors.Is(err, store.ErrNoKey) {
			t.Errorf("looking up an expired key: got %v, want ErrNoKey", err)
		}

		if keys, err := db.ListKeys(ctx); err != nil || len(keys) != 1 || keys[0] != k {
			t.Errorf("got keys %v, %v, want the permanent one", keys, err)
		}
		if err := db.RevokeKey(ctx, k.ID); err != nil {
			t.Fatal(err)
		}
		if err := db.RevokeKey(ctx, k.ID); !errors.Is(err, store.ErrNoKey) {
			t.Errorf("revoking twice: got %v, want ErrNoKey", err)
		}
		if _, err := db.LookupKey(ctx, k.ID); !errors.Is(err, store.ErrNoKey) {
			t.Errorf("looking up a revoked key: got %v, want ErrNoKey", err)
		}
	})
}

func TestSecret(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		t.Helper()
		secrets := make([]string, 8)
		var wg sync.WaitGroup
		for i := range secrets {
			wg.Go(func() {
				b, err := db.Secret(t.Context(), "token")
				if err != nil {
					t.Error(err)
				}
				secrets[i] = string(b)
			})
		}
		wg.Wait()
		for _, s := range secrets {
			if len(s) != 32 || s != secrets[0] {
				t.Fatalf("eight asked at once and got different secrets")
			}
		}
		other, err := db.Secret(t.Context(), "other")
		if err != nil || string(other) == secrets[0] {
			t.Errorf("another name got the same secret (%v)", err)
		}
	})
}

func TestMigrateAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "almanac.db")
	t.Run("SQLite", func(t *testing.T) { migrateAtOnce(t, path) })
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the database has mode %v, want it readable by its owner alone", info.Mode().Perm())
	}
	t.Run("PostgreSQL", func(t *testing.T) { migrateAtOnce(t, pgtest.URL(t)) })
}

func migrateAtOnce(t *testing.T, where string) {
	t.Helper()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			db, err := store.Open(t.Context(), where, clock.System{})
			if err != nil {
				t.Error(err)
				return
			}
			for range 2 { // the second time there is nothing to do
				if err := db.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestOpenErrors(t *testing.T) {
	for _, c := range []struct{ where, want string }{
		{filepath.Join(t.TempDir(), "none", "almanac.db"), "the folder must exist"},
		{"postgres://user:s3 cret@host:port/x", "cannot be read"},
	} {
		db, err := store.Open(t.Context(), c.where, clock.System{})
		if err == nil {
			_ = db.Close()
			t.Fatalf("%s was opened", c.where)
		}
		if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "cret@") {
			t.Errorf("got %q, want it to say %q and not the password", err, c.want)
		}
	}
}
