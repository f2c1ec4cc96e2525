package auto

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

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
	if info := fit(t, weekly); !strings.HasPrefix(info.Model, "ridge(") || info.Reason == "" {
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
