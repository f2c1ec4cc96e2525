// Package queue runs the tasks of the store: it hands each to a handler, knows
// when the process that had a task is gone, and lets nothing be done twice.
//
// River brings the tasks to the workers. It does not decide anything: a job of
// River says "look at this task", and the row of the task in our own table says
// who has it. A task whose worker died gets a new job, so a worker that wakes
// up late has nothing in common with the one that took over, and every write of
// a handler is checked against the row (the fence). See docs/decisions.
package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store"
)

// ErrStop is the cause of the cancelled context of a handler whose resource is
// no longer wanted: its row went to CREATE_STOPPING or DELETE_*, or is gone.
// The handler frees what it holds and completes the task; Update and Complete
// still work.
var ErrStop = errors.New("queue: the resource is no longer wanted")

// ErrShutdown is the cause of the cancelled context of a handler whose process
// is about to end. The handler returns; the task goes back unharmed.
var ErrShutdown = errors.New("queue: the process is shutting down")

// Handler does the work of one task. It ends with Run.Complete; if it returns
// without, whatever it returns, the task is tried again after a pause. A fault
// that trying again cannot mend is no error of the handler: it completes the
// task by writing the reason into the resource.
type Handler func(ctx context.Context, run *Run) error

// Config says how a queue works. The zero value of a field means its default.
type Config struct {
	Workers     int           // tasks at a time in this process; 4
	MaxAttempts int           // failed attempts without a step of progress in between; 5
	MaxLosses   int           // the same for attempts whose process died; 20
	Lease       time.Duration // a process silent for so long is dead; 15 s
	Watch       time.Duration // how often a run looks whether it is still wanted; 500 ms
	Backoff     time.Duration // pause after the first failure, doubled after each more; 1 s, negative: none
	Clock       clock.Clock   // the machine's
	Logger      *slog.Logger  // none
	// Exhausted is called in the transaction that gives a task up: it writes
	// the reason into the resource. Nil: the task just ends.
	Exhausted func(ctx context.Context, tx resource.Tx, t resource.Task, cause error) error
}

func (c Config) withDefaults() Config {
	c.Workers = defaultTo(c.Workers, 4)
	c.MaxAttempts = defaultTo(c.MaxAttempts, 5)
	c.MaxLosses = defaultTo(c.MaxLosses, 20)
	c.Lease = defaultTo(c.Lease, 15*time.Second)
	c.Watch = defaultTo(c.Watch, 500*time.Millisecond)
	c.Backoff = defaultTo(c.Backoff, time.Second)
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func defaultTo[T ~int | ~int64](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}

// Queue is the queue of one process. Tasks can be enqueued as soon as it is
// made; it works on them between Start and Stop.
type Queue struct {
	db       *store.DB
	cfg      Config
	handlers map[resource.TaskKind]Handler
	id       string // new at every start: the tasks of an earlier process must not look alive
	client   *river.Client[*sql.Tx]
	listener *pgxpool.Pool // PostgreSQL: for LISTEN

	mu      sync.Mutex // guards the fields below
	started bool
	stopped bool
	place   *store.Workers
	stop    context.CancelCauseFunc // ends the background loops
	loops   sync.WaitGroup

	running runningTasks
}

// New makes the queue of a migrated database and becomes its Enqueuer. Without
// handlers it only enqueues.
func New(db *store.DB, cfg Config, handlers map[resource.TaskKind]Handler) (*Queue, error) {
	q := &Queue{db: db, cfg: cfg.withDefaults(), handlers: handlers}
	q.id = resource.NewID(q.cfg.Clock.Now())
	driver, err := q.driver()
	if err != nil {
		return nil, err
	}
	rc := &river.Config{ID: "almanac-" + q.id, Logger: quiet(q.cfg.Logger)}
	if len(handlers) > 0 {
		q.configureWork(rc)
	}
	if q.client, err = river.NewClient(driver, rc); err != nil {
		return nil, fmt.Errorf("make the queue: %w", err)
	}
	db.SetEnqueuer(q.insert)
	return q, nil
}

func (q *Queue) driver() (riverdriver.Driver[*sql.Tx], error) {
	if q.db.Engine() == store.SQLite {
		return riversqlite.New(q.db.SQL()), nil
	}
	if len(q.handlers) == 0 {
		return riverdatabasesql.New(q.db.SQL()), nil
	}
	cfg, err := pgxpool.ParseConfig(q.db.URL())
	if err != nil {
		return nil, errors.New("make the queue: the PostgreSQL URL cannot be read")
	}
	cfg.MinConns, cfg.MaxConns = 0, 1 // one connection, taken by the listener when the queue starts
	if q.listener, err = pgxpool.NewWithConfig(context.Background(), cfg); err != nil {
		return nil, fmt.Errorf("make the queue: %w", err)
	}
	return riverdatabasesql.NewWithPgxListener(q.db.SQL(), q.listener), nil
}

// configureWork says how River brings jobs to the workers.
func (q *Queue) configureWork(rc *river.Config) {
	rc.Workers = river.NewWorkers()
	river.AddWorker(rc.Workers, &worker{queue: q})
	rc.Queues = map[string]river.QueueConfig{river.QueueDefault: {
		MaxWorkers: q.cfg.Workers, FetchCooldown: 50 * time.Millisecond, FetchPollInterval: time.Second,
	}}
	// What worker.Timeout says about each job counts; this is when it is asked.
	rc.JobTimeout = time.Minute
	rc.RescueStuckJobsAfter = time.Minute
	// The resource is the record of what was done, not the job.
	rc.CompletedJobRetentionPeriod = time.Hour
}

// insert implements store.Enqueuer.
func (q *Queue) insert(ctx context.Context, tx *sql.Tx, t resource.Task, at time.Time) (int64, error) {
	res, err := q.client.InsertTx(ctx, tx, jobArgs{Task: t.ID}, &river.InsertOpts{MaxAttempts: jobAttempts, ScheduledAt: at})
	if err != nil {
		return 0, err
	}
	return res.Job.ID, nil
}

// Start begins to work, until Stop. Tasks left behind by a process that is
// known to be gone are taken up at once, others when their lease has run out.
func (q *Queue) Start(ctx context.Context) error {
	if len(q.handlers) == 0 {
		return errors.New("start the queue: it has no handlers")
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped {
		return errors.New("start the queue: it has been stopped")
	}
	if q.started {
		return nil
	}
	place, err := q.db.JoinWorkers(ctx, func() error { return q.recoverAll(ctx) })
	if err != nil {
		return err
	}
	if err := q.beat(ctx); err != nil {
		return errors.Join(err, place.Leave())
	}
	// Stop decides when the work ends, not the context of the start.
	run, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	if err := q.client.Start(run); err != nil {
		cancel(err)
		return errors.Join(fmt.Errorf("start the queue: %w", err), place.Leave())
	}
	q.started, q.place, q.stop = true, place, cancel
	q.loops.Go(func() { q.keepLease(run) })
	q.cfg.Logger.InfoContext(ctx, "queue started", slog.String("worker", q.id), slog.Int("workers", q.cfg.Workers), slog.Bool("alone", place.Alone))
	return nil
}

// Stop cancels the contexts of the running handlers, waits for them, and gives
// their tasks back; no attempt is counted. It may be called more than once and
// returns early with the error of its context.
func (q *Queue) Stop(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped {
		return nil
	}
	var err error
	if q.started {
		if err = q.client.StopAndCancel(ctx); err != nil {
			return fmt.Errorf("stop the queue: some tasks did not end in time: %w", err)
		}
		q.stop(ErrShutdown)
		q.loops.Wait()
		err = errors.Join(q.db.DropLease(ctx, q.id), q.place.Leave())
	}
	if q.listener != nil {
		q.listener.Close()
	}
	q.stopped = true
	return err
}

func hostName() string {
	h, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return h
}

// quiet passes River's warnings and errors on and drops its chatter.
func quiet(l *slog.Logger) *slog.Logger {
	return slog.New(levelHandler{l.Handler(), slog.LevelWarn})
}

type levelHandler struct {
	slog.Handler
	least slog.Level
}

// Enabled implements slog.Handler.
func (h levelHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= h.least && h.Handler.Enabled(ctx, l)
}

// WithAttrs implements slog.Handler.
func (h levelHandler) WithAttrs(as []slog.Attr) slog.Handler {
	return levelHandler{h.Handler.WithAttrs(as), h.least}
}

// WithGroup implements slog.Handler.
func (h levelHandler) WithGroup(name string) slog.Handler {
	return levelHandler{h.Handler.WithGroup(name), h.least}
}
