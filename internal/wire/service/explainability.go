package service

import (
	"context"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// DescribeExplainability implements [api.Service].
func (s *Server) DescribeExplainability(ctx context.Context, in *api.DescribeExplainabilityRequest) (*api.DescribeExplainabilityResponse, error) {
	_, err := s.describe(ctx, "ExplainabilityArn", in.ExplainabilityArn, resource.KindExplainability)
	return nil, absent(err)
}

// ListExplainabilities implements [api.Service].
func (s *Server) ListExplainabilities(ctx context.Context, in *api.ListExplainabilitiesRequest) (*api.ListExplainabilitiesResponse, error) {
	err := s.none(ctx, listing{
		operation: "ListExplainabilities", kind: resource.KindExplainability,
		filters: in.Filters, max: in.MaxResults, token: in.NextToken,
	})
	if err != nil {
		return nil, err
	}
	return &api.ListExplainabilitiesResponse{Explainabilities: []api.ExplainabilitySummary{}}, nil
}

// DeleteExplainability implements [api.Service].
func (s *Server) DeleteExplainability(ctx context.Context, in *api.DeleteExplainabilityRequest) error {
	return s.remove(ctx, "ExplainabilityArn", in.ExplainabilityArn, resource.KindExplainability)
}

// DescribeExplainabilityExport implements [api.Service].
func (s *Server) DescribeExplainabilityExport(ctx context.Context, in *api.DescribeExplainabilityExportRequest) (*api.DescribeExplainabilityExportResponse, error) {
	_, err := s.describe(ctx, "ExplainabilityExportArn", in.ExplainabilityExportArn, resource.KindExplainabilityExport)
	return nil, absent(err)
}

// ListExplainabilityExports implements [api.Service].
func (s *Server) ListExplainabilityExports(ctx context.Context, in *api.ListExplainabilityExportsRequest) (*api.ListExplainabilityExportsResponse, error) {
	err := s.none(ctx, listing{
		operation: "ListExplainabilityExports", kind: resource.KindExplainabilityExport,
		filters: in.Filters, max: in.MaxResults, token: in.NextToken,
	})
	if err != nil {
		return nil, err
	}
	return &api.ListExplainabilityExportsResponse{ExplainabilityExports: []api.ExplainabilityExportSummary{}}, nil
}

// DeleteExplainabilityExport implements [api.Service].
func (s *Server) DeleteExplainabilityExport(ctx context.Context, in *api.DeleteExplainabilityExportRequest) error {
	return s.remove(ctx, "ExplainabilityExportArn", in.ExplainabilityExportArn, resource.KindExplainabilityExport)
}
