package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/clock"
)

// DefaultListen is the address served when nothing else is said.
const DefaultListen = "127.0.0.1:8181"

// Config says how to run the service. The zero value of a field means its
// default.
type Config struct {
	Listen   string // host:port, port 0 for a free one; default DefaultListen
	DataDir  string // users' buckets, the service's files and the SQLite file; default ./almanac-data
	Database string // postgres://… or the path of a SQLite file; default almanac.db in DataDir

	NoWork  bool // serve the API and leave the jobs to other processes
	NoServe bool // do jobs and serve nothing but health and metrics
	Workers int  // jobs at the same time; default the number of cores, at least 2

	Quotas string // "none" (default) or "aws": the limits of the original service
	// AnyRole accepts a RoleArn of another account than the caller's, as an open
	// server always does.
	AnyRole bool

	TLSCert string // PEM file of the certificate chain; "" serves plain HTTP
	TLSKey  string // PEM file of its key

	S3 blob.S3 // used when S3.Endpoint, S3.Region or S3.Bucket is set

	// ShutdownGrace is how long running requests and jobs get when the service
	// stops; jobs go on at the next start where they were. Default 10 s.
	ShutdownGrace time.Duration

	Version string // for /healthz and logs; default "dev"
	Commit  string

	Clock  clock.Clock  // default the machine's
	Logger *slog.Logger // default discards everything
}

// withDefaults returns a copy with every field filled in.
func (c Config) withDefaults() Config {
	if c.Listen == "" {
		c.Listen = DefaultListen
	}
	if c.DataDir == "" {
		c.DataDir = "almanac-data"
	}
	if c.Database == "" {
		c.Database = filepath.Join(c.DataDir, "almanac.db")
	}
	if c.Workers == 0 {
		c.Workers = max(2, runtime.GOMAXPROCS(0))
	}
	if c.Quotas == "" {
		c.Quotas = "none"
	}
	if c.ShutdownGrace == 0 {
		c.ShutdownGrace = 10 * time.Second
	}
	if c.Version == "" {
		c.Version = "dev"
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// validate reports everything that is wrong with the settings at once.
func (c Config) validate() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		fail("listen address %q: %w; give host:port, such as %s", c.Listen, err, DefaultListen)
	}
	if c.Quotas != "none" && c.Quotas != "aws" {
		fail("quotas %q: want none or aws", c.Quotas)
	}
	if c.Workers < 1 {
		fail("workers %d: want at least 1, or --no-work for none", c.Workers)
	}
	if c.NoWork && c.NoServe {
		fail("a process that neither works nor serves has nothing to do")
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		fail("--tls-cert and --tls-key go together")
	}
	if c.S3.Endpoint != "" {
		if u, err := url.Parse(c.S3.Endpoint); err != nil || u.Scheme == "" || u.Host == "" {
			fail("S3 endpoint %q: want a URL such as http://127.0.0.1:9000", c.S3.Endpoint)
		}
	}
	if strings.Contains(c.Database, "://") && !c.onPostgres() {
		fail("database %q: want postgres://user@host/name or the path of a SQLite file", c.Database)
	}
	return errors.Join(errs...)
}

func (c Config) onPostgres() bool {
	return strings.HasPrefix(c.Database, "postgres://") || strings.HasPrefix(c.Database, "postgresql://")
}

// onS3 tells whether users' buckets are in S3 rather than in the data folder.
func (c Config) onS3() bool {
	return c.S3.Endpoint != "" || c.S3.Region != "" || c.S3.Bucket != "" || c.S3.AssumeRole
}

// blobConfig says where objects are kept.
func (c Config) blobConfig() blob.Config {
	kind := blob.KindFolder
	if c.onS3() {
		kind = blob.KindS3
	}
	return blob.Config{Kind: kind, Root: c.DataDir, S3: c.S3}
}

// makeDataDir makes the data folder, which only its owner may read.
func (c Config) makeDataDir() error {
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	return nil
}

// loopback tells whether only this machine can reach the address.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
