package service

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// GetAccuracyMetrics implements [api.Service].
func (s *Server) GetAccuracyMetrics(ctx context.Context, in *api.GetAccuracyMetricsRequest) (*api.GetAccuracyMetricsResponse, error) {
	row, result, err := s.resources.Accuracy(ctx, s.caller(ctx), api.Value(in.PredictorArn))
	if err != nil {
		return nil, err
	}
	spec, err := resource.DecodeSpec[resource.PredictorSpec](row)
	if err != nil {
		return nil, err
	}
	summary, err := metricsOut(result.Summary)
	if err != nil {
		return nil, fmt.Errorf("read the metrics of %s: %w", row.ARN, err)
	}
	windows := []api.WindowSummary{{EvaluationType: new(api.EvaluationTypeSummary), Metrics: summary}}
	for _, w := range result.Windows {
		m, err := metricsOut(w.Metrics)
		if err != nil {
			return nil, fmt.Errorf("read the metrics of %s: %w", row.ARN, err)
		}
		windows = append(windows, api.WindowSummary{
			TestWindowStart: epoch(w.Start), TestWindowEnd: epoch(w.End), ItemCount: new(w.Items),
			EvaluationType: new(api.EvaluationTypeComputed), Metrics: m,
		})
	}
	return &api.GetAccuracyMetricsResponse{
		PredictorEvaluationResults: []api.EvaluationResult{{AlgorithmArn: given(spec.Algorithm), TestWindows: windows}},
		IsAutoPredictor:            new(spec.Auto),
		OptimizationMetric:         word[api.OptimizationMetric](spec.Metric),
	}, nil
}

// metricsOut returns metrics as recorded: quantiles in descending order, the
// RMSE of the mean both inside ErrorMetrics and beside it.
func metricsOut(m resource.Metrics) (*api.Metrics, error) {
	out := &api.Metrics{
		RMSE: m.RMSE, AverageWeightedQuantileLoss: m.AverageWQL,
		WeightedQuantileLosses: make([]api.WeightedQuantileLoss, 0, len(m.WQL)),
		ErrorMetrics:           []api.ErrorMetric{{ForecastType: new("mean"), WAPE: m.WAPE, RMSE: m.RMSE, MASE: m.MASE, MAPE: m.MAPE}},
	}
	for name, loss := range m.WQL {
		q, err := strconv.ParseFloat(name, 64)
		if err != nil {
			return nil, fmt.Errorf("quantile %q: %w", name, err)
		}
		out.WeightedQuantileLosses = append(out.WeightedQuantileLosses, api.WeightedQuantileLoss{Quantile: &q, LossValue: new(loss)})
	}
	slices.SortFunc(out.WeightedQuantileLosses, func(a, b api.WeightedQuantileLoss) int {
		if *a.Quantile > *b.Quantile {
			return -1
		}
		return 1
	})
	return out, nil
}
