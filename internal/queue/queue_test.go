package queue_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/queue"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store"
	"github.com/almanac-forecast/almanac/internal/store/pgtest"
	"github.com/almanac-forecast/almanac/internal/store/storetest"
)

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		os.Exit(child())
	}
	os.Exit(pgtest.Main(m))
}

// each runs a test on a new database of each engine.
func each(t *testing.T, f func(t *testing.T, where string)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { f(t, filepath.Join(t.TempDir(), "almanac.db")) })
	t.Run("PostgreSQL", func(t *testing.T) { f(t, pgtest.URL(t)) })
}

const arn = "arn:aws:forecast:us-west-2:123456789012:dataset-import-job/thing_000001"

type handlers = map[resource.TaskKind]queue.Handler

// start opens the database and a queue whose times are short and which tries again at once.
func start(t *testing.T, where string, cfg queue.Config, h handlers) (*store.DB, *queue.Queue) {
	t.Helper()
	db := storetest.OpenAt(t, where, clock.System{})
	cfg.Watch, cfg.Backoff = 20*time.Millisecond, -1
	cfg.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	if cfg.Lease == 0 {
		cfg.Lease = 5 * time.Second
	}
	q, err := queue.New(db, cfg, h)
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, q) })
	return db, q
}

func stop(t *testing.T, q *queue.Queue) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := q.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// enqueue writes a row and its task in one transaction.
func enqueue(t *testing.T, db *store.DB, id string) {
	t.Helper()
	err := db.Update(t.Context(), func(tx resource.Tx) error {
		row := storetest.Row(resource.KindImportJob, 1)
		if err := tx.Insert(t.Context(), row); err != nil && !errors.Is(err, resource.ErrRowExists) {
			return err
		}
		return tx.Enqueue(t.Context(), resource.Task{ID: id, Kind: resource.TaskImport, Resource: row.ARN})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// activate is what a worker's last transaction does.
func activate(ctx context.Context, tx resource.Tx, message string) error {
	row, err := tx.Get(ctx, arn)
	if err != nil {
		return err
	}
	row.Status, row.Message = resource.Active, message
	return tx.Save(ctx, row)
}

func receive[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(60 * time.Second):
		t.Fatal("nothing happened for a minute")
	}
	return v
}

// await waits for a condition that somebody else's commit makes true.
func await(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !f(); {
		if time.Now().After(deadline) {
			t.Fatalf("after a minute still not: %s", what)
		}
		_ = clock.System{}.Wait(t.Context(), 5*time.Millisecond)
	}
}

// gone reports whether task T1 has ended.
func gone(db *store.DB) func() bool {
	return func() bool {
		_, err := db.Task(context.Background(), "T1")
		return errors.Is(err, resource.ErrNoRow)
	}
}

func status(t *testing.T, db *store.DB) (row resource.Row) {
	t.Helper()
	err := db.View(t.Context(), func(r resource.Reader) (err error) {
		row, err = r.Get(t.Context(), arn)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func TestCompletes(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		t.Helper()
		done := make(chan int, 10)
		db, _ := start(t, where, queue.Config{}, handlers{resource.TaskImport: func(ctx context.Context, r *queue.Run) error {
			if r.Task() != (resource.Task{ID: "T1", Kind: resource.TaskImport, Resource: arn}) {
				t.Errorf("got task %+v", r.Task())
			}
			err := r.Complete(ctx, func(tx resource.Tx) error { return activate(ctx, tx, "done") })
			done <- r.Attempt()
			return err
		}})
		enqueue(t, db, "T1")
		if n := receive(t, done); n != 1 {
			t.Errorf("attempt %d, want 1", n)
		}
		if !gone(db)() {
			t.Error("the task is still there after it was completed")
		}
		if row := status(t, db); row.Status != resource.Active {
			t.Errorf("the row is %s, want ACTIVE", row.Status)
		}
	})
}

// TestRollback: neither row nor task nor job of a transaction that fails.
func TestRollback(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		t.Helper()
		ran := make(chan string, 10)
		db, _ := start(t, where, queue.Config{}, handlers{resource.TaskImport: func(ctx context.Context, r *queue.Run) error {
			ran <- r.Task().ID
			return r.Complete(ctx, func(resource.Tx) error { return nil })
		}})
		boom := errors.New("boom")
		err := db.Update(t.Context(), func(tx resource.Tx) error {
			if err := tx.Enqueue(t.Context(), resource.Task{ID: "T0", Kind: resource.TaskImport, Resource: arn}); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		enqueue(t, db, "T1") // comes after T0 would have come
		if id := receive(t, ran); id != "T1" {
			t.Errorf("task %s ran, though its transaction was rolled back", id)
		}
	})
}

// TestFailures: errors, panics and returning without a result are tried again,
// the rolled back Complete leaves nothing, and in the end the task is given up.
func TestFailures(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		t.Helper()
		var attempts []int
		exhausted := make(chan error, 10)
		db, _ := start(t, where, queue.Config{
			MaxAttempts: 3,
			Exhausted: func(ctx context.Context, tx resource.Tx, task resource.Task, cause error) error {
				exhausted <- cause
				return activate(ctx, tx, "gave up "+task.ID)
			},
		}, handlers{resource.TaskImport: func(ctx context.Context, r *queue.Run) error {
			attempts = append(attempts, r.Attempt())
			switch len(attempts) {
			case 1:
				panic("out of luck")
			case 2:
				return nil
			default:
				return r.Complete(ctx, func(tx resource.Tx) error {
					if err := activate(ctx, tx, "half done"); err != nil {
						return err
					}
					return errors.New("disk full")
				})
			}
		}})
		enqueue(t, db, "T1")
		if err := receive(t, exhausted); err == nil || err.Error() != "disk full" {
			t.Errorf("given up for %v, want the error of the last attempt", err)
		}
		await(t, "task gone", gone(db))
		if fmt.Sprint(attempts) != "[1 2 3]" {
			t.Errorf("attempts %v, want 1, 2, 3", attempts)
		}
		if row := status(t, db); row.Message != "gave up T1" {
			t.Errorf("the row says %q, want what Exhausted wrote", row.Message)
		}
	})
}

// TestSteps: a later attempt finds the steps of the earlier ones, and a task
// that gets on is not given up.
func TestSteps(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		t.Helper()
		done := make(chan map[string]json.RawMessage, 1)
		db, _ := start(t, where, queue.Config{MaxAttempts: 2}, handlers{resource.TaskImport: func(ctx context.Context, r *queue.Run) error {
			steps, err := r.Steps().Done(ctx)
			if err != nil {
				return err
			}
			if len(steps) == 5 {
				done <- steps
				return r.Complete(ctx, func(resource.Tx) error { return nil })
			}
			if err := r.Steps().Finish(ctx, fmt.Sprintf("part-%d", len(steps)), map[string]int{"attempt": r.Attempt()}); err != nil {
				return err
			}
			return errors.New("not yet")
		}})
		enqueue(t, db, "T1")
		for name, out := range receive(t, done) {
			if want := fmt.Sprintf(`{"attempt":%d}`, int(name[5]-'0')+1); string(out) != want {
				t.Errorf("step %s: got %s, want %s", name, out, want)
			}
		}
		await(t, "task gone", gone(db))
		if left, err := db.Steps(t.Context(), "T1"); err != nil || len(left) != 0 {
			t.Errorf("steps left behind: %v, %v", left, err)
		}
	})
}

// TestStop: a handler whose resource is stopped is told so, and can still say
// how it ended with the context it has.
func TestStop(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		t.Helper()
		running, ended := make(chan bool, 1), make(chan error, 1)
		db, _ := start(t, where, queue.Config{}, handlers{resource.TaskImport: func(ctx context.Context, r *queue.Run) error {
			running <- true
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return r.Complete(ctx, func(tx resource.Tx) error {
				row, err := tx.Get(ctx, arn)
				if err != nil {
					return err
				}
				row.Status = resource.CreateStopped
				return tx.Save(ctx, row)
			})
		}})
		enqueue(t, db, "T1")
		receive(t, running)
		err := db.Update(t.Context(), func(tx resource.Tx) error {
			row, err := tx.Get(t.Context(), arn)
			if err != nil {
				return err
			}
			row.Status = resource.CreateStopping
			return tx.Save(t.Context(), row)
		})
		if err != nil {
			t.Fatal(err)
		}
		if cause := receive(t, ended); !errors.Is(cause, queue.ErrStop) {
			t.Errorf("cancelled because of %v, want ErrStop", cause)
		}
		await(t, "task gone", gone(db))
		if row := status(t, db); row.Status != resource.CreateStopped {
			t.Errorf("the row is %s, want CREATE_STOPPED", row.Status)
		}
	})
}

// TestShutdown: a queue that stops hands its task to another one at once, and
// no attempt counts as failed.
func TestShutdown(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		t.Helper()
		running, ended := make(chan bool, 1), make(chan error, 1)
		db, first := start(t, where, queue.Config{MaxAttempts: 1}, handlers{resource.TaskImport: func(ctx context.Context, _ *queue.Run) error {
			running <- true
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return ctx.Err()
		}})
		enqueue(t, db, "T1")
		receive(t, running)
		second := make(chan int, 1)
		db2, _ := start(t, where, queue.Config{MaxAttempts: 1}, handlers{resource.TaskImport: func(ctx context.Context, r *queue.Run) error {
			second <- r.Attempt()
			return r.Complete(ctx, func(resource.Tx) error { return nil })
		}})
		began := time.Now()
		stop(t, first)
		t.Logf("stopped in %v", time.Since(began))
		stop(t, first) // once more does no harm
		if cause := receive(t, ended); !errors.Is(cause, queue.ErrShutdown) {
			t.Errorf("cancelled because of %v, want ErrShutdown", cause)
		}
		if n := receive(t, second); n != 2 {
			t.Errorf("the second queue made attempt %d, want 2", n)
		}
		t.Logf("handed over in %v", time.Since(began))
		await(t, "task gone", gone(db2))
	})
}

// TestMany: many tasks on several queues, each done once, following tasks
// enqueued by the transaction that completes the one before.
func TestMany(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		t.Helper()
		const tasks = 40
		var mu sync.Mutex
		times := map[string]int{}
		var left atomic.Int64
		left.Store(2 * tasks)
		done := make(chan bool)
		h := handlers{resource.TaskImport: func(ctx context.Context, r *queue.Run) error {
			id := r.Task().ID
			err := r.Complete(ctx, func(tx resource.Tx) error {
				if id[0] == 'B' {
					return nil
				}
				return tx.Enqueue(ctx, resource.Task{ID: "B" + id, Kind: resource.TaskImport, Resource: arn})
			})
			mu.Lock()
			times[id]++
			mu.Unlock()
			if err == nil && left.Add(-1) == 0 {
				close(done)
			}
			return err
		}}
		var dbs []*store.DB
		for range 3 {
			db, _ := start(t, where, queue.Config{}, h)
			dbs = append(dbs, db)
		}
		var wg sync.WaitGroup
		for i := range tasks {
			wg.Go(func() {
				err := dbs[i%3].Update(t.Context(), func(tx resource.Tx) error {
					return tx.Enqueue(t.Context(), resource.Task{ID: fmt.Sprintf("A%d", i), Kind: resource.TaskImport, Resource: storetest.Row(resource.KindImportJob, 1).ARN})
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		enqueue(t, dbs[0], "BX") // makes the row, without which the tasks are stopped
		receive(t, done)
		mu.Lock()
		defer mu.Unlock()
		for id, n := range times {
			if n != 1 {
				t.Errorf("task %s ran %d times", id, n)
			}
		}
	})
}
