package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/almanac-forecast/almanac/internal/blob"
)

func parquetText[T any](t *testing.T, rows []T, options ...parquet.WriterOption) string {
	t.Helper()
	var b bytes.Buffer
	if err := parquet.Write(&b, rows, options...); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestParquet(t *testing.T) {
	day := time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)
	type micro struct {
		Value *float64  `parquet:"target_value,optional"`
		Time  time.Time `parquet:"Timestamp,timestamp(microsecond)"`
		ID    string    `parquet:"item_id"`
	}
	type text struct {
		ID    []byte  `parquet:"item_id"`
		Time  string  `parquet:"timestamp"`
		Value float32 `parquet:"target_value"`
	}
	type date struct {
		ID    int64 `parquet:"item_id"`
		Time  int32 `parquet:"timestamp,date"`
		Value int32 `parquet:"target_value,decimal(2:9)"`
	}
	type nanos struct {
		ID    *string `parquet:"item_id,optional,dict"`
		Time  int64   `parquet:"timestamp,timestamp(nanosecond)"`
		Value int64   `parquet:"target_value"`
	}
	type spark struct {
		ID    string           `parquet:"item_id"`
		Time  deprecated.Int96 `parquet:"timestamp"`
		Value [4]byte          `parquet:"target_value,decimal(1:9)"`
	}
	julian := uint32(2440588 + day.Unix()/86400)
	for _, c := range []struct {
		name, file, want string
	}{
		{"microseconds and nulls", parquetText(t, []micro{{new(1.5), day.Add(3 * time.Hour), "b"}, {nil, day, "b"}, {new(math.NaN()), day, "A"}}), "a: 2024-01-02=NaN\nb: 2024-01-02=NaN 2024-01-02T03:00:00=1.5"},
		{"text and floats", parquetText(t, []text{{[]byte("x"), "2024-01-02", 0.5}}), "x: 2024-01-02=0.5"},
		{"dates and decimals", parquetText(t, []date{{7, int32(day.Unix() / 86400), -1234}}), "7: 2024-01-02=-12.34"},
		{"nanoseconds", parquetText(t, []nanos{{new("x"), day.UnixNano() + 999_999_999, 3}}), "x: 2024-01-02=3"},
		{"INT96 and fixed decimals", parquetText(t, []spark{{"x", deprecated.Int96{0, 0, julian}, [4]byte{0xFF, 0xFF, 0xFF, 0xF1}}}), "x: 2024-01-02=-1.5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dst := blob.NewMemory()
			o := daily
			o.Format = FormatParquet
			mustImport(t, source(t, c.file), mustSchema(t, TargetTimeSeries, targetAttributes), o, dst, "p")
			if got := dump(t, mustOpen(t, dst, "p"), 1); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestParquetProblems(t *testing.T) {
	type row struct {
		ID    *string `parquet:"item_id,optional"`
		Time  string  `parquet:"timestamp"`
		Value float64 `parquet:"target_value"`
	}
	type extra struct {
		row
		Index int64 `parquet:"__index_level_0__"`
	}
	type missing struct {
		ID   string `parquet:"item_id"`
		Time string `parquet:"timestamp"`
	}
	type mistyped struct {
		ID    string `parquet:"item_id"`
		Time  string `parquet:"timestamp"`
		Value string `parquet:"target_value"`
	}
	for _, c := range []struct{ name, file, want string }{
		{
			"rows", parquetText(t, []row{{new("a"), "2024-01-01", 1}, {nil, "2024-01-01", 1}, {new("a"), "01.02.2024", math.Inf(1)}, {new(""), "", 1}}),
			"because of 5 problems:\ns3://b/f0.csv:2: field item_id: is empty\ns3://b/f0.csv:3: field timestamp: \"01.02.2024\" does not match the timestamp format yyyy-MM-dd\ns3://b/f0.csv:3: field target_value: +Inf is not a finite number\ns3://b/f0.csv:4: field item_id: is empty\ns3://b/f0.csv:4: field timestamp: is empty",
		},
		{"extra column", parquetText(t, []extra{{}}), "s3://b/f0.csv: the file has columns that the schema does not have: __index_level_0__"},
		{"missing column", parquetText(t, []missing{{}}), `s3://b/f0.csv: the file has no column "target_value"; it has item_id, timestamp`},
		{"wrong type", parquetText(t, []mistyped{{}}), `s3://b/f0.csv: column "target_value" is STRING, which does not fit an attribute of type float`},
		{"no Parquet", "item_id,timestamp,target_value\n", "s3://b/f0.csv: the file is not Parquet"},
		{"cut short", parquetText(t, []row{{new("a"), "2024-01-01", 1}})[:80], "s3://b/f0.csv: the file is not Parquet"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := daily
			o.Format, o.TempDir = FormatParquet, t.TempDir()
			_, err := Import(t.Context(), source(t, c.file), mustSchema(t, TargetTimeSeries, targetAttributes), o, blob.NewMemory(), "p", nil)
			if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestParquetAsCSV imports one set of rows from both formats.
func TestParquetAsCSV(t *testing.T) {
	type row struct {
		ID    string  `parquet:"item_id,dict"`
		Time  int64   `parquet:"timestamp,timestamp(millisecond)"`
		Value float64 `parquet:"target_value"`
	}
	var rows []row
	var csv strings.Builder
	for i := range 50_000 { // several batches and row groups
		at := time.Date(2020, 1, 1+i%700, 0, 0, 0, 0, time.UTC)
		r := row{ID: "Item" + big.NewInt(int64(i%97)).String(), Time: at.UnixMilli(), Value: float64(i) / 8}
		rows = append(rows, r)
		csv.WriteString(r.ID + "," + at.Format("2006-01-02") + "," + big.NewFloat(r.Value).Text('g', 20) + "\n")
	}
	s := mustSchema(t, TargetTimeSeries, targetAttributes)
	dst := blob.NewMemory()
	o := daily
	o.Partitions = 2
	want := mustImport(t, source(t, csv.String()), s, o, dst, "csv")
	got := mustImport(t, source(t, "x.parquet|"+parquetText(t, rows, parquet.MaxRowsPerRowGroup(20_000))), s, o, dst, "parquet")
	if diff := cmp.Diff(want.Fields, got.Fields); diff != "" {
		t.Log(diff) // sums of other blocks may differ in the last digit
		for name := range want.Fields {
			w, g := want.Fields[name], got.Fields[name]
			if w.Count != g.Count || w.CountDistinct != g.CountDistinct || *cmpOr(w.Min, "") != *cmpOr(g.Min, "") {
				t.Errorf("%s differs", name)
			}
		}
	}
	if dump(t, mustOpen(t, dst, "csv"), 2) != dump(t, mustOpen(t, dst, "parquet"), 2) {
		t.Error("rows differ")
	}
}

func cmpOr(s *string, other string) *string {
	if s == nil {
		return &other
	}
	return s
}

func TestInferParquet(t *testing.T) {
	type row struct {
		Y     float64   `parquet:"y"`
		DS    time.Time `parquet:"ds,timestamp"`
		ID    string    `parquet:"unique_id"`
		Store int64     `parquet:"store"`
	}
	src := source(t, "data|"+parquetText(t, []row{{1.5, time.Unix(86400, 0), "A", 3}}))
	s, o, err := Infer(t.Context(), src, TargetTimeSeries)
	if err != nil {
		t.Fatal(err)
	}
	dst := blob.NewMemory()
	mustImport(t, src, s, o, dst, "p")
	if got, want := dump(t, mustOpen(t, dst, "p"), 1), "a/3: 1970-01-02=1.5"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestRowGroups reads a partition of several row groups back: by series, by item,
// and with the library's own reader.
func TestRowGroups(t *testing.T) {
	const series, rows = 5, rowGroupRows/3 + 1
	var b bytes.Buffer
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range rows {
		stamp := start.Add(time.Duration(i) * time.Hour).Format(time.DateTime)
		for s := range series {
			fmt.Fprintf(&b, "%c,%s,%d\n", 'a'+s, stamp, i*series+s)
		}
	}
	dst := blob.NewMemory()
	mustImport(t, source(t, b.String()), mustSchema(t, TargetTimeSeries, targetAttributes), Options{Partitions: 1}, dst, "p")
	d := mustOpen(t, dst, "p")
	check := func(got Series, s int) {
		for i := range rows {
			if got.Times[i] != start.Unix()+3600*int64(i) || got.Values[0][i] != float64(i*series+s) {
				t.Fatalf("series %s, row %d: %d %v", got.ID, i, got.Times[i], got.Values[0][i])
			}
		}
	}
	s := 0
	for got, err := range d.All(t.Context()) {
		if err != nil || len(got.Times) != rows {
			t.Fatalf("%d rows, %v", len(got.Times), err)
		}
		check(got, s)
		s++
	}
	for got, err := range d.Item(t.Context(), "d") {
		if err != nil {
			t.Fatal(err)
		}
		check(got, 3)
	}
	name, _ := partNames(0)
	body, err := blob.ReadAll(t.Context(), dst, "p/"+name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	if f.NumRows() != series*rows || len(f.RowGroups()) != 2 {
		t.Errorf("%d rows in %d row groups", f.NumRows(), len(f.RowGroups()))
	}
	ids := map[string]int{}
	for _, g := range f.RowGroups() {
		r := parquet.NewColumnChunkValueReader(g.ColumnChunks()[0])
		values := make([]parquet.Value, g.NumRows())
		if err := readValues(r, values); err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			ids[v.String()]++
		}
	}
	if want := map[string]int{"a": rows, "b": rows, "c": rows, "d": rows, "e": rows}; !cmp.Equal(want, ids) {
		t.Error(ids)
	}
}
