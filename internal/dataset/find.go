package dataset

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// Find lists the objects that an import of path reads: the object key itself, or
// else all objects whose key begins with key. path is how the caller wrote it,
// s3://bucket/key; it names the files in messages.
//
// In a folder these are passed over: empty objects, keys that end in a slash,
// names that begin with _ or ., and names without a letter. Errors are ErrInput
// when there is nothing to import or more than the limits allow.
func Find(ctx context.Context, b blob.Bucket, key, path string, limits Limits) (Source, error) {
	root := strings.TrimSuffix(path, key)
	if !strings.HasSuffix(root, "/") {
		root += "/"
	}
	src := Source{Bucket: b, Path: path, Names: func(key string) string { return root + key }}
	if key != "" && !strings.HasSuffix(key, "/") {
		o, err := b.Stat(ctx, key)
		if err == nil {
			return src.single(o)
		}
		if !errors.Is(err, blob.ErrNotFound) {
			return Source{}, fmt.Errorf("look for %s: %w", path, err)
		}
	}
	err := b.List(ctx, key, func(o blob.Object) error {
		if ignored(o) {
			return nil
		}
		src.Objects = append(src.Objects, o)
		if n := len(src.Objects); limits.Objects > 0 && n > limits.Objects {
			return &TooLarge{What: "objects", Count: int64(n), Limit: int64(limits.Objects), Path: path}
		}
		return nil
	})
	switch {
	case err != nil:
		return Source{}, fmt.Errorf("list %s: %w", path, err)
	case len(src.Objects) == 0:
		return Source{}, &NoRecords{Path: path}
	}
	return src, nil
}

// single is the source of one object.
func (s Source) single(o blob.Object) (Source, error) {
	if o.Size == 0 {
		return Source{}, &NoRecords{Path: s.Path}
	}
	if !hasLetter(o.Key) {
		return Source{}, &BadInput{Total: 1, Problems: []Problem{{
			File: s.name(o.Key), Reason: "the name of a file must have a letter",
		}}}
	}
	s.Objects = []blob.Object{o}
	return s, nil
}

func ignored(o blob.Object) bool {
	name := path.Base(o.Key)
	return o.Size == 0 || strings.HasSuffix(o.Key, "/") || name[0] == '_' || name[0] == '.' || !hasLetter(o.Key)
}

// hasLetter looks at the last part of the key, its extension included.
func hasLetter(key string) bool {
	return strings.IndexFunc(path.Base(key), unicode.IsLetter) >= 0
}
