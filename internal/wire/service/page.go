package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// Tokens makes and reads NextTokens: opaque, signed and good for 24 hours.
type Tokens interface {
	// Issue returns a token that leads to place and is good for scope only.
	Issue(scope, place string) string
	// Open returns the place of a token issued for scope, or an error when the
	// token is damaged, foreign or too old.
	Open(scope, token string) (place string, err error)
}

// listing is a List request of any kind.
type listing struct {
	operation string
	kind      resource.Kind
	filters   []api.Filter
	max       *int
	token     *string
}

// page is a page of rows and the token of the next.
type page struct {
	rows []resource.Row
	next *string
}

// list returns a page of the caller's resources.
func (s *Server) list(ctx context.Context, l listing) (page, error) {
	caller := s.caller(ctx)
	req := resource.ListRequest{Kind: l.kind, Limit: api.Value(l.max)}
	for _, f := range l.filters {
		req.Filters = append(req.Filters, resource.KeyFilter{
			Key: api.Value(f.Key), Not: api.Value(f.Condition) == api.FilterConditionStringIsNot, Value: api.Value(f.Value),
		})
	}
	scope := l.scope(caller, req.Filters)
	after, err := s.place(scope, l.token)
	if err != nil {
		return page{}, err
	}
	req.After = after
	found, err := s.resources.List(ctx, caller, req)
	if err != nil {
		return page{}, err
	}
	p := page{rows: found.Rows}
	if found.Next != nil {
		p.next = new(s.tokens.Issue(scope, fmt.Sprintf("%d %s", found.Next.CreatedMicros, found.Next.ARN)))
	}
	return p, nil
}

// scope names what a token is good for: the operation, the caller's account
// and region, and the filters.
func (l listing) scope(c resource.Caller, filters []resource.KeyFilter) string {
	text, err := json.Marshal(filters)
	if err != nil {
		panic("service: filters are plain text") // they were decoded from JSON
	}
	sum := sha256.Sum256(text)
	return strings.Join([]string{l.operation, c.Account, c.Region, hex.EncodeToString(sum[:])}, " ")
}

// place reads where a page starts; no token is the beginning.
func (s *Server) place(scope string, token *string) (*resource.Cursor, error) {
	if token == nil {
		return nil, nil //nolint:nilnil // no token is no error
	}
	text, err := s.tokens.Open(scope, *token)
	if err != nil {
		return nil, badToken(err)
	}
	micros, arn, ok := strings.Cut(text, " ")
	n, err := strconv.ParseInt(micros, 10, 64)
	if err != nil || !ok {
		return nil, badToken(fmt.Errorf("place %q: %w", text, err))
	}
	return &resource.Cursor{CreatedMicros: n, ARN: arn}, nil
}

func badToken(cause error) error {
	return &resource.Error{
		Kind: resource.InvalidNextToken, Err: cause,
		Message: "The NextToken is not valid: it is damaged, older than 24 hours, or of another operation, account or set of filters; start again without one",
	}
}

// summaries turns the rows of a page into the members of a response, which may
// point into them; no rows are an empty list, not an absent one.
func summaries[T any](p page, f func(*resource.Row) (T, error)) ([]T, error) {
	out := make([]T, 0, len(p.rows))
	for i := range p.rows {
		v, err := f(&p.rows[i])
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
