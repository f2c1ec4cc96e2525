package cycle_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/ets"
	"github.com/almanac-forecast/almanac/forecast/internal/cycle"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
	"github.com/almanac-forecast/almanac/forecast/theta"
)

var (
	levels = []float64{0.1, 0.5, 0.9}
	both   = []forecast.Model{ets.ETS{}, theta.Theta{}}
)

// effect is a day, and a week of seven days that differ in level and shape.
func effect(t int) float64 {
	angle := 2 * math.Pi * float64(t) / 24
	return 30*math.Sin(angle) + 10*float64(t/24%7) + float64(t/24%7%3)*5*math.Cos(2*angle)
}

// hours returns a series of hours with that effect and some noise.
func hours(n int, noise float64) forecast.Series {
	rnd := rand.New(rand.NewPCG(5, 6))
	s := forecast.Series{Seasons: []int{24, 168}}
	for t := range n {
		s.Values = append(s.Values, 500+effect(t)+noise*rnd.NormFloat64())
	}
	return s
}

func fit(t *testing.T, m forecast.Model, s forecast.Series) forecast.Fitted {
	t.Helper()
	f, err := m.Fit(context.Background(), s, 1)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func ahead(t *testing.T, f forecast.Fitted, horizon int) forecast.Forecast {
	t.Helper()
	out, err := f.Forecast(context.Background(), horizon, levels)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func saved(t *testing.T, f forecast.Fitted) []byte {
	t.Helper()
	out, err := f.State()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestFit_Exact wants a series that is its level, a day and a week to go on so.
func TestFit_Exact(t *testing.T) {
	const n = 5*168 + 31
	for _, m := range both {
		for h, v := range ahead(t, fit(t, m, hours(n, 0)), 400).Mean {
			if want := 500 + effect(n+h); math.Abs(v-want) > 1e-3 {
				t.Fatalf("%s: step %d is %v, want %v", m.Name(), h+1, v, want)
			}
		}
	}
}

// TestFit_Noise wants forecasts closer to the truth than the noise, also where a
// value in six is missing and the first ones are, and intervals that hold.
func TestFit_Noise(t *testing.T) {
	const n, noise = 6 * 168, 8
	whole := hours(n+336, noise)
	gaps := hours(n, noise)
	rnd := rand.New(rand.NewPCG(7, 8))
	for i := range gaps.Values {
		if i < 30 || rnd.IntN(6) == 0 {
			gaps.Values[i] = math.NaN()
		}
	}
	for name, s := range map[string]forecast.Series{"whole": hours(n, noise), "gaps": gaps} {
		for _, m := range both {
			out := ahead(t, fit(t, m, s), 336)
			missed, inside := 0.0, 0.0
			for h, v := range out.Mean {
				missed += math.Abs(v-500-effect(n+h)) / 336
				if y := whole.Values[n+h]; out.Quantiles[0][h] <= y && y <= out.Quantiles[2][h] {
					inside += 1.0 / 336
				}
			}
			if missed > noise || inside < 0.7 || inside > 0.93 {
				t.Errorf("%s, %s: off by %v on average, %v within P10 and P90", name, m.Name(), missed, inside)
			}
		}
	}
}

// given returns the series that a model is given in place of another, and whether
// anything was taken out of it.
func given(t *testing.T, s forecast.Series) (rest forecast.Series, taken bool) {
	t.Helper()
	f, err := cycle.Fit("theta", s, func(s forecast.Series) (forecast.Fitted, error) {
		rest = s
		return theta.Theta{}.Fit(context.Background(), forecast.Series{Values: s.Values}, 1)
	})
	if err != nil {
		t.Fatal(err)
	}
	return rest, state.Version(saved(t, f)) < 0
}

// TestFit_None wants series to be left as they are that have one season, less than two
// cycles of the longer one, or nothing that returns with it: here what one week has
// the next one has with the other sign.
func TestFit_None(t *testing.T) {
	alternating := hours(336, 0)
	rnd := rand.New(rand.NewPCG(9, 10))
	for i := range 168 {
		e := rnd.NormFloat64()
		day := 30 * math.Sin(2*math.Pi*float64(i)/24)
		alternating.Values[i], alternating.Values[i+168] = 100+day+e, 100+day-e
	}
	single := hours(900, 1)
	single.Seasons = []int{24}
	for name, s := range map[string]forecast.Series{"alternating": alternating, "short": hours(335, 1), "single": single} {
		rest, taken := given(t, s)
		if diff := cmp.Diff(s.Values, rest.Values); diff != "" || taken {
			t.Errorf("%s: was changed (%v): %s", name, taken, diff)
		}
	}
	if rest, taken := given(t, hours(900, 1)); !taken || len(rest.Values) != 336 {
		t.Errorf("a week was not taken out, or of %d values", len(rest.Values))
	}
}

// TestFit_Chance wants little to be taken out of noise.
func TestFit_Chance(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 12))
	for range 20 {
		s := forecast.Series{Values: make([]float64, 336), Seasons: []int{24, 168}}
		for i := range s.Values {
			s.Values[i] = 50 + rnd.NormFloat64()
		}
		rest, _ := given(t, s)
		sum := 0.0
		for i, v := range rest.Values {
			d := v - s.Values[i]
			sum += d * d / 336
		}
		// Means of two values would have a mean square of 0.5.
		if sum > 0.1 {
			t.Errorf("effects of mean square %v in noise", sum)
		}
	}
}

// TestFit_Units wants counts to be forecast by counts, none of them negative.
func TestFit_Units(t *testing.T) {
	s := hours(700, 0)
	rnd := rand.New(rand.NewPCG(13, 14))
	for i := range s.Values {
		s.Values[i] = math.Round(max(0, effect(i)/6+2*rnd.NormFloat64()))
	}
	s.NonNegative = true
	for _, m := range both {
		for i, q := range ahead(t, fit(t, m, s), 200).Quantiles {
			for h, v := range q {
				if v < 0 || v != math.Round(v) {
					t.Fatalf("%s: quantile %v of step %d is %v", m.Name(), levels[i], h+1, v)
				}
			}
		}
	}
}

// TestLoad wants a saved model to forecast the same numbers, to go on when the
// series has grown, by missing values too, and to find its phases again when the
// beginning was cut off.
func TestLoad(t *testing.T) {
	const n = 800
	long := hours(n+200, 4)
	s := long
	s.Values = long.Values[:n]
	late, cut, brief := s, s, s
	late.Values = append(slices.Clone(s.Values), math.NaN(), math.NaN())
	cut.Values = s.Values[100:]
	brief.Values = s.Values[:300]
	for _, m := range both {
		f := fit(t, m, s)
		want, bytesWanted := ahead(t, f, 100), saved(t, f)
		load := func(s forecast.Series) forecast.Fitted {
			out, err := m.Load(bytesWanted, s)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		if diff := cmp.Diff(want, ahead(t, load(s), 100)); diff != "" {
			t.Errorf("%s: loaded forecasts other numbers: %s", m.Name(), diff)
		}
		if !bytes.Equal(bytesWanted, saved(t, load(long))) {
			t.Errorf("%s: the state is no longer that of the fit", m.Name())
		}
		if diff := cmp.Diff(want.Mean[2:], ahead(t, load(late), 98).Mean); diff != "" {
			t.Errorf("%s: two missing values change the forecast: %s", m.Name(), diff)
		}
		for name, c := range map[string]struct {
			s     forecast.Series
			begin int
		}{"grown": {long, n + 200}, "cut": {cut, n}} {
			for h, v := range ahead(t, load(c.s), 168).Mean {
				if want := 500 + effect(c.begin+h); math.Abs(v-want) > 25 { // a wrong phase is off by up to 120
					t.Fatalf("%s, %s: step %d is %v, want %v", m.Name(), name, h+1, v, want)
				}
			}
		}
		ahead(t, load(brief), 10)
	}
}

// TestLoad_Before wants models that were saved when nothing was taken out to forecast as
// they did.
func TestLoad_Before(t *testing.T) {
	s := hours(800, 4)
	plain := s
	plain.Seasons = []int{24}
	for _, m := range both {
		before := fit(t, m, plain)
		now, err := m.Load(saved(t, before), s)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(ahead(t, before, 100), ahead(t, now, 100)); diff != "" {
			t.Errorf("%s: forecasts other numbers: %s", m.Name(), diff)
		}
	}
}

// TestLoad_Damaged wants no damaged state to do harm, and most to be refused.
func TestLoad_Damaged(t *testing.T) {
	s := hours(340, 4)
	for _, m := range both {
		good := saved(t, fit(t, m, s))
		if state.Version(good) >= 0 {
			t.Fatalf("%s: no week was taken out", m.Name())
		}
		for n := range len(good) {
			if _, err := m.Load(good[:n], s); !errors.Is(err, forecast.ErrState) {
				t.Fatalf("%s: Load of %d of %d bytes = %v, want ErrState", m.Name(), n, len(good), err)
			}
		}
		rnd := rand.New(rand.NewPCG(15, 16))
		for range 1000 {
			bad := slices.Clone(good)
			for range 1 + rnd.IntN(3) {
				bad[rnd.IntN(len(bad))] ^= 1 << rnd.IntN(8)
			}
			f, err := m.Load(bad, s)
			if errors.Is(err, forecast.ErrState) {
				continue
			}
			if err != nil {
				t.Fatalf("%s: Load of damaged state = %v, want ErrState", m.Name(), err)
			}
			out := ahead(t, f, 5)
			for h := range 5 {
				if !(out.Quantiles[0][h] <= out.Quantiles[1][h] && out.Quantiles[1][h] <= out.Quantiles[2][h]) || math.IsInf(out.Mean[h], 0) || math.IsNaN(out.Mean[h]) {
					t.Fatalf("%s: a damaged state forecasts %v", m.Name(), out)
				}
			}
		}
	}
}

// TestPaths wants drawn futures to have the week too.
func TestPaths(t *testing.T) {
	const n = 900
	for _, m := range both {
		paths, err := fit(t, m, hours(n, 4)).(forecast.Pather).Paths(context.Background(), 168, 400, 3)
		if err != nil {
			t.Fatal(err)
		}
		for h := range 168 {
			mean := 0.0
			for _, p := range paths {
				mean += p[h] / float64(len(paths))
			}
			if want := 500 + effect(n+h); math.Abs(mean-want) > 10 {
				t.Fatalf("%s: paths have %v at step %d, want %v", m.Name(), mean, h+1, want)
			}
		}
	}
}
