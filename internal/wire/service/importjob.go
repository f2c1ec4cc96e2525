package service

import (
	"context"
	"math"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// CreateDatasetImportJob implements [api.Service].
func (s *Server) CreateDatasetImportJob(ctx context.Context, in *api.CreateDatasetImportJobRequest) (*api.CreateDatasetImportJobResponse, error) {
	spec := resource.ImportJobSpec{
		Dataset: api.Value(in.DatasetArn), Source: sourceIn(in.DataSource), Format: api.Value(in.Format),
		ImportMode: text(in.ImportMode), TimestampFormat: api.Value(in.TimestampFormat), TimeZone: api.Value(in.TimeZone),
		GeolocationZone: api.Value(in.UseGeolocationForTimeZone), GeolocationFormat: api.Value(in.GeolocationFormat),
	}
	arn, err := s.resources.CreateImportJob(ctx, s.caller(ctx), api.Value(in.DatasetImportJobName), spec, tagsIn(in.Tags))
	if err != nil {
		return nil, err
	}
	return &api.CreateDatasetImportJobResponse{DatasetImportJobArn: &arn}, nil
}

// DescribeDatasetImportJob implements [api.Service].
func (s *Server) DescribeDatasetImportJob(ctx context.Context, in *api.DescribeDatasetImportJobRequest) (*api.DescribeDatasetImportJobResponse, error) {
	row, err := s.describe(ctx, "DatasetImportJobArn", in.DatasetImportJobArn, resource.KindImportJob)
	if err != nil {
		return nil, err
	}
	spec, err := resource.DecodeSpec[resource.ImportJobSpec](row)
	if err != nil {
		return nil, err
	}
	st := stateOf(&row, s.resources.Now())
	out := &api.DescribeDatasetImportJobResponse{
		DatasetImportJobName: new(row.Name), DatasetImportJobArn: new(row.ARN), DatasetArn: new(spec.Dataset),
		TimestampFormat: given(spec.TimestampFormat), TimeZone: given(spec.TimeZone),
		UseGeolocationForTimeZone: new(spec.GeolocationZone), GeolocationFormat: given(spec.GeolocationFormat),
		DataSource: sourceOut(spec.Source), EstimatedTimeRemainingInMinutes: row.RemainingMinutes,
		Status: st.status, Message: st.message, CreationTime: st.created, LastModificationTime: st.modified,
		Format: given(spec.Format), ImportMode: word[api.ImportMode](spec.ImportMode),
	}
	if row.Status != resource.Active {
		return out, nil
	}
	result, err := resource.DecodeResult[resource.ImportJobResult](row)
	if err != nil {
		return nil, err
	}
	out.DataSize = new(result.DataSize)
	out.FieldStatistics = make(map[string]api.Statistics, len(result.Fields))
	for name, f := range result.Fields {
		out.FieldStatistics[name] = statistics(f)
	}
	return out, nil
}

// statistics returns the statistics of a column. Every count is there twice,
// as a Long and as an Integer, which is -1 when the Long does not fit.
func statistics(f resource.FieldStatistics) api.Statistics {
	out := api.Statistics{
		Count: short(f.Count), CountLong: new(f.Count),
		CountDistinct: short(f.CountDistinct), CountDistinctLong: new(f.CountDistinct),
		CountNull: short(f.CountNull), CountNullLong: new(f.CountNull),
		Min: f.Min, Max: f.Max, Avg: f.Avg, Stddev: f.Stddev,
	}
	if f.CountNaN != nil {
		out.CountNan, out.CountNanLong = short(*f.CountNaN), f.CountNaN
	}
	return out
}

func short(n int64) *int {
	if n > math.MaxInt32 {
		return new(-1)
	}
	return new(int(n))
}

// ListDatasetImportJobs implements [api.Service].
func (s *Server) ListDatasetImportJobs(ctx context.Context, in *api.ListDatasetImportJobsRequest) (*api.ListDatasetImportJobsResponse, error) {
	p, err := s.list(ctx, listing{
		operation: "ListDatasetImportJobs", kind: resource.KindImportJob,
		filters: in.Filters, max: in.MaxResults, token: in.NextToken,
	})
	if err != nil {
		return nil, err
	}
	now := s.resources.Now()
	list, err := summaries(p, func(row *resource.Row) (api.DatasetImportJobSummary, error) {
		spec, err := resource.DecodeSpec[resource.ImportJobSpec](*row)
		st := stateOf(row, now)
		return api.DatasetImportJobSummary{
			DatasetImportJobArn: &row.ARN, DatasetImportJobName: &row.Name, DataSource: sourceOut(spec.Source),
			Status: st.status, Message: st.message, CreationTime: st.created, LastModificationTime: st.modified,
			ImportMode: word[api.ImportMode](spec.ImportMode),
		}, err
	})
	return &api.ListDatasetImportJobsResponse{DatasetImportJobs: list, NextToken: p.next}, err
}

// DeleteDatasetImportJob implements [api.Service].
func (s *Server) DeleteDatasetImportJob(ctx context.Context, in *api.DeleteDatasetImportJobRequest) error {
	return s.remove(ctx, "DatasetImportJobArn", in.DatasetImportJobArn, resource.KindImportJob)
}
