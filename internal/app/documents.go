package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"sync"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// documents keeps the small documents of IAM and STS as objects in the
// service's own bucket: all processes of the service see them. It implements
// iamapi.Documents.
type documents struct {
	bucket blob.Bucket
	mu     sync.Mutex // makes looking and writing one step within this process
}

const documentSuffix = ".json"

func documentFolder(account, kind string) string {
	return "documents/" + account + "/" + kind + "/"
}

// documentKey returns the key of a document. Names are escaped, since they may
// hold any character.
func documentKey(account, kind, name string) string {
	return documentFolder(account, kind) + url.PathEscape(name) + documentSuffix
}

// GetDocument implements iamapi.Documents.
func (d *documents) GetDocument(ctx context.Context, account, kind, name string) ([]byte, error) {
	body, err := blob.ReadAll(ctx, d.bucket, documentKey(account, kind, name))
	if errors.Is(err, blob.ErrNotFound) {
		return nil, fmt.Errorf("%s %s: %w", kind, name, fs.ErrNotExist)
	}
	return body, err
}

// PutDocument implements iamapi.Documents.
func (d *documents) PutDocument(ctx context.Context, account, kind, name string, body []byte, create bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := documentKey(account, kind, name)
	if create {
		switch _, err := d.bucket.Stat(ctx, key); {
		case err == nil:
			return fmt.Errorf("%s %s: %w", kind, name, fs.ErrExist)
		case !errors.Is(err, blob.ErrNotFound):
			return err
		}
	}
	return blob.WriteAll(ctx, d.bucket, key, body)
}

// DeleteDocument implements iamapi.Documents.
func (d *documents) DeleteDocument(ctx context.Context, account, kind, name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := documentKey(account, kind, name)
	if _, err := d.bucket.Stat(ctx, key); errors.Is(err, blob.ErrNotFound) {
		return fmt.Errorf("%s %s: %w", kind, name, fs.ErrNotExist)
	}
	return d.bucket.Delete(ctx, key)
}

// ListDocuments implements iamapi.Documents.
func (d *documents) ListDocuments(ctx context.Context, account, kind, prefix string) (map[string][]byte, error) {
	folder := documentFolder(account, kind)
	found := make(map[string][]byte)
	err := d.bucket.List(ctx, folder+url.PathEscape(prefix), func(o blob.Object) error {
		name, err := url.PathUnescape(strings.TrimSuffix(strings.TrimPrefix(o.Key, folder), documentSuffix))
		if err != nil {
			return fmt.Errorf("document %s: %w", o.Key, err)
		}
		found[name], err = blob.ReadAll(ctx, d.bucket, o.Key)
		if errors.Is(err, blob.ErrNotFound) { // removed meanwhile
			delete(found, name)
			return nil
		}
		return err
	})
	return found, err
}
