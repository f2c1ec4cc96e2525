package batch

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// Stdin is the name that stands for standard input.
const Stdin = "-"

// file is one input file: where it is, and what its first bytes say it is.
type file struct {
	name string // as given, for messages
	path string
	key  string // in the bucket of all files; its ending says the format
	size int64

	header []string   // the fields of its first row, or the columns of Parquet
	rows   [][]string // the first rows of CSV, the header included
	binary bool       // Parquet
}

// openFiles looks at the files. Standard input is copied into dir first.
func openFiles(names []string, stdin io.Reader, dir string) ([]file, error) {
	files := make([]file, len(names))
	for i, name := range names {
		f := file{name: name, path: name}
		if name == Stdin {
			f.name = "standard input"
			var err error
			if f.path, err = spool(stdin, dir, i); err != nil {
				return nil, err
			}
		}
		if err := f.look(i); err != nil {
			return nil, err
		}
		files[i] = f
	}
	return files, nil
}

func spool(stdin io.Reader, dir string, i int) (string, error) {
	f, err := os.CreateTemp(dir, "stdin-"+strconv.Itoa(i)+"-")
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, stdin)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	return f.Name(), nil
}

// How many rows are looked at to tell what the columns are.
const lookRows = 100

// look finds out what a file is from its content, whatever it is called.
func (f *file) look(i int) error {
	info, err := os.Stat(f.path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s is a folder; name its files", f.name)
	}
	f.size, f.key = info.Size(), strconv.Itoa(i)+".csv"
	r, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // it was only read
	b := bufio.NewReaderSize(r, 1<<16)
	magic, err := b.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch {
	case len(magic) == 0:
		return fmt.Errorf("%s is empty", f.name)
	case string(magic) == "PAR1":
		f.key, f.binary = strconv.Itoa(i)+".parquet", true
		p, err := parquet.OpenFile(r, f.size)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		for _, column := range p.Schema().Fields() {
			f.header = append(f.header, column.Name())
		}
		return nil
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		f.key += ".gz"
		z, err := gzip.NewReader(b)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		b = bufio.NewReaderSize(z, 1<<16)
	}
	return f.readRows(b)
}

func (f *file) readRows(b *bufio.Reader) error {
	if bom, err := b.Peek(3); err == nil && string(bom) == "\ufeff" {
		_, _ = b.Discard(3) // it has just been peeked at
	}
	r := csv.NewReader(b)
	r.FieldsPerRecord = -1 // the import says which line is wrong, and more about it
	r.LazyQuotes = true
	for len(f.rows) < lookRows {
		row, err := r.Read()
		if err != nil {
			break
		}
		f.rows = append(f.rows, row)
	}
	if len(f.rows) == 0 {
		return fmt.Errorf("%s holds no row", f.name)
	}
	f.header = f.rows[0]
	return nil
}

// files are the input files seen as a bucket, which is what an import reads.
type files []file

var errReadOnly = errors.New("batch: input files are not written to")

func (fs files) find(key string) (file, error) {
	for _, f := range fs {
		if f.key == key {
			return f, nil
		}
	}
	return file{}, fmt.Errorf("%s: %w", key, blob.ErrNotFound)
}

func (fs files) name(key string) string {
	f, err := fs.find(key)
	if err != nil {
		return key
	}
	return f.name
}

func (fs files) objects() []blob.Object {
	var all []blob.Object
	for _, f := range fs {
		all = append(all, blob.Object{Key: f.key, Size: f.size})
	}
	return all
}

// NewReader implements [blob.Bucket].
func (fs files) NewReader(_ context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	f, err := fs.find(key)
	if err != nil {
		return nil, err
	}
	r, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	if length < 0 {
		length = max(0, f.size-offset)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(r, offset, length), r}, nil
}

// Stat implements [blob.Bucket].
func (fs files) Stat(_ context.Context, key string) (blob.Object, error) {
	f, err := fs.find(key)
	return blob.Object{Key: f.key, Size: f.size}, err
}

// List implements [blob.Bucket].
func (fs files) List(_ context.Context, prefix string, f func(blob.Object) error) error {
	for _, o := range fs.objects() {
		if !strings.HasPrefix(o.Key, prefix) {
			continue
		}
		if err := f(o); err != nil {
			if errors.Is(err, blob.Stop) {
				return nil
			}
			return err
		}
	}
	return nil
}

// NewWriter implements [blob.Bucket].
func (files) NewWriter(context.Context, string) (blob.Writer, error) { return nil, errReadOnly }

// Delete implements [blob.Bucket].
func (files) Delete(context.Context, ...string) error { return errReadOnly }
