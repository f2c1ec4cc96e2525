//go:build unix

// Package pgtest gives tests an empty PostgreSQL database each.
//
// The server is the one of ALMANAC_TEST_POSTGRES (a URL of a user who may
// create databases), or else one that is started for the test program from the
// PostgreSQL that is installed on the machine. Without either a test is
// skipped, or fails when CI is "true".
package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the database/sql driver "pgx"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/resource"
)

// Main runs the tests of a program and stops the server in the end. To be
// called from TestMain: os.Exit(pgtest.Main(m)).
func Main(m *testing.M) int {
	code := m.Run()
	if err := theServer.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
		code = max(code, 1)
	}
	return code
}

// URL returns the URL of a new empty database, which is dropped after the test.
func URL(tb testing.TB) string {
	tb.Helper()
	base, err := theServer.url()
	if errors.Is(err, errNone) {
		const hint = "PostgreSQL is not installed (Debian: apt-get install postgresql) and ALMANAC_TEST_POSTGRES is not set"
		if os.Getenv("CI") == "true" {
			tb.Fatal(hint)
		}
		tb.Skip(hint)
	}
	if err != nil {
		tb.Fatal(err)
	}
	u, err := url.Parse(base)
	if err != nil {
		tb.Fatalf("ALMANAC_TEST_POSTGRES: %v", err)
	}
	name := "almanac_test_" + resource.NewID(clock.System{}.Now())
	execute(tb, base, `CREATE DATABASE "`+name+`"`)
	tb.Cleanup(func() { execute(tb, base, `DROP DATABASE "`+name+`" WITH (FORCE)`) })
	u.Path = "/" + name
	return u.String()
}

func execute(tb testing.TB, at, statement string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // tb.Context() is over in a cleanup
	defer cancel()
	db, err := sql.Open("pgx", at)
	if err != nil {
		tb.Fatal(err)
	}
	_, err = db.ExecContext(ctx, statement)
	if err := errors.Join(err, db.Close()); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

var errNone = errors.New("pgtest: no PostgreSQL here")

var theServer server

// server is the server of this program, started when first asked for.
type server struct {
	once sync.Once
	at   string
	err  error
	dir  string
	cmd  *exec.Cmd
	done chan error
}

func (s *server) url() (string, error) {
	s.once.Do(func() {
		if s.at = os.Getenv("ALMANAC_TEST_POSTGRES"); s.at == "" {
			s.at, s.err = s.start()
		}
	})
	return s.at, s.err
}

// binaries returns the folder of the newest PostgreSQL installed.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		p, err := exec.LookPath("initdb")
		if err != nil {
			return "", errNone
		}
		return filepath.Dir(p), nil
	}
	version := func(p string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(p))))
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

func (s *server) start() (string, error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	if s.dir, err = os.MkdirTemp("", "almanac-pg"); err != nil {
		return "", err
	}
	attr, err := unprivileged(s.dir)
	if err != nil {
		return "", err
	}
	data := filepath.Join(s.dir, "data")
	ctx := context.Background()                                                                                                                                  // the server outlives the test that asked first
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8") //nolint:gosec // the programs of the installed PostgreSQL
	initdb.SysProcAttr, initdb.Dir = attr, s.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w\n%s", err, out)
	}
	// The tests kill the workers, never the server: it need not sync.
	s.cmd = exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "-D", data, "-k", s.dir, //nolint:gosec // the same
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200", "-c", "log_min_messages=fatal")
	s.cmd.SysProcAttr, s.cmd.Dir = dieWithParent(attr), s.dir
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return "", err
	}
	s.cmd.Stdout, s.cmd.Stderr = log, log
	started := make(chan error)
	s.done = make(chan error, 1)
	go runOnOneThread(func() {
		err := s.cmd.Start()
		started <- err
		if err == nil {
			s.done <- s.cmd.Wait()
		}
	})
	if err := <-started; err != nil {
		return "", fmt.Errorf("start PostgreSQL: %w", err)
	}
	at := (&url.URL{
		Scheme: "postgres", User: url.User("postgres"), Path: "/postgres",
		RawQuery: url.Values{"host": {s.dir}}.Encode(),
	}).String()
	return at, s.await(at)
}

// await returns when the server answers.
func (s *server) await(at string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db, err := sql.Open("pgx", at)
	if err != nil {
		return err
	}
	for {
		err := db.PingContext(ctx)
		if err == nil || ctx.Err() != nil {
			return errors.Join(err, db.Close())
		}
		select {
		case err := <-s.done:
			out, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("PostgreSQL ended: %w\n%s", err, out)
		default:
		}
		if err := (clock.System{}).Wait(ctx, 50*time.Millisecond); err != nil {
			return errors.Join(err, db.Close())
		}
	}
}

func (s *server) stop() error {
	if s.cmd == nil || s.cmd.Process == nil {
		return os.RemoveAll(s.dir) // nothing happens for ""
	}
	if err := s.cmd.Process.Signal(syscall.SIGQUIT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-s.done //nolint:errcheck // it says that it was told to end
	return os.RemoveAll(s.dir)
}

// unprivileged returns how to start programs as a user who is not root, which
// PostgreSQL refuses to be run by, and gives that user the folder.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, fmt.Errorf("PostgreSQL cannot run as root, and there is no other user: %w", err)
		}
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}
