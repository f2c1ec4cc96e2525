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

// CreateExplainability implements [api.Service].
func (s *Server) CreateExplainability(ctx context.Context, in *api.CreateExplainabilityRequest) (*api.CreateExplainabilityResponse, error) {
	req := resource.ExplainabilityRequest{
		Name: api.Value(in.ExplainabilityName), Resource: api.Value(in.ResourceArn), Attributes: schemaIn(in.Schema),
		Start: api.Value(in.StartDateTime), End: api.Value(in.EndDateTime), Tags: tagsIn(in.Tags),
	}
	if g := in.ExplainabilityConfig; g != nil {
		req.Series, req.Points = text(g.TimeSeriesGranularity), text(g.TimePointGranularity)
	}
	if in.DataSource != nil {
		req.Source = new(sourceIn(in.DataSource))
	}
	return nil, s.resources.CreateExplainability(ctx, s.caller(ctx), req)
}

// CreateExplainabilityExport implements [api.Service].
func (s *Server) CreateExplainabilityExport(ctx context.Context, in *api.CreateExplainabilityExportRequest) (*api.CreateExplainabilityExportResponse, error) {
	return nil, s.resources.CreateExplainabilityExport(ctx, s.caller(ctx), api.Value(in.ExplainabilityArn), destinationIn(in.Destination), api.Value(in.Format), tagsIn(in.Tags))
}
