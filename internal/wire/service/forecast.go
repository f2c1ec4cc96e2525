package service

import (
	"context"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// CreateForecast implements [api.Service].
func (s *Server) CreateForecast(ctx context.Context, in *api.CreateForecastRequest) (*api.CreateForecastResponse, error) {
	arn, err := s.resources.CreateForecast(ctx, s.caller(ctx), resource.ForecastRequest{
		Name: api.Value(in.ForecastName), Predictor: api.Value(in.PredictorArn), ForecastTypes: in.ForecastTypes,
		Selector: selectorIn(in.TimeSeriesSelector), Tags: tagsIn(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	return &api.CreateForecastResponse{ForecastArn: &arn}, nil
}

func selectorIn(sel *api.TimeSeriesSelector) *resource.SelectorRequest {
	if sel == nil || sel.TimeSeriesIdentifiers == nil {
		return nil
	}
	ids := sel.TimeSeriesIdentifiers
	out := &resource.SelectorRequest{Attributes: schemaIn(ids.Schema), Format: api.Value(ids.Format)}
	if ids.DataSource != nil {
		out.Source = new(sourceIn(ids.DataSource))
	}
	return out
}

func selectorOut(sel *resource.SeriesSelector) *api.TimeSeriesSelector {
	if sel == nil {
		return nil
	}
	return &api.TimeSeriesSelector{TimeSeriesIdentifiers: &api.TimeSeriesIdentifiers{
		DataSource: sourceOut(sel.Source), Schema: schemaOut(sel.Attributes), Format: given(sel.Format),
	}}
}

// DescribeForecast implements [api.Service].
func (s *Server) DescribeForecast(ctx context.Context, in *api.DescribeForecastRequest) (*api.DescribeForecastResponse, error) {
	row, err := s.describe(ctx, "ForecastArn", in.ForecastArn, resource.KindForecast)
	if err != nil {
		return nil, err
	}
	spec, err := resource.DecodeSpec[resource.ForecastSpec](row)
	if err != nil {
		return nil, err
	}
	st := stateOf(&row, s.resources.Now())
	return &api.DescribeForecastResponse{
		ForecastArn: new(row.ARN), ForecastName: new(row.Name), ForecastTypes: spec.ForecastTypes,
		PredictorArn: new(spec.Predictor), DatasetGroupArn: new(row.Group),
		EstimatedTimeRemainingInMinutes: row.RemainingMinutes,
		Status:                          st.status, Message: st.message, CreationTime: st.created, LastModificationTime: st.modified,
		TimeSeriesSelector: selectorOut(spec.Selector),
	}, nil
}

// ListForecasts implements [api.Service].
func (s *Server) ListForecasts(ctx context.Context, in *api.ListForecastsRequest) (*api.ListForecastsResponse, error) {
	p, err := s.list(ctx, listing{
		operation: "ListForecasts", kind: resource.KindForecast,
		filters: in.Filters, max: in.MaxResults, token: in.NextToken,
	})
	if err != nil {
		return nil, err
	}
	now := s.resources.Now()
	list, err := summaries(p, func(row *resource.Row) (api.ForecastSummary, error) {
		spec, err := resource.DecodeSpec[resource.ForecastSpec](*row)
		st := stateOf(row, now)
		return api.ForecastSummary{
			ForecastArn: &row.ARN, ForecastName: &row.Name, PredictorArn: new(spec.Predictor),
			CreatedUsingAutoPredictor: new(spec.Auto), DatasetGroupArn: &row.Group,
			Status: st.status, Message: st.message, CreationTime: st.created, LastModificationTime: st.modified,
		}, err
	})
	return &api.ListForecastsResponse{Forecasts: list, NextToken: p.next}, err
}

// DeleteForecast implements [api.Service].
func (s *Server) DeleteForecast(ctx context.Context, in *api.DeleteForecastRequest) error {
	return s.remove(ctx, "ForecastArn", in.ForecastArn, resource.KindForecast)
}
