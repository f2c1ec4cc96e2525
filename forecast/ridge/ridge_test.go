package ridge_test

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/forecasttest"
	"github.com/almanac-forecast/almanac/forecast/ridge"
)

func TestContract(t *testing.T) { forecasttest.Run(t, ridge.Model{Horizon: 14}) }

// TestForecast_TwoSeasons knows the truth: a day whose shape depends on the day of
// the week, and an error that is remembered for some hours.
func TestForecast_TwoSeasons(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	truth := func(t int) float64 {
		v := 100 + 30*math.Sin(2*math.Pi*float64(t%24)/24)
		if t%168 >= 120 {
			v = 80 + 10*math.Sin(2*math.Pi*float64(t%24)/24)
		}
		return v
	}
	s := forecast.Series{Seasons: []int{24, 168}}
	memory := 0.0
	next := func(i int) float64 {
		memory = 0.9*memory + rnd.NormFloat64()
		return truth(i) + memory
	}
	for i := range 168 * 12 {
		v := next(i)
		if i%131 == 7 {
			v = math.NaN()
		}
		s.Values = append(s.Values, v)
	}
	fitted, err := ridge.Model{Horizon: 48}.Fit(context.Background(), s, 1)
	if err != nil {
		t.Fatal(err)
	}
	if info := fitted.Info(); info.Fallback != "" || !strings.Contains(info.Model, "168") {
		t.Errorf("the week was not found: %+v", info)
	}
	f, err := fitted.Forecast(context.Background(), 96, []float64{0.1, 0.5, 0.9})
	if err != nil {
		t.Fatal(err)
	}
	inside := 0
	for k := range 96 {
		best := truth(len(s.Values) + k)
		if d := math.Abs(f.Quantiles[1][k] - best); d > 3 { // the deviation of the error is 2.3
			t.Errorf("step %d: median %.2f is %.2f from the truth", k+1, f.Quantiles[1][k], d)
		}
		if y := next(len(s.Values) + k); f.Quantiles[0][k] <= y && y <= f.Quantiles[2][k] {
			inside++
		}
	}
	if inside < 60 || inside > 95 {
		t.Errorf("%d of 96 within P10 and P90, want about 77", inside)
	}
}

// TestFit_Noise must not do worse than the mean by much: everything that can be
// found in noise is luck.
func TestFit_Noise(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 9))
	s := forecast.Series{Seasons: []int{24}}
	for range 600 {
		s.Values = append(s.Values, rnd.NormFloat64())
	}
	fitted, err := ridge.Model{Horizon: 24}.Fit(context.Background(), s, 1)
	if err != nil {
		t.Fatal(err)
	}
	f, err := fitted.Forecast(context.Background(), 24, []float64{0.5})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, v := range f.Quantiles[0] {
		sum += v * v / 24
	}
	if rms := math.Sqrt(sum); rms > 0.35 { // a seasonal naive forecast has 1
		t.Errorf("the forecast of noise wanders by %.2f deviations", rms)
	}
}

// TestFit_Short leaves short series to another model and says so.
func TestFit_Short(t *testing.T) {
	s := forecast.Series{Values: make([]float64, 60), Seasons: []int{12}}
	for i := range s.Values {
		s.Values[i] = float64(i % 12)
	}
	fitted, err := ridge.Model{}.Fit(context.Background(), s, 1)
	if err != nil {
		t.Fatal(err)
	}
	if why := fitted.Info().Fallback; !strings.HasPrefix(why, "ets: ") {
		t.Errorf("fallback %q", why)
	}
}

// BenchmarkFit is a year of hours.
func BenchmarkFit(b *testing.B) {
	rnd := rand.New(rand.NewPCG(5, 5))
	s := forecast.Series{Seasons: []int{24, 168}}
	for i := range 8760 {
		s.Values = append(s.Values, 50+10*math.Sin(2*math.Pi*float64(i)/24)+rnd.NormFloat64())
	}
	for b.Loop() {
		if _, err := (ridge.Model{Horizon: 24}).Fit(context.Background(), s, 1); err != nil {
			b.Fatal(err)
		}
	}
}
