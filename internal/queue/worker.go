package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store"
)

// jobArgs is what River keeps about a task.
type jobArgs struct {
	Task string `json:"task"`
}

// Kind implements river.JobArgs.
func (jobArgs) Kind() string { return "almanac_task" }

const (
	// jobAttempts is as often as River may bring a job; the tries that count
	// are counted in the row of the task.
	jobAttempts = 30000
	// forever is the timeout of a job: the work may take as long as it takes.
	forever = 10 * 365 * 24 * time.Hour
	// settleTime is how long the end of an attempt may take to be written down
	// while the process shuts down.
	settleTime = 10 * time.Second
)

// worker is what River calls.
type worker struct {
	river.WorkerDefaults[jobArgs]

	queue *Queue
}

// Timeout implements river.Worker. River asks before it runs a job and again
// about a job that runs for long, which it would bring a second time if the
// time was over. Only jobs that stand for nothing may be brought again, to be
// cleared away: those that stand for a task are watched by keepLease.
func (w *worker) Timeout(job *river.Job[jobArgs]) time.Duration {
	t, err := w.queue.db.Task(context.Background(), job.Args.Task)
	if errors.Is(err, resource.ErrNoRow) || err == nil && t.Job != job.ID {
		return time.Nanosecond
	}
	return forever
}

// NextRetry implements river.Worker: the pause after the database did not answer.
func (w *worker) NextRetry(*river.Job[jobArgs]) time.Time {
	return w.queue.cfg.Clock.Now().Add(2 * time.Second)
}

// Work implements river.Worker. An error means that the database did not take
// what there was to write; the row of the task is then as it was.
func (w *worker) Work(ctx context.Context, job *river.Job[jobArgs]) error {
	q := w.queue
	base := context.WithoutCancel(ctx) // Timeout may have ended ctx already
	q.running.add(job.Args.Task, 1)
	defer q.running.add(job.Args.Task, -1)
	var task store.Task
	err := q.db.Transact(base, func(tx *store.Tx) (err error) {
		task, err = tx.StartTask(base, job.Args.Task, job.ID, q.id)
		return err
	})
	if errors.Is(err, resource.ErrOvertaken) {
		return nil // the job stands for nothing
	}
	if err != nil {
		return err
	}
	log := q.cfg.Logger.With(slog.String("task", task.ID), slog.String("kind", string(task.Kind)),
		slog.String("resource", task.Resource), slog.Int64("attempt", task.Runs))
	r := &Run{queue: q, task: task, job: job, base: base, log: log}
	err = r.handle(ctx)
	return r.end(ctx, err)
}

// handle runs the handler while it is watched.
func (r *Run) handle(ctx context.Context) (err error) {
	h := r.queue.handlers[r.task.Kind]
	if h == nil {
		return fmt.Errorf("this process knows no task of kind %q", r.task.Kind)
	}
	parent := ctx
	ctx, cancel := context.WithCancelCause(r.base) //nolint:contextcheck // cancelled with the parent, for a cause of ours
	unhook := context.AfterFunc(parent, func() { cancel(ErrShutdown) })
	defer unhook()
	r.lost = cancel
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		r.watch(ctx, cancel)
	}()
	defer func() {
		if p := recover(); p != nil {
			r.log.ErrorContext(ctx, "task panicked", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			err = fmt.Errorf("internal fault: %v", p)
		}
		cancel(nil)
		<-watched
	}()
	return h(ctx, r)
}

// watch cancels the context when the attempt is overtaken or nobody wants the
// resource any more.
func (r *Run) watch(ctx context.Context, cancel context.CancelCauseFunc) {
	q := r.queue
	for q.cfg.Clock.Wait(ctx, q.cfg.Watch) == nil {
		if r.ending.Load() > 0 {
			continue // once the task is completed, what it does is its own business
		}
		t, err := q.db.Task(ctx, r.task.ID)
		switch {
		case errors.Is(err, resource.ErrNoRow) || err == nil && t.Attempt != r.task.Attempt:
			if r.ending.Load() == 0 {
				cancel(resource.ErrOvertaken)
				return
			}
		case err != nil: // the database does not answer: the lease decides
		case r.unwanted(ctx):
			cancel(ErrStop)
			return
		}
	}
}

// unwanted reports whether the resource was stopped or is being deleted.
func (r *Run) unwanted(ctx context.Context) bool {
	if r.task.Kind == resource.TaskDelete {
		return false
	}
	var row resource.Row
	err := r.queue.db.View(ctx, func(v resource.Reader) (err error) {
		row, err = v.Get(ctx, r.task.Resource)
		return err
	})
	if err != nil {
		return errors.Is(err, resource.ErrNoRow) && r.ending.Load() == 0
	}
	return row.Status == resource.CreateStopping || row.Status == resource.ActiveStopping || row.Status.Deleting()
}

// end writes down how the attempt ended.
func (r *Run) end(ctx context.Context, err error) error {
	if r.finished.Load() {
		if err != nil {
			r.log.WarnContext(ctx, "task completed, and then returned an error", slog.String("error", err.Error()))
		}
		return nil
	}
	// Beyond the context of the work, which is over when the process stops.
	shutdown := ctx.Err() != nil
	wait, cancel := context.WithTimeout(r.base, settleTime)
	defer cancel()
	if shutdown {
		return r.settled(ctx, r.release(wait)) //nolint:contextcheck // the work's context is over
	}
	if err == nil {
		err = errors.New("the task ended without a result")
	}
	return r.settled(ctx, r.fail(wait, err)) //nolint:contextcheck // the same
}

// settled turns ErrOvertaken into nil: the job stands for nothing.
func (r *Run) settled(ctx context.Context, err error) error {
	if errors.Is(err, resource.ErrOvertaken) {
		r.log.WarnContext(ctx, "task was taken over by another worker, this attempt counts for nothing")
		return nil
	}
	return err
}

// release gives the task back at once.
func (r *Run) release(ctx context.Context) error {
	return r.queue.db.Transact(ctx, func(tx *store.Tx) error {
		if err := tx.ReleaseTask(ctx, r.task.ID, r.task.Attempt); err != nil {
			return err
		}
		if err := tx.Reenqueue(ctx, r.task, time.Time{}); err != nil {
			return err
		}
		return r.completeJob(tx)
	})
}

// fail counts a failure and has the task tried again later, or gives it up.
func (r *Run) fail(ctx context.Context, cause error) error {
	q := r.queue
	var task store.Task
	gaveUp := false
	try := func(mayGiveUp bool) error {
		return q.db.Transact(ctx, func(tx *store.Tx) (err error) {
			if task, err = tx.FailTask(ctx, r.task.ID, r.task.Attempt, cause.Error()); err != nil {
				return err
			}
			if gaveUp = mayGiveUp && int(task.Failures) >= q.cfg.MaxAttempts; gaveUp {
				if err := q.giveUp(ctx, tx, task, cause); err != nil {
					return err
				}
			} else if err := tx.Reenqueue(ctx, task, q.retryAt(task.Failures)); err != nil {
				return err
			}
			return r.completeJob(tx)
		})
	}
	err := try(true)
	if err != nil && gaveUp && !errors.Is(err, resource.ErrOvertaken) {
		r.log.ErrorContext(ctx, "giving the task up failed", slog.String("error", err.Error()))
		err = try(false)
	}
	if err != nil {
		return err
	}
	r.log.ErrorContext(ctx, "task failed", slog.String("error", cause.Error()),
		slog.Int64("failures", task.Failures), slog.Bool("gave_up", gaveUp))
	return nil
}

// giveUp ends a task that nobody has.
func (q *Queue) giveUp(ctx context.Context, tx *store.Tx, task store.Task, cause error) error {
	if q.cfg.Exhausted != nil {
		if err := q.cfg.Exhausted(ctx, tx, task.Task, cause); err != nil {
			return err
		}
	}
	return tx.FinishTask(ctx, task.ID, task.Attempt)
}

// retryAt returns when a task that has failed so often is tried again. River
// looks at times in the future every five seconds.
func (q *Queue) retryAt(failures int64) time.Time {
	if q.cfg.Backoff < 0 {
		return time.Time{}
	}
	return q.cfg.Clock.Now().Add(q.cfg.Backoff << min(max(failures-1, 0), 6))
}
