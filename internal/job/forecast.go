package job

import (
	"context"
	"errors"
	"fmt"

	"github.com/almanac-forecast/almanac/internal/pipeline"
	"github.com/almanac-forecast/almanac/internal/resource"
)

// predict makes a forecast: the models of a predictor on the data in force now.
func (w *Workers) predict(ctx context.Context, a *attempt) (any, error) {
	spec, err := resource.DecodeSpec[resource.ForecastSpec](a.row)
	if err != nil {
		return nil, err
	}
	trained, models, err := w.predictor(ctx, a, spec.Predictor)
	if err != nil {
		return nil, err
	}
	in, err := w.resolve(ctx, a, a.row.Group)
	if err != nil {
		return nil, err
	}
	data, err := w.open(ctx, in)
	if err != nil {
		return nil, err
	}
	target := in.target()
	plan, err := planOf(trained, target, spec.ForecastTypes)
	if err != nil {
		return nil, err
	}
	var only *pipeline.Selection
	if spec.Selector != nil {
		if only, err = w.selection(ctx, *spec.Selector, target.Identifier(), trained.Dimensions); err != nil {
			return nil, err
		}
	}
	made, err := pipeline.Forecast(ctx, data, plan, models, only, w.output(a))
	if err != nil {
		return nil, err
	}
	a.keep = made.Objects
	return resource.ForecastResult{Prefix: a.prefix, Series: int(made.Series), Skipped: int(made.Skipped)}, nil
}

// predictor reads the predictor of a forecast.
func (w *Workers) predictor(ctx context.Context, a *attempt, arn string) (spec resource.PredictorSpec, models pipeline.Models, err error) {
	err = a.run.Update(ctx, func(tx resource.Tx) error {
		row, err := tx.Get(ctx, arn)
		if errors.Is(err, resource.ErrNoRow) {
			return failuref(nil, "The predictor %s does not exist any more.", arn)
		}
		if err != nil {
			return fmt.Errorf("job: reading %s: %w", arn, err)
		}
		if spec, err = resource.DecodeSpec[resource.PredictorSpec](row); err != nil {
			return err
		}
		result, err := resource.DecodeResult[resource.PredictorResult](row)
		if err != nil {
			return err
		}
		if result.Prefix == "" {
			return failuref(nil, "The predictor %s is %s and has no models.", arn, row.Status)
		}
		models.Prefix = result.Prefix
		return nil
	})
	return spec, models, err
}
