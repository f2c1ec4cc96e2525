package blob

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	gcblob "gocloud.dev/blob"
	"gocloud.dev/blob/memblob"
	"gocloud.dev/gcerrors"
)

// cloud is a [Bucket] on gocloud.dev/blob: S3, or memory in tests.
type cloud struct {
	b      *gcblob.Bucket
	name   string     // how messages call the bucket: "s3://bucket"
	bucket string     // for the client
	client *s3.Client // nil in memory
}

// NewMemory returns an empty bucket in memory, for tests.
func NewMemory() Bucket {
	return &cloud{b: memblob.OpenBucket(nil), name: "memory:/"}
}

func (c *cloud) display(key string) string { return c.name + "/" + key }

// explain gives a storage error one of the package's errors, where one
// applies, and says which object it is about.
func (c *cloud) explain(doing, key string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "NoSuchBucket" {
		return fmt.Errorf("%s %s: %w: create the bucket, or correct the path", doing, c.display(key), ErrNoBucket)
	}
	switch gcerrors.Code(err) { //nolint:exhaustive // the rest needs no name
	case gcerrors.NotFound:
		return fmt.Errorf("%s %s: %w", doing, c.display(key), ErrNotFound)
	case gcerrors.PermissionDenied:
		return fmt.Errorf("%s %s: %w: allow the credentials or the role to do this (%w)", doing, c.display(key), ErrDenied, err)
	}
	return fmt.Errorf("%s %s: %w", doing, c.display(key), err)
}

// missing is explain for calls whose answers have no body: there S3 does not
// say whether the bucket or the object is missing, so the bucket is asked.
func (c *cloud) missing(ctx context.Context, doing, key string, err error) error {
	err = c.explain(doing, key, err)
	if c.client == nil || !errors.Is(err, ErrNotFound) {
		return err
	}
	_, head := c.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &c.bucket})
	if _, gone := errors.AsType[*types.NotFound](head); gone {
		return fmt.Errorf("%s %s: %w: create the bucket, or correct the path", doing, c.display(key), ErrNoBucket)
	}
	return err
}

// NewReader implements [Bucket].
func (c *cloud) NewReader(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if length == 0 {
		if _, err := c.Stat(ctx, key); err != nil {
			return nil, err
		}
		return io.NopCloser(strings.NewReader("")), nil
	}
	r, err := c.b.NewRangeReader(ctx, key, offset, length, nil)
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "InvalidRange" {
		return io.NopCloser(strings.NewReader("")), nil
	}
	if err != nil {
		return nil, c.explain("read", key, err)
	}
	return r, nil
}

// NewWriter implements [Bucket].
func (c *cloud) NewWriter(ctx context.Context, key string) (Writer, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	kind := mime.TypeByExtension(path.Ext(key))
	if kind == "" {
		kind = "application/octet-stream"
	}
	w, err := c.b.NewWriter(ctx, key, &gcblob.WriterOptions{ContentType: kind})
	if err != nil {
		cancel(err)
		return nil, c.explain("write", key, err)
	}
	return &cloudWriter{c: c, key: key, w: w, cancel: cancel}, nil
}

type cloudWriter struct {
	c      *cloud
	key    string
	w      *gcblob.Writer
	cancel context.CancelCauseFunc
	done   bool
}

func (w *cloudWriter) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	return n, w.c.explain("write", w.key, err)
}

func (w *cloudWriter) Close() error {
	if w.done {
		return fmt.Errorf("write %s: %w", w.c.display(w.key), ErrAborted)
	}
	w.done = true
	err := w.c.explain("write", w.key, w.w.Close())
	w.cancel(nil)
	return err
}

// Abort cancels the upload before closing it, which is how gocloud.dev/blob
// knows that the object is not wanted.
func (w *cloudWriter) Abort() {
	if w.done {
		return
	}
	w.done = true
	w.cancel(ErrAborted)
	_ = w.w.Close()
}

// List implements [Bucket].
func (c *cloud) List(ctx context.Context, prefix string, f func(Object) error) error {
	it := c.b.List(&gcblob.ListOptions{Prefix: prefix})
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		o, err := it.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return c.explain("list", prefix, err)
		}
		object := Object{Key: o.Key, Size: o.Size, Modified: o.ModTime.UTC(), ETag: hex.EncodeToString(o.MD5)}
		var found types.Object
		if o.As(&found) {
			object.ETag = strings.Trim(aws.ToString(found.ETag), `"`)
		}
		switch err := f(object); {
		case errors.Is(err, Stop):
			return nil
		case err != nil:
			return err
		}
	}
}

// Stat implements [Bucket].
func (c *cloud) Stat(ctx context.Context, key string) (Object, error) {
	if err := checkKey(key); err != nil {
		return Object{}, err
	}
	a, err := c.b.Attributes(ctx, key)
	if err != nil {
		return Object{}, c.missing(ctx, "look up", key, err)
	}
	etag := strings.Trim(a.ETag, `"`)
	if c.client == nil {
		etag = hex.EncodeToString(a.MD5)
	}
	return Object{Key: key, Size: a.Size, Modified: a.ModTime.UTC(), ETag: etag}, nil
}

// Delete implements [Bucket]. gocloud.dev/blob deletes one object in two
// requests; S3 can take a thousand in one.
func (c *cloud) Delete(ctx context.Context, keys ...string) error {
	if c.client == nil {
		for _, key := range keys {
			if err := c.b.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
				return c.explain("delete", key, err)
			}
		}
		return nil
	}
	for len(keys) > 0 {
		n := min(len(keys), 1000)
		batch := &types.Delete{Quiet: aws.Bool(true)}
		for _, key := range keys[:n] {
			batch.Objects = append(batch.Objects, types.ObjectIdentifier{Key: aws.String(key)})
		}
		out, err := c.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &c.bucket, Delete: batch})
		if err != nil {
			return c.explain("delete", keys[0], err)
		}
		if len(out.Errors) > 0 {
			e := out.Errors[0]
			return fmt.Errorf("delete %s: %s: %s (%d of %d objects could not be deleted)", c.display(aws.ToString(e.Key)),
				aws.ToString(e.Code), aws.ToString(e.Message), len(out.Errors), n)
		}
		keys = keys[n:]
	}
	return nil
}
