package arima_test

import (
	"context"
	"math"
	"testing"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/arima"
	"github.com/almanac-forecast/almanac/forecast/forecasttest"
)

func TestContract(t *testing.T) { forecasttest.Run(t, arima.Model{}) }

// TestUpdate wants the filter of one order to go on where the fit ended.
func TestUpdate(t *testing.T) {
	for _, o := range []arima.Order{
		{P: 1, Period: 1, Constant: true},
		{P: 1, D: 1, Q: 1, Period: 1, Constant: true},
		{D: 2, Q: 1, Period: 1},
		{Q: 1, SD: 1, SQ: 1, Period: 4, Constant: true},
		{P: 1, D: 1, SD: 1, SP: 1, Period: 4},
	} {
		t.Run(o.String(), func(t *testing.T) { forecasttest.Continues(t, arima.Model{Order: &o}) })
	}
}

// TestUpdate_Phase: Fourier pairs stay in phase when what is looked at moves on
// with a series that is longer, and do not learn from what comes.
func TestUpdate_Phase(t *testing.T) {
	day := func(t int) float64 { return 10 * math.Sin(2*math.Pi*float64(t)/24) }
	s := forecast.Series{Seasons: []int{24}}
	for i := range 1210 {
		s.Values = append(s.Values, 100+day(i)+math.Sin(float64(i*i)))
	}
	fitted, err := arima.Model{}.Fit(context.Background(), s, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 31 {
		s.Values = append(s.Values, 100+5*day(1210+i)) // five times the amplitude, for a day
	}
	now, err := forecast.Update(arima.Model{}, fitted, s)
	if err != nil {
		t.Fatal(err)
	}
	before, err := fitted.Forecast(context.Background(), 31+48, nil)
	if err != nil {
		t.Fatal(err)
	}
	after, err := now.Forecast(context.Background(), 48, nil)
	if err != nil {
		t.Fatal(err)
	}
	// The swing of the second day, after the errors have faded, is that of the fit.
	swing := func(mean []float64) float64 {
		span := forecast.SpanOf(mean)
		return span.Max - span.Min
	}
	if got, want := swing(after.Mean[24:]), swing(before.Mean[31+24:]); math.Abs(got-want) > 1e-3*want {
		t.Errorf("the day swings by %v after the update, by %v before it", got, want)
	}
	for h := 24; h < 48; h++ {
		if d := after.Mean[h] - 100 - day(1241+h); math.Abs(d) > 5 {
			t.Errorf("step %d is %v, want %v", h+1, after.Mean[h], 100+day(1241+h))
		}
	}
}
