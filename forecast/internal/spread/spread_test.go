package spread

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestOffsets checks the two ends: many residuals give their own quantiles, few
// mostly those of a t distribution.
func TestOffsets(t *testing.T) {
	levels := []float64{0.1, 0.5, 0.9}
	got := make([]float64, 3)
	Offsets(got, levels, nil)
	if got[0] != 0 || got[2] != 0 {
		t.Errorf("no residual: %v", got)
	}
	many := make([]float64, 201)
	for i, k := range rand.New(rand.NewPCG(1, 1)).Perm(201) {
		many[i] = float64(k) - 100
	}
	Offsets(got, levels, many)
	if got[0] != -80 || got[1] != 0 || got[2] != 80 {
		t.Errorf("201 residuals from -100 to 100: %v", got)
	}
	// Four residuals: 0.96 of t with 4 degrees of freedom at 0.9, which is
	// 1.533206 (tables), and 0.04 of the sample's 0.9 quantile, which is 1.
	Offsets(got, levels, []float64{1, -1, 1, -1})
	if want := 0.96*1.533206 + 0.04; math.Abs(got[2]-want) > 1e-6 || math.Abs(got[0]+want) > 1e-6 {
		t.Errorf("four residuals: %v, want ±%v", got, want)
	}
}

func TestQuantile(t *testing.T) {
	// Type 7: position p·(n−1).
	for p, want := range map[float64]float64{0: 1, 0.25: 1.75, 0.5: 2.5, 1: 4} {
		if got := Quantile([]float64{1, 2, 3, 4}, p); got != want {
			t.Errorf("quantile %v of 1 to 4 is %v, want %v", p, got, want)
		}
	}
	if Quantile([]float64{7}, 0.3) != 7 {
		t.Error("quantile of one value")
	}
}

func TestRMS(t *testing.T) {
	if got := RMS([]float64{3e200, -4e200}); math.Abs(got/1e200-math.Sqrt(12.5)) > 1e-12 {
		t.Errorf("RMS of large values is %v", got)
	}
	if RMS(nil) != 0 || RMS([]float64{0, 0}) != 0 {
		t.Error("RMS of nothing and of zeros")
	}
}
