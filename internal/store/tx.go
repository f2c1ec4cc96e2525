package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store/internal/dbsqlc"
)

var (
	_ resource.Store = (*DB)(nil)
	_ resource.Tx    = (*Tx)(nil)
)

// reader reads within a transaction.
type reader struct {
	db *DB
	tx *sql.Tx
	q  *dbsqlc.Queries
}

// Tx is a write transaction. Beside what resource.Tx promises it has what the
// queue needs.
type Tx struct {
	reader

	inserted int64 // rows of resource
}

// SQL returns the transaction underneath.
func (tx *Tx) SQL() *sql.Tx { return tx.tx }

// wait takes a turn to read or to write. When all connections are busy, the pool
// of database/sql gives the next one to any of those who wait, and who has bad
// luck waits ten times as long as most; a channel is fair.
func wait(ctx context.Context, turns chan struct{}) (leave func(), err error) {
	select {
	case turns <- struct{}{}:
		return func() { <-turns }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the database: %w", context.Cause(ctx))
	}
}

// Get implements resource.Store.
func (db *DB) Get(ctx context.Context, arn string) (resource.Row, error) {
	leave, err := wait(ctx, db.reading)
	if err != nil {
		return resource.Row{}, err
	}
	defer leave()
	r := reader{db: db, q: dbsqlc.New(db.read)}
	return r.Get(db.patient(ctx), arn)
}

// patient returns the context of a read that is short. What lies in a local file
// is there before anybody could lose patience, and watching for that takes two
// goroutines, which cost more than a row.
func (db *DB) patient(ctx context.Context) context.Context {
	if db.engine == SQLite {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// View implements resource.Store: f sees one snapshot of the database.
func (db *DB) View(ctx context.Context, f func(resource.Reader) error) error {
	leave, err := wait(ctx, db.reading)
	if err != nil {
		return err
	}
	defer leave()
	var opt *sql.TxOptions
	if db.engine == PostgreSQL {
		opt = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	tx, err := db.read.BeginTx(db.patient(ctx), opt)
	if err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	// Nothing was written, so there is nothing to commit, and an error of the
	// rollback would say nothing about what was read.
	defer func() { _ = tx.Rollback() }()
	return f(&reader{db: db, tx: tx, q: dbsqlc.New(tx)})
}

// Update implements resource.Store: the transactions that commit might as well
// have run one after the other.
func (db *DB) Update(ctx context.Context, f func(resource.Tx) error) error {
	return db.Transact(ctx, func(tx *Tx) error { return f(tx) })
}

// Transact is Update with all that the store can do.
func (db *DB) Transact(ctx context.Context, f func(*Tx) error) error {
	return db.retries.do(ctx, func() error { return db.transactOnce(ctx, f) })
}

// transactOnce runs f when nobody else writes. On SQLite nobody could, and on
// PostgreSQL nearly all would be in vain: those who create something read the
// same ends of the same indexes and then write there, which cannot be put in an
// order, and of 32 clients that repeated what failed one in twenty gave up.
func (db *DB) transactOnce(ctx context.Context, f func(*Tx) error) error {
	leave, err := wait(ctx, db.writing) // without a connection, which readers need
	if err != nil {
		return err
	}
	defer leave()
	var opt *sql.TxOptions // SQLite: BEGIN IMMEDIATE takes the one write lock
	if db.engine == PostgreSQL {
		opt = &sql.TxOptions{Isolation: sql.LevelSerializable}
	}
	tx, err := db.write.BeginTx(ctx, opt)
	if err != nil {
		return fmt.Errorf("begin to write: %w", err)
	}
	done := false
	defer func() {
		if !done { // an error or a panic of f
			_ = tx.Rollback()
		}
	}()
	if db.engine == PostgreSQL {
		if _, err := tx.ExecContext(ctx, lockWriters); err != nil {
			return fmt.Errorf("begin to write: %w", err)
		}
	}
	t := &Tx{reader: reader{db: db, tx: tx, q: dbsqlc.New(tx)}}
	if err := f(t); err != nil {
		return err
	}
	done = true
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	db.grow(ctx, t.inserted)
	return nil
}

// lockWriters has the processes take turns. It comes before the first query,
// with which a transaction's view of the data begins. The table is one that nothing
// else locks: not the vacuum of a table that changes, nor who reads it.
const lockWriters = "LOCK TABLE secret IN EXCLUSIVE MODE"

// grow has PostgreSQL look at a table that has doubled. It would do so by
// itself within a minute, and choose the wrong index for lists until then.
func (db *DB) grow(ctx context.Context, n int64) {
	if n == 0 || db.engine != PostgreSQL {
		return
	}
	const first = 1000
	total, last := db.inserted.Add(n), db.analyzed.Load()
	if total >= max(first, 2*last) && db.analyzed.CompareAndSwap(last, total) {
		_, _ = db.write.ExecContext(ctx, "ANALYZE resource") // nothing depends on it
	}
}

// retrier repeats transactions that PostgreSQL gave up because they could not
// be put in an order with others: with the queue's own.
type retrier struct {
	clock clock.Clock
	turn  atomic.Uint64 // makes those who collided wait for different times
}

const maxRetries = 20

func (r *retrier) do(ctx context.Context, f func() error) error {
	for i := 0; ; i++ {
		err := f()
		if err == nil || !isSerialisation(err) || i == maxRetries {
			return err
		}
		pause := time.Millisecond << min(i, 6)
		pause += pause * time.Duration(r.turn.Add(1)%8) / 8
		if r.clock.Wait(ctx, pause) != nil {
			return err
		}
	}
}

// isSerialisation reports whether running the transaction again may help.
func isSerialisation(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01") // serialization_failure, deadlock_detected
}
