package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store/internal/dbsqlc"
)

// Enqueuer puts a job for a task into the queue within the transaction, to be
// worked at a given time or later (zero: now), and returns the number of the job.
type Enqueuer func(ctx context.Context, tx *sql.Tx, t resource.Task, at time.Time) (job int64, err error)

// SetEnqueuer says how tasks get into the queue. It is called once, by the
// queue, before the database is used.
func (db *DB) SetEnqueuer(f Enqueuer) { db.enqueue = f }

// Task is a task that is not finished.
type Task struct {
	resource.Task
	Job      int64  // the queue's job that stands for it now
	Attempt  int64  // the fence: goes up whenever a worker takes or loses the task
	Runs     int64  // how often a worker took it
	Failures int64  // failed attempts since the last finished step
	Losses   int64  // attempts whose worker died since the last finished step
	Worker   string // who has it, "" for nobody
	Error    string // of the last failed attempt
}

// Enqueue implements resource.Tx.
func (tx *Tx) Enqueue(ctx context.Context, t resource.Task) error {
	err := tx.q.InsertTask(ctx, dbsqlc.InsertTaskParams{
		ID: t.ID, Kind: string(t.Kind), Resource: t.Resource, Created: micros(tx.db.clock.Now()),
	})
	if err != nil {
		return fmt.Errorf("enqueue %s of %s: %w", t.Kind, t.Resource, err)
	}
	return tx.Reenqueue(ctx, Task{Task: t}, time.Time{})
}

// Reenqueue gives a task that no worker has a new job, to be worked at a given
// time or later (zero: now); the job it had stands
// for nothing then. ErrOvertaken says that another process has done so.
func (tx *Tx) Reenqueue(ctx context.Context, t Task, at time.Time) error {
	if tx.db.enqueue == nil {
		return errors.New("enqueue: the store was opened without a queue")
	}
	job, err := tx.db.enqueue(ctx, tx.tx, t.Task, at)
	if err != nil {
		return fmt.Errorf("enqueue %s of %s: %w", t.Kind, t.Resource, err)
	}
	n, err := tx.q.SetTaskJob(ctx, dbsqlc.SetTaskJobParams{NewJob: job, ID: t.ID, OldJob: t.Job})
	return oneOr(n, err, "enqueue task "+t.ID)
}

// StartTask begins the next attempt of the task for which the job stands, or
// returns ErrOvertaken when it stands for none (any more) or a worker has it.
func (tx *Tx) StartTask(ctx context.Context, id string, job int64, worker string) (Task, error) {
	t, err := tx.q.StartTask(ctx, dbsqlc.StartTaskParams{Worker: worker, ID: id, Job: job})
	return taskOr(t, err, "start task "+id)
}

// HoldTask is the fence: it keeps the attempt valid until the transaction
// ends, or returns ErrOvertaken when it is not valid any more.
func (tx *Tx) HoldTask(ctx context.Context, id string, attempt int64) error {
	n, err := tx.q.HoldTask(ctx, dbsqlc.HoldTaskParams{ID: id, Attempt: attempt})
	return oneOr(n, err, "hold task "+id)
}

// ReleaseTask ends an attempt that counts neither as failed nor as lost.
func (tx *Tx) ReleaseTask(ctx context.Context, id string, attempt int64) error {
	n, err := tx.q.ReleaseTask(ctx, dbsqlc.ReleaseTaskParams{ID: id, Attempt: attempt})
	return oneOr(n, err, "release task "+id)
}

// FailTask ends an attempt that returned an error.
func (tx *Tx) FailTask(ctx context.Context, id string, attempt int64, message string) (Task, error) {
	t, err := tx.q.FailTask(ctx, dbsqlc.FailTaskParams{Error: message, ID: id, Attempt: attempt})
	return taskOr(t, err, "record the failure of task "+id)
}

// LoseTask ends an attempt whose worker died.
func (tx *Tx) LoseTask(ctx context.Context, id string, attempt int64, message string) (Task, error) {
	t, err := tx.q.LoseTask(ctx, dbsqlc.LoseTaskParams{Error: message, ID: id, Attempt: attempt})
	return taskOr(t, err, "take back task "+id)
}

// FinishTask removes the task and its steps.
func (tx *Tx) FinishTask(ctx context.Context, id string, attempt int64) error {
	n, err := tx.q.DeleteTask(ctx, dbsqlc.DeleteTaskParams{ID: id, Attempt: attempt})
	if err := oneOr(n, err, "finish task "+id); err != nil {
		return err
	}
	if err := tx.q.DeleteSteps(ctx, id); err != nil {
		return fmt.Errorf("finish task %s: %w", id, err)
	}
	return nil
}

// PutStep records a finished step of a task that the transaction holds, and
// forgets its failures: the task gets on.
func (tx *Tx) PutStep(ctx context.Context, id string, attempt int64, name string, output json.RawMessage) error {
	n, err := tx.q.ProgressTask(ctx, dbsqlc.ProgressTaskParams{ID: id, Attempt: attempt})
	if err := oneOr(n, err, "record a step of task "+id); err != nil {
		return err
	}
	err = tx.q.PutStep(ctx, dbsqlc.PutStepParams{
		Task: id, Name: name, Output: string(output), Attempt: attempt, Finished: micros(tx.db.clock.Now()),
	})
	if err != nil {
		return fmt.Errorf("record step %q of task %s: %w", name, id, err)
	}
	return nil
}

// Steps returns the outputs of the finished steps of a task by name.
func (db *DB) Steps(ctx context.Context, id string) (map[string]json.RawMessage, error) {
	rows, err := dbsqlc.New(db.read).ListSteps(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the steps of task %s: %w", id, err)
	}
	steps := make(map[string]json.RawMessage, len(rows))
	for _, r := range rows {
		steps[r.Name] = json.RawMessage(r.Output)
	}
	return steps, nil
}

// Task returns an unfinished task, or resource.ErrNoRow.
func (db *DB) Task(ctx context.Context, id string) (Task, error) {
	t, err := dbsqlc.New(db.read).GetTask(ctx, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Task{}, resource.ErrNoRow
	}
	if err != nil {
		return Task{}, fmt.Errorf("read task %s: %w", id, err)
	}
	return taskFrom(t), nil
}

// TasksInHand returns the tasks that workers have, oldest first.
func (db *DB) TasksInHand(ctx context.Context) ([]Task, error) {
	rows, err := dbsqlc.New(db.read).TasksInHand(ctx)
	if err != nil {
		return nil, fmt.Errorf("list tasks in hand: %w", err)
	}
	return tasksFrom(rows), nil
}

// TasksWaiting returns the tasks that no worker has, oldest first.
func (db *DB) TasksWaiting(ctx context.Context) ([]Task, error) {
	rows, err := dbsqlc.New(db.read).TasksWaiting(ctx)
	if err != nil {
		return nil, fmt.Errorf("list waiting tasks: %w", err)
	}
	return tasksFrom(rows), nil
}

// TasksOfResource returns the unfinished tasks of a resource, oldest first.
func (db *DB) TasksOfResource(ctx context.Context, arn string) ([]Task, error) {
	rows, err := dbsqlc.New(db.read).TasksOfResource(ctx, arn)
	if err != nil {
		return nil, fmt.Errorf("list the tasks of %s: %w", arn, err)
	}
	return tasksFrom(rows), nil
}

func tasksFrom(rows []dbsqlc.Task) []Task {
	tasks := make([]Task, len(rows))
	for i, r := range rows {
		tasks[i] = taskFrom(r)
	}
	return tasks
}

func taskFrom(t dbsqlc.Task) Task {
	return Task{
		Task: resource.Task{ID: t.ID, Kind: resource.TaskKind(t.Kind), Resource: t.Resource},
		Job:  t.Job, Attempt: t.Attempt, Runs: t.Runs, Failures: t.Failures, Losses: t.Losses,
		Worker: t.Worker, Error: t.Error,
	}
}

func taskOr(t dbsqlc.Task, err error, doing string) (Task, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return Task{}, resource.ErrOvertaken
	}
	if err != nil {
		return Task{}, fmt.Errorf("%s: %w", doing, err)
	}
	return taskFrom(t), nil
}

func oneOr(n int64, err error, doing string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if n == 0 {
		return resource.ErrOvertaken
	}
	return nil
}
