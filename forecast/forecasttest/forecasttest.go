// Package forecasttest is the contract that every model keeps, as a test suite.
// A model's test runs it in one line:
//
//	forecasttest.Run(t, naive)
package forecasttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/forecast"
)

// levels are asked for in every check: the far tails show crossings and explosions.
var levels = []float64{0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999}

// Run runs the whole contract on a model.
func Run(t *testing.T, m forecast.Model) {
	t.Helper()
	t.Run("shapes", func(t *testing.T) { shapes(t, m) })
	t.Run("fallback", func(t *testing.T) { fallback(t, m) })
	t.Run("regressors", func(t *testing.T) { regressors(t, m) })
	t.Run("paths", func(t *testing.T) { paths(t, m) })
	t.Run("seasons", func(t *testing.T) { seasons(t, m) })
	t.Run("horizons", func(t *testing.T) { horizons(t, m) })
	t.Run("requests", func(t *testing.T) { requests(t, m) })
	t.Run("any level", func(t *testing.T) { anyLevel(t, m) })
	t.Run("scaling", func(t *testing.T) { scaling(t, m) })
	t.Run("determinism", func(t *testing.T) { determinism(t, m) })
	t.Run("state", func(t *testing.T) { state(t, m) })
	t.Run("update", func(t *testing.T) { update(t, m) })
	t.Run("damage", func(t *testing.T) { damage(t, m) })
	t.Run("cancellation", func(t *testing.T) { cancellation(t, m) })
	t.Run("interruption", func(t *testing.T) { interruption(t, m) })
}

// A Case is a named series.
type Case struct {
	Name   string
	Series forecast.Series
}

// Cases returns the series that have broken forecasting models before: empty and
// tiny ones, constants, spikes, gaps, extreme scales, level shifts, and some
// ordinary ones.
func Cases() []Case {
	rnd := rand.New(rand.NewPCG(11, 12))
	seasonal := func(n int, f func(t int, v float64) float64) []float64 {
		out := make([]float64, n)
		for t := range out {
			out[t] = f(t, 100+0.3*float64(t)+20*math.Sin(2*math.Pi*float64(t)/12)+5*rnd.NormFloat64())
		}
		return out
	}
	plain := func(_ int, v float64) float64 { return v }
	nan := math.NaN()
	values := []struct {
		name   string
		values []float64
	}{
		{"empty", nil},
		{"one", []float64{3}},
		{"one missing", []float64{nan}},
		{"two", []float64{3, 5}},
		{"three", []float64{3, 5, 4}},
		{"four falling", []float64{9, 7, 4, 1}},
		{"shorter than a season", seasonal(9, plain)},
		{"one season and one", seasonal(13, plain)},
		{"two seasons", seasonal(24, plain)},
		{"ordinary", seasonal(90, plain)},
		{"constant", seasonal(40, func(int, float64) float64 { return 7.1 })},
		{"zero", make([]float64, 50)},
		{"spike", seasonal(60, func(t int, _ float64) float64 { return pick(t == 30, 1000, 0) })},
		{"last spike", seasonal(60, func(t int, _ float64) float64 { return pick(t == 59, 1000, 1) })},
		{"mostly missing", seasonal(80, func(t int, v float64) float64 { return pick(t%10 == 3, v, nan) })},
		{"all missing", seasonal(30, func(int, float64) float64 { return nan })},
		{"late start", seasonal(70, func(t int, v float64) float64 { return pick(t > 40, v, nan) })},
		{"missing end", seasonal(70, func(t int, v float64) float64 { return pick(t < 60, v, nan) })},
		{"huge", seasonal(60, func(_ int, v float64) float64 { return 1e12 * v })},
		{"tiny", seasonal(60, func(_ int, v float64) float64 { return 1e-9 * v })},
		{"negative", seasonal(60, func(_ int, v float64) float64 { return -v })},
		{"around zero", seasonal(60, func(_ int, v float64) float64 { return v - 105 })},
		{"integer", seasonal(60, func(_ int, v float64) float64 { return math.Round(v / 20) })},
		{"intermittent", seasonal(90, func(int, float64) float64 { return float64(max(0, rnd.IntN(9)-5)) })},
		{"level shift", seasonal(90, func(t int, v float64) float64 { return pick(t > 45, v+1000, v) })},
		{"falls to zero", seasonal(60, func(t int, v float64) float64 { return pick(t > 50, 0, v) })},
		{"grows twofold", seasonal(40, func(t int, _ float64) float64 { return math.Exp2(float64(t)) })},
		{"alternating", seasonal(41, func(t int, _ float64) float64 { return pick(t%2 == 0, 1, -1) })},
		{"noise on a large level", seasonal(50, func(_ int, v float64) float64 { return 1e9 + v/1e3 })},
	}
	var out []Case
	for _, v := range values {
		out = append(out, Case{v.name, forecast.Series{Values: v.values, Seasons: []int{12}}})
	}
	return out
}

func pick(first bool, a, b float64) float64 {
	if first {
		return a
	}
	return b
}

// ordinary returns a well-behaved series of a length.
func ordinary(n int, seasons ...int) forecast.Series {
	rnd := rand.New(rand.NewPCG(13, 14))
	s := forecast.Series{Seasons: seasons}
	for t := range n {
		v := 50 + 0.1*float64(t) + 3*rnd.NormFloat64()
		for _, m := range seasons {
			v += 10 * math.Cos(2*math.Pi*float64(t)/float64(m))
		}
		s.Values = append(s.Values, v)
	}
	return s
}

// Forecast fits and forecasts, and checks the promises of package forecast on
// the result.
func Forecast(t *testing.T, m forecast.Model, s forecast.Series, horizon int) forecast.Forecast {
	t.Helper()
	before := slices.Clone(s.Values)
	fitted, err := m.Fit(context.Background(), s, 1)
	if err != nil {
		t.Fatalf("Fit: %v", err)
	}
	f, err := fitted.Forecast(context.Background(), horizon, levels)
	if err != nil {
		t.Fatalf("Forecast: %v", err)
	}
	for i, v := range s.Values {
		if math.Float64bits(v) != math.Float64bits(before[i]) {
			t.Fatalf("value %d of the series was changed from %v to %v", i, before[i], v)
		}
	}
	if info := fitted.Info(); info.Model == "" {
		t.Errorf("Info names no model: %+v", info)
	}
	if err := promises(s, f, horizon); err != nil {
		t.Errorf("horizon %d, %s: %v", horizon, fitted.Info().Model, err)
	}
	return f
}

// promises returns the first promise of package forecast that a forecast breaks.
func promises(s forecast.Series, f forecast.Forecast, horizon int) error {
	if len(f.Mean) != horizon || len(f.Quantiles) != len(levels) || !slices.Equal(f.Levels, levels) {
		return fmt.Errorf("shape: %d steps, %d levels", len(f.Mean), len(f.Quantiles))
	}
	span := forecast.SpanOf(s.Values)
	width := span.Max - span.Min
	if width == 0 {
		width = max(math.Abs(span.Min), math.Abs(span.Max))
	}
	slack := 1e-9 * (width + math.Abs(span.Max) + math.Abs(span.Min))
	check := func(name string, step int, v float64) error {
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0):
			return fmt.Errorf("%s at step %d is %v", name, step+1, v)
		case v < span.Min-forecast.MaxReach*width-slack || v > span.Max+forecast.MaxReach*width+slack:
			return fmt.Errorf("%s at step %d is %v: too far from data within %v and %v", name, step+1, v, span.Min, span.Max)
		case s.NonNegative && v < 0:
			return fmt.Errorf("%s at step %d is %v: negative", name, step+1, v)
		}
		return nil
	}
	for t, v := range f.Mean {
		if err := check("mean", t, v); err != nil {
			return err
		}
		for i, p := range levels {
			if len(f.Quantiles[i]) != horizon {
				return fmt.Errorf("level %v has %d steps", p, len(f.Quantiles[i]))
			}
			if err := check(fmt.Sprintf("quantile %v", p), t, f.Quantiles[i][t]); err != nil {
				return err
			}
			if i > 0 && f.Quantiles[i][t] < f.Quantiles[i-1][t] {
				return fmt.Errorf("quantiles %v and %v cross at step %d: %v, %v", levels[i-1], p, t+1, f.Quantiles[i-1][t], f.Quantiles[i][t])
			}
		}
	}
	return nil
}

func shapes(t *testing.T, m forecast.Model) {
	t.Helper()
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			Forecast(t, m, c.Series, 30)
			s := c.Series
			s.NonNegative = true
			Forecast(t, m, s, 30)
			s.Seasons = nil
			Forecast(t, m, s, 3)
		})
	}
	for _, v := range []float64{math.Inf(1), math.Inf(-1)} {
		_, err := m.Fit(context.Background(), forecast.Series{Values: []float64{1, v, 2}}, 1)
		if !errors.Is(err, forecast.ErrSeries) {
			t.Errorf("Fit of a series with %v = %v, want ErrSeries", v, err)
		}
	}
}

func seasons(t *testing.T, m forecast.Model) {
	t.Helper()
	for _, c := range [][]int{{1}, {2}, {3}, {4}, {7}, {7, 365}, {12}, {24}, {24, 168}, {48, 336}, {52}, {96}, {500}, {1440}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			for _, n := range []int{c[0], 2*c[0] + 1, 4*c[0] + 3} {
				Forecast(t, m, ordinary(n, c...), 2*c[0]+1)
			}
		})
	}
}

// horizons checks every horizon up to 30, some longer ones and the longest one
// allowed, and that a longer horizon does not change the steps of a shorter one.
func horizons(t *testing.T, m forecast.Model) {
	t.Helper()
	for _, s := range []forecast.Series{ordinary(60, 12), ordinary(25)} {
		long := Forecast(t, m, s, 500)
		asked := []int{48, 100, 365, 499}
		for h := 1; h <= 30; h++ {
			asked = append(asked, h)
		}
		for _, h := range asked {
			f := Forecast(t, m, s, h)
			for i := range levels {
				if !slices.Equal(f.Quantiles[i], long.Quantiles[i][:h]) {
					t.Fatalf("horizon %d: quantile %v differs from that of horizon 500:\n%v\n%v", h, levels[i], f.Quantiles[i], long.Quantiles[i][:h])
				}
			}
		}
	}
}

func requests(t *testing.T, m forecast.Model) {
	t.Helper()
	ctx := context.Background()
	fitted, err := m.Fit(ctx, ordinary(30), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []int{0, -1} {
		if _, err := fitted.Forecast(ctx, h, nil); !errors.Is(err, forecast.ErrHorizon) {
			t.Errorf("horizon %d: %v, want ErrHorizon", h, err)
		}
	}
	for _, l := range [][]float64{{0}, {1}, {-0.1}, {math.NaN()}, {0.5, 0.5}, {0.9, 0.1}} {
		if _, err := fitted.Forecast(ctx, 3, l); !errors.Is(err, forecast.ErrLevels) {
			t.Errorf("levels %v: %v, want ErrLevels", l, err)
		}
	}
	f, err := fitted.Forecast(ctx, 3, nil)
	if err != nil || len(f.Mean) != 3 || len(f.Quantiles) != 0 {
		t.Errorf("no levels: %v, %v", f, err)
	}
}

// scaling checks that a forecast of c·y is c times the forecast of y. With a
// power of two nothing is rounded, and the two must agree almost to the bit;
// with other factors rounding may lead an optimiser along another path.
func scaling(t *testing.T, m forecast.Model) {
	t.Helper()
	counts := forecast.Series{Seasons: []int{7}}
	for i := range 80 {
		counts.Values = append(counts.Values, float64(max(0, i*i%11-7)))
	}
	for _, s := range []forecast.Series{ordinary(72, 12), ordinary(20), ordinary(5, 4), counts} {
		base := Forecast(t, m, s, 14)
		for _, c := range []struct{ factor, tolerance float64 }{
			{1024, 1e-9}, {1.0 / 4096, 1e-9}, {1 << 40, 1e-9}, {1.0 / (1 << 40), 1e-9}, {1000, 0.02}, {1e-7, 0.02},
		} {
			scaled := s
			scaled.Values = make([]float64, len(s.Values))
			for i, v := range s.Values {
				scaled.Values[i] = v * c.factor
			}
			got := Forecast(t, m, scaled, 14)
			span := forecast.SpanOf(s.Values)
			allowed := c.tolerance * (span.Max - span.Min)
			for h, v := range got.Mean {
				if d := v/c.factor - base.Mean[h]; math.Abs(d) > allowed {
					t.Fatalf("factor %v, %d values: mean at step %d is %v times the factor, unscaled %v", c.factor, len(s.Values), h+1, v/c.factor, base.Mean[h])
				}
			}
			for i := range levels {
				if levels[i] < 0.05 || levels[i] > 0.95 {
					continue // far tails magnify the smallest difference of a variance
				}
				for h, v := range got.Quantiles[i] {
					if d := v/c.factor - base.Quantiles[i][h]; math.Abs(d) > allowed {
						t.Fatalf("factor %v, %d values: quantile %v at step %d is %v times the factor, unscaled %v",
							c.factor, len(s.Values), levels[i], h+1, v/c.factor, base.Quantiles[i][h])
					}
				}
			}
		}
	}
}

// determinism fits the same series many times, on one core, on two, and at once,
// and wants the same bits.
func determinism(t *testing.T, m forecast.Model) {
	t.Helper()
	for _, s := range []forecast.Series{ordinary(72, 12), ordinary(30)} {
		want, state := fitOnce(t, m, s)
		again := func() {
			got, saved := fitOnce(t, m, s)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("another forecast from the same seed: %s", diff)
			}
			if !bytes.Equal(state, saved) {
				t.Error("another state from the same seed")
			}
		}
		for cores := range 2 {
			before := runtime.GOMAXPROCS(1 + cores)
			again()
			runtime.GOMAXPROCS(before)
		}
		var group sync.WaitGroup
		for range 8 {
			group.Go(again)
		}
		group.Wait()
	}
}

func fitOnce(t *testing.T, m forecast.Model, s forecast.Series) (forecast.Forecast, []byte) {
	t.Helper()
	fitted, err := m.Fit(context.Background(), s, 42)
	if err != nil {
		t.Error(err)
		return forecast.Forecast{}, nil
	}
	f, err := fitted.Forecast(context.Background(), 14, levels)
	if err != nil {
		t.Error(err)
	}
	state, err := fitted.State()
	if err != nil {
		t.Error(err)
	}
	return f, state
}
