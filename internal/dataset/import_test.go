package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/almanac-forecast/almanac/internal/blob"
)

var (
	targetAttributes = []Attribute{{"item_id", TypeString}, {"timestamp", TypeTimestamp}, {"target_value", TypeFloat}}
	storeAttributes  = []Attribute{{"item_id", TypeString}, {"store", TypeString}, {"timestamp", TypeTimestamp}, {"target_value", TypeFloat}}
	relatedAttribs   = []Attribute{{"item_id", TypeString}, {"timestamp", TypeTimestamp}, {"price", TypeFloat}, {"promo", TypeInteger}}
	itemAttributes   = []Attribute{{"item_id", TypeString}, {"category", TypeString}, {"brand", TypeString}}
	daily            = Options{TimestampFormat: "yyyy-MM-dd"}
)

func mustSchema(t *testing.T, role string, attributes []Attribute) Schema {
	t.Helper()
	s, err := NewSchema(role, "item_id", "target_value", attributes)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// source puts files into a bucket; names go f0.csv, f1.csv unless given as "name|text".
func source(t *testing.T, files ...string) Source {
	t.Helper()
	b := blob.NewMemory()
	src := Source{Bucket: b, Path: "s3://b/data/", Names: func(key string) string { return "s3://b/" + key }}
	for i, text := range files {
		key := fmt.Sprintf("f%d.csv", i)
		if name, rest, ok := strings.Cut(text, "|"); ok {
			key, text = name, rest
		}
		if err := blob.WriteAll(t.Context(), b, key, []byte(text)); err != nil {
			t.Fatal(err)
		}
		src.Objects = append(src.Objects, blob.Object{Key: key, Size: int64(len(text))})
	}
	return src
}

func mustImport(t *testing.T, src Source, s Schema, o Options, dst blob.Bucket, prefix string) Summary {
	t.Helper()
	if o.TempDir == "" {
		o.TempDir = t.TempDir()
	}
	sum, err := Import(t.Context(), src, s, o, dst, prefix, nil)
	if err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(o.TempDir)
	if err != nil || len(left) > 0 {
		t.Fatalf("temporary files left: %v %v", left, err)
	}
	return sum
}

func mustOpen(t *testing.T, b blob.Bucket, prefixes ...string) *Data {
	t.Helper()
	d, err := Open(t.Context(), b, prefixes)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// dump writes series as lines "id/dim: time=value,value ..." with days as times.
func dump(t *testing.T, d *Data, of int) string {
	t.Helper()
	var lines []string
	for p := range of {
		last := ""
		for s, err := range d.Partition(t.Context(), p, of) {
			if err != nil {
				t.Fatal(err)
			}
			if k := s.Key(); k <= last {
				t.Errorf("series %q after %q", k, last)
			} else {
				last = k
			}
			if Hash(s.ID)&uint64(of-1) != uint64(p) {
				t.Errorf("series %q in partition %d of %d", s.ID, p, of)
			}
			lines = append(lines, line(s))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func line(s Series) string {
	var b strings.Builder
	b.WriteString(strings.Join(append([]string{s.ID}, s.Dims...), "/") + ":")
	for _, text := range s.Strings {
		fmt.Fprintf(&b, " %q", text)
	}
	for i, second := range s.Times {
		text := time.Unix(second, 0).UTC().Format("2006-01-02T15:04:05")
		b.WriteString(" " + strings.TrimSuffix(text, "T00:00:00") + "=")
		for c := range s.Values {
			if c > 0 {
				b.WriteByte(',')
			}
			fmt.Fprint(&b, s.Values[c][i])
		}
	}
	return b.String()
}

func TestImport(t *testing.T) {
	for _, c := range []struct {
		name       string
		role       string
		attributes []Attribute
		options    Options
		files      []string
		want       string
		totals     Totals
	}{
		{
			name: "plain", attributes: targetAttributes, options: daily,
			files:  []string{"b,2024-01-02,2\na,2024-01-01,1.5\nb,2024-01-01,1\n"},
			want:   "a: 2024-01-01=1.5\nb: 2024-01-01=1 2024-01-02=2",
			totals: Totals{Rows: 3},
		},
		{
			name: "header, BOM, CRLF, blank lines, no final newline", attributes: targetAttributes, options: daily,
			files:  []string{"\xEF\xBB\xBFitem_id,timestamp,demand\r\n\r\na,2024-01-01,1\r\n\r\na,2024-01-02,2"},
			want:   "a: 2024-01-01=1 2024-01-02=2",
			totals: Totals{Rows: 2, Blank: 2, Headers: 1},
		},
		{
			name: "header with other names", attributes: targetAttributes, options: daily,
			files:  []string{"sku,date,qty\na,2024-01-01,1\n"},
			want:   "a: 2024-01-01=1",
			totals: Totals{Rows: 1, Headers: 1},
		},
		{
			name: "quotes", attributes: targetAttributes, options: daily,
			files:  []string{"\"a,\"\"b\"\"\",2024-01-01,\"1\"\n\"two\nlines\",\"2024-01-02\",2\n"},
			want:   "a,\"b\": 2024-01-01=1\ntwo\nlines: 2024-01-02=2",
			totals: Totals{Rows: 2},
		},
		{
			name: "case and duplicates", attributes: targetAttributes, options: daily,
			files:  []string{"Foo,2024-01-01,1\nfoo,2024-01-01,2\n", "FOO,2024-01-01,3\n"},
			want:   "foo: 2024-01-01=1 2024-01-01=2 2024-01-01=3",
			totals: Totals{Rows: 3, Duplicate: 2},
		},
		{
			name: "empty and NaN", attributes: targetAttributes, options: daily,
			files:  []string{"a,2024-01-01,\na,2024-01-02,NaN\na,2024-01-03,nan\na,2024-01-04,4\n"},
			want:   "a: 2024-01-01=NaN 2024-01-02=NaN 2024-01-03=NaN 2024-01-04=4",
			totals: Totals{Rows: 4},
		},
		{
			name: "dimensions and times", attributes: storeAttributes, options: Options{TimestampFormat: "yyyy-MM-dd hh:mm:ss"},
			files:  []string{"a,S2,2024-01-01 13:00:00,1\na,s1,2024-01-01 23:59:59,2\n"},
			want:   "a/s1: 2024-01-01T23:59:59=2\na/s2: 2024-01-01T13:00:00=1",
			totals: Totals{Rows: 2},
		},
		{
			name: "related keeps the first", role: RelatedTimeSeries, attributes: relatedAttribs, options: daily,
			files:  []string{"a,2024-01-02,1.5,1\na,2024-01-01,,0\n", "a,2024-01-02,9,9\n"},
			want:   "a: 2024-01-01=NaN,0 2024-01-02=1.5,1",
			totals: Totals{Rows: 3, Duplicate: 1},
		},
		{
			name: "items", role: ItemMetadata, attributes: itemAttributes,
			files:  []string{"item_id,type,brand\nb,Fruit,\nA,\"x,y\",B1\n"},
			want:   "a: \"x,y\" \"B1\"\nb: \"Fruit\" \"\"",
			totals: Totals{Rows: 2, Headers: 1},
		},
		{
			name: "dimensions of all types", attributes: []Attribute{{"item_id", TypeString}, {"shop", TypeInteger}, {"place", TypeGeolocation}, {"timestamp", TypeTimestamp}, {"target_value", TypeInteger}},
			options: Options{TimestampFormat: "yyyy-MM-dd", GeolocationFormat: "LAT_LONG"},
			files:   []string{"a,07,47.61_-122.33,2024-01-01,3\n  \na,7,47.61_-122.33,2024-01-01,4\n"},
			want:    "a/07/47.61_-122.33: 2024-01-01=3\na/7/47.61_-122.33: 2024-01-01=4",
			totals:  Totals{Rows: 2, Blank: 1},
		},
		{
			name: "columns in another order, no identifier", attributes: targetAttributes,
			options: Options{TimestampFormat: TimeAny, Columns: []int{-1, 1, 0}, ConstantID: "all"},
			files:   []string{"1,2024/01/01\n2,2024-01-02T00:00Z\n"},
			want:    "all: 2024-01-01=1 2024-01-02=2",
			totals:  Totals{Rows: 2},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.role == "" {
				c.role = TargetTimeSeries
			}
			for _, partitions := range []int{1, 4} {
				dst := blob.NewMemory()
				src := source(t, c.files...)
				c.options.Partitions = partitions
				c.options.blockSize = 8 // every row its own block, or many for one row
				sum := mustImport(t, src, mustSchema(t, c.role, c.attributes), c.options, dst, "p")
				for _, of := range []int{1, 2, 8} {
					if got := dump(t, mustOpen(t, dst, "p"), of); got != c.want {
						t.Errorf("%d partitions read as %d:\n%s\nwant\n%s", partitions, of, got, c.want)
					}
				}
				if diff := cmp.Diff(c.totals, sum.Totals, cmpopts.IgnoreFields(Totals{}, "Bytes", "Fields")); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestBadInput(t *testing.T) {
	for _, c := range []struct {
		name       string
		role       string
		attributes []Attribute
		options    Options
		files      []string
		want       string
	}{
		{
			name: "one of everything", options: daily,
			files: []string{
				"a,2024-01-01,1\n,2024-01-01,1\na,2024-02-30,1\na,2024-01-01 00:00:00,1\na,,1\n\na,2024-01-01,\"1,5\"\na,2024-01-01\na,2024-01-01,1,2\na,2024-01-01,Infinity\n",
				"a,2024-01-01,1e999\nb\xff,2024-01-01,1\na,2024-01-01,x\"y\n",
			},
			want: `The data were not imported because of 11 problems, of which the first 10 are:
s3://b/f0.csv:2: field item_id: is empty
s3://b/f0.csv:3: field timestamp: "2024-02-30" is not a date of the calendar
s3://b/f0.csv:4: field timestamp: "2024-01-01 00:00:00" does not match the timestamp format yyyy-MM-dd (it has a time; import with TimestampFormat yyyy-MM-dd HH:mm:ss)
s3://b/f0.csv:5: field timestamp: is empty
s3://b/f0.csv:7: field target_value: "1,5" is not a number
s3://b/f0.csv:8: the row has 2 fields, the schema has 3 (item_id,timestamp,target_value)
s3://b/f0.csv:9: the row has 4 fields, the schema has 3 (item_id,timestamp,target_value)
s3://b/f0.csv:10: field target_value: "Infinity" is not a finite number
s3://b/f1.csv:1: field target_value: "1e999" is out of the range of numbers
s3://b/f1.csv:2: field item_id: "b\xff" is not UTF-8`,
		},
		{
			name: "a bad first row is no header", options: daily,
			files: []string{"a,01/02/2024,5\na,2024-01-02,5\n", "a,2024-01-01,N/A\n"},
			want: `The data were not imported because of 2 problems:
s3://b/f0.csv:1: field timestamp: "01/02/2024" does not match the timestamp format yyyy-MM-dd
s3://b/f1.csv:1: field target_value: "N/A" is not a number`,
		},
		{
			name:  "date under the long format",
			files: []string{"a,2024-01-01,5\n"},
			want: `The data were not imported because of 1 problem:
s3://b/f0.csv:1: field timestamp: "2024-01-01" does not match the timestamp format yyyy-MM-dd HH:mm:ss (it has no time; import with TimestampFormat yyyy-MM-dd)`,
		},
		{
			name: "delimiter, line ends, quote", options: daily,
			files: []string{"a;2024-01-01;5\n", "a,2024-01-01,1\ra,2024-01-02,2\r", "a,2024-01-01,1\n\"a,2024-01-02,2\na,2024-01-03,3\n"},
			want: `The data were not imported because of 3 problems:
s3://b/f0.csv:1: the row has 1 field, the schema has 3 (item_id,timestamp,target_value); the delimiter must be a comma
s3://b/f1.csv:1: the row has 5 fields, the schema has 3 (item_id,timestamp,target_value); lines must end in LF or CRLF, not in CR alone
s3://b/f2.csv:2: a quoted field is not closed before the end of the file`,
		},
		{
			name: "integers", role: RelatedTimeSeries, attributes: relatedAttribs, options: daily,
			files: []string{"a,2024-01-01,1,1.0\na,2024-01-02,1,1.5\na,2024-01-03,1,99999999999999999999\na,2024-01-04,1,yes\n"},
			want: `The data were not imported because of 3 problems:
s3://b/f0.csv:2: field promo: "1.5" is not an integer
s3://b/f0.csv:3: field promo: "99999999999999999999" is out of the range of integers
s3://b/f0.csv:4: field promo: "yes" is not an integer`,
		},
		{
			name: "dimensions", options: Options{TimestampFormat: "yyyy-MM-dd", GeolocationFormat: "LAT_LONG"}, role: TargetTimeSeries,
			attributes: []Attribute{{"item_id", TypeString}, {"shop", TypeInteger}, {"place", TypeGeolocation}, {"timestamp", TypeTimestamp}, {"target_value", TypeFloat}},
			files:      []string{"item_id,gesch\xe4ft,place,timestamp,target_value\na,,47.61_-122.33,2024-01-01,3\na,x,91_0,2024-01-01,3\na,1,91_0,2024-01-01,3\n"},
			want: `The data were not imported because of 5 problems:
s3://b/f0.csv:1: the header "item_id,gesch\xe4ft,place,timestamp,target_value" is not UTF-8
s3://b/f0.csv:2: field shop: is empty
s3://b/f0.csv:3: field shop: "x" is not an integer
s3://b/f0.csv:3: field place: "91_0" does not match the geolocation format LAT_LONG
s3://b/f0.csv:4: field place: "91_0" does not match the geolocation format LAT_LONG`,
		},
		{
			name: "item twice", role: ItemMetadata, attributes: itemAttributes,
			files: []string{"a,x,y\nb,x,y\nA,x,y\n", "b,x,y\n"},
			want: `The data were not imported because of 2 problems:
s3://b/f0.csv:3: field item_id: "A" is already on line 1; item metadata have one row for each item
s3://b/f1.csv:1: field item_id: "b" is already on line 2 of s3://b/f0.csv; item metadata have one row for each item`,
		},
		{
			name: "UTF-16", options: daily,
			files: []string{"\xFF\xFEa\x00"},
			want:  "The data were not imported because of 1 problem:\ns3://b/f0.csv:1: the file is UTF-16, not UTF-8",
		},
		{
			name: "truncated gzip", options: daily,
			files: []string{"x.csv.gz|\x1f\x8b\x08"},
			want:  "The data were not imported because of 1 problem:\ns3://b/x.csv.gz: the file is damaged: unexpected EOF",
		},
		{
			name: "Parquet as CSV", options: Options{Format: FormatCSV},
			files: []string{"PAR1"},
			want:  "The data were not imported because of 1 problem:\ns3://b/f0.csv: the file is Parquet, not CSV; import it with Format PARQUET",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.role == "" {
				c.role, c.attributes = TargetTimeSeries, targetAttributes
			}
			for _, size := range []int{4, 64, 0} {
				c.options.blockSize, c.options.TempDir = size, t.TempDir()
				dst := blob.NewMemory()
				_, err := Import(t.Context(), source(t, c.files...), mustSchema(t, c.role, c.attributes), c.options, dst, "p", nil)
				if !errors.Is(err, ErrInput) {
					t.Fatalf("error %v is not ErrInput", err)
				}
				if diff := cmp.Diff(c.want, err.Error()); diff != "" {
					t.Errorf("block size %d: %s", size, diff)
				}
				if _, err := Load(t.Context(), dst, "p"); !errors.Is(err, blob.ErrNotFound) {
					t.Errorf("manifest after a failed import: %v", err)
				}
			}
		})
	}
}

func TestNoRecords(t *testing.T) {
	for _, files := range [][]string{nil, {""}, {"\n\n"}, {"item_id,timestamp,target_value\n"}, {"\xEF\xBB\xBF"}} {
		_, err := Import(t.Context(), source(t, files...), mustSchema(t, TargetTimeSeries, targetAttributes), daily, blob.NewMemory(), "p", nil)
		var none *NoRecords
		if !errors.As(err, &none) || !strings.Contains(err.Error(), "No records were ingested for this data.") || !strings.Contains(err.Error(), "s3://b/data/") {
			t.Errorf("%q: error %v", files, err)
		}
	}
}

func TestLimits(t *testing.T) {
	src := source(t, "a,2024-01-01,5\n", "a,2024-01-02,5\n")
	for _, l := range []Limits{{Objects: 1}, {Bytes: 10}, {Rows: 1}} {
		o := daily
		o.Limits = l
		_, err := Import(t.Context(), src, mustSchema(t, TargetTimeSeries, targetAttributes), o, blob.NewMemory(), "p", nil)
		var large *TooLarge
		if !errors.As(err, &large) || !errors.Is(err, ErrInput) {
			t.Errorf("%+v: error %v", l, err)
		}
	}
}

// TestSameBytes proves that the files do not depend on workers, memory or a failed attempt.
func TestSameBytes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var files []string
	for range 3 {
		var b strings.Builder
		for range 4000 {
			fmt.Fprintf(&b, "item_%d,s%d,2024-%02d-%02d,%.2f\n", rng.IntN(300), rng.IntN(3), 1+rng.IntN(12), 1+rng.IntN(28), rng.NormFloat64()*100)
		}
		files = append(files, b.String())
	}
	read := func(o Options) map[string]string {
		o.TimestampFormat, o.Partitions, o.blockSize = "yyyy-MM-dd", 8, 1000
		dst := blob.NewMemory()
		mustImport(t, source(t, files...), mustSchema(t, TargetTimeSeries, storeAttributes), o, dst, "p")
		got := map[string]string{}
		err := dst.List(t.Context(), "", func(o blob.Object) error {
			body, err := blob.ReadAll(t.Context(), dst, o.Key)
			got[o.Key] = string(body)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	want := read(Options{Workers: 1})
	if len(want) != 17 {
		t.Fatalf("%d files", len(want))
	}
	for _, o := range []Options{{Workers: 2}, {Workers: 7}, {Workers: 3, Memory: 1}} {
		got := read(o)
		for key := range want {
			if got[key] != want[key] {
				t.Errorf("%+v: %s differs: %d and %d bytes", o, key, len(want[key]), len(got[key]))
			}
		}
	}
}

func TestIncremental(t *testing.T) {
	dst := blob.NewMemory()
	o := daily
	o.Partitions = 4
	target := mustSchema(t, TargetTimeSeries, targetAttributes)
	mustImport(t, source(t, "A,2024-01-01,1\nb,2024-01-01,1\n"), target, o, dst, "t1/")
	o.Partitions = 1
	mustImport(t, source(t, "a,2024-01-01,2\na,2023-12-31,0\nc,2024-01-01,3\n"), target, o, dst, "t2/")
	d := mustOpen(t, dst, "t1/", "t2/")
	want := "a: 2023-12-31=0 2024-01-01=1 2024-01-01=2\nb: 2024-01-01=1\nc: 2024-01-01=3"
	for _, of := range []int{1, 2, 4, 16} {
		if got := dump(t, d, of); got != want {
			t.Errorf("of %d:\n%s\nwant\n%s", of, got, want)
		}
	}
	d.KeepCase = true
	for s, err := range d.Item(t.Context(), "a") {
		if err != nil || line(s) != "A: 2023-12-31=0 2024-01-01=1 2024-01-01=2" {
			t.Error(line(s), err)
		}
	}

	related := mustSchema(t, RelatedTimeSeries, relatedAttribs)
	mustImport(t, source(t, "a,2024-01-01,1,1\na,2024-01-02,1,1\n"), related, o, dst, "r1/")
	mustImport(t, source(t, "a,2024-01-02,2,2\na,2024-01-03,2,2\n"), related, o, dst, "r2/")
	if got, want := dump(t, mustOpen(t, dst, "r1/", "r2/"), 1), "a: 2024-01-01=1,1 2024-01-02=2,2 2024-01-03=2,2"; got != want {
		t.Errorf("related: %s", got)
	}

	items := mustSchema(t, ItemMetadata, itemAttributes)
	mustImport(t, source(t, "a,x,y\nb,x,y\n"), items, o, dst, "i1/")
	mustImport(t, source(t, "B,z,z\n"), items, o, dst, "i2/")
	if got, want := dump(t, mustOpen(t, dst, "i1/", "i2/"), 2), "a: \"x\" \"y\"\nb: \"z\" \"z\""; got != want {
		t.Errorf("items: %s", got)
	}
}

func TestItem(t *testing.T) {
	var b bytes.Buffer
	for i := range 5000 {
		for _, store := range []string{"x", "y"} {
			fmt.Fprintf(&b, "Item%d,%s,2024-01-%02d,%d\n", i, store, 1+i%28, i)
		}
	}
	dst := blob.NewMemory()
	o := daily
	o.Partitions = 2
	mustImport(t, source(t, b.String()), mustSchema(t, TargetTimeSeries, storeAttributes), o, dst, "p")
	d := mustOpen(t, dst, "p")
	for i := 0; i < 5000; i += 37 {
		var got []string
		for s, err := range d.Item(t.Context(), fmt.Sprintf("ITEM%d", i)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, line(s))
		}
		tail := fmt.Sprintf(": 2024-01-%02d=%d", 1+i%28, i)
		want := []string{fmt.Sprintf("item%d/x", i) + tail, fmt.Sprintf("item%d/y", i) + tail}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	}
	for s, err := range d.Item(t.Context(), "item9999") {
		t.Error("found", s, err)
	}
}

func TestPoints(t *testing.T) {
	dst := blob.NewMemory()
	mustImport(t, source(t, "a,2024-01-01,\na,2024-01-02,\nb,2024-01-01,NaN\nc,2024-01-01,1\nc,2024-01-02,\n"), mustSchema(t, TargetTimeSeries, targetAttributes), daily, dst, "p")
	got := map[string]int64{}
	for s, err := range mustOpen(t, dst, "p").All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got[s.ID] = s.Points
	}
	if diff := cmp.Diff(map[string]int64{"a": 0, "b": 1, "c": 1}, got); diff != "" {
		t.Error(diff)
	}
}

func TestCancel(t *testing.T) {
	text := strings.Repeat("a,2024-01-01,1\n", 100_000)
	cause := errors.New("stopped by the user")
	for _, stop := range []int{1, 5, 30} {
		ctx, cancel := context.WithCancelCause(t.Context())
		calls := 0
		o := daily
		o.TempDir, o.blockSize = t.TempDir(), 64<<10
		_, err := Import(ctx, source(t, text), mustSchema(t, TargetTimeSeries, targetAttributes), o, blob.NewMemory(), "p", func(done, total int64) {
			if calls++; calls == stop && done <= total {
				cancel(cause)
			}
		})
		if !errors.Is(err, cause) && calls >= stop {
			t.Errorf("stopped at call %d of %d: error %v", stop, calls, err)
		}
		if left, _ := os.ReadDir(o.TempDir); len(left) > 0 {
			t.Errorf("left %v", left)
		}
		cancel(nil)
	}
}

func TestStatistics(t *testing.T) {
	dst := blob.NewMemory()
	o := Options{TimestampFormat: "yyyy-MM-dd", blockSize: 16}
	sum := mustImport(t, source(t, "a,2024-01-01,471.3804713804715,\nA,2024-01-02,0,3\nb,2024-01-01,-25,\nb,2024-01-03,,-7\nb,2024-01-04,NaN,3\nb,2024-01-05,-0,3.0\n"),
		mustSchema(t, RelatedTimeSeries, relatedAttribs), o, dst, "p")
	text := func(s string) *string { return &s }
	number := func(f float64) *float64 { return &f }
	count := func(n int64) *int64 { return &n }
	want := map[string]FieldStatistics{
		"item_id":   {Count: 6, CountDistinct: 3},
		"timestamp": {Count: 6, CountDistinct: 5, Min: text("2024-01-01T00:00:00Z"), Max: text("2024-01-05T00:00:00Z")},
		"price":     {Count: 5, CountDistinct: 4, CountNull: 1, CountNaN: count(1), Min: text("-25.0"), Max: text("471.3804713804715"), Avg: number(111.595117845), Stddev: number(240.170)},
		"promo":     {Count: 4, CountDistinct: 2, CountNull: 2, CountNaN: count(0), Min: text("-7"), Max: text("3"), Avg: number(0.5), Stddev: number(5)},
	}
	if diff := cmp.Diff(want, sum.Fields, cmpopts.EquateApprox(1e-4, 0)); diff != "" {
		t.Error(diff)
	}
}

// TestDistinct compares the bounded sets with a map, spilled and not.
func TestDistinct(t *testing.T) {
	for _, n := range []int{10, 3000, 60_000} {
		rng := rand.New(rand.NewPCG(3, uint64(n)))
		dir := t.TempDir()
		var file *spillFile
		open := func() (f *spillFile, err error) {
			if file == nil {
				file, err = newSpillFile(dir)
			}
			return file, err
		}
		numbers := []*distinct{newDistinct(1024, open), newDistinct(1024, open)}
		texts := []*distinctText{newDistinctText(1000, open), newDistinctText(1000, open)}
		seen := map[uint64]bool{}
		for range 2 * n {
			v := math.Float64bits(float64(1+rng.IntN(n)) * []float64{1, 1.0 / 3, -1000}[rng.IntN(3)])
			seen[v] = true
			numbers[rng.IntN(2)].addFloat(v)
			texts[rng.IntN(2)].add(fmt.Append(nil, v))
		}
		for name, got := range map[string]func() (int64, error){
			"numbers": func() (int64, error) { return union(numbers, codedFloat) },
			"texts":   func() (int64, error) { return unionText(texts) },
		} {
			if c, err := got(); c != int64(len(seen)) || err != nil {
				t.Errorf("%d %s: %d, %v, want %d", n, name, c, err, len(seen))
			}
		}
		if file != nil {
			file.close()
		}
	}
}
