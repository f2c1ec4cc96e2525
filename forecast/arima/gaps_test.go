package arima

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFilledTakesTheSamePhase(t *testing.T) {
	missing := math.NaN()
	x := make([]float64, 70)
	for i := range x {
		x[i] = float64(i % 7)
	}
	whole := append([]float64(nil), x...)
	x[0], x[20], x[27], x[69] = missing, missing, missing, missing
	if diff := cmp.Diff(whole, filled(x, 7)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !math.IsNaN(x[20]) {
		t.Error("the series itself was filled")
	}
	for i := range 8 {
		x[i] = missing
	}
	if got := filled(x, 7); !math.IsNaN(got[20]) {
		t.Errorf("with more than a tenth missing, the value at 20 is %g", got[20])
	}
}
