package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store/internal/dbsqlc"
)

// Get implements resource.Reader.
func (r *reader) Get(ctx context.Context, arn string) (resource.Row, error) {
	row, err := r.q.GetResource(ctx, arn)
	if errors.Is(err, sql.ErrNoRows) {
		return resource.Row{}, resource.ErrNoRow
	}
	if err != nil {
		return resource.Row{}, fmt.Errorf("get %s: %w", arn, err)
	}
	return rowFrom(&row), nil
}

// Count implements resource.Reader.
func (r *reader) Count(ctx context.Context, account, region string, kind resource.Kind, states ...resource.Status) (int, error) {
	if len(states) == 0 {
		n, err := r.q.CountResources(ctx, dbsqlc.CountResourcesParams{Account: account, Region: region, Kind: string(kind)})
		if err != nil {
			return 0, fmt.Errorf("count %s: %w", kind, err)
		}
		return int(n), nil
	}
	total := 0
	for _, s := range states {
		n, err := r.q.CountResourcesInState(ctx, dbsqlc.CountResourcesInStateParams{
			Account: account, Region: region, Kind: string(kind), Status: string(s),
		})
		if err != nil {
			return 0, fmt.Errorf("count %s in %s: %w", kind, s, err)
		}
		total += int(n)
	}
	return total, nil
}

// Insert implements resource.Tx.
func (tx *Tx) Insert(ctx context.Context, row resource.Row) error {
	chunk, err := tx.chunkOf(ctx, row)
	if err != nil {
		return fmt.Errorf("insert %s: %w", row.ARN, err)
	}
	n, err := tx.q.InsertResource(ctx, dbsqlc.InsertResourceParams{
		Arn: row.ARN, Kind: string(row.Kind), Account: row.Account, Region: row.Region, Scope: row.Scope,
		Name: row.Name, NameKey: nameKey(row.Name), Parent: row.Parent, ParentGroup: row.Group,
		Status: string(row.Status), Message: row.Message,
		Created: micros(row.Created), Modified: micros(row.Modified),
		RemainingMinutes: nullInt(row.RemainingMinutes), Spec: row.Spec, Result: row.Result,
		Chunk: chunk,
	})
	if err != nil {
		return fmt.Errorf("insert %s: %w", row.ARN, err)
	}
	if n == 0 {
		return resource.ErrRowExists
	}
	tx.inserted++
	return nil
}

// Save implements resource.Tx.
func (tx *Tx) Save(ctx context.Context, row resource.Row) error {
	n, err := tx.q.SaveResource(ctx, dbsqlc.SaveResourceParams{
		Status: string(row.Status), Message: row.Message, Modified: micros(row.Modified),
		RemainingMinutes: nullInt(row.RemainingMinutes), Spec: row.Spec, Result: row.Result, Arn: row.ARN,
	})
	if err != nil {
		return fmt.Errorf("save %s: %w", row.ARN, err)
	}
	if n == 0 {
		return resource.ErrNoRow
	}
	return nil
}

// Remove implements resource.Tx.
func (tx *Tx) Remove(ctx context.Context, arn string) error {
	n, err := tx.q.DeleteResource(ctx, arn)
	if err != nil {
		return fmt.Errorf("remove %s: %w", arn, err)
	}
	if n == 0 {
		return resource.ErrNoRow
	}
	if err := tx.q.DeleteTags(ctx, arn); err != nil {
		return fmt.Errorf("remove the tags of %s: %w", arn, err)
	}
	return nil
}

func rowFrom(r *dbsqlc.Resource) resource.Row {
	row := resource.Row{
		ARN: r.Arn, Kind: resource.Kind(r.Kind), Account: r.Account, Region: r.Region,
		Name: r.Name, Scope: r.Scope, Parent: r.Parent, Group: r.ParentGroup,
		Status: resource.Status(r.Status), Message: r.Message,
		Created: fromMicros(r.Created), Modified: fromMicros(r.Modified),
		Spec: r.Spec, Result: r.Result,
	}
	if r.RemainingMinutes.Valid {
		row.RemainingMinutes = new(r.RemainingMinutes.Int64)
	}
	return row
}

// nameKey returns what two names must differ in. Names are ASCII letters,
// digits and underscores.
func nameKey(name string) string { return strings.ToLower(name) }

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

func nullInt(p *int64) sql.NullInt64 {
	if p == nil {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: *p, Valid: true}
}
