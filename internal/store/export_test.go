package store

import "context"

// SetFindLimits has small tables take the ways of large ones.
func (db *DB) SetFindLimits(scan int, chunk uint32) { db.find = findLimits{scan, chunk} }

// Retries returns how often a transaction had to be repeated.
func (db *DB) Retries() uint64 { return db.retries.turn.Load() }

// MigrateDown undoes the migrations after a version.
func (db *DB) MigrateDown(ctx context.Context, version int64) error {
	p, err := db.migrations()
	if err != nil {
		return err
	}
	_, err = p.DownTo(ctx, version)
	return err
}
