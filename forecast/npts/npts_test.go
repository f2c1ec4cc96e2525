package npts

import (
	"context"
	"math"
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
