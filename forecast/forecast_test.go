package forecast_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/baseline"
)

func TestBound(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	f := forecast.Forecast{
		Levels:    []float64{0.1, 0.5, 0.9},
		Mean:      []float64{1, nan, inf, 5},
		Quantiles: [][]float64{{-200, 3, 0, 4}, {2, nan, 1, 3}, {1, inf, nan, 9}},
	}
	f.Bound(forecast.SpanOf([]float64{nan, 0, 10, 2}), false)
	want := [][]float64{{-100, 3, 0, 4}, {2, 5, 1, 4}, {2, 110, 110, 9}}
	if diff := cmp.Diff(want, f.Quantiles); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]float64{1, 5, 110, 5}, f.Mean); diff != "" {
		t.Error(diff)
	}
	f.Bound(forecast.SpanOf([]float64{0, 10}), true)
	if f.Quantiles[0][0] != 0 {
		t.Errorf("quantile %v of non-negative data", f.Quantiles[0][0])
	}
	f.Bound(forecast.SpanOf([]float64{nan}), false)
	if f.Mean[0] != 0 || f.Quantiles[2][3] != 0 {
		t.Errorf("no data: %v", f)
	}
	g := forecast.Forecast{Levels: []float64{0.5}, Mean: []float64{inf}, Quantiles: [][]float64{{-inf}}}
	g.Bound(forecast.SpanOf([]float64{-math.MaxFloat64, math.MaxFloat64}), false)
	if math.IsInf(g.Mean[0], 0) || math.IsInf(g.Quantiles[0][0], 0) {
		t.Errorf("data as wide as numbers go: %v", g)
	}
}

// TestQuantile: the quantiles of a normal distribution come back exactly from
// any of its levels.
func TestQuantile(t *testing.T) {
	f := forecast.New([]float64{0.1, 0.6, 0.8}, 2)
	for i, p := range f.Levels {
		f.Quantiles[i][0] = 5 + 2*forecast.NormalQuantile(p)
		f.Quantiles[i][1] = 7
	}
	for _, p := range []float64{0.01, 0.1, 0.3, 0.5, 0.6, 0.7, 0.99} {
		want := []float64{5 + 2*forecast.NormalQuantile(p), 7}
		if diff := cmp.Diff(want, f.Quantile(p), cmpopts.EquateApprox(1e-12, 0)); diff != "" {
			t.Errorf("level %v: %s", p, diff)
		}
	}
	if got := forecast.NormalQuantile(0.975); math.Abs(got-1.959963984540054) > 1e-14 {
		t.Errorf("NormalQuantile(0.975) = %v", got)
	}
}

func TestCheckRequest(t *testing.T) {
	if err := forecast.CheckRequest(1, nil); err != nil {
		t.Error(err)
	}
	if err := forecast.CheckRequest(0, nil); !errors.Is(err, forecast.ErrHorizon) {
		t.Error(err)
	}
	if err := forecast.CheckRequest(1, []float64{0.2, 0.1}); !errors.Is(err, forecast.ErrLevels) {
		t.Error(err)
	}
}

// TestFitEach checks order, errors by name, and seeds that depend on the key alone.
func TestFitEach(t *testing.T) {
	frame := forecast.Frame{Keys: []string{"a", "b", "c"}}
	for i := range frame.Keys {
		frame.Series = append(frame.Series, forecast.Series{Values: []float64{float64(i)}})
	}
	fits, err := forecast.FitEach(context.Background(), baseline.Naive{}, frame, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range fits {
		got, err := f.Forecast(context.Background(), 1, nil)
		if err != nil || got.Mean[0] != float64(i) {
			t.Errorf("series %d: %v, %v", i, got, err)
		}
	}
	frame.Series[1].Values[0] = math.Inf(1)
	if _, err := forecast.FitEach(context.Background(), baseline.Naive{}, frame, 1, 2); !errors.Is(err, forecast.ErrSeries) {
		t.Errorf("infinite value: %v", err)
	}
	if forecast.SeedOf(1, "a") == forecast.SeedOf(1, "b") || forecast.SeedOf(1, "a") == forecast.SeedOf(2, "a") {
		t.Error("two series share a seed")
	}
}
