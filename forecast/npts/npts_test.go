package npts

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/forecasttest"
)

func TestContract(t *testing.T) {
	for name, m := range map[string]NPTS{
		"seasonal": {}, "plain": {NonSeasonal: true}, "climatological": {Kernel: Uniform, NonSeasonal: true},
		"seasonal climatological": {Kernel: Uniform}, "context": {ContextLength: 5, Decay: 1},
	} {
		t.Run(name, func(t *testing.T) { forecasttest.Run(t, m) })
	}
}

func fitOf(t *testing.T, m NPTS, values []float64, seasons ...int) *fitted {
	t.Helper()
	f, err := m.Fit(context.Background(), forecast.Series{Values: values, Seasons: seasons}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f.(*fitted)
}

// TestWeights checks the two kernels and the phases by hand.
func TestWeights(t *testing.T) {
	values := []float64{1, 10, 2, 20, 3, 30}
	for _, c := range []struct {
		name string
		m    NPTS
		want [2]float64 // means of steps 1 and 2
	}{
		{"uniform", NPTS{Kernel: Uniform, NonSeasonal: true}, [2]float64{11, 11}},
		{"seasonal uniform", NPTS{Kernel: Uniform}, [2]float64{2, 20}},
		{"seasonal exponential", NPTS{Decay: math.Ln2}, [2]float64{(3 + 2*0.5 + 1*0.25) / 1.75, (30 + 20*0.5 + 10*0.25) / 1.75}},
		{"context", NPTS{Kernel: Uniform, NonSeasonal: true, ContextLength: 2}, [2]float64{16.5, 16.5}},
	} {
		out, err := fitOf(t, c.m, values, 2).Forecast(context.Background(), 2, nil)
		if err != nil {
			t.Fatal(err)
		}
		for h, want := range c.want {
			if math.Abs(out.Mean[h]-want) > 1e-12 {
				t.Errorf("%s, step %d: mean %g, want %g", c.name, h+1, out.Mean[h], want)
			}
		}
	}
}

// TestPaths draws enough paths to see the weights again.
func TestPaths(t *testing.T) {
	f := fitOf(t, NPTS{NonSeasonal: true, Decay: 0.5}, []float64{3, 1, 4, 1, 5, 9, 2, 6})
	paths, err := f.Paths(context.Background(), 1, 20000, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, p := range paths {
		sum += p[0] / float64(len(paths))
	}
	out, err := f.Forecast(context.Background(), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(sum-out.Mean[0]) > 0.06 { // three standard errors
		t.Errorf("mean of the paths %g, of the forecast %g", sum, out.Mean[0])
	}
}
