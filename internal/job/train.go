package job

import (
	"context"
	"log/slog"
	"math"
	"strconv"

	"github.com/almanac-forecast/almanac/forecast/metric"
	"github.com/almanac-forecast/almanac/internal/pipeline"
	"github.com/almanac-forecast/almanac/internal/resource"
)

// train fits a predictor to the data in force and backtests it.
func (w *Workers) train(ctx context.Context, a *attempt) (any, error) {
	spec, err := resource.DecodeSpec[resource.PredictorSpec](a.row)
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
	plan, err := planOf(spec, target, spec.ForecastTypes)
	if err != nil {
		return nil, err
	}
	trained, err := pipeline.Train(ctx, data, plan, w.output(a))
	if err != nil {
		return nil, err
	}
	a.keep = trained.Objects
	w.tell(ctx, a.row.ARN, trained)
	return predictorResult(a.prefix, in, trained), nil
}

func predictorResult(prefix string, in inputs, t pipeline.TrainResult) resource.PredictorResult {
	r := resource.PredictorResult{
		Prefix: prefix, ImportJobs: in.importJobs(), Models: t.Models, Skipped: int(t.Skipped), Summary: metricsOf(t.Summary),
	}
	r.Unrelated, r.Unused = int(t.Unrelated), unused(t.Features)
	naive := metricsOf(t.Naive)
	r.Naive = &naive
	for _, window := range t.Windows {
		r.Windows = append(r.Windows, resource.WindowMetrics{
			Start: window.Start, End: window.End, Items: window.Scores.Items, Metrics: metricsOf(window.Scores),
		})
	}
	return r
}

// unused returns the reasons by attribute, nil where all are used.
func unused(features []pipeline.Feature) map[string]string {
	var out map[string]string
	for _, f := range features {
		if f.Unused != "" {
			if out == nil {
				out = map[string]string{}
			}
			out[f.Name] = f.Unused
		}
	}
	return out
}

// tell logs what a predictor leaves out of its data: the service's answers have
// no place for it.
func (w *Workers) tell(ctx context.Context, arn string, t pipeline.TrainResult) {
	for _, f := range t.Features {
		if f.Unused != "" {
			w.Logger.LogAttrs(ctx, slog.LevelWarn, "an attribute of the related time series is not used",
				slog.String("predictor", arn), slog.String("attribute", f.Name), slog.String("reason", f.Unused))
		}
	}
	if t.Unrelated > 0 {
		w.Logger.LogAttrs(ctx, slog.LevelWarn, "series without related time series are not trained",
			slog.String("predictor", arn), slog.Int64("series", t.Unrelated))
	}
}

// metricsOf leaves out what is not defined.
func metricsOf(s metric.Scores) resource.Metrics {
	m := resource.Metrics{
		WQL: map[string]float64{}, AverageWQL: defined(s.AverageWQL), WAPE: defined(s.WAPE), RMSE: defined(s.RMSE),
		MASE: defined(s.MASE), MAPE: defined(s.MAPE),
	}
	for i, level := range s.Levels {
		if v := defined(s.WQL[i]); v != nil {
			m.WQL[strconv.FormatFloat(level, 'f', -1, 64)] = *v
		}
	}
	return m
}

func defined(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
