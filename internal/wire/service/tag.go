package service

import (
	"context"

	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// TagResource implements [api.Service].
func (s *Server) TagResource(ctx context.Context, in *api.TagResourceRequest) (*api.TagResourceResponse, error) {
	if err := s.resources.Tag(ctx, s.caller(ctx), api.Value(in.ResourceArn), tagsIn(in.Tags)); err != nil {
		return nil, err
	}
	return &api.TagResourceResponse{}, nil
}

// UntagResource implements [api.Service].
func (s *Server) UntagResource(ctx context.Context, in *api.UntagResourceRequest) (*api.UntagResourceResponse, error) {
	if err := s.resources.Untag(ctx, s.caller(ctx), api.Value(in.ResourceArn), in.TagKeys); err != nil {
		return nil, err
	}
	return &api.UntagResourceResponse{}, nil
}

// ListTagsForResource implements [api.Service].
func (s *Server) ListTagsForResource(ctx context.Context, in *api.ListTagsForResourceRequest) (*api.ListTagsForResourceResponse, error) {
	tags, err := s.resources.Tags(ctx, s.caller(ctx), api.Value(in.ResourceArn))
	if err != nil {
		return nil, err
	}
	out := &api.ListTagsForResourceResponse{Tags: make([]api.Tag, 0, len(tags))}
	for _, t := range tags {
		out.Tags = append(out.Tags, api.Tag{Key: new(t.Key), Value: new(t.Value)})
	}
	return out, nil
}
