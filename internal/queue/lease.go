package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store"
)

// beatsPerLease is how many chances a process has to renew its lease.
const beatsPerLease = 5

// beat renews the lease of this process.
func (q *Queue) beat(ctx context.Context) error {
	now := q.cfg.Clock.Now()
	return q.db.PutLease(ctx, store.Lease{ID: q.id, Host: hostName(), Started: now, Beat: now})
}

// keepLease renews the lease of this process and looks after the tasks of
// those that do not renew theirs.
//
// It does not compare clocks: a process is dead when its lease has not changed
// while we looked at it several times in a row. So it does not matter whether
// the machines agree on the time, and a machine that slept finds nobody dead.
func (q *Queue) keepLease(ctx context.Context) {
	seen := map[string]sighting{}
	for n := 1; ; n++ {
		if q.cfg.Clock.Wait(ctx, q.cfg.Lease/beatsPerLease) != nil {
			return
		}
		if err := q.beat(ctx); err != nil {
			q.warn(ctx, "renewing the lease failed", err)
			continue
		}
		if err := q.takeBack(ctx, seen); err != nil {
			q.warn(ctx, "looking after other workers failed", err)
		}
		// Once in a while, for what should never happen.
		if n%(2*beatsPerLease) == 0 {
			if err := q.reconcile(ctx, 2*q.cfg.Lease); err != nil {
				q.warn(ctx, "looking after waiting tasks failed", err)
			}
		}
	}
}

func (q *Queue) warn(ctx context.Context, message string, err error) {
	if ctx.Err() == nil {
		q.cfg.Logger.WarnContext(ctx, message, slog.String("error", err.Error())) //nolint:sloglint // constant at every call
	}
}

// sighting is how often a lease was seen unchanged.
type sighting struct {
	beat  time.Time
	times int
}

// takeBack takes the tasks of dead workers back. seen is its memory.
func (q *Queue) takeBack(ctx context.Context, seen map[string]sighting) error {
	leases, err := q.db.Leases(ctx)
	if err != nil {
		return err
	}
	beats := map[string]time.Time{}
	for _, l := range leases {
		beats[l.ID] = l.Beat
	}
	tasks, err := q.db.TasksInHand(ctx)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if _, ok := beats[t.Worker]; !ok {
			beats[t.Worker] = time.Time{} // no lease at all: it gets the same time to appear
		}
	}
	delete(beats, q.id)
	for _, t := range tasks {
		// The database went away when the end of the attempt was to be written.
		if t.Worker == q.id && !q.running.has(t.ID) {
			err = errors.Join(err, q.lose(ctx, t))
		}
	}
	for id, beat := range beats {
		s := seen[id]
		if s.beat.Equal(beat) {
			s.times++
		} else {
			s = sighting{beat, 1}
		}
		seen[id] = s
	}
	for id, s := range seen {
		if _, ok := beats[id]; !ok {
			delete(seen, id)
		} else if s.times > beatsPerLease {
			err = errors.Join(err, q.bury(ctx, id, tasks))
			delete(seen, id)
		}
	}
	return err
}

// runningTasks are the tasks that this process is working on.
type runningTasks struct {
	mu    sync.Mutex
	times map[string]int // guarded by mu
}

func (r *runningTasks) add(task string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.times == nil {
		r.times = map[string]int{}
	}
	if r.times[task] += n; r.times[task] == 0 {
		delete(r.times, task)
	}
}

func (r *runningTasks) has(task string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.times[task] > 0
}

// bury takes back the tasks of one worker and removes its lease.
func (q *Queue) bury(ctx context.Context, worker string, tasks []store.Task) error {
	for _, t := range tasks {
		if t.Worker != worker {
			continue
		}
		if err := q.lose(ctx, t); err != nil {
			return err
		}
	}
	return q.db.DropLease(ctx, worker)
}

// lose ends the attempt of a dead worker and has the task tried again.
func (q *Queue) lose(ctx context.Context, t store.Task) error {
	cause := fmt.Errorf("the process that worked on it ended unexpectedly (worker %s)", t.Worker)
	err := q.db.Transact(ctx, func(tx *store.Tx) error {
		task, err := tx.LoseTask(ctx, t.ID, t.Attempt, cause.Error())
		if err != nil {
			return err
		}
		if int(task.Losses) >= q.cfg.MaxLosses {
			return q.giveUp(ctx, tx, task, fmt.Errorf("%w, %d times in a row", cause, task.Losses))
		}
		return tx.Reenqueue(ctx, task, time.Time{})
	})
	if errors.Is(err, resource.ErrOvertaken) {
		return nil // another process was quicker, or the worker is alive after all
	}
	if err != nil {
		return fmt.Errorf("take back task %s: %w", t.ID, err)
	}
	q.cfg.Logger.WarnContext(ctx, "task taken back from a worker that is gone", slog.String("task", t.ID),
		slog.String("kind", string(t.Kind)), slog.String("resource", t.Resource), slog.String("worker", t.Worker))
	return nil
}

// recoverAll takes back every task in hand. Only for a process that knows to
// be the only one.
func (q *Queue) recoverAll(ctx context.Context) error {
	tasks, err := q.db.TasksInHand(ctx)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if err := q.lose(ctx, t); err != nil {
			return err
		}
	}
	leases, err := q.db.Leases(ctx)
	if err != nil {
		return err
	}
	for _, l := range leases {
		if err := q.db.DropLease(ctx, l.ID); err != nil {
			return err
		}
	}
	return q.reconcile(ctx, 0)
}

// reconcile gives a new job to waiting tasks whose job is gone: lost, ended, or
// fetched by a worker that did not get to start the task within patience.
func (q *Queue) reconcile(ctx context.Context, patience time.Duration) error {
	tasks, err := q.db.TasksWaiting(ctx)
	if err != nil {
		return err
	}
	const batch = 500
	for len(tasks) > 0 {
		n := min(batch, len(tasks))
		if err := q.reconcileSome(ctx, tasks[:n], patience); err != nil {
			return err
		}
		tasks = tasks[n:]
	}
	return nil
}

func (q *Queue) reconcileSome(ctx context.Context, tasks []store.Task, patience time.Duration) error {
	ids := make([]int64, len(tasks))
	for i, t := range tasks {
		ids[i] = t.Job
	}
	res, err := q.client.JobList(ctx, river.NewJobListParams().IDs(ids...).First(len(ids)))
	if err != nil {
		return fmt.Errorf("read the jobs of waiting tasks: %w", err)
	}
	jobs := map[int64]*rivertype.JobRow{}
	for _, j := range res.Jobs {
		jobs[j.ID] = j
	}
	now := q.cfg.Clock.Now()
	for _, t := range tasks {
		j := jobs[t.Job]
		stuck := j == nil || j.FinalizedAt != nil ||
			j.State == rivertype.JobStateRunning && j.AttemptedAt != nil && now.Sub(*j.AttemptedAt) > patience
		if !stuck {
			continue
		}
		err := q.db.Transact(ctx, func(tx *store.Tx) error { return tx.Reenqueue(ctx, t, time.Time{}) })
		if err != nil && !errors.Is(err, resource.ErrOvertaken) {
			return err
		}
		if err == nil {
			q.cfg.Logger.WarnContext(ctx, "task had lost its job and got a new one", slog.String("task", t.ID))
		}
	}
	return nil
}
