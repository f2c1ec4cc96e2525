package ridge

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/almanac-forecast/almanac/forecast"
)

// TestForecast_Storm knows the deviation of the noise: one, or four in some weeks,
// the last two among them or not. Quantiles follow, and hold what they say both ways.
func TestForecast_Storm(t *testing.T) {
	const day, days = 12, 120
	for name, storms := range map[string]func(d int) bool{
		"calm":   func(d int) bool { return (d/14)%3 == 1 && d < days-14 },
		"stormy": func(d int) bool { return (d/14)%3 == 1 || d >= days-14 },
	} {
		inside, width, steps := 0, 0.0, 0.0
		for seed := range uint64(12) {
			rnd := rand.New(rand.NewPCG(seed, 5))
			at := func(i int) float64 {
				sd := 1.0
				if storms(min(i/day, days-1)) {
					sd = 4
				}
				return 50 + 10*math.Sin(2*math.Pi*float64(i)/day) + sd*rnd.NormFloat64()
			}
			s := forecast.Series{Seasons: []int{day}}
			for i := range day * days {
				s.Values = append(s.Values, at(i))
			}
			fitted, err := Model{Horizon: day}.Fit(context.Background(), s, 1)
			if err != nil {
				t.Fatal(err)
			}
			f, err := fitted.Forecast(context.Background(), day, []float64{0.1, 0.9})
			if err != nil {
				t.Fatal(err)
			}
			for k := range day {
				if y := at(day*days + k); f.Quantiles[0][k] <= y && y <= f.Quantiles[1][k] {
					inside++
				}
				width, steps = width+f.Quantiles[1][k]-f.Quantiles[0][k], steps+1
			}
		}
		t.Logf("%s: %.2f within P10 and P90, %.2f apart", name, float64(inside)/steps, width/steps)
		want := 2 * 1.2816
		if name == "stormy" {
			want *= 4
		}
		if share := float64(inside) / steps; share < 0.7 || share > 0.92 {
			t.Errorf("%s: %.2f of the values within P10 and P90, want about 0.8", name, share)
		}
		if mean := width / steps; mean < 0.7*want || mean > 1.6*want {
			t.Errorf("%s: P10 and P90 are %.2f apart, want about %.2f", name, mean, want)
		}
	}
}
