package javafloat_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/almanac-forecast/almanac/internal/javafloat"
)

func TestString(t *testing.T) {
	for _, tt := range []struct {
		f    float64
		want string
	}{
		{0, "0.0"},
		{math.Copysign(0, -1), "-0.0"},
		{1, "1.0"},
		{-1, "-1.0"},
		{0.5, "0.5"},
		{0.4800006261226423, "0.4800006261226423"},
		{0.001, "0.001"},
		{0.0009999, "9.999E-4"},
		{2.295408381527212e-4, "2.295408381527212E-4"},
		{9999999, "9999999.0"},
		{1e7, "1.0E7"},
		{12345678, "1.2345678E7"},
		{1615356667.162, "1.615356667162E9"},
		{1412035200, "1.4120352E9"},
		{1e21, "1.0E21"},
		{2e23, "2.0E23"},
		{-1.5e-10, "-1.5E-10"},
		{1e100, "1.0E100"},
		{math.MaxFloat64, "1.7976931348623157E308"},
		{math.SmallestNonzeroFloat64, "4.9E-324"},
		{2 * math.SmallestNonzeroFloat64, "9.9E-324"},
		{2.2250738585072014e-308, "2.2250738585072014E-308"},
		{math.NaN(), "NaN"},
		{math.Inf(1), "Infinity"},
		{math.Inf(-1), "-Infinity"},
	} {
		if got := javafloat.String(tt.f); got != tt.want {
			t.Errorf("String(%g) = %q, want %q", tt.f, got, tt.want)
		}
	}
}

func TestAppendKeepsPrefix(t *testing.T) {
	if got := string(javafloat.Append([]byte("1.5,"), 3)); got != "1.5,3.0" {
		t.Errorf("got %q", got)
	}
}

// FuzzString checks that what is printed reads back as the same number.
func FuzzString(f *testing.F) {
	for _, v := range []float64{0, 1, 1e7, 1e-3, 4.9e-324, 1.7976931348623157e308} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		s := javafloat.String(v)
		g, err := strconv.ParseFloat(s, 64)
		if math.IsNaN(v) {
			return
		}
		if err != nil || math.Float64bits(g) != math.Float64bits(v) {
			t.Fatalf("%x printed as %q reads back as %x (%v)", v, s, g, err)
		}
	})
}
