package resource

import (
	"context"
	"fmt"
	"strings"
)

// checkTags checks the tags of one request. Their lengths and characters were
// checked by the protocol.
func checkTags(tags []Tag) *Error {
	seen := make(map[string]bool, len(tags))
	for _, t := range tags {
		if strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return Errorf(InvalidInput, "The tag key '%s' is not allowed: keys that begin with aws: are reserved", t.Key)
		}
		if seen[t.Key] {
			return Errorf(InvalidInput, "The tag key '%s' is given more than once", t.Key)
		}
		seen[t.Key] = true
	}
	return nil
}

// checkTagCount is the limit of contract 2.10, which always holds.
func checkTagCount(n int) error {
	if n > maxTags {
		return Errorf(LimitExceeded, "Quota limit of %d tags per resource has been reached: the resource would have %d", maxTags, n)
	}
	return nil
}

// checkTaggable checks the ARN of a tag operation.
func checkTaggable(arn string) *Error { return checkKind("ResourceArn", arn, AllKinds()...) }

// Tag adds tags to a resource; those whose key it already has are overwritten.
func (s *Service) Tag(ctx context.Context, c Caller, arn string, tags []Tag) error {
	if err := checkTaggable(arn); err != nil {
		return err
	}
	if err := checkTags(tags); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := load(ctx, tx, c, arn); err != nil {
			return err
		}
		old, err := tx.Tags(ctx, arn)
		if err != nil {
			return fmt.Errorf("read the tags of %s: %w", arn, err)
		}
		keys := make(map[string]bool, len(old)+len(tags))
		for _, t := range old {
			keys[t.Key] = true
		}
		for _, t := range tags {
			keys[t.Key] = true
		}
		if err := checkTagCount(len(keys)); err != nil {
			return err
		}
		if err := tx.SetTags(ctx, arn, tags, nil); err != nil {
			return fmt.Errorf("tag %s: %w", arn, err)
		}
		return nil
	})
}

// Untag removes tags from a resource; keys it does not have are ignored.
func (s *Service) Untag(ctx context.Context, c Caller, arn string, keys []string) error {
	if err := checkTaggable(arn); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := load(ctx, tx, c, arn); err != nil {
			return err
		}
		if err := tx.SetTags(ctx, arn, nil, keys); err != nil {
			return fmt.Errorf("untag %s: %w", arn, err)
		}
		return nil
	})
}

// Tags returns all tags of a resource sorted by key.
func (s *Service) Tags(ctx context.Context, c Caller, arn string) ([]Tag, error) {
	if err := checkTaggable(arn); err != nil {
		return nil, err
	}
	var tags []Tag
	err := s.store.View(ctx, func(r Reader) error {
		if _, err := load(ctx, r, c, arn); err != nil {
			return err
		}
		var err error
		if tags, err = r.Tags(ctx, arn); err != nil {
			return fmt.Errorf("read the tags of %s: %w", arn, err)
		}
		return nil
	})
	return tags, err
}
