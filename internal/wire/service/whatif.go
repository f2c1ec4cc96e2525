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
