package stl_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/almanac-forecast/almanac/forecast/stl"
)

// TestDecompose_Exact takes a line plus a fixed season apart without error: a
// local line through a line is that line, whatever the weights.
func TestDecompose_Exact(t *testing.T) {
	const m = 12
	season := make([]float64, m)
	for k := range season {
		season[k] = math.Sin(2 * math.Pi * float64(k) / m)
	}
	y := make([]float64, 120)
	for i := range y {
		y[i] = 5 + 0.25*float64(i) + season[i%m]
	}
	d, ok := stl.Decompose(y, m, stl.Options{Rounds: 10})
	if !ok {
		t.Fatal("refused")
	}
	for i := range y {
		if math.Abs(d.Remainder[i]) > 1e-3 || math.Abs(d.Season[i]-season[i%m]) > 2e-3 {
			t.Fatalf("at %d: season %g (want %g), remainder %g", i, d.Season[i], season[i%m], d.Remainder[i])
		}
	}
	if s := d.Strength(); s < 0.999 {
		t.Errorf("strength %g, want 1", s)
	}
}

// TestDecompose_Sum checks that the parts add up and that noise has no season.
func TestDecompose_Sum(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	y := make([]float64, 144)
	for i := range y {
		y[i] = r.NormFloat64()
	}
	y[40] = math.NaN()
	d, ok := stl.Decompose(y, 12, stl.Options{})
	if !ok {
		t.Fatal("refused")
	}
	for i, v := range y {
		if math.IsNaN(v) != math.IsNaN(d.Remainder[i]) {
			t.Fatalf("remainder at %d is %g for %g", i, d.Remainder[i], v)
		}
		if sum := d.Trend[i] + d.Season[i] + d.Remainder[i]; !math.IsNaN(v) && math.Abs(sum-v) > 1e-12 {
			t.Fatalf("parts at %d add up to %g, want %g", i, sum, v)
		}
	}
	if s := d.Strength(); s > 0.64 {
		t.Errorf("white noise has seasonal strength %g", s)
	}
}

// TestDecompose_Refuses names the inputs that have no decomposition.
func TestDecompose_Refuses(t *testing.T) {
	nan := math.NaN()
	for name, y := range map[string][]float64{"short": make([]float64, 23), "empty": nil, "missing": {nan, nan, nan, nan}} {
		m := 12
		if name == "missing" {
			m = 2
		}
		if _, ok := stl.Decompose(y, m, stl.Options{}); ok {
			t.Errorf("%s: accepted", name)
		}
	}
}
