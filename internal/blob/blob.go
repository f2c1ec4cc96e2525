// Package blob is the object storage behind the service: a flat name space of
// objects, in a local folder, in Amazon S3 or anything that speaks its API, or
// in memory for tests.
//
// A [Bucket] is all that the rest of the program sees. Objects are written
// once and appear whole or not at all; nothing here edits an object in place.
// [Open] turns a [Config] into a [Storage], which hands out the two kinds of
// buckets there are: the service's own files, and the users' buckets by their
// s3:// paths.
package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// The errors that callers tell apart with [errors.Is].
var (
	// ErrNotFound: the bucket exists, the object does not.
	ErrNotFound = errors.New("object not found")
	// ErrNoBucket: the bucket itself does not exist.
	ErrNoBucket = errors.New("bucket not found")
	// ErrDenied: the storage exists and refuses this caller.
	ErrDenied = errors.New("access denied")
	// ErrInvalidKey: the key or bucket name can never be stored.
	ErrInvalidKey = errors.New("invalid name")
	// ErrExists: the bucket to be made exists already.
	ErrExists = errors.New("bucket exists already")
	// ErrNotEmpty: the bucket to be removed still holds objects.
	ErrNotEmpty = errors.New("bucket is not empty")
	// ErrAborted: the writer was aborted before it was closed.
	ErrAborted = errors.New("write was aborted")
)

// Stop is returned by the function given to [Bucket.List] to end the
// listing without an error.
var Stop = errors.New("stop listing") //nolint:errname,staticcheck // like fs.SkipAll, a signal and not an error

// A Bucket is a flat name space of objects. All methods may be called by many
// goroutines at once. A failed call wraps one of the errors above where one
// applies, and its text names the object by its s3:// path or its file.
type Bucket interface {
	// NewReader reads length bytes from offset on, all the rest if length is
	// negative. What lies beyond the end is cut off without an error.
	NewReader(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
	// NewWriter starts an object that appears, replacing an older one, when
	// the writer is closed without an error. The context must live as long as
	// the writer.
	NewWriter(ctx context.Context, key string) (Writer, error)
	// List calls f for every object whose key begins with prefix, in ascending
	// order of the keys' bytes. It ends early with f's error; [Stop] is no error.
	List(ctx context.Context, prefix string, f func(Object) error) error
	// Stat describes one object.
	Stat(ctx context.Context, key string) (Object, error)
	// Delete removes objects. Keys without an object are passed over.
	Delete(ctx context.Context, keys ...string) error
}

// A Writer writes one object. It is not safe for concurrent use.
type Writer interface {
	io.Writer
	// Close stores the object durably and makes it visible. After a failed
	// Close the older object, if any, is still there.
	Close() error
	// Abort throws away what was written. It does nothing after Close, so that
	// it can be deferred.
	Abort()
}

// Object describes a stored object.
type Object struct {
	Key      string
	Size     int64     // bytes
	Modified time.Time // UTC
	ETag     string    // changes when the content does; no quotes
}

// Location is a place in a user's bucket, as the API's requests give it.
type Location struct {
	Path      string // s3://bucket/key, s3://bucket/prefix/ or s3://bucket
	RoleARN   string // the role to take before touching the bucket; may be empty
	KMSKeyARN string // encrypts what is written, where the storage can; may be empty
}

// Access opens users' buckets.
type Access interface {
	// Open returns the location's bucket and the key or prefix in it, which is
	// empty for a whole bucket. It may not notice that the bucket does not
	// exist: the first use of the bucket does.
	Open(ctx context.Context, loc Location) (bucket Bucket, key string, err error)
}

// ReadAll reads a whole object.
func ReadAll(ctx context.Context, b Bucket, key string) ([]byte, error) {
	r, err := b.NewReader(ctx, key, 0, -1)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	body, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	return body, nil
}

// WriteAll writes a whole object.
func WriteAll(ctx context.Context, b Bucket, key string, body []byte) error {
	w, err := b.NewWriter(ctx, key)
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := io.Copy(w, bytes.NewReader(body)); err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	return w.Close()
}

// DeletePrefix removes every object whose key begins with prefix.
func DeletePrefix(ctx context.Context, b Bucket, prefix string) error {
	const batch = 1000 // what one S3 request can take
	for {
		var keys []string
		err := b.List(ctx, prefix, func(o Object) error {
			if keys = append(keys, o.Key); len(keys) == batch {
				return Stop
			}
			return nil
		})
		if err != nil || len(keys) == 0 {
			return err
		}
		if err := b.Delete(ctx, keys...); err != nil {
			return err
		}
		if len(keys) < batch {
			return nil
		}
	}
}

// A Reader reads parts of one object. It is safe for concurrent use.
type Reader struct {
	ctx    context.Context //nolint:containedctx // io.ReaderAt has no room for it; the reader belongs to one call
	bucket Bucket
	object Object
	file   fileReader // set when the bucket can hand out an open file
}

type fileReader interface {
	io.ReaderAt
	io.Closer
}

// ReaderAt opens an object for reading parts of it. Each ReadAt is one range
// read of the bucket, or of an open file where the bucket is a folder. The
// context governs all reads. Close the reader when done.
func ReaderAt(ctx context.Context, b Bucket, key string) (*Reader, error) {
	if r, err := openReader(ctx, b, key); r != nil || err != nil {
		return r, err
	}
	object, err := b.Stat(ctx, key)
	if err != nil {
		return nil, err
	}
	return &Reader{ctx: ctx, bucket: b, object: object}, nil
}

// SizedReaderAt is ReaderAt for an object whose size the caller knows: where
// there is no file to open, nothing is asked of the bucket before the first
// ReadAt.
func SizedReaderAt(ctx context.Context, b Bucket, key string, size int64) (*Reader, error) {
	if r, err := openReader(ctx, b, key); r != nil || err != nil {
		return r, err
	}
	return &Reader{ctx: ctx, bucket: b, object: Object{Key: key, Size: size}}, nil
}

// openReader returns a reader of an open file, nil if the bucket has no files.
func openReader(ctx context.Context, b Bucket, key string) (*Reader, error) {
	f, ok := b.(interface {
		openFile(ctx context.Context, key string) (fileReader, Object, error)
	})
	if !ok {
		return nil, nil //nolint:nilnil // no file is no error
	}
	file, object, err := f.openFile(ctx, key)
	if err != nil {
		return nil, err
	}
	return &Reader{ctx: ctx, bucket: b, object: object, file: file}, nil
}

// Size returns the object's size in bytes at the time it was opened.
func (r *Reader) Size() int64 { return r.object.Size }

// Object describes the object as it was when it was opened.
func (r *Reader) Object() Object { return r.object }

// ReadAt implements [io.ReaderAt].
func (r *Reader) ReadAt(p []byte, off int64) (int, error) {
	if r.file != nil {
		if err := context.Cause(r.ctx); err != nil {
			return 0, err
		}
		return r.file.ReadAt(p, off)
	}
	switch {
	case off < 0:
		return 0, fmt.Errorf("read %s: negative offset %d", r.object.Key, off)
	case len(p) == 0:
		return 0, nil
	case off >= r.object.Size:
		return 0, io.EOF
	}
	body, err := r.bucket.NewReader(r.ctx, r.object.Key, off, int64(len(p)))
	if err != nil {
		return 0, err
	}
	defer func() { _ = body.Close() }()
	n, err := io.ReadFull(body, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// Close frees the reader.
func (r *Reader) Close() error {
	if r.file != nil {
		return r.file.Close()
	}
	return nil
}
