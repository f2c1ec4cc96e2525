// Package blobtest is the contract of [blob.Bucket] as tests: every kind of
// bucket runs it.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// Large is the size of the largest object written: more than one part of a
// multipart upload, whose parts have 8 MiB.
const Large = 17 << 20

// Run runs the contract. open returns an empty bucket for one test. Tests that
// are named in without are left out.
func Run(t *testing.T, open func(t *testing.T) blob.Bucket, without ...string) {
	t.Helper()
	for name, test := range map[string]func(contract){
		"WriteAndRead":    contract.testWriteAndRead,
		"Large":           contract.testLarge,
		"Ranges":          contract.testRanges,
		"Overwrite":       contract.testOverwrite,
		"Abort":           contract.testAbort,
		"Invisible":       contract.testInvisible,
		"Missing":         contract.testMissing,
		"List":            contract.testList,
		"ListStops":       contract.testListStops,
		"Delete":          contract.testDelete,
		"DeleteMany":      contract.testDeleteMany,
		"NestedKeys":      contract.testNestedKeys,
		"OddKeys":         contract.testOddKeys,
		"ConcurrentWrite": contract.testConcurrentWrite,
		"ReaderAt":        contract.testReaderAt,
		"Prefixed":        contract.testPrefixed,
	} {
		if !slices.Contains(without, name) {
			t.Run(name, func(t *testing.T) { test(contract{t, open(t)}) })
		}
	}
}

// A contract is one test of one bucket.
type contract struct {
	*testing.T

	bucket blob.Bucket
}

// Put writes an object or ends the test.
func Put(tb testing.TB, b blob.Bucket, key, body string) {
	tb.Helper()
	if err := blob.WriteAll(tb.Context(), b, key, []byte(body)); err != nil {
		tb.Fatalf("write %q: %v", key, err)
	}
}

// Get reads an object or ends the test.
func Get(tb testing.TB, b blob.Bucket, key string) string {
	tb.Helper()
	body, err := blob.ReadAll(tb.Context(), b, key)
	if err != nil {
		tb.Fatalf("read %q: %v", key, err)
	}
	return string(body)
}

// Keys lists the keys with a prefix or ends the test.
func Keys(tb testing.TB, b blob.Bucket, prefix string) []string {
	tb.Helper()
	var keys []string
	err := b.List(tb.Context(), prefix, func(o blob.Object) error {
		keys = append(keys, o.Key)
		return nil
	})
	if err != nil {
		tb.Fatalf("list %q: %v", prefix, err)
	}
	return keys
}

func (t contract) testWriteAndRead() {
	b := t.bucket
	for _, body := range []string{"", "x", strings.Repeat("line\n", 1000)} {
		Put(t, b, "dir/file.csv", body)
		if got := Get(t, b, "dir/file.csv"); got != body {
			t.Errorf("read %d bytes, wrote %d", len(got), len(body))
		}
		o, err := b.Stat(t.Context(), "dir/file.csv")
		if err != nil {
			t.Fatal(err)
		}
		if o.Key != "dir/file.csv" || o.Size != int64(len(body)) || o.Modified.IsZero() || o.ETag == "" || strings.Contains(o.ETag, `"`) {
			t.Errorf("Stat returned %+v", o)
		}
	}
}

func (t contract) testLarge() {
	b := t.bucket
	body := make([]byte, Large)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range body {
		body[i] = byte(r.Uint32N(256))
	}
	w, err := b.NewWriter(t.Context(), "large")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for rest := body; len(rest) > 0; { // an upload of unknown length, in odd pieces
		n := min(len(rest), 77_777)
		if _, err := w.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := blob.ReadAll(t.Context(), b, "large"); err != nil || !bytes.Equal(got, body) {
		t.Fatalf("the large object came back with %d bytes and error %v", len(got), err)
	}
	for _, at := range []int64{0, 8<<20 - 3, 16 << 20} { // a range read after a stream of unknown length
		got := readRange(t, b, "large", at, 10)
		if got != string(body[at:at+10]) {
			t.Errorf("bytes %d..%d differ", at, at+10)
		}
	}
}

func readRange(tb testing.TB, b blob.Bucket, key string, offset, length int64) string {
	tb.Helper()
	r, err := b.NewReader(tb.Context(), key, offset, length)
	if err != nil {
		tb.Fatalf("read %q from %d, %d bytes: %v", key, offset, length, err)
	}
	defer func() { _ = r.Close() }()
	got, err := io.ReadAll(r)
	if err != nil {
		tb.Fatalf("read %q from %d, %d bytes: %v", key, offset, length, err)
	}
	return string(got)
}

func (t contract) testRanges() {
	b := t.bucket
	Put(t, b, "k", "0123456789")
	Put(t, b, "empty", "")
	for _, c := range []struct {
		key            string
		offset, length int64
		want           string
	}{
		{"k", 0, -1, "0123456789"},
		{"k", 3, -1, "3456789"},
		{"k", 3, 4, "3456"},
		{"k", 0, 0, ""},
		{"k", 8, 100, "89"},
		{"k", 10, -1, ""},
		{"k", 10, 5, ""},
		{"k", 99, 5, ""},
		{"empty", 0, -1, ""},
		{"empty", 0, 5, ""},
	} {
		if got := readRange(t, b, c.key, c.offset, c.length); got != c.want {
			t.Errorf("%s from %d, %d bytes: got %q, want %q", c.key, c.offset, c.length, got, c.want)
		}
	}
}

func (t contract) testOverwrite() {
	b := t.bucket
	Put(t, b, "k", "old")
	before, err := b.Stat(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	Put(t, b, "k", "newer")
	after, err := b.Stat(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	if got := Get(t, b, "k"); got != "newer" || after.Size != 5 {
		t.Errorf("read %q with size %d", got, after.Size)
	}
	if before.ETag == after.ETag {
		t.Errorf("the content changed and the ETag %s did not", after.ETag)
	}
}

func (t contract) testAbort() {
	b := t.bucket
	Put(t, b, "kept", "old")
	for _, key := range []string{"kept", "new"} {
		w, err := b.NewWriter(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, "unwanted"); err != nil {
			t.Fatal(err)
		}
		w.Abort()
		w.Abort()
		if err := w.Close(); err == nil {
			t.Error("Close after Abort succeeded")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	w, err := b.NewWriter(ctx, "new")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, "unwanted")
	cancel()
	if err := w.Close(); err == nil {
		t.Error("Close after the context ended succeeded")
	}
	if diff := cmp.Diff([]string{"kept"}, Keys(t, b, "")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if got := Get(t, b, "kept"); got != "old" {
		t.Errorf("an aborted write left %q", got)
	}
}

func (t contract) testInvisible() {
	b := t.bucket
	w, err := b.NewWriter(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	if _, err := io.WriteString(w, "half"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Stat(t.Context(), "k"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("Stat before Close: %v", err)
	}
	if keys := Keys(t, b, ""); len(keys) != 0 {
		t.Errorf("List before Close: %q", keys)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w.Abort() // does nothing now
	if got := Get(t, b, "k"); got != "half" {
		t.Errorf("got %q", got)
	}
}

func (t contract) testMissing() {
	b := t.bucket
	Put(t, b, "file", "x")
	Put(t, b, "dir/file", "x")
	for _, key := range []string{"none", "none/at/all", "dir", "file/below", "dir/none"} {
		if _, err := b.Stat(t.Context(), key); !errors.Is(err, blob.ErrNotFound) || !strings.Contains(err.Error(), key) {
			t.Errorf("Stat(%q): %v", key, err)
		}
		if r, err := b.NewReader(t.Context(), key, 0, -1); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("NewReader(%q): %v", key, err)
			if err == nil {
				_ = r.Close()
			}
		}
		if err := b.Delete(t.Context(), key); err != nil {
			t.Errorf("Delete(%q): %v", key, err)
		}
	}
	for _, key := range []string{"", strings.Repeat("k", 1025)} {
		if _, err := b.NewWriter(t.Context(), key); !errors.Is(err, blob.ErrInvalidKey) {
			t.Errorf("NewWriter with a key of %d bytes: %v", len(key), err)
		}
	}
	if diff := cmp.Diff([]string{"dir/file", "file"}, Keys(t, b, "")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func (t contract) testList() {
	b := t.bucket
	keys := []string{"B", "a-b", "a.csv", "a/1", "a/2/x", "a/2/y", "a0", "ab/1", "b"} // in order of their bytes
	for i := range keys {
		Put(t, b, keys[(i*7)%len(keys)], "x")
	}
	for _, prefix := range []string{"", "a", "a/", "a/2", "a/2/", "a/2/x", "a/2/xx", "B", "c"} {
		var want []string
		for _, k := range keys {
			if strings.HasPrefix(k, prefix) {
				want = append(want, k)
			}
		}
		if diff := cmp.Diff(want, Keys(t, b, prefix)); diff != "" {
			t.Errorf("prefix %q (-want +got):\n%s", prefix, diff)
		}
	}
	err := b.List(t.Context(), "a/2/", func(o blob.Object) error {
		stat, err := b.Stat(t.Context(), o.Key)
		if err != nil {
			return err
		}
		if o.Size != 1 || o.ETag != stat.ETag || o.Modified.IsZero() {
			t.Errorf("listed %+v, Stat says %+v", o, stat)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (t contract) testListStops() {
	b := t.bucket
	for i := range 5 {
		Put(t, b, fmt.Sprintf("k%d/x", i), "x")
	}
	n := 0
	count := func(err error) func(blob.Object) error {
		return func(blob.Object) error {
			if n++; n == 2 {
				return err
			}
			return nil
		}
	}
	if err := b.List(t.Context(), "", count(blob.Stop)); err != nil || n != 2 {
		t.Errorf("Stop: %d calls, error %v", n, err)
	}
	n = 0
	mine := errors.New("mine")
	if err := b.List(t.Context(), "", count(mine)); !errors.Is(err, mine) || n != 2 {
		t.Errorf("own error: %d calls, error %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.List(ctx, "", func(blob.Object) error { return nil }); err == nil {
		t.Error("List with an ended context succeeded")
	}
}

func (t contract) testDelete() {
	b := t.bucket
	for _, k := range []string{"a/1", "a/2", "b", "c"} {
		Put(t, b, k, "x")
	}
	if err := b.Delete(t.Context(), "a/1", "none", "b"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a/2", "c"}, Keys(t, b, "")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if err := b.Delete(t.Context()); err != nil {
		t.Errorf("delete of nothing: %v", err)
	}
	if err := blob.DeletePrefix(t.Context(), b, "a/"); err != nil {
		t.Fatal(err)
	}
	Put(t, b, "a", "now a file where a folder was")
	if diff := cmp.Diff([]string{"a", "c"}, Keys(t, b, "")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func (t contract) testDeleteMany() {
	b := t.bucket
	var wait sync.WaitGroup
	const n = 1040 // more than one request of S3
	for w := range 8 {
		wait.Go(func() {
			for i := w; i < n; i += 8 {
				if err := blob.WriteAll(t.Context(), b, fmt.Sprintf("p/%04d", i), []byte("x")); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	Put(t, b, "q", "stays")
	if got := len(Keys(t, b, "p/")); got != n {
		t.Fatalf("listed %d of %d keys", got, n)
	}
	if err := blob.DeletePrefix(t.Context(), b, "p/"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"q"}, Keys(t, b, "")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

// testNestedKeys: in S3 a key may be the beginning of another, across a slash.
func (t contract) testNestedKeys() {
	b := t.bucket
	keys := []string{"a", "a/b", "a/b/c", "a/b/c/"}
	orders := [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}}
	for _, order := range orders {
		for _, i := range order {
			Put(t, b, keys[i], "first "+keys[i])
			Put(t, b, keys[i], keys[i])
		}
		if diff := cmp.Diff(keys, Keys(t, b, "")); diff != "" {
			t.Fatalf("order %v (-want +got):\n%s", order, diff)
		}
		for _, i := range order {
			if got := Get(t, b, keys[i]); got != keys[i] {
				t.Errorf("order %v: %q holds %q", order, keys[i], got)
			}
		}
		for n, i := range order {
			if err := b.Delete(t.Context(), keys[i]); err != nil {
				t.Fatal(err)
			}
			if left := Keys(t, b, ""); len(left) != len(keys)-n-1 {
				t.Errorf("order %v: %d keys left after %d deletions: %q", order, len(left), n+1, left)
			}
		}
	}
}

func (t contract) testOddKeys() {
	b := t.bucket
	keys := []string{
		"with space", "ümläut/日本.csv", "percent%20sign", "plus+and&amp", "a:b", "trailing.", ".hidden", "..two", "quote\"'",
		"double//slash", "ends/in/slash/", ".almanac-key-x", ".almanac-tmp/x", "a/.almanac-obj-y/z", "back\\slash",
		strings.Repeat("long", 100) + "/" + strings.Repeat("x", 250), strings.Repeat("long", 100),
	}
	for _, k := range keys {
		Put(t, b, k, "body of "+k)
	}
	found := map[string]bool{}
	for _, k := range Keys(t, b, "") {
		found[k] = true
	}
	for _, k := range keys {
		if got := Get(t, b, k); got != "body of "+k {
			t.Errorf("%q holds %q", k, got)
		}
		if !found[k] {
			t.Errorf("%q is not listed", k)
		}
	}
	if len(found) != len(keys) {
		t.Errorf("%d keys listed, %d written", len(found), len(keys))
	}
	if err := b.Delete(t.Context(), keys...); err != nil {
		t.Fatal(err)
	}
	if left := Keys(t, b, ""); len(left) > 0 {
		t.Errorf("left after deleting all: %q", left)
	}
}

func (t contract) testConcurrentWrite() {
	b := t.bucket
	var wait sync.WaitGroup
	bodies := make([]string, 8)
	for i := range bodies {
		bodies[i] = strings.Repeat(string(rune('a'+i)), 10_000+i)
		wait.Go(func() {
			for range 5 {
				if err := blob.WriteAll(t.Context(), b, "d/k", []byte(bodies[i])); err != nil {
					t.Error(err)
				}
				if err := blob.WriteAll(t.Context(), b, fmt.Sprintf("d%d/k", i), []byte("x")); err != nil {
					t.Error(err)
				}
				if err := b.Delete(t.Context(), fmt.Sprintf("d%d/k", i)); err != nil {
					t.Error(err)
				}
				body, err := blob.ReadAll(t.Context(), b, "d/k")
				if err != nil {
					t.Error(err)
				} else if body[0] != body[len(body)-1] || len(body) != 10_000+int(body[0]-'a') {
					t.Error("a mixture of two writes was read")
				}
			}
		})
	}
	wait.Wait()
}

func (t contract) testReaderAt() {
	b := t.bucket
	if _, err := blob.ReaderAt(t.Context(), b, "none"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("missing object: %v", err)
	}
	Put(t, b, "k", "0123456789")
	r, err := blob.ReaderAt(t.Context(), b, "k")
	if err != nil {
		t.Fatal(err)
	}
	t.readParts(r)
	if r, err = blob.SizedReaderAt(t.Context(), b, "k", 10); err != nil {
		t.Fatal(err)
	}
	t.readParts(r)
	// What is not there is told by a folder at once, and by the others later.
	if r, err = blob.SizedReaderAt(t.Context(), b, "none", 10); err == nil {
		_, err = r.ReadAt(make([]byte, 1), 0)
	}
	if !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("missing object of a known size: %v", err)
	}
}

// readParts reads parts of an object of ten digits, and closes the reader.
func (t contract) readParts(r *blob.Reader) {
	t.Helper()
	defer func() { _ = r.Close() }()
	if r.Size() != 10 {
		t.Errorf("size %d", r.Size())
	}
	for _, c := range []struct {
		off  int64
		n    int
		want string
		err  error
	}{
		{0, 4, "0123", nil},
		{6, 4, "6789", nil},
		{8, 4, "89", io.EOF},
		{10, 4, "", io.EOF},
		{50, 4, "", io.EOF},
	} {
		p := make([]byte, c.n)
		n, err := r.ReadAt(p, c.off)
		if string(p[:n]) != c.want || !errors.Is(err, c.err) {
			t.Errorf("ReadAt(%d bytes, %d): %q and %v; want %q and %v", c.n, c.off, p[:n], err, c.want, c.err)
		}
	}
}

func (t contract) testPrefixed() {
	b := t.bucket
	Put(t, b, "outside", "x")
	p := blob.WithPrefix(b, "in/side/")
	Put(t, p, "k/1", "one")
	Put(t, p, "k/2", "two")
	if diff := cmp.Diff([]string{"k/1", "k/2"}, Keys(t, p, "k/")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if o, err := p.Stat(t.Context(), "k/1"); err != nil || o.Key != "k/1" || o.Size != 3 {
		t.Errorf("Stat: %+v, %v", o, err)
	}
	if err := p.Delete(t.Context(), "k/1"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"in/side/k/2", "outside"}, Keys(t, b, "")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}
