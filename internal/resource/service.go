package resource

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
)

// Config is what a [Service] needs.
type Config struct {
	Store  Store
	Clock  clock.Clock
	Quotas Quotas // the zero value sets no limits
	// AnyRole accepts roles of other accounts than the caller's.
	AnyRole bool
}

// Service answers what a caller may ask about resources. Its methods check in
// the order of contract 1.3: the input, what it refers to, the name, the
// states, the quotas. Failures of the caller are *[Error]; all others are
// faults of the service. Safe for concurrent use.
type Service struct {
	store   Store
	clock   clock.Clock
	quotas  Quotas
	anyRole bool
	keys    seriesKeys
}

// NewService returns a service over a store.
func NewService(cfg Config) *Service {
	return &Service{store: cfg.Store, clock: cfg.Clock, quotas: cfg.Quotas, anyRole: cfg.AnyRole}
}

// Now returns the time of the service's clock, for [Row.LastModified].
func (s *Service) Now() time.Time { return s.clock.Now() }

// creation is a resource about to be made.
type creation struct {
	row  Row // Kind, Name, Scope, Parent, Group and ARN are set by the caller
	spec any
	tags []Tag
	task TaskKind // "" when the resource is ACTIVE at once
}

// insert writes a new resource, its tags and its task. now is the time of the
// transaction.
func insert(ctx context.Context, tx Tx, c Caller, now time.Time, n creation) error {
	row := n.row
	row.Account, row.Region = c.Account, c.Region
	row.Created, row.Modified = now, now
	row.Status = StartState(row.Kind)
	var err error
	if row.Spec, err = encode(n.spec); err != nil {
		return fmt.Errorf("encode the request for %s: %w", row.ARN, err)
	}
	err = tx.Insert(ctx, row)
	if errors.Is(err, ErrRowExists) {
		return alreadyExists(row.Kind, row.ARN)
	}
	if err != nil {
		return fmt.Errorf("insert %s: %w", row.ARN, err)
	}
	if len(n.tags) > 0 {
		if err := tx.SetTags(ctx, row.ARN, n.tags, nil); err != nil {
			return fmt.Errorf("tag %s: %w", row.ARN, err)
		}
	}
	if n.task == "" {
		return nil
	}
	if err := tx.Enqueue(ctx, Task{ID: NewID(now), Kind: n.task, Resource: row.ARN}); err != nil {
		return fmt.Errorf("enqueue the work for %s: %w", row.ARN, err)
	}
	return nil
}

// getter is the part of a [Reader], and of a [Store], that load needs.
type getter interface {
	Get(ctx context.Context, arn string) (Row, error)
}

// load reads a resource of the caller. An ARN of another account, region or
// partition names nothing the caller could know of.
func load(ctx context.Context, r getter, c Caller, arn string) (Row, error) {
	if p, ok := ParseARN(arn); !ok || !c.owns(p) {
		return Row{}, notFound(arn)
	}
	row, err := r.Get(ctx, arn)
	if errors.Is(err, ErrNoRow) {
		return Row{}, notFound(arn)
	}
	if err != nil {
		return Row{}, fmt.Errorf("read %s: %w", arn, err)
	}
	return row, nil
}

// checkName returns ResourceAlreadyExists when the name is taken in its scope,
// also by a resource that is still being deleted.
func checkName(ctx context.Context, r Reader, c Caller, row Row) error {
	q := Query{
		Account: c.Account, Region: c.Region, Kind: row.Kind, Limit: 1,
		Filters: []Filter{{Column: ColumnScope, Value: row.Scope}, {Column: ColumnName, Value: row.Name}},
	}
	found, err := r.Find(ctx, q)
	if err != nil {
		return fmt.Errorf("look for the name %s: %w", row.Name, err)
	}
	if len(found) > 0 {
		return alreadyExists(row.Kind, found[0].ARN)
	}
	return nil
}

func alreadyExists(kind Kind, arn string) *Error {
	t := kindTable[kind]
	return Errorf(AlreadyExists, "%s %s already exists with the arn: %s", t.article, t.label, arn)
}

// Describe returns a resource of one of the kinds. member names the request
// member that held the ARN.
func (s *Service) Describe(ctx context.Context, c Caller, member, arn string, kinds ...Kind) (Row, error) {
	if err := checkKind(member, arn, kinds...); err != nil {
		return Row{}, err
	}
	return load(ctx, s.store, c, arn)
}

// Exists tells which of the ARNs still name a resource.
func (s *Service) Exists(ctx context.Context, arns []string) (map[string]bool, error) {
	out := make(map[string]bool, len(arns))
	err := s.store.View(ctx, func(r Reader) error {
		for _, arn := range arns {
			_, err := r.Get(ctx, arn)
			switch {
			case err == nil:
				out[arn] = true
			case !errors.Is(err, ErrNoRow):
				return fmt.Errorf("read %s: %w", arn, err)
			}
		}
		return nil
	})
	return out, err
}

// LastModified returns what a caller sees as LastModificationTime at a moment
// (contract 2.5): while work is under way it is that moment.
func (r Row) LastModified(now time.Time) time.Time {
	switch r.Status {
	case CreatePending:
		return r.Created
	case CreateInProgress, CreateStopping, UpdatePending, UpdateInProgress, DeleteInProgress, ActiveStopping:
		if r.Kind == KindMonitor {
			return r.Modified
		}
		return now
	case CreateStopped, CreateFailed, Active, UpdateFailed, DeletePending, DeleteFailed, ActiveStopped:
		return r.Modified
	}
	return r.Modified
}
