package regress_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/forecasttest"
	"github.com/almanac-forecast/almanac/forecast/regress"
	"github.com/almanac-forecast/almanac/forecast/theta"
)

func TestContract(t *testing.T) {
	t.Run("ensemble", func(t *testing.T) { forecasttest.Run(t, regress.Model{}) })
	t.Run("theta", func(t *testing.T) { forecasttest.Run(t, regress.Model{Inner: theta.Theta{}}) })
}

// simulated is a series of n values with a season of 12 and a promotion every
// so often, known h steps ahead, and what its steps ahead will be without noise.
func simulated(n, h int, effect float64, multiplies bool, seed uint64) (forecast.Series, []float64) {
	rnd := rand.New(rand.NewPCG(seed, 3))
	promotion, noise := make([]float64, n+h), make([]float64, n+h)
	var all []float64
	for t := range n + h {
		if rnd.IntN(6) == 0 {
			promotion[t] = 1 + rnd.Float64()
		}
		noise[t] = rnd.NormFloat64()
		v := 100 + 10*math.Sin(2*math.Pi*float64(t)/12)
		if t < n {
			v += 2 * noise[t]
		}
		if multiplies {
			v *= math.Exp(effect * promotion[t])
		} else {
			v += effect * promotion[t]
		}
		all = append(all, v)
	}
	return forecast.Series{Values: all[:n], Seasons: []int{12}, Regressors: [][]float64{noise, promotion}}, all[n:]
}

func errorOf(t *testing.T, f forecast.Fitted, actual []float64) float64 {
	t.Helper()
	y, err := f.Forecast(t.Context(), len(actual), []float64{0.1, 0.9})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for i, v := range y.Mean {
		sum += math.Abs(v-actual[i]) / float64(len(actual))
	}
	return sum
}

// TestRecovers finds effects of both forms among noise, and forecasts by them.
func TestRecovers(t *testing.T) {
	for _, c := range []struct {
		name       string
		effect     float64
		multiplies bool
	}{{"adds", 40, false}, {"multiplies", 0.6, true}} {
		t.Run(c.name, func(t *testing.T) {
			s, actual := simulated(96, 12, c.effect, c.multiplies, 5)
			s.Regressors[0] = s.Regressors[0][:96] // what is not known ahead does not count
			m := regress.Model{}
			with, err := m.Fit(t.Context(), s, 1)
			if err != nil {
				t.Fatal(err)
			}
			info := with.Info()
			if !strings.HasPrefix(info.Model, "regression(regressor_2 "+c.name+", ensemble(") || math.Abs(info.Params["regressor_2"]/c.effect-1) > 0.05 {
				t.Errorf("%s %v, want regressor_2 to have the effect %v", info.Model, info.Params, c.effect)
			}
			alone := s
			alone.Regressors = nil
			without, err := m.Fit(t.Context(), alone, 1)
			if err != nil {
				t.Fatal(err)
			}
			if without.Info().Fallback == "" {
				t.Errorf("without regressors: %+v", without.Info())
			}
			if a, b := errorOf(t, with, actual), errorOf(t, without, actual); a > b/3 {
				t.Errorf("mean error %.2f with the regressors and %.2f without", a, b)
			}
			reload(t, m, with, s)
		})
	}
}

// reload wants a saved fit to forecast the same, and to be refused beside fewer regressors.
func reload(t *testing.T, m regress.Model, f forecast.Fitted, s forecast.Series) {
	t.Helper()
	saved, err := f.State()
	if err != nil {
		t.Fatal(err)
	}
	again, err := m.Load(saved, s)
	if err != nil {
		t.Fatal(err)
	}
	want, err := f.Forecast(t.Context(), 20, []float64{0.5}) // beyond what is known too
	if err != nil {
		t.Fatal(err)
	}
	got, err := again.Forecast(t.Context(), 20, []float64{0.5})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after Load:\n%s", diff)
	}
	s.Regressors = s.Regressors[:1]
	if _, err := m.Load(saved, s); !errors.Is(err, forecast.ErrState) {
		t.Errorf("Load beside one regressor: %v, want ErrState", err)
	}
}

// TestDegenerate gives regressors that say nothing, or the same twice, or what
// the season says already: none spoils the forecast.
func TestDegenerate(t *testing.T) {
	s, actual := simulated(96, 12, 40, false, 7)
	promotion := s.Regressors[1]
	scaled, constant, season := make([]float64, len(promotion)), make([]float64, len(promotion)), make([]float64, len(promotion))
	for i, v := range promotion {
		scaled[i], constant[i], season[i] = 3*v-1, 4, math.Sin(2*math.Pi*float64(i)/12)
	}
	fit := func(regressors ...[]float64) float64 {
		s.Regressors = regressors
		f, err := regress.Model{}.Fit(t.Context(), s, 1)
		if err != nil {
			t.Fatal(err)
		}
		return errorOf(t, f, actual)
	}
	want := fit(promotion)
	for name, e := range map[string]float64{
		"the same twice": fit(promotion, promotion), "the same scaled": fit(scaled, promotion), "a constant": fit(constant, promotion),
		"the season": fit(season, promotion), "all": fit(constant, season, scaled, promotion, promotion),
	} {
		if e > 1.2*want+0.2 {
			t.Errorf("%s: mean error %.2f, with the one regressor %.2f", name, e, want)
		}
	}
}
