package spread

import (
	"math"
	"testing"
)

// TestShown_Mix wants a weight of a half at 40 errors, the ratio kept beyond
// what was shown, and nothing from 19 errors.
func TestShown_Mix(t *testing.T) {
	s := NewShown(3)
	for range 40 {
		s.Add(0, 3)
		s.Add(1, 1)
	}
	for range 19 {
		s.Add(2, 100)
	}
	dev := []float64{1, 1, 2}
	s.Mix(dev, nil)
	for i, want := range []float64{math.Sqrt(5), 1, 2} {
		if math.Abs(dev[i]-want) > 1e-12 {
			t.Errorf("deviation %d is %g, want %g", i, dev[i], want)
		}
	}
	dev = []float64{1, 1, 2}
	s.Mix(dev, []float64{2, 3, 1}) // relative errors of forecasts of 2, 3 and 1
	for i, want := range []float64{math.Sqrt(0.5 + 18), math.Sqrt(5), 2 * math.Sqrt(5)} {
		if math.Abs(dev[i]-want) > 1e-12 {
			t.Errorf("relative: deviation %d is %g, want %g", i, dev[i], want)
		}
	}
}
