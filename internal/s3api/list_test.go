package s3api_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/blob/blobtest"
)

// TestListing compares pages of every size with the plain definition.
func TestListing(t *testing.T) {
	w := newWorld(t)
	b, err := w.folders.Bucket("bucket")
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"a", "a/", "a/b", "a/b/c", "a/b/d", "a-b", "a.b", "aa/1", "b/1", "b/2", "b0", "é/ü", "z"}
	slices.Sort(keys)
	for _, k := range keys {
		blobtest.Put(t, b, k, "x")
	}
	for _, prefix := range []string{"", "a", "a/", "b/", "none"} {
		for _, delimiter := range []string{"", "/", "b", "/b"} {
			var want []string
			for _, k := range keys {
				if !strings.HasPrefix(k, prefix) {
					continue
				}
				name := k
				if head, _, found := strings.Cut(k[len(prefix):], delimiter); found && delimiter != "" {
					name = "PRE " + prefix + head + delimiter
				}
				if len(want) == 0 || want[len(want)-1] != name {
					want = append(want, name)
				}
			}
			for _, size := range []int32{1, 2, 3, 1000} {
				if diff := cmp.Diff(want, w.list(prefix, delimiter, size)); diff != "" {
					t.Errorf("prefix %q, delimiter %q, pages of %d (-want +got):\n%s", prefix, delimiter, size, diff)
				}
			}
		}
	}
}

// list returns all keys and common prefixes, by pages, in order within a page.
func (w *world) list(prefix, delimiter string, size int32) []string {
	w.t.Helper()
	var all []string
	pages := s3.NewListObjectsV2Paginator(w.client, &s3.ListObjectsV2Input{
		Bucket: aws.String("bucket"), Prefix: &prefix, Delimiter: &delimiter, MaxKeys: &size, EncodingType: types.EncodingTypeUrl,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		type entry struct{ sort, shown string }
		var entries []entry
		for _, o := range page.Contents {
			key, err := url.PathUnescape(*o.Key)
			if err != nil {
				w.t.Fatal(err)
			}
			entries = append(entries, entry{key, key})
		}
		for _, p := range page.CommonPrefixes {
			common, err := url.PathUnescape(*p.Prefix)
			if err != nil {
				w.t.Fatal(err)
			}
			entries = append(entries, entry{common, "PRE " + common})
		}
		if len(entries) > int(size) || int(aws.ToInt32(page.KeyCount)) != len(entries) {
			w.t.Errorf("a page of %d has %d entries and says %d", size, len(entries), aws.ToInt32(page.KeyCount))
		}
		slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.sort, b.sort) })
		for _, e := range entries {
			all = append(all, e.shown)
		}
	}
	return all
}

// TestOldPresignedURL: the form that boto3 makes by default for an address
// that is not Amazon's.
