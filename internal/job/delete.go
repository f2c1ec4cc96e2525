package job

import (
	"context"
	"errors"
	"fmt"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/resource"
)

// delete frees what a resource holds in the service's own bucket and removes
// its row. Users' buckets are never touched.
func (w *Workers) delete(ctx context.Context, run Run) error {
	arn := run.Task().Resource
	var row resource.Row
	err := run.Update(ctx, func(tx resource.Tx) error {
		var err error
		row, err = resource.BeginDelete(ctx, tx, w.Clock.Now(), arn)
		return err
	})
	if errors.Is(err, resource.ErrNotWanted) {
		return run.Complete(ctx, func(resource.Tx) error { return nil })
	}
	if err != nil {
		return err
	}
	prefixes, err := holdings(row)
	if err != nil {
		return err
	}
	for _, prefix := range prefixes {
		if err := blob.DeletePrefix(ctx, w.Own, prefix); err != nil {
			return fmt.Errorf("job: freeing %s: %w", prefix, err)
		}
	}
	return run.Complete(ctx, func(tx resource.Tx) error {
		err := resource.Remove(ctx, tx, w.Clock.Now(), arn)
		if errors.Is(err, resource.ErrNotWanted) || errors.Is(err, resource.ErrNoRow) {
			return nil // gone already
		}
		return err
	})
}

// holdings returns the prefixes to free with a resource.
func holdings(row resource.Row) ([]string, error) {
	held, err := resource.Held(row)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, prefix := range held {
		out = append(out, rootOfPrefix(prefix))
	}
	if row.Kind == resource.KindImportJob {
		result, err := resource.DecodeResult[resource.ImportJobResult](row)
		if err != nil {
			return nil, err
		}
		if result.Prefix != "" {
			return out, nil // the data of a finished import belong to its dataset
		}
	}
	return append(out, rootOf(row)), nil
}
