package service

import (
	"context"

	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// StopResource implements [api.Service].
func (s *Server) StopResource(ctx context.Context, in *api.StopResourceRequest) error {
	return s.resources.Stop(ctx, s.caller(ctx), api.Value(in.ResourceArn))
}

// ResumeResource implements [api.Service].
func (s *Server) ResumeResource(ctx context.Context, in *api.ResumeResourceRequest) error {
	return s.resources.Resume(ctx, s.caller(ctx), api.Value(in.ResourceArn))
}

// DeleteResourceTree implements [api.Service].
func (s *Server) DeleteResourceTree(ctx context.Context, in *api.DeleteResourceTreeRequest) error {
	return s.resources.DeleteTree(ctx, s.caller(ctx), api.Value(in.ResourceArn))
}
