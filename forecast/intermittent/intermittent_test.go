package intermittent_test

import (
	"context"
	"math"
	"testing"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/forecasttest"
	"github.com/almanac-forecast/almanac/forecast/intermittent"
)

func TestContract(t *testing.T) {
	for _, m := range intermittent.Methods() {
		t.Run(string(m), func(t *testing.T) { forecasttest.Run(t, intermittent.Model{Method: m}) })
	}
}

// TestRates checks the closed cases: a demand of 6 every third step is a rate of 2.
func TestRates(t *testing.T) {
	var x []float64
	for range 40 {
		x = append(x, 0, 0, 6)
	}
	for _, c := range []struct {
		m    intermittent.Method
		want float64
	}{
		{intermittent.Croston, 2},
		{intermittent.SBA, 2 * (1 - 0.02/2)}, // every alpha fits alike, the first is taken
		{intermittent.ADIDA, 2},
	} {
		f, err := intermittent.Model{Method: c.m}.Fit(context.Background(), forecast.Series{Values: x}, 0)
		if err != nil {
			t.Fatal(err)
		}
		out, err := f.Forecast(context.Background(), 2, []float64{0.1, 0.5, 0.6, 0.7, 0.9})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(out.Mean[1]-c.want) > 1e-9 {
			t.Errorf("%s: rate %g, want %g", c.m, out.Mean[1], c.want)
		}
		if out.Quantiles[2][0] != 0 || out.Quantiles[3][0] != 6 {
			t.Errorf("%s: quantiles .6 and .7 are %g and %g, want 0 and 6", c.m, out.Quantiles[2][0], out.Quantiles[3][0])
		}
	}
}

// TestTSB_Fades: after a long silence the rate goes to zero, where Croston's stays.
func TestTSB_Fades(t *testing.T) {
	x := make([]float64, 200)
	for i := range 100 {
		x[i] = float64(i % 2 * 5)
	}
	rate := func(m intermittent.Method) float64 {
		f, err := intermittent.Model{Method: m}.Fit(context.Background(), forecast.Series{Values: x}, 0)
		if err != nil {
			t.Fatal(err)
		}
		return f.Info().Params["rate"]
	}
	if tsb, croston := rate(intermittent.TSB), rate(intermittent.Croston); tsb > 0.1 || croston < 2 {
		t.Errorf("after 100 silent steps: TSB %g, want near 0; Croston %g, want 2.5", tsb, croston)
	}
}

func TestClassify(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		x    []float64
		want intermittent.Class
	}{
		{[]float64{5, 6, 5, 6, 5}, intermittent.Smooth},
		{[]float64{1, 20, 1, 1, 30}, intermittent.Erratic},
		{[]float64{0, 0, 5, 0, 0, 5, 0}, intermittent.Intermittent},
		{[]float64{0, 0, 1, 0, 0, 50, 0, 1}, intermittent.Lumpy},
		{[]float64{0, nan, 0}, intermittent.Silent},
		{nil, intermittent.Silent},
	} {
		if got := intermittent.Classify(c.x); got != c.want {
			t.Errorf("%v is %s, want %s", c.x, got, c.want)
		}
	}
}

// TestUpdate: a step without demand takes β of TSB's probability and nothing of
// Croston's rate, whatever the grid would choose now.
func TestUpdate(t *testing.T) {
	ctx := context.Background()
	for _, m := range []intermittent.Method{intermittent.Croston, intermittent.SBA, intermittent.TSB} {
		s := forecast.Series{Values: []float64{0, 3, 0, 0, 5, 0, 2, 0, 0, 0, 4, 0, 6, 0, 1}}
		model := intermittent.Model{Method: m}
		fitted, err := model.Fit(ctx, s, 0)
		if err != nil {
			t.Fatal(err)
		}
		for range 30 {
			s.Values = append(s.Values, 0)
		}
		updated, err := forecast.Update(model, fitted, s)
		if err != nil {
			t.Fatal(err)
		}
		was, got := fitted.Info().Params, updated.Info().Params["rate"]
		if want := was["rate"] * math.Pow(1-was["beta"], 30); math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: rate %v after 30 steps without demand, want %v", m, got, want)
		}
	}
}
