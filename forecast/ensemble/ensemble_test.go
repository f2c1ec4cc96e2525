package ensemble_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/baseline"
	"github.com/almanac-forecast/almanac/forecast/ensemble"
	"github.com/almanac-forecast/almanac/forecast/ets"
	"github.com/almanac-forecast/almanac/forecast/forecasttest"
	"github.com/almanac-forecast/almanac/forecast/theta"
)

func TestContract(t *testing.T) {
	t.Run("mean", func(t *testing.T) { forecasttest.Run(t, ensemble.Ensemble{}) })
	t.Run("median", func(t *testing.T) {
		forecasttest.Run(t, ensemble.Ensemble{Median: true, Members: []forecast.Model{theta.Theta{}, baseline.Naive{}, baseline.Drift{}}})
	})
}

var levels = []float64{0.1, 0.5, 0.9}

func values() []float64 {
	var out []float64
	for t := range 40 {
		out = append(out, 50+float64(t)+5*math.Sin(float64(t*t)))
	}
	return out
}

func forecastOf(t *testing.T, m forecast.Model, s forecast.Series) forecast.Forecast {
	t.Helper()
	f, err := m.Fit(context.Background(), s, 1)
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.Forecast(context.Background(), 4, levels)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestCombination weighs three members by hand.
func TestCombination(t *testing.T) {
	s := forecast.Series{Values: values()}
	members := []forecast.Model{theta.Theta{}, baseline.Naive{}, baseline.Drift{}}
	var parts []forecast.Forecast
	for _, m := range members {
		parts = append(parts, forecastOf(t, m, s))
	}
	both := forecastOf(t, ensemble.Ensemble{Members: members}, s)
	middle := forecastOf(t, ensemble.Ensemble{Members: members, Median: true}, s)
	for l := range levels {
		for step := range 4 {
			a, b, c := parts[0].Quantiles[l][step], parts[1].Quantiles[l][step], parts[2].Quantiles[l][step]
			want := max(min(a, b), min(max(a, b), c))
			if got := middle.Quantiles[l][step]; math.Abs(got-want) > 1e-9 {
				t.Errorf("median of level %v at step %d is %g, want %g", levels[l], step+1, got, want)
			}
			want = min(a, b, c)/6 + want*2/3 + max(a, b, c)/6
			if got := both.Quantiles[l][step]; math.Abs(got-want) > 1e-9 {
				t.Errorf("level %v at step %d is %g, want %g", levels[l], step+1, got, want)
			}
		}
	}
}

// refusing is a model that cannot use any series.
type refusing struct{ baseline.Mean }

type refused struct{ forecast.Fitted }

func (refusing) Name() string { return "refusing" }

func (r refusing) Fit(ctx context.Context, s forecast.Series, seed uint64) (forecast.Fitted, error) {
	f, err := r.Mean.Fit(ctx, s, seed)
	return refused{f}, err
}

func (f refused) Info() forecast.Info {
	return forecast.Info{Model: "mean", Fallback: "mean: it refuses"}
}

// TestFallback leaves out the member that fell back, and tells.
func TestFallback(t *testing.T) {
	s := forecast.Series{Values: values()}
	m := ensemble.Ensemble{Members: []forecast.Model{refusing{}, theta.Theta{}}}
	f, err := m.Fit(context.Background(), s, 1)
	if err != nil {
		t.Fatal(err)
	}
	if info := f.Info(); info.Fallback != "without refusing (mean: it refuses)" {
		t.Errorf("Fallback = %q", info.Fallback)
	}
	got, want := forecastOf(t, m, s), forecastOf(t, theta.Theta{}, s)
	if got.Mean[3] != want.Mean[3] {
		t.Errorf("mean %g, want that of theta alone, %g", got.Mean[3], want.Mean[3])
	}
	short, err := ensemble.Ensemble{}.Fit(context.Background(), forecast.Series{Values: []float64{1, 2}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if info := short.Info(); !strings.HasPrefix(info.Fallback, "naive: ") {
		t.Errorf("two values: Fallback = %q, want naive", info.Fallback)
	}
}

// TestLoad_OtherMembers refuses the state of another combination.
func TestLoad_OtherMembers(t *testing.T) {
	s := forecast.Series{Values: values()}
	saved, err := fit(t, s).State()
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []forecast.Model{
		ensemble.Ensemble{Members: []forecast.Model{ets.ETS{}, theta.Theta{}}},
		ensemble.Ensemble{Members: []forecast.Model{theta.Theta{}, ets.ETS{}, baseline.Naive{}}},
		ensemble.Ensemble{Median: true},
	} {
		if _, err := other.Load(saved, s); !errors.Is(err, forecast.ErrState) {
			t.Errorf("%s: Load = %v, want ErrState", other.Name(), err)
		}
	}
}

func fit(t *testing.T, s forecast.Series) forecast.Fitted {
	t.Helper()
	f, err := ensemble.Ensemble{}.Fit(context.Background(), s, 1)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestSeveralSeasons wants ridge in place of ETS and ARIMA in series of several seasons,
// and a model saved with ETS, when the series was shorter, to answer as it did.
func TestSeveralSeasons(t *testing.T) {
	s := forecast.Series{Seasons: []int{4, 28}}
	for i := range 280 {
		s.Values = append(s.Values, 10+3*math.Sin(float64(i)*math.Pi/2)+float64(i%28/20)+0.1*math.Cos(float64(i*i)))
	}
	if got := fit(t, s).Info().Model; !strings.HasPrefix(got, "ensemble(ridge(") || strings.Contains(got, "ets(") {
		t.Errorf("ten cycles of two seasons: %s", got)
	}
	known := s
	known.Regressors = [][]float64{s.Values}
	if got := fit(t, known).Info().Model; !strings.Contains(got, "arima(") {
		t.Errorf("with a regressor, which only ARIMA uses: %s", got)
	}
	few, short := s, s
	few.Values, short.Values = s.Values[:84], s.Values[:50]
	before := fit(t, short)
	for _, f := range []forecast.Fitted{fit(t, few), before} {
		if got := f.Info().Model; !strings.HasPrefix(got, "ensemble(ets(") || strings.Contains(got, "ridge(") {
			t.Errorf("three cycles of the longer season, or less than two: %s", got)
		}
	}
	saved, err := before.State()
	if err != nil {
		t.Fatal(err)
	}
	after, err := ensemble.Ensemble{}.Load(saved, s)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := after.Info().Model, before.Info().Model; got != want {
		t.Errorf("loaded for a longer series: %s, want %s", got, want)
	}
}

// TestZeros wants a quantile of zero where that of most members is zero, and the
// mean left as it is.
func TestZeros(t *testing.T) {
	s := forecast.Series{Values: values(), NonNegative: true}
	for i := range s.Values {
		if i%3 != 0 {
			s.Values[i] = 0
		}
	}
	zeros := []forecast.Model{theta.Theta{}, ets.ETS{}, above{}}
	got := forecastOf(t, ensemble.Ensemble{Members: zeros}, s)
	for step := range 4 {
		if got.Quantiles[0][step] != 0 {
			t.Errorf("step %d: quantile 0.1 is %v, that of two members of three is zero", step+1, got.Quantiles[0][step])
		}
		if !(got.Quantiles[2][step] > 0) || !(got.Mean[step] > 0) {
			t.Errorf("step %d: quantile 0.9 is %v, mean %v", step+1, got.Quantiles[2][step], got.Mean[step])
		}
	}
}

// above forecasts five, whatever the series.
type above struct{ baseline.Naive }

func (above) Fit(ctx context.Context, _ forecast.Series, seed uint64) (forecast.Fitted, error) {
	return baseline.Naive{}.Fit(ctx, forecast.Series{Values: []float64{5, 5, 5, 5}}, seed)
}
