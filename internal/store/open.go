package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/almanac-forecast/almanac/internal/clock"
)

// Engine says which database is behind a [DB].
type Engine int

// The databases.
const (
	SQLite Engine = iota
	PostgreSQL
)

// String returns the name of the database.
func (e Engine) String() string {
	if e == PostgreSQL {
		return "PostgreSQL"
	}
	return "SQLite"
}

// DB is an open database. Safe for concurrent use.
type DB struct {
	engine  Engine
	url     string  // postgres://... or the path of the SQLite file
	write   *sql.DB // SQLite: every transaction takes the write lock at once
	read    *sql.DB // SQLite: refuses to write; PostgreSQL: the same as write
	clock   clock.Clock
	enqueue Enqueuer
	retries retrier
	find    findLimits
	file    *os.File      // of SQLite, see openSQLite
	reading chan struct{} // holds one entry per reader; see wait
	writing chan struct{} // holds one entry while this process writes; see transactOnce

	inserted, analyzed atomic.Int64 // rows since the start, and when PostgreSQL last looked at them
}

// Open connects to a database: a URL that begins with postgres:// or
// postgresql://, or else the path of a SQLite file, which is made if it does
// not exist. It does not change the schema; see [DB.Migrate].
func Open(ctx context.Context, where string, c clock.Clock) (*DB, error) {
	db := &DB{url: where, clock: c, retries: retrier{clock: c}, find: usualLimits, writing: make(chan struct{}, 1)}
	var err error
	if strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://") {
		err = db.openPostgres()
	} else {
		err = db.openSQLite()
	}
	if err != nil {
		return nil, err
	}
	if err := db.Ping(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// sqliteURL returns the data source name of a file. Pragmas are set on every
// connection of the pool.
func sqliteURL(path string, parameters ...string) string {
	q := url.Values{"_pragma": {
		"busy_timeout(10000)",
		"journal_mode(WAL)",
		// FULL, not NORMAL: in WAL mode NORMAL may lose the last commits when
		// the power fails, and nothing that was acknowledged may be lost.
		"synchronous(FULL)",
		"journal_size_limit(67108864)",
		"cache_size(-16384)",
	}}
	for _, p := range parameters {
		k, v, _ := strings.Cut(p, "=")
		q.Add(k, v)
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}
	return u.String()
}

func (db *DB) openSQLite() error {
	path, err := filepath.Abs(db.url)
	if err != nil {
		return fmt.Errorf("database %q: %w", db.url, err)
	}
	db.engine, db.url = SQLite, path
	// The file holds the secrets of the access keys: made for its owner alone.
	// SQLite gives the files beside it the same permissions.
	// It stays open as long as the pools: to close it takes away the locks that
	// SQLite in this process has on it.
	if db.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600); err != nil { //nolint:gosec // the operator names the file
		return fmt.Errorf("open database: %w; the folder must exist and be writable", err)
	}
	if db.write, err = openPool(sqliteURL(path, "_txlock=immediate")); err != nil {
		return errors.Join(fmt.Errorf("open database %q: %w", path, err), db.file.Close())
	}
	// One writes at a time in any case; the others are the queue's reads.
	db.write.SetMaxOpenConns(4)
	db.write.SetMaxIdleConns(4)
	if db.read, err = openPool(sqliteURL(path, "_txlock=deferred", "_pragma=query_only(1)")); err != nil {
		return errors.Join(fmt.Errorf("open database %q: %w", path, err), db.write.Close(), db.file.Close())
	}
	n := max(4, runtime.GOMAXPROCS(0))
	db.reading = make(chan struct{}, n)
	n += 2 // for those who take no turn
	db.read.SetMaxOpenConns(n)
	db.read.SetMaxIdleConns(n)
	return nil
}

func openPool(dsn string) (*sql.DB, error) {
	c, err := newConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

// postgresSettings are made on every connection. A process that falls asleep in
// the middle of a transaction must not keep its locks: its tasks could not be
// given to another worker. All queries are made to follow an index; without the
// other settings a table that has just grown, before its statistics are known,
// is read as a whole.
const postgresSettings = `SET idle_in_transaction_session_timeout = '15s';
SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off`

func (db *DB) openPostgres() error {
	cfg, err := pgx.ParseConfig(db.url)
	if err != nil {
		// The error of the parser would show the password.
		return errors.New("database: the PostgreSQL URL cannot be read; it should look like postgres://user:password@host:5432/name")
	}
	db.engine = PostgreSQL
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "almanac"
	}
	db.write = stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, postgresSettings)
		return err
	}))
	db.write.SetMaxOpenConns(16)
	db.write.SetMaxIdleConns(16)
	db.reading = make(chan struct{}, 12) // the others are for those who write
	db.read = db.write
	return nil
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.write.PingContext(ctx); err != nil {
		return fmt.Errorf("database %s: %w", db.Name(), err)
	}
	return nil
}

// Close closes the connections. It may be called twice.
func (db *DB) Close() error {
	if db.read == db.write {
		return db.write.Close()
	}
	err := errors.Join(db.read.Close(), db.write.Close())
	if e := db.file.Close(); !errors.Is(e, os.ErrClosed) {
		err = errors.Join(err, e)
	}
	return err
}

// Engine returns which database this is.
func (db *DB) Engine() Engine { return db.engine }

// Name returns the path or the URL without its password, for messages.
func (db *DB) Name() string {
	if db.engine == SQLite {
		return db.url
	}
	u, err := url.Parse(db.url)
	if err != nil {
		return "postgres"
	}
	u.RawQuery = ""
	return u.Redacted()
}

// URL returns where the database is, with the password if there is one: for
// opening it a second time, never for messages.
func (db *DB) URL() string { return db.url }

// SQL returns the pool that writes.
func (db *DB) SQL() *sql.DB { return db.write }
