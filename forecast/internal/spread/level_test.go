package spread

import (
	"math"
	"testing"
)

func TestPositive(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   bool
	}{
		{[]float64{1, 2, 3}, true},
		{[]float64{1, 0, 3}, false},
		{[]float64{1, -2, 30}, false},
		{[]float64{1, 100, 100}, false},
	} {
		if got := Positive(c.values); got != c.want {
			t.Errorf("%v: %t", c.values, got)
		}
	}
}

func TestGrown(t *testing.T) {
	for _, c := range []struct{ from, to, want float64 }{
		{5, 5, 1}, {1, 2, math.Pow(2, 0.75)}, {2, 1, math.Pow(2, -0.75)}, {1, 1000, math.Pow(4, 0.75)}, {1000, 1, math.Pow(4, -0.75)},
	} {
		if got := Grown(c.from, c.to); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("from %v to %v: %v, want %v", c.from, c.to, got, c.want)
		}
	}
}
