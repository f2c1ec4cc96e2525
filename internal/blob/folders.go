package blob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Folders keeps users' buckets as the folders of one folder: s3://bucket/key
// is the file <root>/bucket/key. It is safe for concurrent use.
type Folders struct {
	root string
	mu   sync.Mutex
	open map[string]*folder
}

// NewFolders returns the buckets below root, which is made if it is not there.
func NewFolders(root string) (*Folders, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("find the absolute path of %s: %w", root, err)
	}
	if err := makeFolders(abs); err != nil {
		return nil, fmt.Errorf("make the folder %s for buckets: %w", abs, err)
	}
	return &Folders{root: abs, open: map[string]*folder{}}, nil
}

// Root returns the folder that holds the buckets, as an absolute path.
func (f *Folders) Root() string { return f.root }

// Open implements [Access]. Role and key are of no use to a folder.
func (f *Folders) Open(_ context.Context, loc Location) (Bucket, string, error) {
	name, key, err := ParsePath(loc.Path)
	if err != nil {
		return nil, "", err
	}
	b, err := f.Bucket(name)
	return b, key, err
}

// Bucket returns one bucket, which also is a [Scanner], or ErrNoBucket.
func (f *Folders) Bucket(name string) (Bucket, error) {
	if err := CheckBucketName(name); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.open[name]
	if b == nil {
		b = &folder{root: filepath.Join(f.root, name), name: "s3://" + name}
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	if f.open[name] == nil {
		b.sweep()
		f.open[name] = b
	}
	return b, nil
}

// Create makes an empty bucket, or returns ErrExists.
func (f *Folders) Create(name string) error {
	if err := CheckBucketName(name); err != nil {
		return err
	}
	err := makeFolder(filepath.Join(f.root, name))
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("s3://%s: %w", name, ErrExists)
	}
	if err != nil {
		return fmt.Errorf("create the bucket %s: %w", name, err)
	}
	return syncFolder(f.root)
}

// Remove removes an empty bucket, or returns ErrNotEmpty or ErrNoBucket.
// Folders without a file in them do not count.
func (f *Folders) Remove(ctx context.Context, name string) error {
	if _, err := f.Bucket(name); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.open[name]
	b.mu.Lock()
	defer b.mu.Unlock()
	empty := true
	if err := b.List(ctx, "", func(Object) error { empty = false; return Stop }); err != nil {
		return err
	}
	if !empty {
		return fmt.Errorf("s3://%s: %w: delete its objects first", name, ErrNotEmpty)
	}
	if err := removeEmpty(b.root); err != nil {
		return fmt.Errorf("remove the bucket %s: %w", name, err)
	}
	delete(f.open, name)
	return syncFolder(f.root)
}

// removeEmpty removes a tree of folders. The temporary folder goes with its
// files, whose writers then fail; any other file stops it.
func removeEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if e.Name() == tempName {
			err = os.RemoveAll(path)
		} else {
			err = removeEmpty(path)
		}
		if err != nil {
			return err
		}
	}
	return os.Remove(dir)
}

// A BucketInfo describes a bucket in a list of buckets.
type BucketInfo struct {
	Name    string
	Created time.Time // of the folder's last change, the nearest that files tell
}

// Buckets lists the buckets in ascending order of their names.
func (f *Folders) Buckets() ([]BucketInfo, error) {
	entries, err := os.ReadDir(f.root)
	if err != nil {
		return nil, fmt.Errorf("list the buckets: %w", err)
	}
	var all []BucketInfo
	for _, e := range entries {
		if CheckBucketName(e.Name()) != nil {
			continue
		}
		if info, err := os.Stat(filepath.Join(f.root, e.Name())); err == nil && info.IsDir() {
			all = append(all, BucketInfo{Name: e.Name(), Created: info.ModTime().UTC()})
		}
	}
	return all, nil
}
