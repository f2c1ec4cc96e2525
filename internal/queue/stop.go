package queue

import (
	"context"
	"errors"

	"github.com/almanac-forecast/almanac/internal/resource"
)

// detached returns a context with which a stopped handler can still write down
// how its task ended.
func detached(ctx context.Context) context.Context {
	if errors.Is(context.Cause(ctx), ErrStop) {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// stopTx is a transaction whose calls work with the context of a stopped handler.
type stopTx struct{ tx resource.Tx }

var _ resource.Tx = stopTx{}

// Get implements resource.Reader.
func (t stopTx) Get(ctx context.Context, arn string) (resource.Row, error) {
	return t.tx.Get(detached(ctx), arn)
}

// Find implements resource.Reader.
func (t stopTx) Find(ctx context.Context, q resource.Query) ([]resource.Row, error) {
	return t.tx.Find(detached(ctx), q)
}

// Count implements resource.Reader.
func (t stopTx) Count(ctx context.Context, account, region string, kind resource.Kind, states ...resource.Status) (int, error) {
	return t.tx.Count(detached(ctx), account, region, kind, states...)
}

// Tags implements resource.Reader.
func (t stopTx) Tags(ctx context.Context, arn string) ([]resource.Tag, error) {
	return t.tx.Tags(detached(ctx), arn)
}

// Insert implements resource.Tx.
func (t stopTx) Insert(ctx context.Context, row resource.Row) error {
	return t.tx.Insert(detached(ctx), row)
}

// Save implements resource.Tx.
func (t stopTx) Save(ctx context.Context, row resource.Row) error {
	return t.tx.Save(detached(ctx), row)
}

// Remove implements resource.Tx.
func (t stopTx) Remove(ctx context.Context, arn string) error {
	return t.tx.Remove(detached(ctx), arn)
}

// SetTags implements resource.Tx.
func (t stopTx) SetTags(ctx context.Context, arn string, put []resource.Tag, drop []string) error {
	return t.tx.SetTags(detached(ctx), arn, put, drop)
}

// Enqueue implements resource.Tx.
func (t stopTx) Enqueue(ctx context.Context, task resource.Task) error {
	return t.tx.Enqueue(detached(ctx), task)
}
