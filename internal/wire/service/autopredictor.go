package service

import (
	"context"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// CreateAutoPredictor implements [api.Service].
func (s *Server) CreateAutoPredictor(ctx context.Context, in *api.CreateAutoPredictorRequest) (*api.CreateAutoPredictorResponse, error) {
	req := resource.AutoPredictorRequest{
		Name: api.Value(in.PredictorName), Horizon: in.ForecastHorizon, ForecastTypes: in.ForecastTypes,
		Dimensions: in.ForecastDimensions, Frequency: api.Value(in.ForecastFrequency),
		HasDataConfig: in.DataConfig != nil, Encryption: encryptionIn(in.EncryptionConfig),
		Reference: api.Value(in.ReferencePredictorArn), Metric: text(in.OptimizationMetric), Explain: in.ExplainPredictor,
		Boundary: boundaryIn(in.TimeAlignmentBoundary), Tags: tagsIn(in.Tags),
	}
	if d := in.DataConfig; d != nil {
		req.Group = api.Value(d.DatasetGroupArn)
		for _, a := range d.AttributeConfigs {
			req.Attributes = append(req.Attributes, resource.AttributeConfig{
				Name: api.Value(a.AttributeName), Transformations: a.Transformations,
			})
		}
		for _, a := range d.AdditionalDatasets {
			req.Additional = append(req.Additional, resource.AdditionalDataset{
				Name: api.Value(a.Name), Configuration: a.Configuration,
			})
		}
	}
	if in.MonitorConfig != nil {
		req.Monitor = api.Value(in.MonitorConfig.MonitorName)
	}
	arn, err := s.resources.CreateAutoPredictor(ctx, s.caller(ctx), req)
	if err != nil {
		return nil, err
	}
	return &api.CreateAutoPredictorResponse{PredictorArn: &arn}, nil
}

func boundaryIn(b *api.TimeAlignmentBoundary) *resource.Boundary {
	if b == nil {
		return nil
	}
	return &resource.Boundary{Month: text(b.Month), DayOfMonth: b.DayOfMonth, DayOfWeek: text(b.DayOfWeek), Hour: b.Hour}
}

func boundaryOut(b *resource.Boundary) *api.TimeAlignmentBoundary {
	if b == nil {
		return nil
	}
	return &api.TimeAlignmentBoundary{
		Month: word[api.Month](b.Month), DayOfMonth: b.DayOfMonth, DayOfWeek: word[api.DayOfWeek](b.DayOfWeek), Hour: b.Hour,
	}
}

// DescribeAutoPredictor implements [api.Service].
func (s *Server) DescribeAutoPredictor(ctx context.Context, in *api.DescribeAutoPredictorRequest) (*api.DescribeAutoPredictorResponse, error) {
	row, spec, err := s.predictor(ctx, in.PredictorArn)
	if err != nil {
		return nil, err
	}
	if !spec.Auto {
		return nil, resource.Errorf(resource.InvalidInput, "The predictor %s was made by CreatePredictor; use DescribePredictor", row.ARN)
	}
	result, err := resource.DecodeResult[resource.PredictorResult](row)
	if err != nil {
		return nil, err
	}
	alive, err := s.resources.Exists(ctx, []string{spec.Reference})
	if err != nil {
		return nil, err
	}
	st := stateOf(&row, s.resources.Now())
	out := &api.DescribeAutoPredictorResponse{
		PredictorArn: new(row.ARN), PredictorName: new(row.Name), ForecastHorizon: new(spec.Horizon),
		ForecastTypes: spec.ForecastTypes, ForecastFrequency: new(spec.Frequency),
		DatasetImportJobArns: result.ImportJobs, DataConfig: dataOut(row.Group, spec),
		EncryptionConfig:                encryptionOut(spec.Encryption),
		ReferencePredictorSummary:       referenceOut(spec.Reference, alive),
		EstimatedTimeRemainingInMinutes: row.RemainingMinutes,
		Status:                          st.status, Message: st.message, CreationTime: st.created, LastModificationTime: st.modified,
		OptimizationMetric:    word[api.OptimizationMetric](spec.Metric),
		TimeAlignmentBoundary: boundaryOut(spec.Boundary),
	}
	if len(spec.Dimensions) > 0 {
		out.ForecastDimensions = spec.Dimensions
	}
	return out, nil
}

func dataOut(group string, spec resource.PredictorSpec) *api.DataConfig {
	out := &api.DataConfig{DatasetGroupArn: new(group)}
	for _, a := range spec.Attributes {
		out.AttributeConfigs = append(out.AttributeConfigs, api.AttributeConfig{
			AttributeName: new(a.Name), Transformations: a.Transformations,
		})
	}
	for _, a := range spec.Additional {
		out.AdditionalDatasets = append(out.AdditionalDatasets, api.AdditionalDataset{
			Name: new(a.Name), Configuration: a.Configuration,
		})
	}
	return out
}
