package service

import (
	"context"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// DescribePredictorBacktestExportJob implements [api.Service].
func (s *Server) DescribePredictorBacktestExportJob(ctx context.Context, in *api.DescribePredictorBacktestExportJobRequest) (*api.DescribePredictorBacktestExportJobResponse, error) {
	_, err := s.describe(ctx, "PredictorBacktestExportJobArn", in.PredictorBacktestExportJobArn, resource.KindBacktestExport)
	return nil, absent(err)
}

// ListPredictorBacktestExportJobs implements [api.Service].
func (s *Server) ListPredictorBacktestExportJobs(ctx context.Context, in *api.ListPredictorBacktestExportJobsRequest) (*api.ListPredictorBacktestExportJobsResponse, error) {
	err := s.none(ctx, listing{
		operation: "ListPredictorBacktestExportJobs", kind: resource.KindBacktestExport,
		filters: in.Filters, max: in.MaxResults, token: in.NextToken,
	})
	if err != nil {
		return nil, err
	}
	return &api.ListPredictorBacktestExportJobsResponse{PredictorBacktestExportJobs: []api.PredictorBacktestExportJobSummary{}}, nil
}

// DeletePredictorBacktestExportJob implements [api.Service].
func (s *Server) DeletePredictorBacktestExportJob(ctx context.Context, in *api.DeletePredictorBacktestExportJobRequest) error {
	return s.remove(ctx, "PredictorBacktestExportJobArn", in.PredictorBacktestExportJobArn, resource.KindBacktestExport)
}

// CreatePredictorBacktestExportJob implements [api.Service].
func (s *Server) CreatePredictorBacktestExportJob(ctx context.Context, in *api.CreatePredictorBacktestExportJobRequest) (*api.CreatePredictorBacktestExportJobResponse, error) {
	return nil, s.resources.CreateBacktestExport(ctx, s.caller(ctx), api.Value(in.PredictorArn), destinationIn(in.Destination), api.Value(in.Format), tagsIn(in.Tags))
}
