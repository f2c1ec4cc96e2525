package store

import (
	"context"
	"fmt"
	"time"

	"github.com/almanac-forecast/almanac/internal/store/internal/dbsqlc"
)

// Lease is the sign of life of a worker process.
type Lease struct {
	ID      string
	Host    string
	Started time.Time
	Beat    time.Time // by the clock of that process: compare it with itself only
}

// PutLease makes or renews a lease. It does not wait for those who write: one of
// them may be a process that sleeps, because of which no other may seem dead.
func (db *DB) PutLease(ctx context.Context, l Lease) error {
	err := dbsqlc.New(db.write).PutLease(ctx, dbsqlc.PutLeaseParams{
		ID: l.ID, Host: l.Host, Started: micros(l.Started), Beat: micros(l.Beat),
	})
	if err != nil {
		return fmt.Errorf("renew the lease of worker %s: %w", l.ID, err)
	}
	return nil
}

// Leases returns the leases of all workers, oldest worker first.
func (db *DB) Leases(ctx context.Context) ([]Lease, error) {
	rows, err := dbsqlc.New(db.read).ListLeases(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the leases of workers: %w", err)
	}
	leases := make([]Lease, len(rows))
	for i, r := range rows {
		leases[i] = Lease{ID: r.ID, Host: r.Host, Started: fromMicros(r.Started), Beat: fromMicros(r.Beat)}
	}
	return leases, nil
}

// DropLease removes a lease.
func (db *DB) DropLease(ctx context.Context, id string) error {
	if err := dbsqlc.New(db.write).DeleteLease(ctx, id); err != nil {
		return fmt.Errorf("remove the lease of worker %s: %w", id, err)
	}
	return nil
}

// Workers is the place among the processes that work on the database. On
// SQLite the operating system knows who is alive; on PostgreSQL only the leases
// tell, since the others may be on other machines.
type Workers struct {
	file *fileLock
	// Alone says that no other worker process was alive when this one joined:
	// whatever tasks are in hand then belong to processes that are gone.
	Alone bool
}

// JoinWorkers takes a place. settle runs while no other process can join, if
// this one is alone.
func (db *DB) JoinWorkers(ctx context.Context, settle func() error) (*Workers, error) {
	if db.engine != SQLite {
		return &Workers{}, nil
	}
	path := db.url + ".workers"
	file, err := tryLockFile(path, exclusive)
	if err == nil && canLock {
		err := settle()
		if err == nil {
			err = file.set(shared)
		}
		if err != nil {
			_ = file.Unlock()
			return nil, fmt.Errorf("join the workers: %w", err)
		}
		return &Workers{file: file, Alone: true}, nil
	}
	if file != nil {
		_ = file.Unlock()
	}
	if file, err = lockFile(ctx, path, shared, db.clock); err != nil {
		return nil, fmt.Errorf("join the workers: %w", err)
	}
	return &Workers{file: file}, nil
}

// Leave gives the place back.
func (w *Workers) Leave() error {
	if w.file == nil {
		return nil
	}
	return w.file.Unlock()
}
