package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// NewWriter implements [Bucket].
func (b *folder) NewWriter(ctx context.Context, key string) (Writer, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	f, err := b.temporary()
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", b.display(key), err)
	}
	return &folderWriter{ctx: ctx, b: b, key: key, file: f}, nil
}

// temporary makes and locks a new file. A sweep of another process may remove
// it before it is locked; then another is made.
func (b *folder) temporary() (*os.File, error) {
	dir := filepath.Join(b.root, tempName)
	for {
		// As with any file a user makes, the umask says who may read it.
		f, err := os.OpenFile(filepath.Join(dir, randomName()), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // see above
		if errors.Is(err, fs.ErrNotExist) {
			if err := b.check(); err != nil {
				return nil, err
			}
			if err := makeFolder(dir); err != nil && !errors.Is(err, fs.ErrExist) {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		if !errors.Is(tryLock(f), errLocked) {
			if _, err := os.Lstat(f.Name()); err == nil {
				return f, nil
			}
		}
		_ = f.Close()
	}
}

type folderWriter struct {
	ctx  context.Context //nolint:containedctx // io.Writer has no room for it
	b    *folder
	key  string
	file *os.File // nil once closed or aborted
	err  error    // of an earlier write
}

// Write implements [io.Writer].
func (w *folderWriter) Write(p []byte) (int, error) {
	if err := w.usable(); err != nil {
		return 0, err
	}
	n, err := w.file.Write(p)
	if err != nil {
		w.err = fmt.Errorf("write %s: %w", w.b.display(w.key), err)
	}
	return n, w.err
}

// ReadFrom lets the kernel copy between files where it can.
func (w *folderWriter) ReadFrom(r io.Reader) (int64, error) {
	if err := w.usable(); err != nil {
		return 0, err
	}
	n, err := w.file.ReadFrom(r)
	if err != nil {
		w.err = fmt.Errorf("write %s: %w", w.b.display(w.key), err)
	}
	return n, w.err
}

func (w *folderWriter) usable() error {
	if w.err != nil {
		return w.err
	}
	if w.file == nil {
		return fmt.Errorf("write %s: %w", w.b.display(w.key), fs.ErrClosed)
	}
	return context.Cause(w.ctx)
}

// Abort implements [Writer].
func (w *folderWriter) Abort() {
	if w.file == nil {
		return
	}
	_ = os.Remove(w.file.Name())
	_ = w.file.Close()
	w.file = nil
	w.err = fmt.Errorf("write %s: %w", w.b.display(w.key), ErrAborted)
}

// Close implements [Writer].
func (w *folderWriter) Close() error {
	if err := w.usable(); err != nil {
		w.Abort()
		return err
	}
	defer w.Abort() // removes the temporary file if it has not been renamed
	if err := w.file.Sync(); err != nil {
		return fmt.Errorf("flush %s to the disk: %w", w.b.display(w.key), err)
	}
	if err := w.b.place(w.file.Name(), w.key); err != nil {
		if errors.Is(err, syscall.ENAMETOOLONG) {
			err = fmt.Errorf("%w: the key is too long for this file system (%w)", ErrInvalidKey, err)
		}
		return fmt.Errorf("write %s: %w", w.b.display(w.key), err)
	}
	_ = w.file.Close()
	w.file = nil
	w.err = fs.ErrClosed
	return nil
}

// place moves a finished temporary file to its object's place.
func (b *folder) place(temporary, key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for attempt := 0; ; attempt++ {
		dir, err := b.clear(key)
		if err == nil {
			err = b.rename(temporary, dir, key)
		}
		// Another process may remove an empty folder, or make a file of its
		// name, between our two steps.
		if err == nil || attempt == 9 || !isMissing(err) && !errors.Is(err, syscall.EISDIR) && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := b.check(); err != nil {
			return err
		}
	}
}

// clear makes the folder for key's object. An object in the way is set aside:
// the keys a and a/b may both exist.
func (b *folder) clear(key string) (string, error) {
	parts := strings.Split(key, "/")
	dir := b.root
	for _, part := range parts[:len(parts)-1] {
		next, err := b.ensureFolder(dir, part)
		if err != nil {
			return "", err
		}
		dir = next
	}
	names := encodePart(parts[len(parts)-1], false)
	for _, name := range names[:len(names)-1] {
		dir = filepath.Join(dir, name)
		if err := makeFolders(dir); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// ensureFolder makes the folder for one part of a key below dir. If an object
// has the name, it moves to the one it has beside a folder; the rename is one
// step, so the object is never out of sight.
func (b *folder) ensureFolder(dir, part string) (string, error) {
	path := filepath.Join(append([]string{dir}, encodePart(part, false)...)...)
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return path, nil
	}
	if err == nil {
		aside := filepath.Join(append([]string{dir}, encodePart(part, true)...)...)
		if err := makeFolders(filepath.Dir(aside)); err != nil {
			return "", err
		}
		if err := os.Rename(path, aside); err != nil {
			return "", err
		}
	}
	return path, makeFolders(path)
}

// rename gives the finished file its name in dir.
func (b *folder) rename(temporary, dir, key string) error {
	plain := filepath.Join(dir, filepath.Base(keyPath(key, false)))
	aside := filepath.Join(b.root, keyPath(key, true))
	if info, err := os.Stat(plain); err == nil && info.IsDir() {
		if err := makeFolders(filepath.Dir(aside)); err != nil {
			return err
		}
		if err := os.Rename(temporary, aside); err != nil {
			return err
		}
		return syncFolder(filepath.Dir(aside))
	}
	if err := os.Rename(temporary, plain); err != nil {
		return err
	}
	if err := syncFolder(dir); err != nil {
		return err
	}
	// A copy set aside while a folder had the name is out of date now.
	if err := os.Remove(aside); err == nil {
		b.prune(filepath.Dir(aside))
	} else if !isMissing(err) && !errors.Is(err, syscall.ENAMETOOLONG) {
		return err
	}
	return nil
}
