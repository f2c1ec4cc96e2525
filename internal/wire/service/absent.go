package service

import (
	"context"
	"errors"
)

// Some kinds of resources cannot be made in this version: their Create
// operations check a request as always and then answer that they are not
// available (docs/divergences.md). So none exist, and the other operations tell
// that truth: a List is empty after its token and filters were checked, and
// every ARN is not found. Programs that clean up after themselves list and
// delete all kinds, and work.

// errPresent is a fault: a resource of a kind that cannot be made is there.
var errPresent = errors.New("service: a resource exists whose kind this version cannot make")

// absent is the answer for a kind of which none exist.
func absent(err error) error {
	if err == nil {
		return errPresent
	}
	return err
}

// none checks a List request for a kind of which none exist.
func (s *Server) none(ctx context.Context, l listing) error {
	p, err := s.list(ctx, l)
	if err == nil && len(p.rows) > 0 {
		return errPresent
	}
	return err
}
