package blob_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/blob/blobtest"
)

func TestFolder(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Bucket {
		t.Helper()
		b, err := blob.NewFolder(filepath.Join(t.TempDir(), "not", "there", "yet"))
		if err != nil {
			t.Fatal(err)
		}
		return b
	})
}

func TestMemory(t *testing.T) {
	blobtest.Run(t, func(*testing.T) blob.Bucket { return blob.NewMemory() })
}

func newFolders(t *testing.T) *blob.Folders {
	t.Helper()
	f, err := blob.NewFolders(filepath.Join(t.TempDir(), "buckets"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFoldersBuckets(t *testing.T) {
	f := newFolders(t)
	for _, name := range []string{"two", "one"} {
		if err := f.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Create("one"); !errors.Is(err, blob.ErrExists) {
		t.Errorf("second Create: %v", err)
	}
	for _, name := range []string{"", "..", "ab", "Upper", "-a-", "a..b", "a/b", "a\x00b", strings.Repeat("a", 64)} {
		if err := f.Create(name); !errors.Is(err, blob.ErrInvalidKey) {
			t.Errorf("Create(%q): %v", name, err)
		}
		if _, err := f.Bucket(name); !errors.Is(err, blob.ErrInvalidKey) {
			t.Errorf("Bucket(%q): %v", name, err)
		}
	}
	if _, err := f.Bucket("none"); !errors.Is(err, blob.ErrNoBucket) || !strings.Contains(err.Error(), "s3://none") {
		t.Errorf("missing bucket: %v", err)
	}
	b, key, err := f.Open(t.Context(), blob.Location{Path: "s3://one/some/key.csv"})
	if err != nil || key != "some/key.csv" {
		t.Fatalf("Open: key %q, %v", key, err)
	}
	blobtest.Put(t, b, key, "x")
	if body, err := os.ReadFile(filepath.Join(f.Root(), "one", "some", "key.csv")); err != nil || string(body) != "x" {
		t.Errorf("the object's file: %q, %v", body, err)
	}
	if err := f.Remove(t.Context(), "one"); !errors.Is(err, blob.ErrNotEmpty) {
		t.Errorf("Remove of a full bucket: %v", err)
	}
	if err := b.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(f.Root(), "one", "empty", "folders"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := f.Remove(t.Context(), "one"); err != nil {
		t.Errorf("Remove of an empty bucket: %v", err)
	}
	for what, err := range map[string]error{
		"write":  blob.WriteAll(t.Context(), b, "k", nil),
		"list":   b.List(t.Context(), "", func(blob.Object) error { return nil }),
		"delete": b.Delete(t.Context(), "k"),
		"remove": f.Remove(t.Context(), "one"),
	} {
		if !errors.Is(err, blob.ErrNoBucket) {
			t.Errorf("%s in a removed bucket: %v", what, err)
		}
	}
	if _, err := b.Stat(t.Context(), "k"); !errors.Is(err, blob.ErrNoBucket) {
		t.Errorf("stat in a removed bucket: %v", err)
	}
	all, err := f.Buckets()
	if err != nil || len(all) != 1 || all[0].Name != "two" || all[0].Created.IsZero() {
		t.Errorf("Buckets: %+v, %v", all, err)
	}
}

func TestFilesDroppedByHand(t *testing.T) {
	f := newFolders(t)
	dir := filepath.Join(f.Root(), "hand")
	outside := t.TempDir()
	for path, body := range map[string]string{
		filepath.Join(dir, "a b%20.csv"):             "1",
		filepath.Join(dir, "sub", "x.csv"):           "2",
		filepath.Join(outside, "big.csv"):            "3",
		filepath.Join(dir, ".almanac-key-usable"):    "not ours: listed, it could not be found",
		filepath.Join(dir, ".almanac-part-x", "y"):   "not ours",
		filepath.Join(dir, ".almanac-whatever"):      "not ours",
		filepath.Join(dir, ".almanac-tmp", "abcdef"): "left by a crash",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"linked.csv": filepath.Join(outside, "big.csv"), "sub/up": dir, "dangling": "/nowhere/at/all"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	b, err := f.Bucket("hand")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a b%20.csv", "linked.csv", "sub/x.csv"}, blobtest.Keys(t, b, "")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if got := blobtest.Get(t, b, "linked.csv"); got != "3" {
		t.Errorf("the linked file holds %q", got)
	}
	if _, err := os.Stat(filepath.Join(dir, ".almanac-tmp", "abcdef")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the half-written object of a dead process is still there: %v", err)
	}
	// A bucket that is opened again must not take away a living writer's file.
	w, err := b.NewWriter(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	again, err := blob.NewFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Errorf("close after another process opened the bucket: %v", err)
	}
	if got := blobtest.Get(t, again, "k"); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestKeysCannotEscape(t *testing.T) {
	top := t.TempDir()
	b, err := blob.NewFolder(filepath.Join(top, "bucket"))
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"../x", "/etc/passwd", "a/../../x", "..", ".", "./x", "a/./b", "//", "/", "nul\x00byte", "a\x00/../b"}
	for _, key := range keys {
		blobtest.Put(t, b, key, key)
		if got := blobtest.Get(t, b, key); got != key {
			t.Errorf("%q holds %q", key, got)
		}
	}
	if got := len(blobtest.Keys(t, b, "")); got != len(keys) {
		t.Errorf("%d keys listed, %d written", got, len(keys))
	}
	entries, err := os.ReadDir(top)
	if err != nil || len(entries) != 1 {
		t.Errorf("something was written beside the bucket: %v, %v", entries, err)
	}
}

func TestScan(t *testing.T) {
	f := newFolders(t)
	if err := f.Create("scan"); err != nil {
		t.Fatal(err)
	}
	b, err := f.Bucket("scan")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"a/1", "a/2", "a/3", "b", "c/1/x", "c/1/y", "c/2/x", "d"} {
		blobtest.Put(t, b, k, "x")
	}
	for _, c := range []struct {
		name, prefix, from string
		skip               map[string]string
		want               []string
	}{
		{name: "all", want: []string{"a/1", "a/2", "a/3", "b", "c/1/x", "c/1/y", "c/2/x", "d"}},
		{name: "from a key", from: "a/3", want: []string{"a/3", "b", "c/1/x", "c/1/y", "c/2/x", "d"}},
		{name: "from between keys", from: "c/1/x\x00", want: []string{"c/1/y", "c/2/x", "d"}},
		{name: "with prefix", prefix: "c/", from: "b", want: []string{"c/1/x", "c/1/y", "c/2/x"}},
		{name: "leap", skip: map[string]string{"a/1": "a0", "c/1/x": "c/10"}, want: []string{"a/1", "b", "c/1/x", "c/2/x", "d"}},
		{name: "never back", skip: map[string]string{"b": "a"}, want: []string{"a/1", "a/2", "a/3", "b", "c/1/x", "c/1/y", "c/2/x", "d"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			err := b.(blob.Scanner).Scan(t.Context(), c.prefix, c.from, func(o blob.Object) error {
				got = append(got, o.Key)
				if to, ok := c.skip[o.Key]; ok {
					return blob.SkipTo(to)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []struct {
		name string
		conf blob.Config
		want string
	}{
		{"kind", blob.Config{Kind: "ftp"}, `"ftp"`},
		{"half a key", blob.Config{Kind: "s3", S3: blob.S3{AccessKey: "a"}}, "secret key"},
		{"own bucket", blob.Config{Kind: "s3", S3: blob.S3{Bucket: "No Bucket"}}, "No Bucket"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.conf.Root = t.TempDir()
			if _, err := blob.Open(t.Context(), c.conf); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Open: %v", err)
			}
		})
	}
	root := t.TempDir()
	s, err := blob.Open(t.Context(), blob.Config{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	blobtest.Put(t, s.Own(), "x/y", "z")
	if body, err := os.ReadFile(filepath.Join(root, "store", "x", "y")); err != nil || string(body) != "z" {
		t.Errorf("own file: %q, %v", body, err)
	}
	if s.Folders() == nil {
		t.Error("no folders in a folder storage")
	}
}

func TestMemoryStorage(t *testing.T) {
	s, err := blob.Open(t.Context(), blob.Config{Kind: blob.KindMemory})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		b, key, err := s.Open(t.Context(), blob.Location{Path: "s3://bucket/key"})
		if err != nil {
			t.Fatal(err)
		}
		blobtest.Put(t, b, key, "x")
		if diff := cmp.Diff([]string{"key"}, blobtest.Keys(t, b, "")); diff != "" {
			t.Errorf("keys (-want +got):\n%s", diff)
		}
	}
}

func TestParsePath(t *testing.T) {
	for _, c := range []struct{ path, bucket, key string }{
		{"s3://bucket", "bucket", ""},
		{"s3://bucket/", "bucket", ""},
		{"s3://bucket/a/b.csv", "bucket", "a/b.csv"},
		{"s3://bucket//a", "bucket", "/a"},
	} {
		bucket, key, err := blob.ParsePath(c.path)
		if err != nil || bucket != c.bucket || key != c.key {
			t.Errorf("ParsePath(%q) = %q, %q, %v", c.path, bucket, key, err)
		}
	}
	for _, path := range []string{"", "bucket/key", "s3:/bucket", "s3://", "s3:///key", "s3://a_b/c", "http://bucket/key"} {
		if _, _, err := blob.ParsePath(path); !errors.Is(err, blob.ErrInvalidKey) {
			t.Errorf("ParsePath(%q): %v", path, err)
		}
	}
}

// FuzzKeys writes any key, finds it again under exactly that name, and nothing
// beside the bucket. It does not check names that the file system refuses.
func FuzzKeys(f *testing.F) {
	for _, key := range []string{"a", "a/b", "..", "../a", "a//b", "/", ".almanac-key-", "a\x00b", strings.Repeat("é", 300), "a/.almanac-obj-b"} {
		f.Add(key, "a/b")
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		top := t.TempDir()
		b, err := blob.NewFolder(filepath.Join(top, "bucket"))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		want := map[string]bool{}
		for _, key := range []string{one, two} {
			err := blob.WriteAll(ctx, b, key, []byte(key))
			if errors.Is(err, blob.ErrInvalidKey) {
				continue
			}
			if err != nil {
				t.Fatalf("write %q: %v", key, err)
			}
			want[key] = true
		}
		for _, key := range blobtest.Keys(t, b, "") {
			if !want[key] {
				t.Errorf("%q is listed and was not written", key)
			}
			if got := blobtest.Get(t, b, key); got != key {
				t.Errorf("%q holds %q", key, got)
			}
			delete(want, key)
		}
		if len(want) > 0 {
			t.Errorf("not listed: %v", want)
		}
		if entries, _ := os.ReadDir(top); len(entries) != 1 {
			t.Errorf("something was written beside the bucket: %v", entries)
		}
	})
}
