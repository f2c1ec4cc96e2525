package store

import (
	"context"
	"fmt"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store/internal/dbsqlc"
)

// Tags implements resource.Reader.
func (r *reader) Tags(ctx context.Context, arn string) ([]resource.Tag, error) {
	rows, err := r.q.ListTags(ctx, arn)
	if err != nil {
		return nil, fmt.Errorf("list the tags of %s: %w", arn, err)
	}
	tags := make([]resource.Tag, len(rows))
	for i, t := range rows {
		tags[i] = resource.Tag{Key: t.Key, Value: t.Value}
	}
	return tags, nil
}

// SetTags implements resource.Tx. Keys in both put and drop are put.
func (tx *Tx) SetTags(ctx context.Context, arn string, put []resource.Tag, drop []string) error {
	for _, k := range drop {
		if err := tx.q.DeleteTag(ctx, dbsqlc.DeleteTagParams{Arn: arn, Key: k}); err != nil {
			return fmt.Errorf("remove tag %q of %s: %w", k, arn, err)
		}
	}
	for _, t := range put {
		if err := tx.q.PutTag(ctx, dbsqlc.PutTagParams{Arn: arn, Key: t.Key, Value: t.Value}); err != nil {
			return fmt.Errorf("set tag %q of %s: %w", t.Key, arn, err)
		}
	}
	return nil
}
