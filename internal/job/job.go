// Package job does the work behind the resources: it imports, trains,
// forecasts, exports and deletes. One file per kind of work.
//
// Every job has the same course: in one transaction the resource is marked as
// being worked on and what the work needs is read; the work writes objects
// under a prefix of this attempt, step by step; in one last transaction, which
// only the newest attempt can make, the resource becomes ACTIVE and the task is
// done. A process that dies in between leaves finished steps and some objects
// behind, and the next attempt goes on from the steps. A job that cannot
// succeed ends CREATE_FAILED with a sentence the caller can act on; faults of
// the machine are returned to the queue, which tries again.
package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/dataset"
	"github.com/almanac-forecast/almanac/internal/pipeline"
	"github.com/almanac-forecast/almanac/internal/queue"
	"github.com/almanac-forecast/almanac/internal/resource"
)

// Config is what the workers need.
type Config struct {
	Own     blob.Bucket // the service's own files
	Access  blob.Access // the users' buckets
	Clock   clock.Clock
	Logger  *slog.Logger
	Threads int            // series worked on at once by one job; 0 means one
	TempDir string         // for the spill files of imports; "" is the system's
	Memory  int64          // bytes an import aims to stay under; 0 is the default of package dataset
	Limits  dataset.Limits // of one import; zero is none
	// Partitions forces the number of partitions of imports; 0 chooses by size.
	Partitions int
}

// Run is a task at hand, as the queue gives it.
type Run interface {
	Task() resource.Task
	// Attempt counts from 1.
	Attempt() int
	Steps() resource.Steps
	// Update runs a write transaction, which fails when a later attempt has
	// taken over the task.
	Update(ctx context.Context, f func(resource.Tx) error) error
	// Complete is Update that also ends the task.
	Complete(ctx context.Context, f func(resource.Tx) error) error
}

// Workers does the tasks. Safe for concurrent use.
type Workers struct{ Config }

// New returns workers with the configuration.
func New(c Config) *Workers { return &Workers{c} }

// Do does a task of any kind. Nil means that the task is completed; after any
// other result it has to be tried again.
func (w *Workers) Do(ctx context.Context, run Run) error {
	switch kind := run.Task().Kind; kind {
	case resource.TaskImport:
		return w.create(ctx, run, w.importData)
	case resource.TaskTrain:
		return w.create(ctx, run, w.train)
	case resource.TaskPredict:
		return w.create(ctx, run, w.predict)
	case resource.TaskExport:
		return w.create(ctx, run, w.export)
	case resource.TaskDelete:
		return w.delete(ctx, run)
	default:
		return fmt.Errorf("job: nobody does tasks of kind %q", kind)
	}
}

// Handlers returns the handlers of a queue.
func (w *Workers) Handlers() map[resource.TaskKind]queue.Handler {
	handlers := map[resource.TaskKind]queue.Handler{}
	for _, kind := range []resource.TaskKind{
		resource.TaskImport, resource.TaskTrain, resource.TaskPredict, resource.TaskExport, resource.TaskDelete,
	} {
		handlers[kind] = func(ctx context.Context, run *queue.Run) error { return w.Do(ctx, run) }
	}
	return handlers
}

// GiveUp is the queue's Exhausted: a task has failed too often, and its
// resource fails with the reason of the last attempt.
func (w *Workers) GiveUp(ctx context.Context, tx resource.Tx, task resource.Task, cause error) error {
	message := fmt.Sprintf("The work was given up after several attempts. The last one ended with: %v", cause)
	return resource.Fail(ctx, tx, w.Clock.Now(), task.Resource, message)
}

// attempt is one attempt at creating a resource.
type attempt struct {
	run  Run
	row  resource.Row
	root string // of all attempts at this resource; ends with a slash
	// prefix is where this attempt writes; ends with a slash.
	prefix string
	// keep are the objects that the result consists of, besides those below prefix.
	keep  []string
	meter *meter
}

// output is where and how the pipeline writes.
func (w *Workers) output(a *attempt) pipeline.Output {
	return pipeline.Output{Bucket: w.Own, Prefix: a.prefix, Steps: a.run.Steps(), Threads: max(1, w.Threads), Report: a.meter.report}
}

// errStale means that the task was made for an earlier resource of the same
// name, which was stopped and deleted before its task ran.
var errStale = errors.New("job: the task belongs to an earlier resource")

// work makes a resource and returns its Result.
type work func(ctx context.Context, a *attempt) (any, error)

// create does a task that makes a resource.
func (w *Workers) create(ctx context.Context, run Run, do work) error {
	arn := run.Task().Resource
	a := &attempt{run: run}
	err := run.Update(ctx, func(tx resource.Tx) error {
		row, err := tx.Get(ctx, arn)
		if err == nil && !run.Task().For(row) {
			return errStale
		}
		a.row, err = resource.Begin(ctx, tx, w.Clock.Now(), arn)
		return err
	})
	if errors.Is(err, errStale) {
		return run.Complete(ctx, func(resource.Tx) error { return nil })
	}
	if errors.Is(err, resource.ErrNotWanted) {
		return w.abandon(ctx, run)
	}
	if err != nil {
		return err
	}
	a.root = rootOf(a.row)
	a.prefix = fmt.Sprintf("%sattempt-%d/", a.root, run.Attempt())

	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	a.meter = newMeter(w.Clock, cancel, func(remaining time.Duration) error {
		return run.Update(inner, func(tx resource.Tx) error { return resource.Estimate(inner, tx, arn, remaining) })
	})
	result, err := do(inner, a)
	if err == nil {
		err = w.freeOthers(inner, a)
	}
	if err == nil {
		err = run.Complete(ctx, func(tx resource.Tx) error {
			return resource.Activate(ctx, tx, w.Clock.Now(), arn, result)
		})
	}
	return w.settle(ctx, inner, a, err)
}

// settle ends an attempt that did not succeed, as far as it can.
func (w *Workers) settle(ctx, inner context.Context, a *attempt, err error) error {
	switch cause := context.Cause(inner); {
	case err == nil:
		return nil
	case errors.Is(err, resource.ErrOvertaken):
		return err // what this attempt wrote belongs to others now
	case errors.Is(err, resource.ErrNotWanted), errors.Is(cause, resource.ErrNotWanted), errors.Is(cause, queue.ErrStop):
		return w.abandon(context.WithoutCancel(ctx), a.run)
	case cause != nil:
		return cause // the process is shutting down; the task goes on elsewhere
	}
	message, ok := reason(err)
	if !ok {
		return err
	}
	if err := blob.DeletePrefix(ctx, w.Own, a.root); err != nil {
		return fmt.Errorf("job: freeing %s: %w", a.root, err)
	}
	return a.run.Complete(ctx, func(tx resource.Tx) error {
		return resource.Fail(ctx, tx, w.Clock.Now(), a.row.ARN, message)
	})
}

// abandon ends the task of a resource that was stopped or deleted, and frees
// what the attempts made.
func (w *Workers) abandon(ctx context.Context, run Run) error {
	arn := run.Task().Resource
	var row resource.Row
	gone := false
	err := run.Update(ctx, func(tx resource.Tx) error {
		var err error
		row, err = tx.Get(ctx, arn)
		gone = errors.Is(err, resource.ErrNoRow)
		if gone {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	if !gone && row.Status != resource.Active {
		root := rootOf(row)
		if err := blob.DeletePrefix(ctx, w.Own, root); err != nil {
			return fmt.Errorf("job: freeing %s: %w", root, err)
		}
	}
	return run.Complete(ctx, func(tx resource.Tx) error {
		err := resource.Stopped(ctx, tx, w.Clock.Now(), arn)
		if errors.Is(err, resource.ErrNotWanted) {
			return nil // deleted, or already ended
		}
		return err
	})
}

// rootOf is the prefix of all that is ever written for a resource. The hash
// tells a resource from an earlier one of the same name.
func rootOf(row resource.Row) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", row.ARN, row.Created.UnixMicro()))
	return fmt.Sprintf("%s/%s/%s/%s/", row.Account, row.Region, row.Kind, hex.EncodeToString(sum[:16]))
}

var attemptSuffix = regexp.MustCompile(`/attempt-[0-9]+/?$`)

// rootOfPrefix takes the attempt off a prefix: the objects of one result may
// come from several attempts.
func rootOfPrefix(prefix string) string {
	if at := attemptSuffix.FindStringIndex(prefix); at != nil {
		return prefix[:at[0]+1]
	}
	if strings.HasSuffix(prefix, "/") {
		return prefix
	}
	return prefix + "/"
}

// freeOthers deletes what earlier attempts left behind and the result does not
// use. Later attempts, should there be one, are left alone.
func (w *Workers) freeOthers(ctx context.Context, a *attempt) error {
	if a.run.Attempt() == 1 {
		return nil
	}
	keep := map[string]bool{}
	for _, key := range a.keep {
		keep[key] = true
	}
	var orphans []string
	err := w.Own.List(ctx, a.root, func(o blob.Object) error {
		n := 0
		if _, err := fmt.Sscanf(strings.TrimPrefix(o.Key, a.root), "attempt-%d/", &n); err != nil {
			return nil //nolint:nilerr // not one of ours
		}
		if n < a.run.Attempt() && !keep[o.Key] {
			orphans = append(orphans, o.Key)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("job: listing %s: %w", a.root, err)
	}
	if err := w.Own.Delete(ctx, orphans...); err != nil {
		return fmt.Errorf("job: freeing what earlier attempts left in %s: %w", a.root, err)
	}
	return nil
}

// failure is a reason to show to the caller.
type failure struct {
	message string
	cause   error
}

func (f *failure) Error() string {
	if f.cause != nil {
		return f.message + ": " + f.cause.Error()
	}
	return f.message
}

func (f *failure) Unwrap() error { return f.cause }

func failuref(cause error, format string, args ...any) error {
	return &failure{message: fmt.Sprintf(format, args...), cause: cause}
}

// reason returns what to tell the caller about an error, if it is one that
// trying again does not mend.
func reason(err error) (message string, ok bool) {
	if f := (*failure)(nil); errors.As(err, &f) {
		return f.message, true
	}
	if u := (*pipeline.UnusableError)(nil); errors.As(err, &u) {
		return u.Message, true
	}
	if errors.Is(err, dataset.ErrInput) {
		return err.Error(), true
	}
	return "", false
}

// userBucket turns errors of a user's bucket that will not go away into reasons.
func userBucket(err error, doing, place string) error {
	switch {
	case err == nil, errors.Is(err, dataset.ErrInput):
		return err
	case errors.Is(err, blob.ErrNoBucket):
		return failuref(err, "%s %s: the bucket does not exist.", doing, place)
	case errors.Is(err, blob.ErrDenied):
		return failuref(err, "%s %s: access was denied. Check the role and the policy of the bucket.", doing, place)
	case errors.Is(err, blob.ErrInvalidKey):
		return failuref(err, "%s %s: the path cannot be used: %v.", doing, place, err)
	}
	return fmt.Errorf("job: %s %s: %w", doing, place, err)
}
