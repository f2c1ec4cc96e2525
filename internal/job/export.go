package job

import (
	"context"
	"errors"
	"fmt"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/result"
)

// export writes a forecast into a folder of the user's bucket.
func (w *Workers) export(ctx context.Context, a *attempt) (any, error) {
	spec, err := resource.DecodeSpec[resource.ForecastExportSpec](a.row)
	if err != nil {
		return nil, err
	}
	var made resource.ForecastResult
	err = a.run.Update(ctx, func(tx resource.Tx) error {
		row, err := tx.Get(ctx, spec.Forecast)
		if errors.Is(err, resource.ErrNoRow) {
			return failuref(nil, "The forecast %s does not exist any more.", spec.Forecast)
		}
		if err != nil {
			return fmt.Errorf("job: reading %s: %w", spec.Forecast, err)
		}
		made, err = resource.DecodeResult[resource.ForecastResult](row)
		return err
	})
	if err != nil {
		return nil, err
	}
	bucket, folder, err := w.Access.Open(ctx, location(spec.Destination))
	if err != nil {
		return nil, userBucket(err, "Writing to", spec.Destination.Path)
	}
	e := result.Export{
		From: w.Own, Prefix: made.Prefix, To: bucket, Folder: folder,
		Name: a.row.Name, Time: a.row.Created, Format: spec.Format, Threads: max(1, w.Threads), Steps: a.run.Steps(),
	}
	if err := e.Run(ctx); err != nil {
		return nil, userBucket(err, "Writing to", spec.Destination.Path)
	}
	return struct{}{}, nil
}
