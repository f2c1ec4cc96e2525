// Package app builds the service from a [Config] and runs it. It is the one
// place where the parts are put together.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/store"
)

// App is the running service. Start it once, then wait for it.
type App struct {
	cfg     Config
	metrics *metrics
	storage *blob.Storage
	db      *store.DB
	open    bool // no key is known and only this machine is served
	floor   []byte
	reading sync.WaitGroup     // reads the database ahead
	cancel  context.CancelFunc // ends that

	workers  workers
	server   *http.Server
	listener net.Listener
	ready    atomic.Bool
	failed   chan error // what ended the server on its own, at most one
}

// heapFloor is the size of an array that is never touched, so that it takes
// address space and no memory. What the server keeps on the heap is 2 MB, and the
// collector would run whenever as much again had been allocated: in the middle of
// every eighth page of a list, for 4 ms. It now waits for 16 MB more. A job that
// needs much memory does not notice, as it would a higher GOGC.
const heapFloor = 16 << 20

// workers are what works on the jobs. Both methods may be called more than once.
type workers interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// New checks the configuration and fills in its defaults. It opens nothing.
func New(cfg Config) (*App, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &App{cfg: cfg, metrics: newMetrics(cfg.Version, cfg.Commit), failed: make(chan error, 1)}, nil
}

// Migrate brings the database up to date and returns its name.
func Migrate(ctx context.Context, cfg Config) (string, error) {
	db, err := openStore(ctx, cfg.withDefaults())
	if err != nil {
		return "", err
	}
	return db.Name(), db.Close()
}

// openStore opens the database and brings it up to date.
func openStore(ctx context.Context, cfg Config) (*store.DB, error) {
	if !cfg.onPostgres() {
		if err := cfg.makeDataDir(); err != nil {
			return nil, err
		}
	}
	db, err := store.Open(ctx, cfg.Database, cfg.Clock)
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("bring the database %s up to date: %w", db.Name(), err), db.Close())
	}
	return db, nil
}

// Start opens everything and returns once requests are answered. The context
// is the root of all work: when it ends, so does the service, see [App.Wait].
func (a *App) Start(ctx context.Context) (err error) {
	began := a.cfg.Clock.Now()
	a.floor = make([]byte, heapFloor)
	defer func() {
		if err != nil {
			err = errors.Join(err, a.stop(ctx))
		}
	}()
	if err := a.cfg.makeDataDir(); err != nil {
		return err
	}
	if a.db, err = openStore(ctx, a.cfg); err != nil {
		return err
	}
	if err := a.checkAddress(ctx); err != nil {
		return err
	}
	if a.storage, err = blob.Open(ctx, a.cfg.blobConfig()); err != nil {
		return err
	}
	a.metrics.registry.MustRegister(newQueueDepth(a.db))
	handler, err := a.build(ctx)
	if err != nil {
		return err
	}
	if a.workers != nil {
		if err := a.workers.Start(ctx); err != nil {
			return err
		}
	}
	if err := a.listen(ctx, handler); err != nil {
		return err
	}
	a.ready.Store(true)
	ctx, a.cancel = context.WithCancel(ctx)
	a.reading.Go(func() {
		if err := a.db.ReadAhead(ctx); err != nil { // what needs these bytes will fail by itself
			a.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "the database could not be read", slog.Any("error", err))
		}
	})
	a.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "started",
		slog.String("url", a.URL()), slog.String("version", a.cfg.Version), slog.String("commit", a.cfg.Commit),
		slog.String("database", a.db.Name()), slog.String("data_dir", a.cfg.DataDir), slog.Bool("open", a.open),
		slog.Int("workers", a.workerCount()), slog.Duration("took", a.cfg.Clock.Now().Sub(began)))
	return nil
}

// checkAddress refuses an address that others can reach while anybody would be
// let in.
func (a *App) checkAddress(ctx context.Context) error {
	some, err := a.db.HasKeys(ctx)
	if err != nil {
		return err
	}
	local := loopback(a.cfg.Listen)
	if !some && !local && !a.cfg.NoServe {
		return fmt.Errorf("refusing to listen on %s: there is no access key yet, so anybody who reaches this address would be let in. "+
			"Make a key first with `almanac keys add` (and the same --data-dir or --database), or listen on %s", a.cfg.Listen, DefaultListen)
	}
	a.open = !some && local
	return nil
}

// listen opens the port and serves it in the background.
func (a *App) listen(ctx context.Context, handler http.Handler) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", a.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	a.listener = l
	a.server = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    1 << 18,
		ErrorLog:          slog.NewLogLogger(a.cfg.Logger.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	serve := func() error { return a.server.Serve(l) }
	if a.cfg.TLSCert != "" {
		cert, err := loadCertificate(a.cfg.TLSCert, a.cfg.TLSKey, a.cfg.Clock)
		if err != nil {
			return err
		}
		a.server.TLSConfig = cert.config()
		serve = func() error { return a.server.ServeTLS(l, "", "") }
	}
	go func() {
		if err := serve(); !errors.Is(err, http.ErrServerClosed) {
			a.failed <- fmt.Errorf("serve: %w", err)
		}
	}()
	return nil
}

// URL returns the address of a started service.
func (a *App) URL() string {
	scheme := "http"
	if a.cfg.TLSCert != "" {
		scheme = "https"
	}
	return scheme + "://" + a.listener.Addr().String()
}

// Wait returns when the service has ended: because the context did, after
// requests and jobs in hand had their grace; or because it could not go on.
func (a *App) Wait(ctx context.Context) error {
	var failure error
	select {
	case <-ctx.Done():
	case failure = <-a.failed:
	}
	a.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "stopping", slog.Duration("grace", a.cfg.ShutdownGrace))
	return errors.Join(failure, a.stop(ctx))
}

// stop ends what has been started, in the opposite order.
func (a *App) stop(ctx context.Context) error {
	a.ready.Store(false)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.cfg.ShutdownGrace)
	defer cancel()
	var errs []error
	if a.server != nil {
		if err := a.server.Shutdown(ctx); err != nil {
			errs = append(errs, a.server.Close()) // requests had their grace
		}
	} else if a.listener != nil {
		errs = append(errs, a.listener.Close())
	}
	if a.workers != nil {
		errs = append(errs, a.workers.Stop(ctx))
	}
	if a.cancel != nil {
		a.cancel()
		a.reading.Wait()
	}
	if a.db != nil {
		errs = append(errs, a.db.Close())
	}
	a.server, a.listener, a.workers, a.db, a.floor = nil, nil, nil, nil, nil
	return errors.Join(errs...)
}

func (a *App) workerCount() int {
	if a.cfg.NoWork {
		return 0
	}
	return a.cfg.Workers
}
