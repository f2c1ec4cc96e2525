package dataset

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/blob"
)

func gz(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGzip(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, "item%d,2024-01-01,%d\n", i%7, i)
	}
	whole := gz(t, b.String())
	s := mustSchema(t, TargetTimeSeries, targetAttributes)
	dst := blob.NewMemory()
	sum := mustImport(t, source(t, "x.csv.gz|"+whole, "noextension|"+whole), s, daily, dst, "p")
	if sum.Rows != 6000 || sum.Bytes != int64(2*len(whole)) {
		t.Errorf("%d rows, %d bytes", sum.Rows, sum.Bytes)
	}
	_, err := Import(t.Context(), source(t, "x.csv.gz|"+whole[:len(whole)/2]), s, daily, dst, "q", nil)
	if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), "the file is damaged: unexpected EOF") {
		t.Errorf("half a file: %v", err)
	}
}

func TestReplaced(t *testing.T) {
	src := source(t, "a,2024-01-01,1\n")
	src.Objects[0].Size++
	_, err := Import(t.Context(), src, mustSchema(t, TargetTimeSeries, targetAttributes), daily, blob.NewMemory(), "q", nil)
	if err == nil || errors.Is(err, ErrInput) || !strings.Contains(err.Error(), "got 15 of 16 bytes") {
		t.Errorf("error %v", err)
	}
}

func TestFind(t *testing.T) {
	b := blob.NewMemory()
	for _, key := range []string{"data/a.csv", "data/b.csv", "data/_SUCCESS", "data/.hidden.csv", "data/sub/2020", "data/2021.csv", "data/sub/c", "data2/x.csv", "123", "letters"} {
		if err := blob.WriteAll(t.Context(), b, key, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := blob.WriteAll(t.Context(), b, "data/empty.csv", nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key, path string
		limits    Limits
		want      []string
		err       string
	}{
		{key: "data/a.csv", path: "s3://b/data/a.csv", want: []string{"s3://b/data/a.csv"}},
		{key: "data/", path: "s3://b/data/", want: []string{"s3://b/data/2021.csv", "s3://b/data/a.csv", "s3://b/data/b.csv", "s3://b/data/sub/c"}},
		{key: "data2", path: "s3://b/data2", want: []string{"s3://b/data2/x.csv"}},
		{key: "", path: "s3://b", want: []string{"s3://b/data/2021.csv", "s3://b/data/a.csv", "s3://b/data/b.csv", "s3://b/data/sub/c", "s3://b/data2/x.csv", "s3://b/letters"}},
		{key: "123", path: "s3://b/123", err: "s3://b/123: the name of a file must have a letter"},
		{key: "data/empty.csv", path: "s3://b/data/empty.csv", err: "No records were ingested"},
		{key: "nothing/", path: "s3://b/nothing/", err: "(s3://b/nothing/)"},
		{key: "data/", path: "s3://b/data/", limits: Limits{Objects: 3}, err: "s3://b/data/ has 4 objects, more than the limit of 3"},
	} {
		src, err := Find(t.Context(), b, c.key, c.path, c.limits)
		if c.err != "" {
			if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v", c.path, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		var got []string
		for _, o := range src.Objects {
			got = append(got, src.Names(o.Key))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.path, diff)
		}
	}
}

func TestInfer(t *testing.T) {
	for _, c := range []struct {
		name, role, file string
		dimensions       []string
		want             string // schema and what the file reads as
		err              string
	}{
		{
			name: "canonical", role: TargetTimeSeries,
			file: "item_id,timestamp,target_value\nA,2024-01-01,1\n",
			want: "item_id timestamp target_value\nA: 2024-01-01=1",
		},
		{
			name: "another order, other names, a dimension that is a number", role: TargetTimeSeries,
			file: "y,store,ds,unique_id\n1.5,7,2024-01-01T10:00:00Z,A\n",
			want: "item_id timestamp target_value store\nA/7: 2024-01-01T10:00:00=1.5",
		},
		{
			name: "no header", role: TargetTimeSeries,
			file: "A,2024-01-01,1\nA,2024-01-02,\n",
			want: "item_id timestamp target_value\nA: 2024-01-01=1 2024-01-02=NaN",
		},
		{
			name: "no header, numeric identifier and a dimension", role: TargetTimeSeries,
			file: "17,north,2024-01-01,1\n",
			want: "item_id timestamp target_value column_2\n17/north: 2024-01-01=1",
		},
		{
			name: "unknown names", role: TargetTimeSeries,
			file: "Kunde,Tag,Menge\nx,2024-01-01,1\n",
			want: "item_id timestamp target_value\nx: 2024-01-01=1",
		},
		{
			name: "one series", role: TargetTimeSeries,
			file: "date,value\n2024-01-01,1\n2024-01-02,2\n",
			want: "item_id timestamp target_value\nseries: 2024-01-01=1 2024-01-02=2",
		},
		{
			name: "related", role: RelatedTimeSeries, dimensions: []string{"Store"},
			file: "item_id,store,timestamp,price,promo\na,3,2024-01-01,1.5,1\n",
			want: "item_id timestamp store price promo\na/3: 2024-01-01=1.5,1",
		},
		{
			name: "related text", role: RelatedTimeSeries,
			file: "item_id,timestamp,weather\na,2024-01-01,sunny\n",
			err:  `s3://b/f0.csv:1: column "weather" is neither numeric nor a dimension of the target`,
		},
		{
			name: "items", role: ItemMetadata,
			file: "sku,colour,size\na,red,L\n1,blue,M\n",
			want: "item_id colour size\n1: \"blue\" \"M\"\na: \"red\" \"L\"",
		},
		{
			name: "items without header", role: ItemMetadata,
			file: "a,red\nb,blue\n",
			want: "item_id column_2\na: \"red\"\nb: \"blue\"",
		},
		{
			name: "no time", role: TargetTimeSeries,
			file: "item_id,when,target_value\na,01.02.2024,1\n",
			err:  "no column holds times",
		},
		{name: "empty", role: TargetTimeSeries, file: "\n", err: "No records were ingested"},
		{name: "twice", role: TargetTimeSeries, file: "y,ds,Y\n1,2024-01-01,1\n", err: `two columns have the name "Y"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := source(t, c.file)
			s, o, err := Infer(t.Context(), src, c.role, c.dimensions...)
			if c.err != "" {
				if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), c.err) {
					t.Errorf("error %v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, a := range s.Attributes {
				names = append(names, a.Name)
			}
			dst := blob.NewMemory()
			mustImport(t, src, s, o, dst, "p")
			d := mustOpen(t, dst, "p")
			d.KeepCase = true
			got := strings.Join(names, " ") + "\n" + dump(t, d, 1)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
