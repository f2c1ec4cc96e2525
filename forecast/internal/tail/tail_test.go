package tail_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/baseline"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
)

func TestCut(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		values []float64
		n, gap int
	}{
		{nil, 0, 0},
		{[]float64{nan, nan}, 0, 2},
		{[]float64{nan, 1, nan, 2}, 4, 0},
		{[]float64{nan, 1, nan}, 2, 1},
	} {
		s, gap := tail.Cut(forecast.Series{Values: c.values, Seasons: []int{3}})
		if len(s.Values) != c.n || gap != c.gap || len(s.Seasons) != 1 {
			t.Errorf("%v: %d values and %d missing, want %d and %d", c.values, len(s.Values), gap, c.n, c.gap)
		}
	}
}

// TestAfter: the forecast two steps later is the forecast without its first two
// steps, paths likewise; errors pass through.
func TestAfter(t *testing.T) {
	ctx := context.Background()
	f, err := baseline.Drift{}.Fit(ctx, forecast.Series{Values: []float64{1, 2, 4, 3, 6, 5}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := tail.After(f, 0, nil); same != f || err != nil {
		t.Errorf("no gap: %v, %v", same, err)
	}
	if _, err := tail.After(f, 2, forecast.ErrState); !errors.Is(err, forecast.ErrState) {
		t.Errorf("an error became %v", err)
	}
	late, err := tail.After(f, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	long, err := f.Forecast(ctx, 5, []float64{0.1, 0.9})
	if err != nil {
		t.Fatal(err)
	}
	got, err := late.Forecast(ctx, 3, []float64{0.1, 0.9})
	if err != nil {
		t.Fatal(err)
	}
	want := forecast.Forecast{Levels: long.Levels, Mean: long.Mean[2:], Quantiles: [][]float64{long.Quantiles[0][2:], long.Quantiles[1][2:]}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := late.Forecast(ctx, 0, nil); !errors.Is(err, forecast.ErrHorizon) {
		t.Errorf("no step: %v", err)
	}
	paths, err := f.(forecast.Pather).Paths(ctx, 5, 3, 9)
	if err != nil {
		t.Fatal(err)
	}
	later, err := late.(forecast.Pather).Paths(ctx, 3, 3, 9)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range paths {
		if diff := cmp.Diff(p[2:], later[i]); diff != "" {
			t.Error(diff)
		}
	}
}
