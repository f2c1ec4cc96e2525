package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock is the key of the PostgreSQL advisory lock under which one
// process at a time changes the schema.
const migrationLock = 0x616c6d616e6163 // "almanac"

// Migrate brings the schema to the version of this program, the queue's tables
// included. It does nothing when that is done already, and may be called by
// several processes at once.
func (db *DB) Migrate(ctx context.Context) (err error) {
	unlock, err := db.lockMigration(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()

	if db.engine == PostgreSQL {
		// The name under which SQLite knows the order of bytes.
		const q = `CREATE COLLATION IF NOT EXISTS "binary" (provider = libc, locale = 'C')`
		if _, err := db.write.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("migrate: make the collation: %w", err)
		}
	}
	p, err := db.migrations()
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate database %s: %w", db.Name(), err)
	}
	m, err := rivermigrate.New(db.migrationDriver(), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the queue in database %s: %w", db.Name(), err)
	}
	return nil
}

func (db *DB) migrations() (*goose.Provider, error) {
	dialect := goose.DialectSQLite3
	if db.engine == PostgreSQL {
		dialect = goose.DialectPostgres
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	p, err := goose.NewProvider(dialect, db.write, files)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	return p, nil
}

func (db *DB) migrationDriver() riverdriver.Driver[*sql.Tx] {
	if db.engine == PostgreSQL {
		return riverdatabasesql.New(db.write)
	}
	return riversqlite.New(db.write)
}

func (db *DB) lockMigration(ctx context.Context) (unlock func() error, err error) {
	if db.engine == SQLite {
		f, err := lockFile(ctx, db.url+".migration", exclusive, db.clock)
		if err != nil {
			return nil, fmt.Errorf("migrate: wait for another process: %w", err)
		}
		return f.Unlock, nil
	}
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate: wait for another process: %w", err), conn.Close())
	}
	return func() error {
		_, err := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrationLock))
		return errors.Join(err, conn.Close())
	}, nil
}
