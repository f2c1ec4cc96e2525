package backtest

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/baseline"
	"github.com/almanac-forecast/almanac/forecast/metric"
)

// TestRecordedWindows holds windows that the service was recorded to use: 72
// hours before the end of the data, and five consecutive days.
func TestRecordedWindows(t *testing.T) {
	start, end := Windows{Horizon: 72}.Window(1000, 0)
	if start != 928 || end != 1000 {
		t.Errorf("one window of 72: %d to %d", start, end)
	}
	for i := range 5 {
		start, end := Windows{Horizon: 24, Count: 5, Offset: 24}.Window(1000, i)
		if end != 1000-24*i || start != end-24 {
			t.Errorf("window %d of five days: %d to %d", i, start, end)
		}
	}
	start, end = Windows{Horizon: 3, Count: 2, Offset: 5}.Window(20, 1)
	if start != 10 || end != 13 {
		t.Errorf("second window with gaps: %d to %d", start, end)
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		w      Windows
		length int
		want   error
	}{
		{Windows{Horizon: 1}, 3, nil},
		{Windows{Horizon: 1}, 2, ErrShort},
		{Windows{Horizon: 0}, 100, ErrWindows},
		{Windows{Horizon: 3, Offset: 2}, 100, ErrWindows},
		{Windows{Horizon: 3, Count: 6}, 100, ErrWindows},
		{Windows{Horizon: 3, Count: -1}, 100, ErrWindows},
		{Windows{Horizon: 10, Offset: 49}, 99, nil},
		{Windows{Horizon: 10, Offset: 50}, 99, ErrShort},
		{Windows{Horizon: 20, Count: 5}, 100, ErrShort},
		{Windows{Horizon: 20, Count: 5}, 101, nil},
	} {
		if err := c.w.Fit(c.length); !errors.Is(err, c.want) {
			t.Errorf("%+v.Fit(%d) = %v, want %v", c.w, c.length, err, c.want)
		}
	}
}

// TestRun checks that a window's model sees what lies before it and no more.
func TestRun(t *testing.T) {
	s := forecast.Series{Values: []float64{1, 2, 4, 8, 16, 32, math.NaN(), 128}}
	got, err := Run(context.Background(), baseline.Naive{}, s, Windows{Horizon: 2, Count: 3}, Options{Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	var means, actuals [][]float64
	var scales []float64
	for _, r := range got {
		means, actuals = append(means, r.Forecast.Mean), append(actuals, r.Actual)
		scales = append(scales, r.Scale)
	}
	if diff := cmp.Diff([][]float64{{32, 32}, {8, 8}, {2, 2}}, means); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][]float64{{math.NaN(), 128}, {16, 32}, {4, 8}}, actuals, cmpopts.EquateNaNs()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]float64{31.0 / 5, 7.0 / 3, 1}, scales); diff != "" {
		t.Error(diff)
	}
	if s := metric.Of(nil, got[2].Item()); s.WAPE != 8.0/12 {
		t.Errorf("WAPE of the first window is %v", s.WAPE)
	}
	if _, err := Run(context.Background(), baseline.Naive{}, s, Windows{}, Options{}); !errors.Is(err, ErrWindows) {
		t.Errorf("no horizon: %v", err)
	}
}
