package service

import (
	"context"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// DescribeMonitor implements [api.Service].
func (s *Server) DescribeMonitor(ctx context.Context, in *api.DescribeMonitorRequest) (*api.DescribeMonitorResponse, error) {
	_, err := s.describe(ctx, "MonitorArn", in.MonitorArn, resource.KindMonitor)
	return nil, absent(err)
}

// ListMonitors implements [api.Service].
func (s *Server) ListMonitors(ctx context.Context, in *api.ListMonitorsRequest) (*api.ListMonitorsResponse, error) {
	err := s.none(ctx, listing{
		operation: "ListMonitors", kind: resource.KindMonitor,
		filters: in.Filters, max: in.MaxResults, token: in.NextToken,
	})
	if err != nil {
		return nil, err
	}
	return &api.ListMonitorsResponse{Monitors: []api.MonitorSummary{}}, nil
}

// DeleteMonitor implements [api.Service].
func (s *Server) DeleteMonitor(ctx context.Context, in *api.DeleteMonitorRequest) error {
	return s.remove(ctx, "MonitorArn", in.MonitorArn, resource.KindMonitor)
}

// ListMonitorEvaluations implements [api.Service].
func (s *Server) ListMonitorEvaluations(ctx context.Context, in *api.ListMonitorEvaluationsRequest) (*api.ListMonitorEvaluationsResponse, error) {
	for _, f := range in.Filters {
		if key := api.Value(f.Key); key != "EvaluationState" {
			return nil, resource.Errorf(resource.InvalidInput, "The filter key '%s' is not valid. Valid keys for monitor evaluations: EvaluationState", key)
		}
	}
	_, err := s.describe(ctx, "MonitorArn", in.MonitorArn, resource.KindMonitor)
	return nil, absent(err)
}

// CreateMonitor implements [api.Service].
func (s *Server) CreateMonitor(ctx context.Context, in *api.CreateMonitorRequest) (*api.CreateMonitorResponse, error) {
	return nil, s.resources.CreateMonitor(ctx, s.caller(ctx), api.Value(in.ResourceArn), tagsIn(in.Tags))
}
