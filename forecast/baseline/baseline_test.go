package baseline

import (
	"context"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/forecasttest"
)

func TestContract(t *testing.T) {
	for _, m := range []forecast.Model{Naive{}, SeasonalNaive{}, SeasonalNaive{Season: 7}, Drift{}, Mean{}} {
		t.Run(m.Name(), func(t *testing.T) { forecasttest.Run(t, m) })
	}
}

// TestUpdate wants the rules to go on where the series ended; the mean does too.
func TestUpdate(t *testing.T) {
	for _, m := range []forecast.Model{Naive{}, SeasonalNaive{}, Drift{}, Mean{}} {
		t.Run(m.Name(), func(t *testing.T) { forecasttest.Continues(t, m) })
	}
}

func forecastOf(t *testing.T, m forecast.Model, s forecast.Series, h int, levels ...float64) (forecast.Forecast, forecast.Info) {
	t.Helper()
	fitted, err := m.Fit(context.Background(), s, 0)
	if err != nil {
		t.Fatal(err)
	}
	f, err := fitted.Forecast(context.Background(), h, levels)
	if err != nil {
		t.Fatal(err)
	}
	return f, fitted.Info()
}

// TestPoints holds the rules worked out by hand.
func TestPoints(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		model  forecast.Model
		values []float64
		want   []float64
	}{
		{Naive{}, []float64{1, 4, 2}, []float64{2, 2, 2}},
		{Naive{}, []float64{1, 4, nan}, []float64{4, 4, 4}},
		{SeasonalNaive{Season: 2}, []float64{1, 4, 2, 5}, []float64{2, 5, 2}},
		{SeasonalNaive{Season: 3}, []float64{9, 1, 4, 2}, []float64{1, 4, 2}},
		{SeasonalNaive{Season: 2}, []float64{1, 4, 2, nan}, []float64{2, 4, 2}},
		{SeasonalNaive{Season: 2}, []float64{3, nan, 2}, []float64{2, 2, 2}},
		{SeasonalNaive{Season: 3}, []float64{3, 4}, []float64{4, 4, 4}},
		{Drift{}, []float64{1, 7, 5}, []float64{7, 9, 11}},
		{Drift{}, []float64{nan, 1, 7, 5, nan}, []float64{9, 11, 13}},
		{Drift{}, []float64{nan, 1}, []float64{1, 1, 1}},
		{Mean{}, []float64{1, nan, 3, 8}, []float64{4, 4, 4}},
		{Naive{}, []float64{nan}, []float64{0, 0, 0}},
	} {
		f, _ := forecastOf(t, c.model, forecast.Series{Values: c.values}, 3)
		if diff := cmp.Diff(c.want, f.Mean, cmpopts.EquateApprox(1e-14, 0)); diff != "" {
			t.Errorf("%s of %v: %s", c.model.Name(), c.values, diff)
		}
	}
}

// TestSeasonChoice checks which season is taken and that a fallback is told.
func TestSeasonChoice(t *testing.T) {
	values := make([]float64, 30)
	for i := range values {
		values[i] = float64(i % 7)
	}
	_, info := forecastOf(t, SeasonalNaive{}, forecast.Series{Values: values, Seasons: []int{24, 168}}, 1)
	if info.Params["season"] != 24 || info.Fallback != "" {
		t.Errorf("30 values with seasons 24 and 168: %+v", info)
	}
	_, info = forecastOf(t, SeasonalNaive{}, forecast.Series{Values: values, Seasons: []int{168}}, 1)
	if info.Model != "naive" || info.Fallback == "" {
		t.Errorf("30 values with season 168: %+v", info)
	}
	_, info = forecastOf(t, Naive{}, forecast.Series{}, 1)
	if info.Fallback == "" {
		t.Errorf("no values: %+v", info)
	}
}

// TestQuantiles checks closed forms: differences of a line have no spread, a
// long run of known steps has their quantiles, and the error of a random walk
// grows with the square root of the distance.
func TestQuantiles(t *testing.T) {
	line := make([]float64, 300)
	for i := range line {
		line[i] = 3 * float64(i)
	}
	f, _ := forecastOf(t, Drift{}, forecast.Series{Values: line}, 5, 0.1, 0.9)
	if diff := cmp.Diff(f.Mean, f.Quantiles[0], cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("drift of a line has a spread: %s", diff)
	}
	f, _ = forecastOf(t, Naive{}, forecast.Series{Values: line}, 3, 0.1, 0.5, 0.9)
	if diff := cmp.Diff([][]float64{{897, 897, 897}, {897, 897, 897}, {900, 903, 906}}, f.Quantiles); diff != "" {
		t.Errorf("naive on a line: the median is the last value, what grew lies above: %s", diff)
	}
	blocks := make([]float64, 1001) // steps of -1 and +1, one of each in turn
	for i := range blocks {
		blocks[i] = float64(i % 2)
	}
	f, _ = forecastOf(t, Naive{}, forecast.Series{Values: blocks}, 2, 0.25, 0.75)
	if diff := cmp.Diff([][]float64{{-1, 0}, {1, 0}}, f.Quantiles); diff != "" {
		t.Errorf("naive on alternating values: %s", diff)
	}
	f, _ = forecastOf(t, Naive{}, forecast.Series{Values: []float64{0, 1, 0, 2, 1, 3, 5, 4, 6, 5}}, 20, 0.9)
	at := func(h int) float64 { return f.Quantiles[0][h-1] - f.Mean[h-1] }
	if got, want := at(20)/at(5), math.Sqrt(4); math.Abs(got-want) > 1e-12 {
		t.Errorf("spread at 20 steps is %v times that at 5, want %v", got, want)
	}
}
