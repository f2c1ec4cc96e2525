package result_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/parquet-go/parquet-go"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/result"
)

// partition is a partition function for tests.
func partition(id string, n int) int {
	h := fnv.New32a()
	h.Write([]byte(id))
	return int(h.Sum32()) & (n - 1)
}

// sample writes a forecast of n items into parts and returns its manifest.
func sample(tb testing.TB, b blob.Bucket, prefix string, n, parts, steps int, dims ...string) *result.Manifest {
	tb.Helper()
	m := result.Manifest{ID: "item_id", Dimensions: dims, Types: []string{"mean", "0.9", "0.1", "0.5"}, Frequency: "D", Parts: make([]result.Part, parts)}
	start := time.Date(2019, 2, 1, 0, 0, 0, 0, time.UTC)
	for i := range steps {
		m.Times = append(m.Times, start.AddDate(0, 0, i).Unix())
	}
	byPart := make([][]result.Series, parts)
	for i := range n {
		s := seriesOf(i, steps, len(dims))
		p := partition(strings.ToLower(s.Key.ID), parts)
		byPart[p] = append(byPart[p], s)
	}
	for p, series := range byPart {
		key := fmt.Sprintf("part-%05d.fc", p)
		w, err := b.NewWriter(tb.Context(), prefix+"/"+key)
		if err != nil {
			tb.Fatal(err)
		}
		pw, err := result.NewPartWriter(w, result.Shape{Types: 4, Steps: steps, Dims: len(dims)})
		if err != nil {
			tb.Fatal(err)
		}
		for _, s := range series {
			if err := pw.Add(s); err != nil {
				tb.Fatal(err)
			}
		}
		part, err := pw.Close()
		if err != nil {
			tb.Fatal(err)
		}
		if err := w.Close(); err != nil {
			tb.Fatal(err)
		}
		part.Key = key
		m.Parts[p] = part
		m.Series += part.Series
	}
	if err := result.WriteManifest(tb.Context(), b, prefix, m); err != nil {
		tb.Fatal(err)
	}
	m.Version = result.Version
	return &m
}

func seriesOf(i, steps, dims int) result.Series {
	s := result.Series{Key: result.Key{ID: fmt.Sprintf("item_%06d", i), Dims: []string{}}}
	for d := range dims {
		s.Key.Dims = append(s.Key.Dims, fmt.Sprintf("place_%d", (i+d)%7))
	}
	for typ := range 4 {
		row := make([]float64, steps)
		for j := range row {
			row[j] = float64(i) + float64(j)/16 + float64(typ)*1000
		}
		s.Values = append(s.Values, row)
	}
	return s
}

func TestQuery(t *testing.T) {
	for _, tt := range []struct {
		n, parts int
		dims     []string
	}{
		{1, 1, nil}, {3, 4, nil}, {5000, 1, nil}, {5000, 8, []string{"store_id", "region"}},
	} {
		t.Run(fmt.Sprint(tt.n, tt.parts, tt.dims), func(t *testing.T) {
			b := blob.NewMemory()
			m := sample(t, b, "a/b", tt.n, tt.parts, 5, tt.dims...)
			r := result.NewReader(b, partition)
			for i := range tt.n {
				want := seriesOf(i, 5, len(tt.dims))
				got, err := r.Query(t.Context(), "a/b", result.Key{ID: strings.ToUpper(want.Key.ID), Dims: want.Key.Dims})
				if err != nil {
					t.Fatalf("item %d: %v", i, err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("item %d (-want +got):\n%s", i, diff)
				}
			}
			if _, err := r.Query(t.Context(), "a/b", result.Key{ID: "no such item", Dims: tt.dims}); !errors.Is(err, result.ErrNoSeries) {
				t.Errorf("unknown item: %v", err)
			}
			got, err := r.Manifest(t.Context(), "a/b")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(m, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("manifest (-want +got):\n%s", diff)
			}
		})
	}
}

// counting counts the range reads of a bucket.
type counting struct {
	blob.Bucket
	reads int
}

func (c *counting) NewReader(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	c.reads++
	return c.Bucket.NewReader(ctx, key, offset, length)
}

func TestQueryReadsTwoRanges(t *testing.T) {
	c := &counting{Bucket: blob.NewMemory()}
	sample(t, c, "f", 20_000, 2, 3)
	r := result.NewReader(c, partition)
	if _, err := r.Manifest(t.Context(), "f"); err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 17, 19_999} {
		c.reads = 0
		if _, err := r.Query(t.Context(), "f", seriesOf(i, 3, 0).Key); err != nil {
			t.Fatal(err)
		}
		if c.reads != 2 {
			t.Errorf("item %d: %d reads, want 2", i, c.reads)
		}
	}
}

func TestScanReturnsWhatWasWritten(t *testing.T) {
	b := blob.NewMemory()
	m := sample(t, b, "f", 1000, 4, 3, "store_id")
	seen := 0
	for p := range m.Parts {
		for s, err := range result.Scan(t.Context(), b, "f", m, p) {
			if err != nil {
				t.Fatal(err)
			}
			var i int
			if _, err := fmt.Sscanf(s.Key.ID, "item_%d", &i); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(seriesOf(i, 3, 1), s); diff != "" {
				t.Fatalf("item %d (-want +got):\n%s", i, diff)
			}
			seen++
		}
	}
	if seen != 1000 {
		t.Errorf("%d series, want 1000", seen)
	}
}

func TestDamage(t *testing.T) {
	b := blob.NewMemory()
	m := sample(t, b, "f", 3, 1, 2)
	original := read(t, b, "f/part-00000.fc")
	for at := range original {
		if at >= int(m.Parts[0].Index)+int(m.Parts[0].Buckets)*1024 {
			break // the footer is not needed beside a manifest
		}
		damaged := bytes.Clone(original)
		damaged[at] ^= 0x10
		write(t, b, "f/part-00000.fc", damaged)
		var failed error
		for _, err := range result.Scan(t.Context(), b, "f", m, 0) {
			failed = err
		}
		for i := range 3 {
			s, err := result.NewReader(b, partition).Query(t.Context(), "f", seriesOf(i, 2, 0).Key)
			if err != nil {
				failed = err
			} else if diff := cmp.Diff(seriesOf(i, 2, 0), s); diff != "" {
				t.Fatalf("byte %d changed: wrong answer (-want +got):\n%s", at, diff)
			}
		}
		if failed == nil {
			t.Fatalf("byte %d changed: nobody noticed", at)
		}
	}
}

func TestPartWriterRefuses(t *testing.T) {
	for name, series := range map[string][]result.Series{
		"types":      {{Key: result.Key{ID: "a"}, Values: [][]float64{{1, 2}}}},
		"steps":      {{Key: result.Key{ID: "a"}, Values: [][]float64{{1, 2}, {1}}}},
		"dimensions": {{Key: result.Key{ID: "a", Dims: []string{"x"}}, Values: [][]float64{{1, 2}, {1, 2}}}},
		"twice":      {{Key: result.Key{ID: "a"}, Values: [][]float64{{1, 2}, {1, 2}}}, {Key: result.Key{ID: "A"}, Values: [][]float64{{1, 2}, {1, 2}}}},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := result.NewPartWriter(io.Discard, result.Shape{Types: 2, Steps: 2})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range series {
				err = w.Add(s)
			}
			if err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestLabel(t *testing.T) {
	for in, want := range map[string]string{"0.1": "p10", "0.5": "p50", "0.01": "p1", "0.29": "p29", "0.05": "p5", "mean": "mean", "0.975": "p97.5"} {
		if got := result.Label(in); got != want {
			t.Errorf("Label(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestExportCSV(t *testing.T) {
	b, to := blob.NewMemory(), blob.NewMemory()
	sample(t, b, "f", 2, 2, 2, "weather")
	e := result.Export{
		From: b, Prefix: "f", To: to, Folder: "out/", Name: "job", Threads: 2,
		Time: time.Date(2020, 4, 25, 22, 30, 23, 999, time.UTC),
	}
	for range 2 { // a second run changes nothing
		if err := e.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]string{}
	for _, key := range list(t, to) {
		got[key] = string(read(t, to, key))
	}
	header := "item_id,date,weather,p10,p50,p90,mean\n"
	first := header +
		"item_000000,2019-02-01T00:00:00Z,place_0,2000.0,3000.0,1000.0,0.0\n" +
		"item_000000,2019-02-02T00:00:00Z,place_0,2000.0625,3000.0625,1000.0625,0.0625\n"
	second := header +
		"item_000001,2019-02-01T00:00:00Z,place_1,2001.0,3001.0,1001.0,1.0\n" +
		"item_000001,2019-02-02T00:00:00Z,place_1,2001.0625,3001.0625,1001.0625,1.0625\n"
	if partition("item_000000", 2) == 1 {
		first, second = second, first
	}
	want := map[string]string{
		"out/_CHECK": "", "out/_SUCCESS": "",
		"out/job_2020-04-25T22-30-23Z_part0.csv": first,
		"out/job_2020-04-25T22-30-23Z_part1.csv": second,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTableCSVQuotesOnlyWhereNeeded(t *testing.T) {
	var buf bytes.Buffer
	m := &result.Manifest{ID: "item_id", Dimensions: []string{"a,b"}, Types: []string{"0.5"}, Times: []int64{0}}
	table, err := result.NewTable(&buf, result.CSV, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []result.Series{
		{Key: result.Key{ID: `say "hi"`, Dims: []string{"x y"}}, Values: [][]float64{{1e7}}},
		{Key: result.Key{ID: "=1+1", Dims: []string{"a\nb"}}, Values: [][]float64{{math.NaN()}}},
	} {
		if err := table.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.Close(); err != nil {
		t.Fatal(err)
	}
	want := "item_id,date,\"a,b\",p50\n\"say \"\"hi\"\"\",1970-01-01T00:00:00Z,x y,1.0E7\n=1+1,1970-01-01T00:00:00Z,\"a\nb\",\n"
	if diff := cmp.Diff(want, buf.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestExportParquet(t *testing.T) {
	b, to := blob.NewMemory(), blob.NewMemory()
	sample(t, b, "f", 3, 1, 2, "weather")
	e := result.Export{From: b, Prefix: "f", To: to, Folder: "out", Name: "job", Format: result.Parquet, Time: time.Unix(0, 0)}
	if err := e.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	data := read(t, to, "out/job_1970-01-01T00-00-00Z_part0.parquet")
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range f.Schema().Columns() {
		names = append(names, c[0])
	}
	if diff := cmp.Diff([]string{"item_id", "date", "weather", "p10", "p50", "p90", "mean"}, names); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	type row struct {
		Item string    `parquet:"item_id"`
		Date time.Time `parquet:"date,timestamp(millisecond)"`
		P90  *float64  `parquet:"p90,optional"`
	}
	rows, err := parquet.Read[row](bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 6 || rows[3].Item != "item_000001" || rows[3].P90 == nil || *rows[3].P90 != 1001.0625 ||
		!rows[3].Date.Equal(time.Date(2019, 2, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("rows: %+v", rows)
	}
}

// FuzzScan checks that no file makes the reader panic or run away.
func FuzzScan(f *testing.F) {
	b := blob.NewMemory()
	sample(f, b, "f", 2, 1, 2)
	f.Add(read(f, b, "f/part-00000.fc"))
	f.Add([]byte("ALMNFCST"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b := blob.NewMemory()
		write(t, b, "part", data)
		m := &result.Manifest{Types: []string{"0.5"}, Times: []int64{0}, Parts: []result.Part{{Key: "part", Series: 3, Index: int64(len(data)), Buckets: 1}}}
		for _, err := range result.Scan(t.Context(), b, "", m, 0) {
			if err != nil {
				return
			}
		}
	})
}

func read(tb testing.TB, b blob.Bucket, key string) []byte {
	tb.Helper()
	r, err := b.NewReader(tb.Context(), key, 0, -1)
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func write(tb testing.TB, b blob.Bucket, key string, data []byte) {
	tb.Helper()
	w, err := b.NewWriter(tb.Context(), key)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
}

func list(tb testing.TB, b blob.Bucket) []string {
	tb.Helper()
	var keys []string
	if err := b.List(tb.Context(), "", func(o blob.Object) error {
		keys = append(keys, o.Key)
		return nil
	}); err != nil {
		tb.Fatal(err)
	}
	return keys
}

// TestFooter checks that the last bytes of a file agree with the manifest.
func TestFooter(t *testing.T) {
	b := blob.NewMemory()
	m := sample(t, b, "f", 100, 1, 2)
	data := read(t, b, "f/part-00000.fc")
	foot := data[len(data)-48:]
	got := []int64{int64(binary.LittleEndian.Uint64(foot)), int64(binary.LittleEndian.Uint64(foot[8:])), int64(binary.LittleEndian.Uint64(foot[16:]))}
	p := m.Parts[0]
	if diff := cmp.Diff([]int64{p.Series, p.Index, p.Buckets}, got); diff != "" {
		t.Errorf("(-manifest +footer):\n%s", diff)
	}
	if int64(len(data)) != p.Bytes {
		t.Errorf("%d bytes, manifest says %d", len(data), p.Bytes)
	}
}
