package queue

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store"
)

// Run is one attempt at a task. What it writes is refused with ErrOvertaken
// once the attempt was given up for dead. Safe for concurrent use.
type Run struct {
	queue    *Queue
	task     store.Task
	job      *river.Job[jobArgs]
	base     context.Context // carries what River needs to complete the job
	log      *slog.Logger
	ending   atomic.Int32 // Complete is under way or has succeeded
	finished atomic.Bool
	lost     context.CancelCauseFunc
}

// Task returns the task.
func (r *Run) Task() resource.Task { return r.task.Task }

// Attempt returns the number of this attempt, from 1. No other attempt at the
// task has it, so names made with it are never written twice.
func (r *Run) Attempt() int { return int(r.task.Runs) }

// Logger returns a logger that names the task.
func (r *Run) Logger() *slog.Logger { return r.log }

// Steps returns what the attempts at the task have finished so far.
func (r *Run) Steps() resource.Steps { return steps{r} }

// Update runs f in a write transaction that commits only if this attempt is
// still the valid one.
func (r *Run) Update(ctx context.Context, f func(resource.Tx) error) error {
	return r.transact(ctx, func(tx *store.Tx) error { return f(stopTx{tx}) })
}

// Complete runs f in a write transaction that also ends the task: both or
// neither. Nothing of the task remains but what f wrote.
func (r *Run) Complete(ctx context.Context, f func(resource.Tx) error) error {
	r.ending.Add(1)
	err := r.transact(ctx, func(tx *store.Tx) error {
		if err := f(stopTx{tx}); err != nil {
			return err
		}
		return r.finish(ctx, tx)
	})
	if err != nil {
		r.ending.Add(-1)
		return err
	}
	r.finished.Store(true)
	return nil
}

// finish ends the task and its job.
func (r *Run) finish(ctx context.Context, tx *store.Tx) error {
	if err := tx.FinishTask(detached(ctx), r.task.ID, r.task.Attempt); err != nil {
		return err
	}
	return r.completeJob(tx)
}

// transact is the fence.
func (r *Run) transact(ctx context.Context, f func(*store.Tx) error) error {
	err := r.queue.db.Transact(detached(ctx), func(tx *store.Tx) error {
		if err := tx.HoldTask(detached(ctx), r.task.ID, r.task.Attempt); err != nil {
			return err
		}
		return f(tx)
	})
	if errors.Is(err, resource.ErrOvertaken) {
		r.lost(resource.ErrOvertaken)
	}
	return err
}

// completeJob marks the job as done in the transaction. A job that River has
// taken away meanwhile does not matter: it stands for nothing any more.
func (r *Run) completeJob(tx *store.Tx) error {
	_, err := river.JobCompleteTx[riverdriver.Driver[*sql.Tx]](r.base, tx.SQL(), r.job)
	if err != nil && !errors.Is(err, rivertype.ErrNotFound) {
		return fmt.Errorf("complete the job of task %s: %w", r.task.ID, err)
	}
	return nil
}

// steps implements resource.Steps.
type steps struct{ run *Run }

// Done implements resource.Steps.
func (s steps) Done(ctx context.Context) (map[string]json.RawMessage, error) {
	return s.run.queue.db.Steps(detached(ctx), s.run.task.ID)
}

// Finish implements resource.Steps.
func (s steps) Finish(ctx context.Context, name string, output any) error {
	b, err := json.Marshal(output)
	if err != nil {
		return fmt.Errorf("step %q: %w", name, err)
	}
	return s.run.transact(ctx, func(tx *store.Tx) error {
		return tx.PutStep(detached(ctx), s.run.task.ID, s.run.task.Attempt, name, b)
	})
}
