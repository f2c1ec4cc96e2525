package forecast_test

import (
	"context"
	"errors"
	"math"
	"slices"
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
// TestSpan tells what values are counted in.
func TestSpan(t *testing.T) {
	nan := math.NaN()
	repeat := func(values ...float64) []float64 { return slices.Repeat(values, 4) }
	for _, c := range []struct {
		name   string
		values []float64
		want   float64
	}{
		{"pieces", repeat(0, 3, 1, nan, 2), 1},
		{"boxes of six", repeat(12, 6, 0, 30), 6},
		{"thousandths", repeat(0.003, 0.001, 0, 0.007), 0.001},
		{"negative", repeat(-2, 4, 0, -6), 2},
		{"too few", []float64{3, 1, 2, 0, 3, 1, 2, 0, 3, 1, 2}, 0},
		{"no multiples", repeat(2, 3, 4), 0},
		{"measured", repeat(0.1, 0.25, 0.37), 0},
		{"far apart", repeat(1, 1<<21, 5), 0},
		{"all zero", make([]float64, 20), 0},
		{"nothing", nil, 0},
	} {
		s := forecast.Series{Values: c.values}
		if got := s.Span().Unit; got != c.want {
			t.Errorf("%s: unit %v, want %v", c.name, got, c.want)
		}
		if s.Smooth = true; s.Span().Unit != 0 {
			t.Errorf("%s: smooth, and yet of the unit %v", c.name, s.Span().Unit)
		}
	}
}

// TestBound_Unit wants quantiles in the unit of the data, the lower of two that
// are as near, and the mean as it was.
func TestBound_Unit(t *testing.T) {
	for _, unit := range []float64{1, 6, 0.001, 1e-9, 1e12} {
		f := forecast.New([]float64{0.1, 0.5, 0.9}, 2)
		f.Quantiles = [][]float64{{-0.2 * unit, 0.5 * unit}, {0.6 * unit, 1.5 * unit}, {2.4999 * unit, 2.51 * unit}}
		f.Mean = []float64{0.7 * unit, 1.6 * unit}
		f.Bound(forecast.Span{Max: 5 * unit, Unit: unit}, false)
		want := [][]float64{{0, 0}, {unit, unit}, {2 * unit, 3 * unit}}
		if diff := cmp.Diff(want, f.Quantiles); diff != "" || math.Signbit(f.Quantiles[0][0]) {
			t.Errorf("unit %v: quantiles differ (-want +got):\n%s", unit, diff)
		}
		if f.Mean[0] != 0.7*unit || f.Mean[1] != 1.6*unit {
			t.Errorf("unit %v: means %v", unit, f.Mean)
		}
	}
}

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
