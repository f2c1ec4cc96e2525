package blob

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// folder is a [Bucket] in a folder of the file system; see folder_path.go for
// its files. An object is written to a temporary file, flushed to the disk and
// renamed, and the rename is flushed too: what Close acknowledged survives a
// power cut, and a crash leaves no half-written object behind.
//
// Several processes may use one folder. Within a process, one folder value
// must serve all writers of a bucket, which [Folders] sees to.
type folder struct {
	root string // absolute
	name string // how messages call the bucket: "s3://bucket" or the folder itself
	mu   sync.Mutex
}

// NewFolder returns a bucket in the folder root, which is made if it is not
// there. Half-written objects of processes that are gone are removed.
func NewFolder(root string) (Bucket, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("find the absolute path of %s: %w", root, err)
	}
	if err := makeFolders(abs); err != nil {
		return nil, fmt.Errorf("make the folder %s for stored objects: %w", abs, err)
	}
	b := &folder{root: abs, name: abs}
	b.sweep()
	return b, nil
}

func (b *folder) display(key string) string { return b.name + "/" + key }

// locate finds the file of an object. A second look at the plain name covers
// an object that was set aside, or put back, between the first two.
func (b *folder) locate(key string) (string, fs.FileInfo, error) {
	if err := checkKey(key); err != nil {
		return "", nil, err
	}
	plain := filepath.Join(b.root, keyPath(key, false))
	for _, path := range []string{plain, filepath.Join(b.root, keyPath(key, true)), plain} {
		info, err := os.Stat(path)
		switch {
		case err == nil && info.Mode().IsRegular():
			return path, info, nil
		case err == nil, isMissing(err):
		case errors.Is(err, syscall.ENAMETOOLONG):
			// Too deep for this file system, so it was never written either.
			return "", nil, b.missing(key)
		default:
			return "", nil, fmt.Errorf("look up %s: %w", b.display(key), err)
		}
	}
	return "", nil, b.missing(key)
}

func (b *folder) missing(key string) error {
	if err := b.check(); err != nil {
		return err
	}
	return fmt.Errorf("%s: %w", b.display(key), ErrNotFound)
}

// check returns ErrNoBucket when the bucket's folder is gone.
func (b *folder) check() error {
	if info, err := os.Stat(b.root); err != nil || !info.IsDir() {
		return fmt.Errorf("%s: %w: there is no folder %s; create the bucket first", b.name, ErrNoBucket, b.root)
	}
	return nil
}

// Stat implements [Bucket].
func (b *folder) Stat(ctx context.Context, key string) (Object, error) {
	if err := context.Cause(ctx); err != nil {
		return Object{}, err
	}
	_, info, err := b.locate(key)
	if err != nil {
		return Object{}, err
	}
	return describe(key, info), nil
}

// describe makes the ETag from the time and the size: a file's content need
// not be read to list it. The dash says that it is no MD5 sum.
func describe(key string, info fs.FileInfo) Object {
	t := info.ModTime().UTC()
	return Object{Key: key, Size: info.Size(), Modified: t, ETag: fmt.Sprintf("%016x-%x", uint64(t.UnixNano()), info.Size())}
}

func (b *folder) openFile(ctx context.Context, key string) (fileReader, Object, error) {
	f, o, err := b.open(ctx, key)
	if err != nil {
		return nil, Object{}, err
	}
	return f, o, nil
}

func (b *folder) open(ctx context.Context, key string) (*os.File, Object, error) {
	for {
		if err := context.Cause(ctx); err != nil {
			return nil, Object{}, err
		}
		if f, info := b.openPlain(key); f != nil {
			return f, describe(key, info), nil
		}
		path, _, err := b.locate(key)
		if err != nil {
			return nil, Object{}, err
		}
		f, err := os.Open(path) //nolint:gosec // keyPath does not leave the bucket
		if isMissing(err) {
			continue // replaced or removed since it was located: look again
		}
		if err != nil {
			return nil, Object{}, fmt.Errorf("open %s: %w", b.display(key), err)
		}
		info, err := f.Stat()
		if err != nil {
			_ = f.Close()
			return nil, Object{}, fmt.Errorf("open %s: %w", b.display(key), err)
		}
		if !info.Mode().IsRegular() {
			_ = f.Close()
			continue
		}
		return f, describe(key, info), nil
	}
}

// openPlain opens an object that lies under its own name, as nearly all do,
// without looking for it first. All else is left to locate: then it is nil.
func (b *folder) openPlain(key string) (*os.File, fs.FileInfo) {
	if checkKey(key) != nil {
		return nil, nil
	}
	// Nonblocking, or a pipe that lies there would keep us until somebody
	// writes into it; for files it means nothing.
	f, err := os.OpenFile(filepath.Join(b.root, keyPath(key, false)), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		return f, info
	}
	_ = f.Close()
	return nil, nil
}

// NewReader implements [Bucket].
func (b *folder) NewReader(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	f, _, err := b.open(ctx, key)
	if err != nil {
		return nil, err
	}
	if offset > 0 {
		if _, err := f.Seek(offset, io.SeekStart); err != nil {
			_ = f.Close()
			return nil, fmt.Errorf("read %s from byte %d: %w", b.display(key), offset, err)
		}
	}
	if length < 0 {
		return f, nil
	}
	return &limitedFile{LimitedReader: io.LimitedReader{R: f, N: length}, file: f}, nil
}

type limitedFile struct {
	io.LimitedReader
	file *os.File
}

// WriteTo lets the kernel copy between files where it can.
func (l *limitedFile) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, &l.LimitedReader) }

func (l *limitedFile) Close() error { return l.file.Close() }

// Delete implements [Bucket].
func (b *folder) Delete(ctx context.Context, keys ...string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	changed := map[string]bool{}
	for _, key := range keys {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := checkKey(key); err != nil {
			continue // it cannot exist
		}
		// The copy set aside goes first: it may be older than the plain one,
		// and must not come back if we die in between.
		for _, aside := range []bool{true, false} {
			path := filepath.Join(b.root, keyPath(key, aside))
			info, err := os.Lstat(path)
			if err != nil || info.IsDir() {
				continue
			}
			if err := os.Remove(path); err != nil && !isMissing(err) {
				return fmt.Errorf("delete %s: %w", b.display(key), err)
			}
			changed[b.prune(filepath.Dir(path))] = true
		}
	}
	for dir := range changed {
		if err := syncFolder(dir); err != nil && !isMissing(err) {
			return fmt.Errorf("flush the folder %s: %w", dir, err)
		}
	}
	return b.check()
}

// prune removes dir and its parents as far as they are empty, and returns the
// first that is not.
func (b *folder) prune(dir string) string {
	for dir != b.root && os.Remove(dir) == nil {
		dir = filepath.Dir(dir)
	}
	return dir
}

// sweep removes temporary files whose writers are gone: a living writer holds
// a lock on its file. It is a courtesy, so errors do not matter.
func (b *folder) sweep() {
	dir := filepath.Join(b.root, tempName)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		f, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // a file of our own folder
		if err != nil {
			continue
		}
		if tryLock(f) == nil {
			_ = os.Remove(path)
		}
		_ = f.Close()
	}
}

func randomName() string {
	var raw [12]byte
	_, _ = rand.Read(raw[:]) // never fails
	return hex.EncodeToString(raw[:])
}

// isMissing says whether a path does not exist, or runs through a file.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// makeFolders is os.MkdirAll that also flushes the folders it made.
func makeFolders(dir string) error {
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return &fs.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTDIR}
		}
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := makeFolders(parent); err != nil {
			return err
		}
	}
	if err := makeFolder(dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(parent)
}

// makeFolder makes one folder; as with any that a user makes, the umask says
// who may read it.
func makeFolder(dir string) error {
	return os.Mkdir(dir, 0o755) //nolint:gosec // see above
}

// syncFolder makes renames in dir survive a power cut.
func syncFolder(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // a folder of a bucket
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err // EINVAL: this file system has nothing to flush for a folder
	}
	return nil
}
