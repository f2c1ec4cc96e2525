package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store"
)

// The key with which all requests are signed: with none, the server would
// believe any signature.
const (
	keyID     = "AKIABENCHBENCHBENCH0"
	keySecret = "a secret of the benchmark"
)

const (
	account = "000000000000"
	region  = "us-east-1"
)

func benchARN(kind resource.Kind, name string) string {
	return fmt.Sprintf("arn:aws:forecast:%s:%s:%s/%s", region, account, kind, name)
}

// active returns the row of a finished resource.
func active(r resource.Row) resource.Row {
	r.Account, r.Region, r.Status = account, region, resource.Active
	if r.Created.IsZero() {
		r.Created = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	r.Modified = r.Created
	return r
}

// text returns the JSON of a spec or a result.
func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic("bench: " + err.Error()) // they are structs of texts and numbers
	}
	return string(data)
}

// once fills the data folder unless an earlier run did so. The key is put in
// last: a folder that has it is whole.
func (b *bench) once(ctx context.Context, fill func(ctx context.Context, db *store.DB, dir string) error) (err error) {
	dir := b.data()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	where := b.database
	if where == "" {
		where = b.file()
	}
	db, err := store.Open(ctx, where, clock.System{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	switch _, err := db.LookupKey(ctx, keyID); {
	case err == nil:
		return b.ready()
	case !errors.Is(err, store.ErrNoKey):
		return err
	}
	db.SetEnqueuer(func(context.Context, *sql.Tx, resource.Task, time.Time) (int64, error) {
		return 0, errors.New("nothing is to be done")
	})
	if err := fill(ctx, db, dir); err != nil {
		return err
	}
	if err := db.PutKey(ctx, store.Key{ID: keyID, Secret: keySecret, Account: account}); err != nil {
		return err
	}
	return b.ready()
}

func (b *bench) ready() error {
	if b.setup {
		return errSetup
	}
	return nil
}
