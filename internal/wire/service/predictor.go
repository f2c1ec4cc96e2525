package service

import (
	"context"
	"slices"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// CreatePredictor implements [api.Service].
func (s *Server) CreatePredictor(ctx context.Context, in *api.CreatePredictorRequest) (*api.CreatePredictorResponse, error) {
	req := resource.PredictorRequest{
		Name: api.Value(in.PredictorName), Algorithm: api.Value(in.AlgorithmArn), Horizon: api.Value(in.ForecastHorizon),
		ForecastTypes: in.ForecastTypes, AutoML: api.Value(in.PerformAutoML), Strategy: text(in.AutoMLOverrideStrategy),
		HPO: api.Value(in.PerformHPO), Ranges: rangesIn(in.HPOConfig), TrainingParameters: in.TrainingParameters,
		Metric: text(in.OptimizationMetric), Encryption: encryptionIn(in.EncryptionConfig), Tags: tagsIn(in.Tags),
	}
	if e := in.EvaluationParameters; e != nil {
		req.Windows, req.Offset = e.NumberOfBacktestWindows, e.BackTestWindowOffset
	}
	if d := in.InputDataConfig; d != nil {
		req.Group = api.Value(d.DatasetGroupArn)
		for _, f := range d.SupplementaryFeatures {
			req.Supplementary = append(req.Supplementary, resource.AdditionalDataset{Name: api.Value(f.Name), Value: api.Value(f.Value)})
		}
	}
	if f := in.FeaturizationConfig; f != nil {
		req.Frequency, req.Dimensions = api.Value(f.ForecastFrequency), f.ForecastDimensions
		for _, a := range f.Featurizations {
			config := resource.AttributeConfig{Name: api.Value(a.AttributeName)}
			for _, m := range a.FeaturizationPipeline {
				config.Transformations = m.FeaturizationMethodParameters
			}
			req.Attributes = append(req.Attributes, config)
		}
	}
	arn, err := s.resources.CreatePredictor(ctx, s.caller(ctx), req)
	if err != nil {
		return nil, err
	}
	return &api.CreatePredictorResponse{PredictorArn: &arn}, nil
}

func rangesIn(h *api.HyperParameterTuningJobConfig) *resource.HPOConfig {
	if h == nil {
		return nil
	}
	out := &resource.HPOConfig{}
	if h.ParameterRanges == nil {
		return out
	}
	for _, r := range h.ParameterRanges.CategoricalParameterRanges {
		out.Categorical = append(out.Categorical, resource.CategoricalRange{Name: api.Value(r.Name), Values: r.Values})
	}
	for _, r := range h.ParameterRanges.ContinuousParameterRanges {
		out.Continuous = append(out.Continuous, resource.NumberRange{
			Name: api.Value(r.Name), Min: api.Value(r.MinValue), Max: api.Value(r.MaxValue), Scaling: text(r.ScalingType),
		})
	}
	for _, r := range h.ParameterRanges.IntegerParameterRanges {
		out.Integer = append(out.Integer, resource.NumberRange{
			Name: api.Value(r.Name), Min: float64(api.Value(r.MinValue)), Max: float64(api.Value(r.MaxValue)), Scaling: text(r.ScalingType),
		})
	}
	return out
}

// predictor reads a predictor of either sort.
func (s *Server) predictor(ctx context.Context, arn *string) (resource.Row, resource.PredictorSpec, error) {
	row, err := s.describe(ctx, "PredictorArn", arn, resource.KindPredictor)
	if err != nil {
		return row, resource.PredictorSpec{}, err
	}
	spec, err := resource.DecodeSpec[resource.PredictorSpec](row)
	return row, spec, err
}

// DescribePredictor implements [api.Service].
func (s *Server) DescribePredictor(ctx context.Context, in *api.DescribePredictorRequest) (*api.DescribePredictorResponse, error) {
	row, spec, err := s.predictor(ctx, in.PredictorArn)
	if err != nil {
		return nil, err
	}
	if spec.Auto {
		return nil, resource.Errorf(resource.InvalidInput, "The predictor %s was made by CreateAutoPredictor; use DescribeAutoPredictor", row.ARN)
	}
	result, err := resource.DecodeResult[resource.PredictorResult](row)
	if err != nil {
		return nil, err
	}
	st := stateOf(&row, s.resources.Now())
	return &api.DescribePredictorResponse{
		PredictorArn: new(row.ARN), PredictorName: new(row.Name), AlgorithmArn: given(spec.Algorithm),
		AutoMLAlgorithmArns: []string{spec.Algorithm}, // recorded: holds the one algorithm without AutoML too
		ForecastHorizon:     new(spec.Horizon), ForecastTypes: spec.ForecastTypes,
		PerformAutoML: new(false), PerformHPO: new(false), IsAutoPredictor: new(false),
		TrainingParameters: parameters(spec, result),
		EvaluationParameters: &api.EvaluationParameters{
			NumberOfBacktestWindows: new(spec.Evaluation.Windows), BackTestWindowOffset: new(spec.Evaluation.Offset),
		},
		InputDataConfig: inputOut(row.Group, spec.Additional), FeaturizationConfig: featurizationOut(spec),
		EncryptionConfig: encryptionOut(spec.Encryption), PredictorExecutionDetails: executions(spec, result),
		EstimatedTimeRemainingInMinutes: row.RemainingMinutes, DatasetImportJobArns: result.ImportJobs,
		Status: st.status, Message: st.message, CreationTime: st.created, LastModificationTime: st.modified,
		OptimizationMetric: word[api.OptimizationMetric](spec.Metric),
	}, nil
}

// parameters returns the TrainingParameters: the effective ones once there is
// a model, before that those that were given.
func parameters(spec resource.PredictorSpec, result resource.PredictorResult) map[string]string {
	if len(result.Parameters) > 0 {
		return result.Parameters
	}
	if len(spec.TrainingParameters) > 0 {
		return spec.TrainingParameters
	}
	return nil
}

func inputOut(group string, additional []resource.AdditionalDataset) *api.InputDataConfig {
	out := &api.InputDataConfig{DatasetGroupArn: new(group)}
	for _, a := range additional {
		out.SupplementaryFeatures = append(out.SupplementaryFeatures, api.SupplementaryFeature{Name: new(a.Name), Value: new(a.Value)})
	}
	return out
}

func featurizationOut(spec resource.PredictorSpec) *api.FeaturizationConfig {
	out := &api.FeaturizationConfig{ForecastFrequency: new(spec.Frequency)}
	if len(spec.Dimensions) > 0 {
		out.ForecastDimensions = spec.Dimensions
	}
	for _, a := range spec.Attributes {
		out.Featurizations = append(out.Featurizations, api.Featurization{
			AttributeName: new(a.Name),
			FeaturizationPipeline: []api.FeaturizationMethod{{
				FeaturizationMethodName:       new(api.FeaturizationMethodNameFilling),
				FeaturizationMethodParameters: a.Transformations,
			}},
		})
	}
	return out
}

// executions lists the backtest windows of a trained predictor, newest first.
func executions(spec resource.PredictorSpec, result resource.PredictorResult) *api.PredictorExecutionDetails {
	if len(result.Windows) == 0 {
		return nil
	}
	run := api.PredictorExecution{AlgorithmArn: given(spec.Algorithm)}
	for _, w := range slices.Backward(result.Windows) {
		run.TestWindows = append(run.TestWindows, api.TestWindowSummary{
			TestWindowStart: epoch(w.Start), TestWindowEnd: epoch(w.End), Status: new(string(resource.Active)),
		})
	}
	return &api.PredictorExecutionDetails{PredictorExecutions: []api.PredictorExecution{run}}
}

// ListPredictors implements [api.Service].
func (s *Server) ListPredictors(ctx context.Context, in *api.ListPredictorsRequest) (*api.ListPredictorsResponse, error) {
	p, err := s.list(ctx, listing{
		operation: "ListPredictors", kind: resource.KindPredictor,
		filters: in.Filters, max: in.MaxResults, token: in.NextToken,
	})
	if err != nil {
		return nil, err
	}
	var references []string
	specs := make(map[string]resource.PredictorSpec, len(p.rows))
	for _, row := range p.rows {
		spec, err := resource.DecodeSpec[resource.PredictorSpec](row)
		if err != nil {
			return nil, err
		}
		specs[row.ARN] = spec
		if spec.Reference != "" {
			references = append(references, spec.Reference)
		}
	}
	alive, err := s.resources.Exists(ctx, references)
	if err != nil {
		return nil, err
	}
	now := s.resources.Now()
	list, err := summaries(p, func(row *resource.Row) (api.PredictorSummary, error) {
		spec, st := specs[row.ARN], stateOf(row, now)
		return api.PredictorSummary{
			PredictorArn: &row.ARN, PredictorName: &row.Name, DatasetGroupArn: &row.Group,
			IsAutoPredictor: new(spec.Auto), ReferencePredictorSummary: referenceOut(spec.Reference, alive),
			Status: st.status, Message: st.message, CreationTime: st.created, LastModificationTime: st.modified,
		}, nil
	})
	return &api.ListPredictorsResponse{Predictors: list, NextToken: p.next}, err
}

// referenceOut names the predictor that another one was made from and says
// whether it still exists.
func referenceOut(reference string, alive map[string]bool) *api.ReferencePredictorSummary {
	if reference == "" {
		return nil
	}
	state := api.StateDeleted
	if alive[reference] {
		state = api.StateActive
	}
	return &api.ReferencePredictorSummary{Arn: new(reference), State: new(state)}
}

// DeletePredictor implements [api.Service].
func (s *Server) DeletePredictor(ctx context.Context, in *api.DeletePredictorRequest) error {
	return s.remove(ctx, "PredictorArn", in.PredictorArn, resource.KindPredictor)
}
