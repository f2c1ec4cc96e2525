package blob_test

import (
	"testing"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// BenchmarkFolderOpen opens and closes an object of a folder.
func BenchmarkFolderOpen(b *testing.B) {
	bucket, err := blob.NewFolder(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	const key = "forecast/0123/part-00007/item.parquet"
	if err := blob.WriteAll(b.Context(), bucket, key, []byte("x")); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r, err := bucket.NewReader(b.Context(), key, 0, -1)
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
