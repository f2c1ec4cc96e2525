package optim_test

import (
	"math"
	"testing"

	"github.com/almanac-forecast/almanac/forecast/internal/optim"
)

// TestBFGS_Rosenbrock walks the banana-shaped valley, whose minimum is 0 at (1, 1).
func TestBFGS_Rosenbrock(t *testing.T) {
	calls := 0
	f := func(x []float64) float64 {
		calls++
		a, b := 1-x[0], x[1]-x[0]*x[0]
		return a*a + 100*b*b
	}
	x := []float64{-1.2, 1}
	b := optim.BFGS{Tolerance: 1e-14, Steps: 200}
	if v := b.Minimize(f, x); v > 1e-4 || math.Abs(x[0]-1) > 1e-2 || math.Abs(x[1]-1) > 1e-2 {
		t.Errorf("value %g at %v after %d calls, want 0 at (1, 1)", v, x, calls)
	}
}

// TestBFGS_Undefined keeps out of the region where the function is not defined.
func TestBFGS_Undefined(t *testing.T) {
	f := func(x []float64) float64 {
		if x[0] <= 0 {
			return math.Inf(1)
		}
		return x[0] - math.Log(x[0])
	}
	x := []float64{5}
	var b optim.BFGS
	if v := b.Minimize(f, x); math.Abs(x[0]-1) > 1e-2 || math.Abs(v-1) > 1e-4 {
		t.Errorf("value %g at %v, want 1 at 1", v, x)
	}
}
