package zeroshot_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/forecasttest"
	"github.com/almanac-forecast/almanac/forecast/zeroshot"
)

func TestModel(t *testing.T) { forecasttest.Run(t, zeroshot.Model{}) }

// wave returns n values with cycles of the given lengths and a little noise.
func wave(n int, amplitude map[int]float64) []float64 {
	rnd := rand.New(rand.NewPCG(1, uint64(n)))
	out := make([]float64, n)
	for t := range out {
		out[t] = 100 + rnd.NormFloat64()
		for m, a := range amplitude {
			out[t] += a * math.Sin(2*math.Pi*float64(t)/float64(m))
		}
	}
	return out
}

func fit(t *testing.T, s forecast.Series) forecast.Fitted {
	t.Helper()
	f, err := zeroshot.Model{}.Fit(context.Background(), s, 1)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func predict(t *testing.T, f forecast.Fitted, horizon int, levels ...float64) forecast.Forecast {
	t.Helper()
	out, err := f.Forecast(context.Background(), horizon, levels)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestForecast wants what anybody sees in a clear series: the season goes on.
func TestForecast(t *testing.T) {
	all := wave(132, map[int]float64{12: 20})
	f := predict(t, fit(t, forecast.Series{Values: all[:120], Seasons: []int{12}}), 12, 0.1, 0.5, 0.9)
	for i, want := range all[120:] {
		if got := f.Quantiles[1][i]; math.Abs(got-want) > 5 || math.Abs(f.Mean[i]-want) > 5 {
			t.Errorf("step %d: median %v, mean %v, then came %v", i+1, got, f.Mean[i], want)
		}
		if width := f.Quantiles[2][i] - f.Quantiles[0][i]; width < 1 || width > 12 {
			t.Errorf("step %d: P10 to P90 is %v wide; of the noise alone it would be 2.6", i+1, width)
		}
	}
}

// TestForecast_Gap wants values missing at the end forecast and passed over.
func TestForecast_Gap(t *testing.T) {
	values := wave(120, map[int]float64{12: 20})
	long := predict(t, fit(t, forecast.Series{Values: values, Seasons: []int{12}}), 9, 0.5)
	gap := slices.Concat(values, []float64{math.NaN(), math.NaN(), math.NaN()})
	short := predict(t, fit(t, forecast.Series{Values: gap, Seasons: []int{12}}), 6, 0.5)
	for i, got := range short.Quantiles[0] {
		if want := long.Quantiles[0][3+i]; got != want {
			t.Errorf("step %d after 3 missing is %v, step %d %v", i+1, got, 4+i, want)
		}
	}
}

// TestFit_Fallback names what cannot be forecast.
func TestFit_Fallback(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		values []float64
		want   string
	}{
		{[]float64{1, 2}, "2 of the latest 2 values are observed, 3 are needed"},
		{[]float64{1, nan, 2, nan}, "2 of the latest 3"},
		{[]float64{4, 4, nan, 4, 4}, "all 4"},
		{append([]float64{9, 7, 8}, make([]float64, 400)...), "the latest 320 values are all 0"},
	} {
		if info := fit(t, forecast.Series{Values: c.values}).Info(); !strings.Contains(info.Fallback, c.want) || !strings.HasPrefix(info.Fallback, "naive: ") {
			t.Errorf("%.4v: fallback %q, want %q in it", c.values, info.Fallback, c.want)
		}
	}
}

// TestFit_Shares wants the season that the series has to lead.
func TestFit_Shares(t *testing.T) {
	week := make([]float64, 24*7*9)
	rnd := rand.New(rand.NewPCG(3, 3))
	pattern := make([]float64, 24*7)
	for i := range pattern {
		pattern[i] = 100 + 30*rnd.NormFloat64() // no day is like another
	}
	for i := range week {
		week[i] = pattern[i%len(pattern)] + rnd.NormFloat64()
	}
	info := fit(t, forecast.Series{Values: week, Seasons: []int{24, 168}}).Info()
	if got := info.Params["share of season 168"]; !(got > 0.9) {
		t.Errorf("every week alike, no day: %+v", info.Params)
	}
	if got := info.Params["share of season 168"] + info.Params["share of season 24"]; math.Abs(got-1) > 1e-12 {
		t.Errorf("the shares are %v together", got)
	}
	short := fit(t, forecast.Series{Values: week[:400], Seasons: []int{24, 168}}).Info()
	if short.Params["share of season 168"] != 0.5 {
		t.Errorf("too short for a choice: %+v", short.Params)
	}
}

// TestLoad refuses weights that the program does not hold.
func TestLoad(t *testing.T) {
	s := forecast.Series{Values: wave(60, map[int]float64{12: 20}), Seasons: []int{12}}
	state, err := fit(t, s).State()
	if err != nil {
		t.Fatal(err)
	}
	checksum := string(state[len(state)-18 : len(state)-10]) // its end; one view and its share follow
	for _, c := range []struct{ old, new string }{{"zs-", "zz-"}, {checksum, "00000000"}} {
		bad := []byte(strings.Replace(string(state), c.old, c.new, 1))
		if _, err := (zeroshot.Model{}).Load(bad, s); !errors.Is(err, forecast.ErrState) {
			t.Errorf("%q for %q: %v", c.new, c.old, err)
		}
	}
	if _, err := zeroshot.Read("mine", []byte("nothing")); err == nil || !strings.Contains(err.Error(), "weights mine") {
		t.Errorf("Read: %v", err)
	}
}

func BenchmarkForecast(b *testing.B) {
	s := forecast.Series{Values: wave(120, map[int]float64{12: 20}), Seasons: []int{12}}
	levels := []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}
	for b.Loop() {
		f, err := zeroshot.Model{}.Fit(context.Background(), s, 1)
		if err == nil {
			_, err = f.Forecast(context.Background(), 18, levels)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
