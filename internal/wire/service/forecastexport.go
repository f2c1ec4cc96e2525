package service

import (
	"context"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// CreateForecastExportJob implements [api.Service].
func (s *Server) CreateForecastExportJob(ctx context.Context, in *api.CreateForecastExportJobRequest) (*api.CreateForecastExportJobResponse, error) {
	spec := resource.ForecastExportSpec{
		Forecast: api.Value(in.ForecastArn), Destination: destinationIn(in.Destination), Format: api.Value(in.Format),
	}
	arn, err := s.resources.CreateForecastExport(ctx, s.caller(ctx), api.Value(in.ForecastExportJobName), spec, tagsIn(in.Tags))
	if err != nil {
		return nil, err
	}
	return &api.CreateForecastExportJobResponse{ForecastExportJobArn: &arn}, nil
}

// DescribeForecastExportJob implements [api.Service].
func (s *Server) DescribeForecastExportJob(ctx context.Context, in *api.DescribeForecastExportJobRequest) (*api.DescribeForecastExportJobResponse, error) {
	row, err := s.describe(ctx, "ForecastExportJobArn", in.ForecastExportJobArn, resource.KindForecastExport)
	if err != nil {
		return nil, err
	}
	spec, err := resource.DecodeSpec[resource.ForecastExportSpec](row)
	if err != nil {
		return nil, err
	}
	st := stateOf(&row, s.resources.Now())
	return &api.DescribeForecastExportJobResponse{
		ForecastExportJobArn: new(row.ARN), ForecastExportJobName: new(row.Name), ForecastArn: new(spec.Forecast),
		Destination: destinationOut(spec.Destination), Format: given(spec.Format),
		Status: st.status, Message: st.message, CreationTime: st.created, LastModificationTime: st.modified,
	}, nil
}

// ListForecastExportJobs implements [api.Service].
func (s *Server) ListForecastExportJobs(ctx context.Context, in *api.ListForecastExportJobsRequest) (*api.ListForecastExportJobsResponse, error) {
	p, err := s.list(ctx, listing{
		operation: "ListForecastExportJobs", kind: resource.KindForecastExport,
		filters: in.Filters, max: in.MaxResults, token: in.NextToken,
	})
	if err != nil {
		return nil, err
	}
	now := s.resources.Now()
	list, err := summaries(p, func(row *resource.Row) (api.ForecastExportJobSummary, error) {
		spec, err := resource.DecodeSpec[resource.ForecastExportSpec](*row)
		st := stateOf(row, now)
		return api.ForecastExportJobSummary{
			ForecastExportJobArn: &row.ARN, ForecastExportJobName: &row.Name, Destination: destinationOut(spec.Destination),
			Status: st.status, Message: st.message, CreationTime: st.created, LastModificationTime: st.modified,
		}, err
	})
	return &api.ListForecastExportJobsResponse{ForecastExportJobs: list, NextToken: p.next}, err
}

// DeleteForecastExportJob implements [api.Service].
func (s *Server) DeleteForecastExportJob(ctx context.Context, in *api.DeleteForecastExportJobRequest) error {
	return s.remove(ctx, "ForecastExportJobArn", in.ForecastExportJobArn, resource.KindForecastExport)
}
