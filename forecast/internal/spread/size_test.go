package spread

import (
	"math"
	"testing"
)

// TestTrack_Sizes wants one from errors of the usual size, and after long 7/4 from
// errors of twice that where the usual size counts a third: (1/3 + 2)/(1/3 + 1).
func TestTrack_Sizes(t *testing.T) {
	const n = 400
	for factor, want := range map[float64]float64{1: 1, 2: 1.75} {
		track := NewTrack(n)
		for i := range n {
			for range 3 {
				track.Add(i, factor*float64(1-2*(i%2)))
			}
		}
		if got := track.Sizes(Memory{Half: 12, Density: 3, Usual: 1.0 / 3})[n-1]; math.Abs(got-want) > 1e-6 {
			t.Errorf("errors of %g times the usual size are of size %g, want %g", factor, got, want)
		}
	}
	track := NewTrack(3) // one error of 4, which counts half after one step; the usual size counts 2
	track.Add(1, 4)
	for i, want := range []float64{1, 6.0 / 3, 4 / 2.5} {
		if got := track.Sizes(Memory{Half: 1, Density: 1, Usual: 1})[i]; math.Abs(got-want) > 1e-12 {
			t.Errorf("size at %d is %g, want %g", i, got, want)
		}
	}
}
