package service

import (
	"context"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// DescribeWhatIfAnalysis implements [api.Service].
func (s *Server) DescribeWhatIfAnalysis(ctx context.Context, in *api.DescribeWhatIfAnalysisRequest) (*api.DescribeWhatIfAnalysisResponse, error) {
	_, err := s.describe(ctx, "WhatIfAnalysisArn", in.WhatIfAnalysisArn, resource.KindWhatIfAnalysis)
	return nil, absent(err)
}

// ListWhatIfAnalyses implements [api.Service].
func (s *Server) ListWhatIfAnalyses(ctx context.Context, in *api.ListWhatIfAnalysesRequest) (*api.ListWhatIfAnalysesResponse, error) {
	err := s.none(ctx, listing{
		operation: "ListWhatIfAnalyses", kind: resource.KindWhatIfAnalysis,
		filters: in.Filters, max: in.MaxResults, token: in.NextToken,
	})
	if err != nil {
		return nil, err
	}
	return &api.ListWhatIfAnalysesResponse{WhatIfAnalyses: []api.WhatIfAnalysisSummary{}}, nil
}

// DeleteWhatIfAnalysis implements [api.Service].
func (s *Server) DeleteWhatIfAnalysis(ctx context.Context, in *api.DeleteWhatIfAnalysisRequest) error {
	return s.remove(ctx, "WhatIfAnalysisArn", in.WhatIfAnalysisArn, resource.KindWhatIfAnalysis)
}

// DescribeWhatIfForecast implements [api.Service].
func (s *Server) DescribeWhatIfForecast(ctx context.Context, in *api.DescribeWhatIfForecastRequest) (*api.DescribeWhatIfForecastResponse, error) {
	_, err := s.describe(ctx, "WhatIfForecastArn", in.WhatIfForecastArn, resource.KindWhatIfForecast)
	return nil, absent(err)
}

// ListWhatIfForecasts implements [api.Service].
func (s *Server) ListWhatIfForecasts(ctx context.Context, in *api.ListWhatIfForecastsRequest) (*api.ListWhatIfForecastsResponse, error) {
	err := s.none(ctx, listing{
		operation: "ListWhatIfForecasts", kind: resource.KindWhatIfForecast,
		filters: in.Filters, max: in.MaxResults, token: in.NextToken,
	})
	if err != nil {
		return nil, err
	}
	return &api.ListWhatIfForecastsResponse{WhatIfForecasts: []api.WhatIfForecastSummary{}}, nil
}

// DeleteWhatIfForecast implements [api.Service].
func (s *Server) DeleteWhatIfForecast(ctx context.Context, in *api.DeleteWhatIfForecastRequest) error {
	return s.remove(ctx, "WhatIfForecastArn", in.WhatIfForecastArn, resource.KindWhatIfForecast)
}

// DescribeWhatIfForecastExport implements [api.Service].
func (s *Server) DescribeWhatIfForecastExport(ctx context.Context, in *api.DescribeWhatIfForecastExportRequest) (*api.DescribeWhatIfForecastExportResponse, error) {
	_, err := s.describe(ctx, "WhatIfForecastExportArn", in.WhatIfForecastExportArn, resource.KindWhatIfForecastExport)
	return nil, absent(err)
}

// ListWhatIfForecastExports implements [api.Service].
func (s *Server) ListWhatIfForecastExports(ctx context.Context, in *api.ListWhatIfForecastExportsRequest) (*api.ListWhatIfForecastExportsResponse, error) {
	err := s.none(ctx, listing{
		operation: "ListWhatIfForecastExports", kind: resource.KindWhatIfForecastExport,
		filters: in.Filters, max: in.MaxResults, token: in.NextToken,
	})
	if err != nil {
		return nil, err
	}
	return &api.ListWhatIfForecastExportsResponse{WhatIfForecastExports: []api.WhatIfForecastExportSummary{}}, nil
}

// DeleteWhatIfForecastExport implements [api.Service].
func (s *Server) DeleteWhatIfForecastExport(ctx context.Context, in *api.DeleteWhatIfForecastExportRequest) error {
	return s.remove(ctx, "WhatIfForecastExportArn", in.WhatIfForecastExportArn, resource.KindWhatIfForecastExport)
}

// QueryWhatIfForecast implements [api.Service].
func (s *Server) QueryWhatIfForecast(ctx context.Context, in *api.QueryWhatIfForecastRequest) (*api.QueryWhatIfForecastResponse, error) {
	if in.NextToken != nil {
		return nil, queryToken()
	}
	_, err := s.describe(ctx, "WhatIfForecastArn", in.WhatIfForecastArn, resource.KindWhatIfForecast)
	return nil, absent(err)
}

// CreateWhatIfAnalysis implements [api.Service].
func (s *Server) CreateWhatIfAnalysis(ctx context.Context, in *api.CreateWhatIfAnalysisRequest) (*api.CreateWhatIfAnalysisResponse, error) {
	return nil, s.resources.CreateWhatIfAnalysis(ctx, s.caller(ctx), api.Value(in.ForecastArn), selectorIn(in.TimeSeriesSelector), tagsIn(in.Tags))
}

// CreateWhatIfForecast implements [api.Service].
func (s *Server) CreateWhatIfForecast(ctx context.Context, in *api.CreateWhatIfForecastRequest) (*api.CreateWhatIfForecastResponse, error) {
	req := resource.WhatIfForecastRequest{Analysis: api.Value(in.WhatIfAnalysisArn), Tags: tagsIn(in.Tags)}
	for _, t := range in.TimeSeriesTransformations {
		var change resource.Transformation
		if a := t.Action; a != nil {
			change = resource.Transformation{Attribute: api.Value(a.AttributeName), Operation: text(a.Operation), Value: api.Value(a.Value)}
		}
		req.Transformations = append(req.Transformations, change)
	}
	if r := in.TimeSeriesReplacementsDataSource; r != nil {
		req.Replacement = &resource.Replacement{
			Source: locationIn(r.S3Config), Attributes: schemaIn(r.Schema),
			Format: api.Value(r.Format), TimestampFormat: api.Value(r.TimestampFormat),
		}
	}
	return nil, s.resources.CreateWhatIfForecast(ctx, s.caller(ctx), req)
}

// CreateWhatIfForecastExport implements [api.Service].
func (s *Server) CreateWhatIfForecastExport(ctx context.Context, in *api.CreateWhatIfForecastExportRequest) (*api.CreateWhatIfForecastExportResponse, error) {
	return nil, s.resources.CreateWhatIfForecastExport(ctx, s.caller(ctx), in.WhatIfForecastArns, destinationIn(in.Destination), api.Value(in.Format), tagsIn(in.Tags))
}
