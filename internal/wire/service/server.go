// Package service maps the operations of the API to the domain: it turns
// requests into calls of [resource.Service] and rows into responses, one file
// per kind of resource. It decides nothing; the rules are the domain's.
package service

import (
	"context"
	"time"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// Config is what a [Server] needs.
type Config struct {
	Resources *resource.Service
	Querier   Querier
	Tokens    Tokens
	// Caller returns who sent the request that the context belongs to.
	Caller func(ctx context.Context) resource.Caller
}

// Server answers the operations of the API. Safe for concurrent use.
type Server struct {
	resources *resource.Service
	querier   Querier
	tokens    Tokens
	caller    func(ctx context.Context) resource.Caller
}

var _ api.Service = (*Server)(nil)

// New returns a server.
func New(cfg Config) *Server {
	return &Server{resources: cfg.Resources, querier: cfg.Querier, tokens: cfg.Tokens, caller: cfg.Caller}
}

// describe reads a resource of one kind.
func (s *Server) describe(ctx context.Context, member string, arn *string, kind resource.Kind) (resource.Row, error) {
	return s.resources.Describe(ctx, s.caller(ctx), member, api.Value(arn), kind)
}

// remove deletes a resource of one kind.
func (s *Server) remove(ctx context.Context, member string, arn *string, kind resource.Kind) error {
	return s.resources.Delete(ctx, s.caller(ctx), member, api.Value(arn), kind)
}

// given returns an optional member: nil for the zero value.
func given[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// filled is [given] without a copy of the text, for the many of a list.
func filled(s *string) *string {
	if *s == "" {
		return nil
	}
	return s
}

// word returns a member of an enumeration, nil for "".
func word[T ~string](s string) *T { return given(T(s)) }

// text returns the text of an optional member of an enumeration.
func text[T ~string](p *T) string { return string(api.Value(p)) }

// moment returns a time as it goes over the wire.
func moment(t time.Time) *api.Timestamp { return new(api.Timestamp(t)) }

// epoch returns epoch seconds as they go over the wire.
func epoch(seconds int64) *api.Timestamp { return moment(time.Unix(seconds, 0).UTC()) }

// state holds the members that every Describe and every summary has.
type state struct {
	status, message   *string
	created, modified *api.Timestamp
}

// stateOf returns a row's state as a caller sees it at a moment. It points into the row.
func stateOf(row *resource.Row, now time.Time) state {
	return state{
		status:   (*string)(&row.Status),
		message:  filled(&row.Message),
		created:  (*api.Timestamp)(&row.Created),
		modified: moment(row.LastModified(now)),
	}
}
