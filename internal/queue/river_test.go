package queue_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/queue"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store"
	"github.com/almanac-forecast/almanac/internal/store/storetest"
)

// These tests hold River to what we rely on, on both databases. River is
// pinned; they are to be read when it is upgraded.

type probeArgs struct {
	Do string `json:"do"`
}

func (probeArgs) Kind() string { return "probe" }

// probe does what its arguments say.
type probe struct {
	river.WorkerDefaults[probeArgs]

	ran     chan *river.Job[probeArgs]
	end     chan error
	snoozed atomic.Bool
}

func (p *probe) NextRetry(*river.Job[probeArgs]) time.Time { return time.Now() }

func (p *probe) Work(ctx context.Context, job *river.Job[probeArgs]) error {
	p.ran <- job
	switch {
	case job.Args.Do == "wait":
		<-ctx.Done()
		p.end <- context.Cause(ctx)
		return ctx.Err()
	case job.Attempt > 1 || job.Args.Do == "":
		return nil
	case job.Args.Do == "fail":
		return errors.New("as told")
	case job.Args.Do == "panic":
		panic("as told")
	case job.Args.Do == "snooze":
		if p.snoozed.CompareAndSwap(false, true) { // a snooze counts no attempt
			return river.JobSnooze(0)
		}
		return nil
	}
	return fmt.Errorf("unknown probe %q", job.Args.Do)
}

func riverDriver(t *testing.T, db *store.DB) riverdriver.Driver[*sql.Tx] {
	t.Helper()
	if db.Engine() == store.SQLite {
		return riversqlite.New(db.SQL())
	}
	pool, err := pgxpool.New(t.Context(), db.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return riverdatabasesql.NewWithPgxListener(db.SQL(), pool)
}

func startRiver(t *testing.T, db *store.DB, p *probe) *river.Client[*sql.Tx] {
	t.Helper()
	ws := river.NewWorkers()
	river.AddWorker(ws, p)
	c, err := river.NewClient(riverDriver(t, db), &river.Config{
		Logger: slog.New(slog.DiscardHandler), Workers: ws,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2, FetchCooldown: 10 * time.Millisecond}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.StopAndCancel(context.Background()) })
	return c
}

func insertProbe(t *testing.T, db *store.DB, c *river.Client[*sql.Tx], do string, result error) (id int64) {
	t.Helper()
	err := db.Transact(t.Context(), func(tx *store.Tx) error {
		r, err := c.InsertTx(t.Context(), tx.SQL(), probeArgs{do}, nil)
		if err != nil {
			return err
		}
		id = r.Job.ID
		return result
	})
	if !errors.Is(err, result) {
		t.Fatal(err)
	}
	return id
}

func TestRiver(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		t.Helper()
		db := storetest.OpenAt(t, where, clock.System{})
		p := &probe{ran: make(chan *river.Job[probeArgs], 10), end: make(chan error, 10)}
		c := startRiver(t, db, p)
		state := func(id int64, want rivertype.JobState) {
			t.Helper()
			await(t, fmt.Sprintf("job %d %s", id, want), func() bool {
				j, err := c.JobGet(t.Context(), id)
				return err == nil && j.State == want
			})
		}

		boom := errors.New("boom")
		if _, err := c.JobGet(t.Context(), insertProbe(t, db, c, "", boom)); !errors.Is(err, rivertype.ErrNotFound) {
			t.Errorf("the job of a transaction that was rolled back: got %v, want ErrNotFound", err)
		}
		for _, do := range []string{"fail", "panic"} {
			id := insertProbe(t, db, c, do, nil)
			for want := 1; want <= 2; want++ {
				if j := receive(t, p.ran); j.ID != id || j.Attempt != want {
					t.Errorf("%s: job %d attempt %d ran, want job %d attempt %d", do, j.ID, j.Attempt, id, want)
				}
			}
			state(id, rivertype.JobStateCompleted)
		}
		id := insertProbe(t, db, c, "snooze", nil)
		for range 2 {
			if j := receive(t, p.ran); j.ID != id || j.Attempt != 1 {
				t.Errorf("snooze: job %d attempt %d ran, want job %d attempt 1", j.ID, j.Attempt, id)
			}
		}
		state(id, rivertype.JobStateCompleted)

		id = insertProbe(t, db, c, "wait", nil)
		receive(t, p.ran)
		if _, err := c.JobCancel(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if cause := receive(t, p.end); !errors.Is(cause, rivertype.ErrJobCancelledRemotely) {
			t.Errorf("a cancelled job ended for %v, want ErrJobCancelledRemotely", cause)
		}
		state(id, rivertype.JobStateCancelled)

		id = insertProbe(t, db, c, "wait", nil)
		receive(t, p.ran)
		if err := c.StopAndCancel(t.Context()); err != nil {
			t.Fatal(err)
		}
		j, err := c.JobGet(t.Context(), id)
		if err != nil || j.State != rivertype.JobStateAvailable || j.Attempt != 0 {
			t.Errorf("after a stop the job is %+v, %v; want it available and no attempt counted", j, err)
		}
	})
}

// TestLeftoverIsCleared: the job of a worker that was given up for dead stands
// for nothing and goes away; the job of a task at work is left alone for as
// long as it takes.
func TestLeftoverIsCleared(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		t.Helper()
		db := storetest.OpenAt(t, where, clock.System{})
		if _, err := queue.New(db, queue.Config{}, nil); err != nil {
			t.Fatal(err)
		}
		enqueue(t, db, "T1")
		old, err := db.Task(t.Context(), "T1")
		if err != nil {
			t.Fatal(err)
		}
		err = db.Transact(t.Context(), func(tx *store.Tx) error { return tx.Reenqueue(t.Context(), old, time.Time{}) })
		if err != nil {
			t.Fatal(err)
		}
		const running = `UPDATE river_job SET state = 'running', attempt = 1, attempted_at = '2026-01-01 00:00:00.000' WHERE id = $1`
		if _, err := db.SQL().ExecContext(t.Context(), running, old.Job); err != nil {
			t.Fatal(err)
		}
		ran, finish := make(chan *queue.Run, 10), make(chan bool)
		_, q := start(t, where, queue.Config{}, handlers{resource.TaskImport: func(ctx context.Context, r *queue.Run) error {
			ran <- r
			select {
			case <-finish:
			case <-ctx.Done():
				t.Errorf("the handler was cancelled: %v", context.Cause(ctx))
			}
			return r.Complete(ctx, func(resource.Tx) error { return nil })
		}})
		receive(t, ran)
		task, err := db.Task(t.Context(), "T1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.SQL().ExecContext(t.Context(), running, task.Job); err != nil { // for half a year
			t.Fatal(err)
		}
		jobState := func(id int64) (s string) {
			if err := db.SQL().QueryRowContext(t.Context(), "SELECT state FROM river_job WHERE id = $1", id).Scan(&s); err != nil {
				t.Fatal(err)
			}
			return s
		}
		await(t, "the leftover completed", func() bool { return jobState(old.Job) == "completed" })
		if s := jobState(task.Job); s != "running" || len(ran) > 0 {
			t.Errorf("the job at work is %s, and %d more attempts began; want it running and no other", s, len(ran))
		}
		close(finish)
		await(t, "task gone", gone(db))
		stop(t, q)
	})
}

// TestLostJob: a task whose job has vanished gets another one.
func TestLostJob(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		t.Helper()
		db := storetest.OpenAt(t, where, clock.System{})
		if _, err := queue.New(db, queue.Config{}, nil); err != nil {
			t.Fatal(err)
		}
		enqueue(t, db, "T1")
		if _, err := db.SQL().ExecContext(t.Context(), "DELETE FROM river_job"); err != nil {
			t.Fatal(err)
		}
		done := make(chan bool, 1)
		start(t, where, queue.Config{Lease: time.Second}, handlers{resource.TaskImport: func(ctx context.Context, r *queue.Run) error {
			done <- true
			return r.Complete(ctx, func(resource.Tx) error { return nil })
		}})
		receive(t, done)
		await(t, "task gone", gone(db))
	})
}

// TestForgottenTask: a task that this process has in hand, but does not work
// on because it could not write down how the attempt ended, is tried again.
func TestForgottenTask(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		t.Helper()
		done := make(chan int, 1)
		db, _ := start(t, where, queue.Config{Lease: time.Second}, handlers{resource.TaskImport: func(ctx context.Context, r *queue.Run) error {
			done <- r.Attempt()
			return r.Complete(ctx, func(resource.Tx) error { return nil })
		}})
		leases, err := db.Leases(t.Context())
		if err != nil || len(leases) != 1 {
			t.Fatalf("got leases %v, %v, want that of the queue", leases, err)
		}
		err = db.Transact(t.Context(), func(tx *store.Tx) error {
			if err := tx.Insert(t.Context(), storetest.Row(resource.KindImportJob, 1)); err != nil {
				return err
			}
			if err := tx.Enqueue(t.Context(), resource.Task{ID: "T1", Kind: resource.TaskImport, Resource: arn}); err != nil {
				return err
			}
			var job int64
			if err := tx.SQL().QueryRowContext(t.Context(), "SELECT job FROM task").Scan(&job); err != nil {
				return err
			}
			_, err := tx.StartTask(t.Context(), "T1", job, leases[0].ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := receive(t, done); n != 2 {
			t.Errorf("attempt %d completed, want 2", n)
		}
		await(t, "task gone", gone(db))
	})
}
