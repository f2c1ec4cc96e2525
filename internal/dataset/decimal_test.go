package dataset

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/blob"
)

func bitsOf(values ...float64) []uint64 {
	column := make([]uint64, len(values))
	for i, v := range values {
		column[i] = math.Float64bits(v)
	}
	return column
}

func TestDecimalPlaces(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   int // -1: no decimals
	}{
		{nil, 0},
		{[]float64{0, 5, -3}, 0},
		{[]float64{1, 0.5, 20}, 1},
		{[]float64{0.29, 1.1, -4.35, 1e11}, 2},
		{[]float64{0.000001, 123456.789}, 6},
		{[]float64{0.0000001}, -1},
		{[]float64{0.1, 1.0 / 3}, -1},
		{[]float64{0.30000000000000004}, -1},
		{[]float64{1 << 50}, -1},
		{[]float64{1 << 49}, 0},
		{[]float64{1 << 49, 0.1}, -1},
		{[]float64{1e300}, -1},
		{[]float64{math.SmallestNonzeroFloat64}, -1},
		{[]float64{math.Copysign(0, -1)}, -1},
		{[]float64{math.Inf(1)}, -1},
		{[]float64{1, math.NaN()}, -1},
		{[]float64{1, math.Float64frombits(nullFloat)}, -1},
	} {
		got, ok := decimalPlaces(bitsOf(c.values...), false)
		if !ok {
			got = -1
		}
		if got != c.want {
			t.Errorf("%v: %d places, want %d", c.values, got, c.want)
		}
	}
	for n, want := range map[uint64]bool{7: true, 1 << 51: false, nullInteger: false, nanInteger: false} {
		if k, ok := decimalPlaces([]uint64{n}, true); k != 0 || ok != want {
			t.Errorf("integer %d: %d places, %v", n, k, ok)
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
	k, ok := decimalPlaces(column, false)
	if !ok {
		return false
	}
	for _, bits := range column {
		v := math.Float64frombits(bits)
		if n := toUnits(v, pow10[k]); math.Float64bits(float64(n)/pow10[k]) != bits {
			t.Fatalf("%v comes back as %d units of %d places", v, n, k)
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

// TestStoredNumbers looks at how columns are stored and that they read the same.
func TestStoredNumbers(t *testing.T) {
	for _, c := range []struct {
		name, price, promo string // of one row
		want               []string
	}{
		{"decimals", "2.5", "-3", []string{"DECIMAL(18,2)", "DECIMAL(18,0)"}},
		{"a long fraction", "0.123456789", "0", []string{"DOUBLE", "DECIMAL(18,0)"}},
		{"an empty cell", "1.25", "", []string{"DECIMAL(18,2)", "DOUBLE"}},
		{"a great integer", "NaN", "1125899906842624", []string{"DOUBLE", "DOUBLE"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var text, want strings.Builder
			want.WriteString("a:")
			for i := range 20_000 { // several pages, one row that differs
				price, promo := fmt.Sprintf("%d.%02d", i%900, i%100), strconv.Itoa(i%70-30)
				if i == 17_000 {
					price, promo = c.price, c.promo
				}
				day := fmt.Sprintf("%04d-%02d-%02d", 1900+i/336, 1+i/28%12, 1+i%28)
				fmt.Fprintf(&text, "a,%s,%s,%s\n", day, price, promo)
				number := func(cell string) float64 {
					bits, _ := parseFloat([]byte(cell))
					return math.Float64frombits(bits)
				}
				fmt.Fprintf(&want, " %s=%v,%v", day, number(price), number(promo))
			}
			dst := blob.NewMemory()
			sum := mustImport(t, source(t, text.String()), mustSchema(t, RelatedTimeSeries, relatedAttribs), daily, dst, "p")
			d := mustOpen(t, dst, "p")
			if got := dump(t, d, 1); got != want.String() {
				t.Error("other values come back")
			}
			file, err := openTable(t.Context(), dst, "p/"+sum.Manifest.Parts[0].Data)
			if err != nil {
				t.Fatal(err)
			}
			defer file.close()
			var got []string
			for _, name := range []string{"price", "promo"} {
				leaf, _ := file.file.Schema().Lookup(name)
				got = append(got, leaf.Node.Type().String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
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
