package resource

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ErrNotWanted is returned by [Begin], [Estimate], [Activate] and
// [BeginDelete] when the resource was stopped, deleted or finished meanwhile:
// the worker throws away what it made and, for a resource in CREATE_STOPPING,
// ends with [Stopped].
var ErrNotWanted = errors.New("resource: the work is no longer wanted")

// Begin records that a worker is on the resource: CREATE_PENDING becomes
// CREATE_IN_PROGRESS, and the dataset of an import job UPDATE_IN_PROGRESS. A
// later attempt at the same task finds CREATE_IN_PROGRESS and goes on. It
// returns the row, or [ErrNotWanted].
func Begin(ctx context.Context, tx Tx, now time.Time, arn string) (Row, error) {
	row, err := wanted(ctx, tx, arn)
	if err != nil {
		return Row{}, err
	}
	switch row.Status { //nolint:exhaustive // all other states are not wanted
	case CreateInProgress:
		return row, nil
	case CreatePending:
	default:
		return row, fmt.Errorf("%w: %s is %s", ErrNotWanted, arn, row.Status)
	}
	if err := shift(ctx, tx, &row, now, CreateInProgress); err != nil {
		return row, err
	}
	if row.Kind == KindImportJob {
		if err := mirror(ctx, tx, row, now, UpdateInProgress, nil); err != nil {
			return row, err
		}
	}
	return row, nil
}

// Estimate records how long a running job is expected to need, rounded up to
// whole minutes.
func Estimate(ctx context.Context, tx Tx, arn string, remaining time.Duration) error {
	row, err := wanted(ctx, tx, arn)
	if err != nil {
		return err
	}
	if row.Status != CreateInProgress {
		return fmt.Errorf("%w: %s is %s", ErrNotWanted, arn, row.Status)
	}
	minutes := int64(max(remaining, 0)+time.Minute-1) / int64(time.Minute)
	if row.RemainingMinutes != nil && *row.RemainingMinutes == minutes {
		return nil
	}
	row.RemainingMinutes = &minutes
	if err := tx.Save(ctx, row); err != nil {
		return fmt.Errorf("save the estimate of %s: %w", arn, err)
	}
	return nil
}

// Activate ends a job well. result is the Result type of the kind in spec.go.
// With an import job its dataset becomes ACTIVE and reads the new data from
// now on: a FULL import replaces all others, an INCREMENTAL one joins them.
func Activate(ctx context.Context, tx Tx, now time.Time, arn string, result any) error {
	row, err := wanted(ctx, tx, arn)
	if err != nil {
		return err
	}
	if row.Status != CreateInProgress {
		return fmt.Errorf("%w: %s is %s", ErrNotWanted, arn, row.Status)
	}
	if row.Result, err = encode(result); err != nil {
		return fmt.Errorf("encode the result of %s: %w", arn, err)
	}
	if err := shift(ctx, tx, &row, now, Active); err != nil {
		return err
	}
	if row.Kind == KindImportJob {
		return mirror(ctx, tx, row, now, Active, takeOver)
	}
	return nil
}

// Fail ends a job or a deletion badly; message is shown to the caller. A job
// that was being stopped counts as stopped, and a resource that has ended or
// is gone is left alone.
func Fail(ctx context.Context, tx Tx, now time.Time, arn, message string) error {
	row, err := tx.Get(ctx, arn)
	if errors.Is(err, ErrNoRow) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", arn, err)
	}
	switch {
	case row.Status == CreateStopping:
		return Stopped(ctx, tx, now, arn)
	case row.Status == CreatePending || row.Status == CreateInProgress:
		row.Message = message
		if err := shift(ctx, tx, &row, now, CreateFailed); err != nil {
			return err
		}
		if row.Kind == KindImportJob {
			return mirror(ctx, tx, row, now, UpdateFailed, nil)
		}
		return nil
	case row.Status.Deleting():
		return failDelete(ctx, tx, now, row, message)
	default:
		return nil
	}
}

// failDelete marks a deletion as failed, and with it those of the parents that wait for it.
func failDelete(ctx context.Context, tx Tx, now time.Time, row Row, message string) error {
	row.Message = message
	if err := shift(ctx, tx, &row, now, DeleteFailed); err != nil {
		return err
	}
	if row.Parent == "" {
		return nil
	}
	parent, err := tx.Get(ctx, row.Parent)
	if errors.Is(err, ErrNoRow) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", row.Parent, err)
	}
	if parent.Status != DeletePending {
		return nil
	}
	return failDelete(ctx, tx, now, parent, fmt.Sprintf("The %s %s could not be deleted: %s", row.Kind.Label(), row.ARN, message))
}

// Stopped ends a job that was told to stop: CREATE_STOPPING becomes
// CREATE_STOPPED. The worker has freed what the job made. The dataset of an
// import job is ACTIVE again with the data it had.
func Stopped(ctx context.Context, tx Tx, now time.Time, arn string) error {
	row, err := wanted(ctx, tx, arn)
	if err != nil {
		return err
	}
	if row.Status != CreateStopping {
		return fmt.Errorf("%w: %s is %s", ErrNotWanted, arn, row.Status)
	}
	if err := shift(ctx, tx, &row, now, CreateStopped); err != nil {
		return err
	}
	if row.Kind == KindImportJob {
		return mirror(ctx, tx, row, now, Active, nil)
	}
	return nil
}

// wanted reads a row; one that is gone is not wanted.
func wanted(ctx context.Context, tx Tx, arn string) (Row, error) {
	row, err := tx.Get(ctx, arn)
	if errors.Is(err, ErrNoRow) {
		return Row{}, fmt.Errorf("%w: %s is gone", ErrNotWanted, arn)
	}
	if err != nil {
		return Row{}, fmt.Errorf("read %s: %w", arn, err)
	}
	return row, nil
}

// shift moves a row to another state and saves it. A move that the table does
// not have is a mistake of the program and is refused.
func shift(ctx context.Context, tx Tx, row *Row, now time.Time, to Status) error {
	if !CanMove(row.Kind, row.Status, to) {
		return fmt.Errorf("resource: a %s cannot go from %s to %s (%s)", row.Kind.Label(), row.Status, to, row.ARN)
	}
	row.Status = to
	row.Modified = now
	row.RemainingMinutes = nil
	switch to { //nolint:exhaustive // only failures carry a message
	case CreateFailed, DeleteFailed:
	default:
		row.Message = ""
	}
	if err := tx.Save(ctx, *row); err != nil {
		return fmt.Errorf("save %s as %s: %w", row.ARN, to, err)
	}
	return nil
}

// changeData alters the data in force of the dataset of an import job.
type changeData func(ctx context.Context, tx Tx, job Row, data *DatasetResult) error

// mirror gives the dataset of an import job the state that goes with the
// job's. change, when given, may alter the dataset's data in force.
func mirror(ctx context.Context, tx Tx, job Row, now time.Time, to Status, change changeData) error {
	dataset, err := tx.Get(ctx, job.Parent)
	if errors.Is(err, ErrNoRow) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the dataset of %s: %w", job.ARN, err)
	}
	if change != nil {
		data, err := DecodeResult[DatasetResult](dataset)
		if err != nil {
			return err
		}
		if err := change(ctx, tx, job, &data); err != nil {
			return err
		}
		if dataset.Result, err = encode(data); err != nil {
			return fmt.Errorf("encode the data of %s: %w", dataset.ARN, err)
		}
	}
	return shift(ctx, tx, &dataset, now, to)
}

// takeOver puts the data of a finished import in force (contract 4: the latest
// full import and the incremental ones after it; the first is always full).
func takeOver(ctx context.Context, tx Tx, job Row, data *DatasetResult) error {
	spec, err := DecodeSpec[ImportJobSpec](job)
	if err != nil {
		return err
	}
	result, err := DecodeResult[ImportJobResult](job)
	if err != nil {
		return err
	}
	ref := ImportRef{JobARN: job.ARN, Prefix: result.Prefix}
	if spec.ImportMode != ImportIncremental {
		for _, old := range data.Imports {
			_, err := tx.Get(ctx, old.JobARN)
			switch {
			case errors.Is(err, ErrNoRow): // nobody else will free its files
				data.Retired = append(data.Retired, old)
			case err != nil:
				return fmt.Errorf("read the earlier import %s: %w", old.JobARN, err)
			}
		}
		data.Imports = nil
	}
	data.Imports = append(data.Imports, ref)
	return nil
}

// DecodeSpec returns what the caller asked for. T is the Spec type of the row's kind.
func DecodeSpec[T any](row Row) (T, error) { return decode[T](row.Spec, "spec", row.ARN) }

// DecodeResult returns what the work produced so far, the zero value before
// there is anything. T is the Result type of the row's kind.
func DecodeResult[T any](row Row) (T, error) { return decode[T](row.Result, "result", row.ARN) }

// encode returns the JSON of a Spec or Result.
func encode(v any) (string, error) {
	data, err := json.Marshal(v)
	return string(data), err
}

func decode[T any](data, what, arn string) (T, error) {
	var v T
	if len(data) == 0 {
		return v, nil
	}
	if s, ok := any(&v).(quickSpec); ok {
		if q := (quick{data}); s.readQuick(&q) && q.rest == "" {
			return v, nil
		}
		v = *new(T)
	}
	if err := json.Unmarshal([]byte(data), &v); err != nil {
		return v, fmt.Errorf("read the stored %s of %s: %w", what, arn, err)
	}
	return v, nil
}
