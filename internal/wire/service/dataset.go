package service

import (
	"context"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// CreateDataset implements [api.Service].
func (s *Server) CreateDataset(ctx context.Context, in *api.CreateDatasetRequest) (*api.CreateDatasetResponse, error) {
	spec := resource.DatasetSpec{
		Domain: text(in.Domain), Type: text(in.DatasetType), Frequency: api.Value(in.DataFrequency),
		Attributes: schemaIn(in.Schema), Encryption: encryptionIn(in.EncryptionConfig),
	}
	arn, err := s.resources.CreateDataset(ctx, s.caller(ctx), api.Value(in.DatasetName), spec, tagsIn(in.Tags))
	if err != nil {
		return nil, err
	}
	return &api.CreateDatasetResponse{DatasetArn: &arn}, nil
}

// DescribeDataset implements [api.Service].
func (s *Server) DescribeDataset(ctx context.Context, in *api.DescribeDatasetRequest) (*api.DescribeDatasetResponse, error) {
	row, err := s.describe(ctx, "DatasetArn", in.DatasetArn, resource.KindDataset)
	if err != nil {
		return nil, err
	}
	spec, err := resource.DecodeSpec[resource.DatasetSpec](row)
	if err != nil {
		return nil, err
	}
	st := stateOf(&row, s.resources.Now())
	out := &api.DescribeDatasetResponse{
		DatasetArn: new(row.ARN), DatasetName: new(row.Name), Domain: word[api.Domain](spec.Domain),
		DatasetType: word[api.DatasetType](spec.Type), DataFrequency: given(spec.Frequency),
		Schema: schemaOut(spec.Attributes), EncryptionConfig: encryptionOut(spec.Encryption),
		Status: st.status, CreationTime: st.created, LastModificationTime: st.modified,
	}
	if out.EncryptionConfig == nil {
		out.EncryptionConfig = &api.EncryptionConfig{} // recorded: always there
	}
	return out, nil
}

// ListDatasets implements [api.Service].
func (s *Server) ListDatasets(ctx context.Context, in *api.ListDatasetsRequest) (*api.ListDatasetsResponse, error) {
	p, err := s.list(ctx, listing{operation: "ListDatasets", kind: resource.KindDataset, max: in.MaxResults, token: in.NextToken})
	if err != nil {
		return nil, err
	}
	now := s.resources.Now()
	list, err := summaries(p, func(row *resource.Row) (api.DatasetSummary, error) {
		spec, err := resource.DecodeSpec[resource.DatasetSpec](*row)
		st := stateOf(row, now)
		return api.DatasetSummary{
			DatasetArn: &row.ARN, DatasetName: &row.Name, DatasetType: word[api.DatasetType](spec.Type),
			Domain: word[api.Domain](spec.Domain), CreationTime: st.created, LastModificationTime: st.modified,
		}, err
	})
	return &api.ListDatasetsResponse{Datasets: list, NextToken: p.next}, err
}

// DeleteDataset implements [api.Service].
func (s *Server) DeleteDataset(ctx context.Context, in *api.DeleteDatasetRequest) error {
	return s.remove(ctx, "DatasetArn", in.DatasetArn, resource.KindDataset)
}
