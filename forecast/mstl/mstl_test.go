package mstl_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/forecasttest"
	"github.com/almanac-forecast/almanac/forecast/mstl"
)

func TestContract(t *testing.T) { forecasttest.Run(t, mstl.Model{}) }

// TestForecast_TwoSeasons takes apart what was put together: a line and two
// cycles, which must go on.
func TestForecast_TwoSeasons(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	truth := func(t int) float64 {
		return 200 + 0.01*float64(t) + 30*math.Sin(2*math.Pi*float64(t)/24) + 15*math.Cos(2*math.Pi*float64(t)/168)
	}
	s := forecast.Series{Seasons: []int{24, 168}}
	for i := range 168 * 8 {
		v := truth(i) + rnd.NormFloat64()
		if i%97 == 5 {
			v = math.NaN()
		}
		s.Values = append(s.Values, v)
	}
	fitted, err := mstl.Model{}.Fit(context.Background(), s, 1)
	if err != nil {
		t.Fatal(err)
	}
	f, err := fitted.Forecast(context.Background(), 200, []float64{0.1, 0.5, 0.9})
	if err != nil {
		t.Fatal(err)
	}
	worst, inside := 0.0, 0
	for k := range 200 {
		want := truth(len(s.Values) + k)
		worst = max(worst, math.Abs(f.Quantiles[1][k]-want))
		if y := want + rnd.NormFloat64(); f.Quantiles[0][k] <= y && y <= f.Quantiles[2][k] {
			inside++
		}
	}
	if worst > 3 { // three deviations of the noise; a lost season would be 15 off
		t.Errorf("median off by up to %.2f", worst)
	}
	if inside < 140 || inside > 190 {
		t.Errorf("%d of 200 within P10 and P90, want about 160", inside)
	}
}

// TestFit_NoSeason leaves noise alone and says so.
func TestFit_NoSeason(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	s := forecast.Series{Seasons: []int{12}}
	for range 144 {
		s.Values = append(s.Values, 10+rnd.NormFloat64())
	}
	fitted, err := mstl.Model{}.Fit(context.Background(), s, 1)
	if err != nil {
		t.Fatal(err)
	}
	if fitted.Info().Fallback == "" {
		t.Errorf("a season was found in noise: %+v", fitted.Info())
	}
}

// TestUpdate: the rest is smoothed from the states of the fit on. Estimated anew
// from its first values, a slope of one in noise of ten would be anything.
func TestUpdate(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 10))
	s := forecast.Series{Seasons: []int{12}}
	for i := range 150 {
		s.Values = append(s.Values, 500+float64(i)+60*math.Sin(2*math.Pi*float64(i)/12)+10*rnd.NormFloat64())
	}
	ctx := context.Background()
	fitted, err := mstl.Model{}.Fit(ctx, s, 1)
	if err != nil {
		t.Fatal(err)
	}
	before, err := fitted.Forecast(ctx, 24, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Values = append(s.Values, before.Mean[0])
	updated, err := forecast.Update(mstl.Model{}, fitted, s)
	if err != nil {
		t.Fatal(err)
	}
	after, err := updated.Forecast(ctx, 23, nil)
	if err != nil {
		t.Fatal(err)
	}
	for h, v := range after.Mean {
		if d := v - before.Mean[h+1]; math.Abs(d) > 2 {
			t.Errorf("step %d is %.1f after a value as expected, was %.1f", h+1, v, before.Mean[h+1])
		}
	}
}
