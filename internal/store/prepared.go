package store

import (
	"context"
	"database/sql/driver"
	"errors"

	"modernc.org/sqlite"
)

// keptStatements bounds how many prepared statements one connection keeps. The
// texts of lists differ with the filters and the size of the page.
const keptStatements = 128

// connector opens connections to SQLite that keep their prepared statements:
// to parse and plan a query takes several times as long as to find a row by its
// key. (pgx does the same for PostgreSQL.) The cache is beneath database/sql,
// whose own statements must be prepared on a connection that the pool chooses,
// and would wait for one for ever in a transaction that holds the last.
type connector struct{ driver.Connector }

func newConnector(dsn string) (driver.Connector, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return connector{c}, nil
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(sqliteConn)
	if !ok {
		return nil, errors.Join(errors.New("store: the SQLite driver lacks methods that this program needs"), conn.Close())
	}
	return &connection{sqliteConn: inner, idle: map[string]sqliteStmt{}}, nil
}

// sqliteConn is what database/sql uses of the driver's connections.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// connection is a connection with the statements that it does not use just now.
// database/sql never uses a connection from two goroutines at a time.
type connection struct {
	sqliteConn

	idle map[string]sqliteStmt // by text
}

// take returns a statement for a text, prepared now or earlier. A text without
// arguments may be a script of several statements, which is not kept.
func (c *connection) take(ctx context.Context, text string, args []driver.NamedValue) (sqliteStmt, error) {
	if len(args) == 0 {
		return nil, driver.ErrSkip
	}
	if s, ok := c.idle[text]; ok {
		delete(c.idle, text)
		return s, nil
	}
	prepared, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s, ok := prepared.(sqliteStmt)
	if !ok {
		return nil, errors.Join(driver.ErrSkip, prepared.Close())
	}
	return s, nil
}

// give keeps a statement for its next use; of a text that was used twice at the
// same time, one.
func (c *connection) give(text string, s sqliteStmt) error {
	if _, twice := c.idle[text]; twice {
		return s.Close()
	}
	if len(c.idle) >= keptStatements {
		for other, old := range c.idle { // any: what is in use often comes back soon
			delete(c.idle, other)
			if err := old.Close(); err != nil {
				return errors.Join(err, s.Close())
			}
			break
		}
	}
	c.idle[text] = s
	return nil
}

// ExecContext implements driver.ExecerContext.
func (c *connection) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, text, args)
	if errors.Is(err, driver.ErrSkip) {
		return c.sqliteConn.ExecContext(ctx, text, args)
	}
	if err != nil {
		return nil, err
	}
	r, err := s.ExecContext(ctx, args)
	if err != nil {
		_ = s.Close() // it could only repeat the error
		return nil, err
	}
	return r, c.give(text, s)
}

// QueryContext implements driver.QueryerContext.
func (c *connection) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, text, args)
	if errors.Is(err, driver.ErrSkip) {
		return c.sqliteConn.QueryContext(ctx, text, args)
	}
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		_ = s.Close() // it could only repeat the error
		return nil, err
	}
	return &lentRows{Rows: rows, c: c, text: text, stmt: s}, nil
}

// Close implements driver.Conn.
func (c *connection) Close() error {
	var errs []error
	for _, s := range c.idle {
		errs = append(errs, s.Close())
	}
	clear(c.idle)
	return errors.Join(append(errs, c.sqliteConn.Close())...)
}

// lentRows gives its statement back when it is closed.
type lentRows struct {
	driver.Rows

	c    *connection
	text string
	stmt sqliteStmt
}

// Close implements driver.Rows; it may be called twice.
func (r *lentRows) Close() error {
	if r.stmt == nil {
		return nil
	}
	s := r.stmt
	r.stmt = nil
	if err := r.Rows.Close(); err != nil {
		_ = s.Close()
		return err
	}
	return r.c.give(r.text, s)
}
