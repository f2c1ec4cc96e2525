package app

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/almanac-forecast/almanac/internal/dataset"
	"github.com/almanac-forecast/almanac/internal/iamapi"
	"github.com/almanac-forecast/almanac/internal/job"
	"github.com/almanac-forecast/almanac/internal/pipeline"
	"github.com/almanac-forecast/almanac/internal/queue"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/result"
	"github.com/almanac-forecast/almanac/internal/s3api"
	"github.com/almanac-forecast/almanac/internal/sigv4"
	"github.com/almanac-forecast/almanac/internal/token"
	"github.com/almanac-forecast/almanac/internal/wire"
	"github.com/almanac-forecast/almanac/internal/wire/service"
)

// build puts the parts together and returns what answers requests.
func (a *App) build(ctx context.Context) (http.Handler, error) {
	if err := a.buildQueue(); err != nil { //nolint:contextcheck // the queue's connections outlive the start
		return nil, err
	}
	rt := &router{
		healthy: a.health,
		readyz:  a.readiness,
		metrics: a.metrics,
		scrape:  a.metrics.handler(),
		page:    a.page,
		clock:   a.cfg.Clock,
		log:     a.cfg.Logger,
	}
	if a.cfg.NoServe {
		return rt, nil
	}
	auth := sigv4.Verifier{
		Keys: &keyring{db: a.db, clock: a.cfg.Clock, open: loopback(a.cfg.Listen)}, Clock: a.cfg.Clock, Derived: new(sigv4.DerivedKeys),
	}
	forecast, err := a.buildService(ctx)
	if err != nil {
		return nil, err
	}
	rt.iam = iamapi.New(iamapi.Config{
		Documents: &documents{bucket: a.storage.Own()}, Verifier: auth, Clock: a.cfg.Clock, Logger: a.cfg.Logger, IssueKey: a.issueKey,
	})
	if folders := a.storage.Folders(); folders != nil {
		rt.s3, err = s3api.New(s3api.Config{Folders: folders, Verifier: auth, Clock: a.cfg.Clock, Logger: a.cfg.Logger})
		if err != nil {
			return nil, err
		}
	}
	rt.forecast = wire.NewHandler(forecast, auth, wire.Options{Logger: a.cfg.Logger, Clock: a.cfg.Clock})
	return rt, nil
}

// issueKey makes the temporary key of an assumed role.
func (a *App) issueKey(ctx context.Context, account, description string, expires time.Time) (iamapi.Key, error) {
	key, err := a.db.AddTemporaryKey(ctx, account, description, expires)
	return iamapi.Key{ID: key.ID, Secret: key.Secret, Token: key.Token, Expires: key.Expires}, err
}

// buildService makes what answers the operations of the API.
func (a *App) buildService(ctx context.Context) (*service.Server, error) {
	quotas, err := resource.QuotasNamed(a.cfg.Quotas)
	if err != nil {
		return nil, err
	}
	secret, err := a.db.Secret(ctx, "next-token")
	if err != nil {
		return nil, fmt.Errorf("read the key of page tokens: %w", err)
	}
	return service.New(service.Config{
		Resources: resource.NewService(resource.Config{
			Store: a.db, Clock: a.cfg.Clock, Quotas: quotas,
			// An open server knows nobody to whom a role could belong.
			AnyRole: a.open || a.cfg.AnyRole,
		}),
		Querier: querier{result.NewReader(a.storage.Own(), pipeline.Partition)},
		Tokens:  token.Codec{Key: secret, Clock: a.cfg.Clock},
		Caller:  wire.CallerFrom,
	}), nil
}

// buildQueue makes the queue, and the workers unless they are elsewhere. A
// process that only serves needs the queue too: it puts jobs in.
func (a *App) buildQueue() error {
	temp := filepath.Join(a.cfg.DataDir, "tmp")
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return fmt.Errorf("make the folder of temporary files: %w", err)
	}
	workers := job.New(job.Config{
		Own: a.storage.Own(), Access: a.storage, Clock: a.cfg.Clock, Logger: a.cfg.Logger,
		Threads: runtime.GOMAXPROCS(0), TempDir: temp, Limits: a.importLimits(),
	})
	cfg := queue.Config{Workers: a.cfg.Workers, Clock: a.cfg.Clock, Logger: a.cfg.Logger, Exhausted: workers.GiveUp}
	if a.cfg.NoWork {
		_, err := queue.New(a.db, cfg, nil)
		return err
	}
	q, err := queue.New(a.db, cfg, a.counted(workers.Handlers()))
	if err != nil {
		return err
	}
	a.workers = q
	return nil
}

// importLimits are those of the original service where its quotas are wanted.
func (a *App) importLimits() dataset.Limits {
	if a.cfg.Quotas == "aws" {
		return dataset.ServiceLimits
	}
	return dataset.Limits{}
}

// counted wraps handlers so that their outcomes are counted.
func (a *App) counted(handlers map[resource.TaskKind]queue.Handler) map[resource.TaskKind]queue.Handler {
	out := make(map[resource.TaskKind]queue.Handler, len(handlers))
	for kind, h := range handlers {
		out[kind] = func(ctx context.Context, run *queue.Run) error {
			began := a.cfg.Clock.Now()
			err := h(ctx, run)
			a.metrics.job(string(kind), outcome(ctx, err), a.cfg.Clock.Now().Sub(began))
			if err == nil {
				a.countResult(ctx, run.Task().Resource)
			}
			return err
		}
	}
	return out
}

func outcome(ctx context.Context, err error) string {
	switch {
	case err == nil:
		return "done"
	case ctx.Err() != nil:
		return "interrupted"
	}
	return "retried"
}

// countResult adds what a finished job made to the figures. What has been
// deleted meanwhile is not counted.
func (a *App) countResult(ctx context.Context, arn string) {
	var row resource.Row
	err := a.db.View(ctx, func(r resource.Reader) (err error) {
		row, err = r.Get(ctx, arn)
		return err
	})
	if err != nil || row.Status != resource.Active {
		return
	}
	switch row.Kind { //nolint:exhaustive // the others hold no rows and no series
	case resource.KindImportJob:
		if made, err := resource.DecodeResult[resource.ImportJobResult](row); err == nil {
			a.metrics.importRows.Add(float64(made.Rows))
		}
	case resource.KindForecast:
		if made, err := resource.DecodeResult[resource.ForecastResult](row); err == nil {
			a.metrics.forecasts.Add(float64(made.Series))
		}
	}
}

// job counts one attempt of a job.
func (m *metrics) job(kind, outcome string, took time.Duration) {
	m.jobs.WithLabelValues(kind, outcome).Inc()
	m.jobTime.WithLabelValues(kind).Observe(took.Seconds())
}
