package service

import (
	"context"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// CreateDatasetGroup implements [api.Service].
func (s *Server) CreateDatasetGroup(ctx context.Context, in *api.CreateDatasetGroupRequest) (*api.CreateDatasetGroupResponse, error) {
	spec := resource.DatasetGroupSpec{Domain: text(in.Domain), Datasets: in.DatasetArns}
	arn, err := s.resources.CreateDatasetGroup(ctx, s.caller(ctx), api.Value(in.DatasetGroupName), spec, tagsIn(in.Tags))
	if err != nil {
		return nil, err
	}
	return &api.CreateDatasetGroupResponse{DatasetGroupArn: &arn}, nil
}

// UpdateDatasetGroup implements [api.Service].
func (s *Server) UpdateDatasetGroup(ctx context.Context, in *api.UpdateDatasetGroupRequest) (*api.UpdateDatasetGroupResponse, error) {
	err := s.resources.UpdateDatasetGroup(ctx, s.caller(ctx), api.Value(in.DatasetGroupArn), in.DatasetArns)
	if err != nil {
		return nil, err
	}
	return &api.UpdateDatasetGroupResponse{}, nil
}

// DescribeDatasetGroup implements [api.Service].
func (s *Server) DescribeDatasetGroup(ctx context.Context, in *api.DescribeDatasetGroupRequest) (*api.DescribeDatasetGroupResponse, error) {
	row, err := s.describe(ctx, "DatasetGroupArn", in.DatasetGroupArn, resource.KindDatasetGroup)
	if err != nil {
		return nil, err
	}
	spec, err := resource.DecodeSpec[resource.DatasetGroupSpec](row)
	if err != nil {
		return nil, err
	}
	st := stateOf(&row, s.resources.Now())
	return &api.DescribeDatasetGroupResponse{
		DatasetGroupName: new(row.Name), DatasetGroupArn: new(row.ARN),
		DatasetArns: append([]string{}, spec.Datasets...), // always there, even when empty
		Domain:      word[api.Domain](spec.Domain),
		Status:      st.status, CreationTime: st.created, LastModificationTime: st.modified,
	}, nil
}

// ListDatasetGroups implements [api.Service].
func (s *Server) ListDatasetGroups(ctx context.Context, in *api.ListDatasetGroupsRequest) (*api.ListDatasetGroupsResponse, error) {
	p, err := s.list(ctx, listing{operation: "ListDatasetGroups", kind: resource.KindDatasetGroup, max: in.MaxResults, token: in.NextToken})
	if err != nil {
		return nil, err
	}
	now := s.resources.Now()
	list, err := summaries(p, func(row *resource.Row) (api.DatasetGroupSummary, error) {
		st := stateOf(row, now)
		return api.DatasetGroupSummary{
			DatasetGroupArn: &row.ARN, DatasetGroupName: &row.Name,
			CreationTime: st.created, LastModificationTime: st.modified,
		}, nil
	})
	return &api.ListDatasetGroupsResponse{DatasetGroups: list, NextToken: p.next}, err
}

// DeleteDatasetGroup implements [api.Service].
func (s *Server) DeleteDatasetGroup(ctx context.Context, in *api.DeleteDatasetGroupRequest) error {
	return s.remove(ctx, "DatasetGroupArn", in.DatasetGroupArn, resource.KindDatasetGroup)
}
