package cycle

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestProfile takes apart what was put together, with gaps too, and leaves noise
// alone.
func TestProfile(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 1))
	x := make([]float64, 24*7*20)
	effect := func(i int) float64 { return 3*math.Sin(2*math.Pi*float64(i%24)/24) + float64(i%168/24) }
	for i := range x {
		x[i] = 100 + effect(i)
	}
	gaps := make([]float64, len(x))
	for i, v := range x {
		gaps[i] = v
		if rnd.IntN(5) == 0 {
			gaps[i] = math.NaN()
		}
	}
	const mean = 3.0 // of the days' effects
	for name, c := range map[string]struct {
		x   []float64
		off float64
	}{"whole": {x, 0.02}, "gaps": {gaps, 0.3}} {
		p := NewProfile(c.x, []int{24, 168})
		for i := range 168 {
			if d := p.At(i) - (effect(i) - mean); math.Abs(d) > c.off {
				t.Fatalf("%s: effect at %d off by %g", name, i, d)
			}
		}
	}
	rnd = rand.New(rand.NewPCG(3, 1))
	noise := make([]float64, 200)
	for i := range noise {
		noise[i] = 5 + rnd.NormFloat64()
	}
	for i, v := range NewProfile(noise, []int{40}).Effects[0] {
		if math.Abs(v) > 0.3 { // five values make a mean: unshrunk, 0.45 is one deviation
			t.Errorf("noise has an effect of %g at %d", v, i)
		}
	}
}

// TestProfile_Doubt compares the doubt with what profiles of simulated series miss:
// values to come lie farther from the profile than those it was estimated from, by
// twice the share of the noise of a mean.
func TestProfile_Doubt(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 1))
	const m, cycles, rounds = 20, 4, 400
	doubt, gap := 0.0, 0.0
	for range rounds {
		truth := make([]float64, m)
		for k := range truth {
			truth[k] = 2 * rnd.NormFloat64()
		}
		x := make([]float64, m*cycles)
		for i := range x {
			x[i] = truth[i%m] + rnd.NormFloat64()
		}
		means, v := shrunkMeans(x, m)
		doubt += v / rounds
		for i, v := range x {
			before, after := v-means[i%m], truth[i%m]+rnd.NormFloat64()-means[i%m]
			gap += (after*after - before*before) / (m * cycles * rounds)
		}
	}
	if math.Abs(gap/doubt-1) > 0.1 {
		t.Errorf("new values are farther by a mean square of %v, doubted %v", gap, doubt)
	}
}
