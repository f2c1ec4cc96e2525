package auto

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/forecasttest"
)

func TestContract(t *testing.T) { forecasttest.Run(t, Auto{}) }

func fit(t *testing.T, s forecast.Series) forecast.Info {
	t.Helper()
	fitted, err := Auto{Horizon: 24}.Fit(context.Background(), s, 1)
	if err != nil {
		t.Fatal(err)
	}
	return fitted.Info()
}

// TestChoice gives series whose best model is known.
func TestChoice(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	// Hours with another profile on weekends: only the weekly season knows them.
	weekly := forecast.Series{Seasons: []int{24, 168}}
	for i := range 6 * 168 {
		v := 10 + 5*math.Sin(2*math.Pi*float64(i%24)/24)
		if i%168 >= 120 {
			v = 3
		}
		weekly.Values = append(weekly.Values, v+0.3*rnd.NormFloat64())
	}
	if info := fit(t, weekly); !strings.HasPrefix(info.Model, "ensemble(ridge(") || info.Reason == "" {
		t.Errorf("weekly profile: %+v", info)
	}
	// A noisy level: smoothing beats every naive forecast.
	var level forecast.Series
	for range 200 {
		level.Values = append(level.Values, 100+rnd.NormFloat64())
	}
	if info := fit(t, level); !strings.HasPrefix(info.Model, "ensemble(ets(") || info.Reason == "" {
		t.Errorf("noisy level: %+v", info)
	}
	// One unit now and then.
	var spare forecast.Series
	for range 100 {
		spare.Values = append(spare.Values, float64(max(0, rnd.IntN(10)-8)))
	}
	if info := fit(t, spare); info.Model != "imapa" {
		t.Errorf("intermittent demand: %+v", info)
	}
	if info := fit(t, forecast.Series{Values: []float64{1, 2}}); info.Fallback == "" || info.Reason == "" {
		t.Errorf("two values: %+v", info)
	}
}

func TestLookup(t *testing.T) {
	for _, name := range []string{"auto", "ets", "arima", "theta", "npts", "seasonal-naive", "naive", "drift", "mean", "croston", "imapa"} {
		m, err := Lookup(name, 7)
		if err != nil || m.Name() != name {
			t.Errorf("Lookup(%q) = %v, %v", name, m, err)
		}
	}
	if _, err := Lookup("arimaa", 7); !errors.Is(err, ErrModel) || !strings.Contains(err.Error(), "seasonal-naive") {
		t.Errorf("Lookup of an unknown name: %v", err)
	}
}

// TestRegressors chooses the regression where a regressor explains the series,
// and where none does makes the forecast that the series has without them.
func TestRegressors(t *testing.T) {
	ctx := context.Background()
	rnd := rand.New(rand.NewPCG(3, 4))
	promotion, noise, s := make([]float64, 132), make([]float64, 132), forecast.Series{Seasons: []int{7}}
	hourly := forecast.Series{Seasons: []int{24, 168}}
	temperature := make([]float64, 24*36)
	for i := range promotion {
		promotion[i], noise[i] = float64(max(0, rnd.IntN(6)-4)), rnd.NormFloat64()
		if i < 120 {
			s.Values = append(s.Values, 100+5*math.Sin(2*math.Pi*float64(i)/7)+30*promotion[i]+3*rnd.NormFloat64())
		}
	}
	for i := range temperature {
		temperature[i] = 10 * rnd.NormFloat64()
		if i < 24*35 {
			hourly.Values = append(hourly.Values, 200+50*math.Sin(2*math.Pi*float64(i)/24)+2*temperature[i]+5*rnd.NormFloat64())
		}
	}

	for _, c := range []struct {
		series     forecast.Series
		regressors [][]float64
		want       string
	}{
		{s, [][]float64{noise, promotion}, "regression(regressor_2 "},
		{hourly, [][]float64{temperature}, "regression-ridge(regressor_1 adds, ridge("},
		{s, [][]float64{noise}, "ensemble("},
		{s, [][]float64{promotion[:120]}, "ensemble("}, // not known ahead
	} {
		with := c.series
		with.Regressors = c.regressors
		m := Auto{Horizon: 12}
		f, err := m.Fit(ctx, with, 1)
		if err != nil {
			t.Fatal(err)
		}
		if info := f.Info(); !strings.HasPrefix(info.Model, c.want) || info.Reason == "" {
			t.Errorf("%+v, want %s", info, c.want)
		}
		saved, err := f.State()
		if err != nil {
			t.Fatal(err)
		}
		again, err := m.Load(saved, with)
		if err != nil {
			t.Fatal(err)
		}
		want := steps(t, f)
		if diff := cmp.Diff(want, steps(t, again)); diff != "" {
			t.Errorf("%s after Load:\n%s", c.want, diff)
		}
		if strings.HasPrefix(c.want, "regression") {
			continue
		}
		alone := c.series
		alone.Regressors = nil
		plain, err := m.Fit(ctx, alone, 1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(steps(t, plain), want); diff != "" {
			t.Errorf("regressors that do not help changed the forecast:\n%s", diff)
		}
	}
}

func steps(t *testing.T, f forecast.Fitted) forecast.Forecast {
	t.Helper()
	y, err := f.Forecast(context.Background(), 12, []float64{0.1, 0.5, 0.9})
	if err != nil {
		t.Fatal(err)
	}
	return y
}
