package dataset

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/almanac-forecast/almanac/internal/blob"
)

func bitsOf(values ...float64) []uint64 {
	column := make([]uint64, len(values))
	for i, v := range values {
		column[i] = math.Float64bits(v)
	}
	return column
}

func TestFormOf(t *testing.T) {
	empty := math.Float64frombits(nullFloat)
	for _, c := range []struct {
		values []float64
		places int // -1: no decimals
		gaps   bool
	}{
		{nil, 0, false},
		{[]float64{0, 5, -3}, 0, false},
		{[]float64{1, 0.5, 20}, 1, false},
		{[]float64{0.29, 1.1, -4.35, 1e11}, 2, false},
		{[]float64{0.000001, 123456.789}, 6, false},
		{[]float64{0.0000001}, -1, false},
		{[]float64{0.1, 1.0 / 3}, -1, false},
		{[]float64{0.30000000000000004}, -1, false},
		{[]float64{1 << 50}, -1, false},
		{[]float64{1 << 49}, 0, false},
		{[]float64{1 << 49, 0.1}, -1, false},
		{[]float64{1e300}, -1, false},
		{[]float64{math.SmallestNonzeroFloat64}, -1, false},
		{[]float64{math.Copysign(0, -1)}, -1, false},
		{[]float64{math.Inf(1)}, -1, false},
		{[]float64{1, math.NaN()}, -1, false},
		{[]float64{1, empty, 0.5}, 1, true},
		{[]float64{empty, empty}, 0, true},
		{[]float64{empty, math.NaN()}, -1, false},
	} {
		if got, want := formOf(bitsOf(c.values...), false), (numberForm{c.places, c.gaps}); got != want {
			t.Errorf("%v: %+v, want %+v", c.values, got, want)
		}
	}
	for n, want := range map[uint64]numberForm{7: {0, false}, 1 << 51: {-1, false}, nullInteger: {0, true}, nanInteger: {-1, false}} {
		if got := formOf([]uint64{n}, true); got != want {
			t.Errorf("integer %d: %+v, want %+v", n, got, want)
		}
	}
}

// FuzzDecimals checks that whatever is taken for decimals comes back to the bit.
func FuzzDecimals(f *testing.F) {
	for _, values := range [][]float64{{0.1, 2.25, 1e9}, {-0.07, 3}, {0.3, 1125899906842623}, {9007199254740993}, {1e-7}} {
		var seed []byte
		for _, v := range values {
			seed = binary.LittleEndian.AppendUint64(seed, math.Float64bits(v))
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var column []uint64
		for ; len(data) >= 8; data = data[8:] {
			column = append(column, binary.LittleEndian.Uint64(data))
		}
		sameDecimals(t, column)
	})
}

func sameDecimals(t *testing.T, column []uint64) bool {
	t.Helper()
	form := formOf(column, false)
	if form.places < 0 {
		return false
	}
	unit := pow10[form.places]
	for _, bits := range column {
		v := math.Float64frombits(bits)
		if n := toUnits(v, unit); bits != nullFloat && math.Float64bits(float64(n)/unit) != bits {
			t.Fatalf("%v comes back as %d units of %d places", v, n, form.places)
		}
	}
	return true
}

// TestDecimals does the same with random decimals of every size, and expects them
// to be found.
func TestDecimals(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 20_000 {
		places := rng.IntN(mostPlaces + 1)
		var column []uint64
		for range 1 + rng.IntN(8) {
			k := rng.IntN(places + 1)
			most := int64(mostUnits/pow10[places-k]) - 1
			n := rng.Int64N(most>>rng.IntN(20)+1) + 1
			column = append(column, math.Float64bits(float64(n-2*n*rng.Int64N(2))/pow10[k]))
		}
		if !sameDecimals(t, column) {
			t.Fatalf("%v are not taken for decimals", column)
		}
	}
}

// TestStoredNumbers looks at how columns are stored and that they read the same,
// from the beginning and from the middle.
func TestStoredNumbers(t *testing.T) {
	const rows = 20_000 // several pages
	for _, c := range []struct {
		name string
		cell func(i int, cell string) string // in place of the plain one
		want string
	}{
		{"decimals", func(_ int, cell string) string { return cell }, "DECIMAL(18,2)"},
		{"one long fraction", func(i int, cell string) string {
			if i == 17_000 {
				return "0.123456789"
			}
			return cell
		}, "DOUBLE"},
		{"one great number", func(i int, cell string) string {
			if i == 17_000 {
				return "1125899906842624"
			}
			return cell
		}, "DOUBLE"},
		{"one empty cell", func(i int, cell string) string {
			if i == 17_001 {
				return ""
			}
			return cell
		}, "optional DECIMAL(18,2)"},
		{"a page and more of empty cells", func(i int, cell string) string {
			if i < 9000 || i%3 == 0 {
				return ""
			}
			return cell
		}, "optional DECIMAL(18,2)"},
		{"only empty cells", func(int, string) string { return "" }, "optional DECIMAL(18,0)"},
		{"NaN and empty cells", func(i int, cell string) string {
			return []string{"NaN", "", cell}[i%3]
		}, "DOUBLE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var text strings.Builder
			want := map[string]string{}
			for i := range rows {
				cell := c.cell(i, fmt.Sprintf("%d.%02d", i%900-450, i%100))
				id := fmt.Sprintf("i%03d", i/1500)
				day := fmt.Sprintf("%04d-%02d-%02d", 1900+i/336, 1+i/28%12, 1+i%28)
				fmt.Fprintf(&text, "%s,%s,%s,%d\n", id, day, cell, i%7)
				bits, _ := parseFloat([]byte(cell))
				want[id] += fmt.Sprintf(" %s=%v,%d", day, math.Float64frombits(bits), i%7)
			}
			dst := blob.NewMemory()
			o := daily
			o.Partitions = 1
			sum := mustImport(t, source(t, text.String()), mustSchema(t, RelatedTimeSeries, relatedAttribs), o, dst, "p")
			d := mustOpen(t, dst, "p")
			for s, err := range d.All(t.Context()) {
				if err != nil || line(s) != s.ID+":"+want[s.ID] {
					t.Errorf("series %s: other values come back (%v)", s.ID, err)
				}
			}
			for s, err := range d.Item(t.Context(), "i007") {
				if err != nil || line(s) != s.ID+":"+want[s.ID] {
					t.Errorf("item %s: other values come back (%v)", s.ID, err)
				}
			}
			file, err := openTable(t.Context(), dst, "p/"+sum.Manifest.Parts[0].Data)
			if err != nil {
				t.Fatal(err)
			}
			defer file.close()
			leaf, _ := file.file.Schema().Lookup("price")
			got := leaf.Node.Type().String()
			if leaf.Node.Optional() {
				got = "optional " + got
			}
			if got != c.want {
				t.Errorf("stored as %s, want %s", got, c.want)
			}
		})
	}
}

// TestVersion1 reads files of before there were decimals.
func TestVersion1(t *testing.T) {
	b, err := blob.NewFolder("testdata")
	if err != nil {
		t.Fatal(err)
	}
	d := mustOpen(t, b, "version1")
	const want = "a: 2024-01-01=1e-09,0\nb: 2024-01-01=NaN,NaN 2024-01-02=2.25,1\nc: 2024-01-01=NaN,3"
	if got := dump(t, d, 1); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// An incremental import of this version may follow it.
	dst := blob.NewMemory()
	for _, name := range []string{"manifest.json", "part-00000.parquet", "series-00000.parquet"} {
		body, err := blob.ReadAll(t.Context(), b, "version1/"+name)
		if err != nil {
			t.Fatal(err)
		}
		if err := blob.WriteAll(t.Context(), dst, "version1/"+name, body); err != nil {
			t.Fatal(err)
		}
	}
	mustImport(t, source(t, "c,2024-01-01,7.5,3\n"), mustSchema(t, RelatedTimeSeries, relatedAttribs), daily, dst, "next")
	if got := dump(t, mustOpen(t, dst, "version1", "next"), 1); got != strings.Replace(want, "c: 2024-01-01=NaN,3", "c: 2024-01-01=7.5,3", 1) {
		t.Errorf("with the next import:\n%s", got)
	}
}
