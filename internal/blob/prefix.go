package blob

import (
	"context"
	"io"
	"strings"
)

// WithPrefix returns the part of a bucket whose keys begin with prefix, under
// keys without it.
func WithPrefix(b Bucket, prefix string) Bucket {
	if prefix == "" {
		return b
	}
	return &prefixed{b: b, prefix: prefix}
}

type prefixed struct {
	b      Bucket
	prefix string
}

func (p *prefixed) NewReader(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	return p.b.NewReader(ctx, p.prefix+key, offset, length)
}

func (p *prefixed) NewWriter(ctx context.Context, key string) (Writer, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	return p.b.NewWriter(ctx, p.prefix+key)
}

func (p *prefixed) List(ctx context.Context, prefix string, f func(Object) error) error {
	return p.b.List(ctx, p.prefix+prefix, func(o Object) error {
		o.Key = strings.TrimPrefix(o.Key, p.prefix)
		return f(o)
	})
}

func (p *prefixed) Stat(ctx context.Context, key string) (Object, error) {
	o, err := p.b.Stat(ctx, p.prefix+key)
	o.Key = key
	return o, err
}

func (p *prefixed) Delete(ctx context.Context, keys ...string) error {
	full := make([]string, len(keys))
	for i, key := range keys {
		full[i] = p.prefix + key
	}
	return p.b.Delete(ctx, full...)
}
