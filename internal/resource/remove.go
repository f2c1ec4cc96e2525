package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// BeginDelete records that a worker frees what the resource holds:
// DELETE_PENDING becomes DELETE_IN_PROGRESS. A later attempt goes on. It
// returns the row, of which [Held] tells what to free, or [ErrNotWanted] when there is nothing to delete.
func BeginDelete(ctx context.Context, tx Tx, now time.Time, arn string) (Row, error) {
	row, err := wanted(ctx, tx, arn)
	if err != nil {
		return Row{}, err
	}
	switch row.Status { //nolint:exhaustive // all other states are not wanted
	case DeleteInProgress:
		return row, nil
	case DeletePending:
		if row.Kind == KindImportJob {
			if err := settleImport(ctx, tx, &row); err != nil {
				return row, err
			}
		}
		return row, shift(ctx, tx, &row, now, DeleteInProgress)
	default:
		return row, fmt.Errorf("%w: %s is %s", ErrNotWanted, arn, row.Status)
	}
}

// Remove takes the row away after everything it held was freed. A parent that
// waits in DELETE_PENDING for its last child goes on: its own deletion is
// enqueued, or, for a dataset group, done.
func Remove(ctx context.Context, tx Tx, now time.Time, arn string) error {
	row, err := tx.Get(ctx, arn)
	if errors.Is(err, ErrNoRow) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", arn, err)
	}
	if err := tx.Remove(ctx, arn); err != nil {
		return fmt.Errorf("remove %s: %w", arn, err)
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
	left, err := childrenOf(ctx, tx, parent, 1)
	if err != nil || len(left) > 0 {
		return err
	}
	return startDelete(ctx, tx, now, parent)
}

// startDelete sets a childless resource in DELETE_PENDING going. A dataset
// group holds no files, so it is gone at once.
func startDelete(ctx context.Context, tx Tx, now time.Time, row Row) error {
	if row.Kind == KindDatasetGroup {
		return Remove(ctx, tx, now, row.ARN)
	}
	task := Task{ID: NewID(now), Kind: TaskDelete, Resource: row.ARN}
	if err := tx.Enqueue(ctx, task); err != nil {
		return fmt.Errorf("enqueue the deletion of %s: %w", row.ARN, err)
	}
	return nil
}

// childrenOf returns up to limit resources that hang under the row (0: all).
func childrenOf(ctx context.Context, r Reader, row Row, limit int) ([]Row, error) {
	var out []Row
	for _, kind := range row.Kind.Children() {
		rows, err := r.Find(ctx, Query{
			Account: row.Account, Region: row.Region, Kind: kind, Limit: limit,
			Filters: []Filter{{Column: ColumnParent, Value: row.ARN}},
		})
		if err != nil {
			return nil, fmt.Errorf("find the %s of %s: %w", kind.Plural(), row.ARN, err)
		}
		out = append(out, rows...)
		if limit > 0 && len(out) >= limit {
			return out[:limit], nil
		}
	}
	return out, nil
}

// Held returns the key prefixes in the service's own bucket that go with a row
// returned by [BeginDelete]. Nothing in a user's bucket is ever among them.
func Held(row Row) ([]string, error) {
	var out []string
	add := func(prefix string) {
		if prefix != "" && !slices.Contains(out, prefix) {
			out = append(out, prefix)
		}
	}
	switch row.Kind { //nolint:exhaustive // the other kinds hold no files
	case KindDataset:
		data, err := DecodeResult[DatasetResult](row)
		if err != nil {
			return nil, err
		}
		for _, ref := range slices.Concat(data.Imports, data.Retired) {
			add(ref.Prefix)
		}
	case KindImportJob:
		result, err := DecodeResult[ImportJobResult](row)
		if err != nil {
			return nil, err
		}
		for _, prefix := range result.Held {
			add(prefix)
		}
	case KindPredictor:
		result, err := DecodeResult[PredictorResult](row)
		if err != nil {
			return nil, err
		}
		add(result.Prefix)
	case KindForecast:
		result, err := DecodeResult[ForecastResult](row)
		if err != nil {
			return nil, err
		}
		add(result.Prefix)
	}
	return out, nil
}

// settleImport decides which files go with an import job that is deleted. Data
// in force stay with the dataset (contract 4), and so do, until the next
// deletion, files that a running training or forecast may still be reading.
func settleImport(ctx context.Context, tx Tx, job *Row) error {
	result, err := DecodeResult[ImportJobResult](*job)
	if err != nil {
		return err
	}
	result.Held = nil
	own := ImportRef{JobARN: job.ARN, Prefix: result.Prefix}

	dataset, err := tx.Get(ctx, job.Parent)
	switch {
	case errors.Is(err, ErrNoRow):
		result.Held = []string{own.Prefix}
	case err != nil:
		return fmt.Errorf("read the dataset of %s: %w", job.ARN, err)
	default:
		data, err := DecodeResult[DatasetResult](dataset)
		if err != nil {
			return err
		}
		inForce := slices.ContainsFunc(data.Imports, func(r ImportRef) bool { return r.Prefix == own.Prefix })
		busy, err := beingRead(ctx, tx, dataset)
		if err != nil {
			return err
		}
		if !inForce && own.Prefix != "" {
			data.Retired = append(data.Retired, own)
		}
		if !busy {
			for _, ref := range data.Retired {
				result.Held = append(result.Held, ref.Prefix)
			}
			data.Retired = nil
		}
		if dataset.Result, err = encode(data); err != nil {
			return fmt.Errorf("encode the data of %s: %w", dataset.ARN, err)
		}
		if err := tx.Save(ctx, dataset); err != nil {
			return fmt.Errorf("save the data of %s: %w", dataset.ARN, err)
		}
	}
	if job.Result, err = encode(result); err != nil {
		return fmt.Errorf("encode the result of %s: %w", job.ARN, err)
	}
	return nil
}

// beingRead reports whether a running training or forecast may be reading the dataset.
func beingRead(ctx context.Context, r Reader, dataset Row) (bool, error) {
	groups, err := groupsWith(ctx, r, dataset)
	if err != nil {
		return false, err
	}
	for _, group := range groups {
		for _, kind := range []Kind{KindPredictor, KindForecast} {
			for _, status := range []Status{CreateInProgress, CreateStopping} {
				rows, err := r.Find(ctx, Query{
					Account: dataset.Account, Region: dataset.Region, Kind: kind, Limit: 1,
					Filters: []Filter{{Column: ColumnGroup, Value: group.ARN}, {Column: ColumnStatus, Value: string(status)}},
				})
				if err != nil || len(rows) > 0 {
					return len(rows) > 0, err
				}
			}
		}
	}
	return false, nil
}

// groupsWith returns the dataset groups that hold the dataset.
func groupsWith(ctx context.Context, r Reader, dataset Row) ([]Row, error) {
	groups, err := r.Find(ctx, Query{Account: dataset.Account, Region: dataset.Region, Kind: KindDatasetGroup})
	if err != nil {
		return nil, fmt.Errorf("find the dataset groups with %s: %w", dataset.ARN, err)
	}
	var out []Row
	for _, group := range groups {
		spec, err := DecodeSpec[DatasetGroupSpec](group)
		if err != nil {
			return nil, err
		}
		if slices.Contains(spec.Datasets, dataset.ARN) {
			out = append(out, group)
		}
	}
	return out, nil
}
