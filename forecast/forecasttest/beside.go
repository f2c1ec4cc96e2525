package forecasttest

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/almanac-forecast/almanac/forecast"
)

// fallback wants every fit to be of the model itself, under its name or that of
// its variant, or to say what stands in, by its name, and why. An automatic choice gives its
// reason.
func fallback(t *testing.T, m forecast.Model) {
	t.Helper()
	ctx := context.Background()
	usual, err := m.Fit(ctx, ordinary(72, 12), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range Cases() {
		fitted, err := m.Fit(ctx, c.Series, 1)
		if err != nil {
			t.Fatal(err)
		}
		info := fitted.Info()
		own := strings.HasPrefix(info.Model, m.Name()) || variant(info.Model) == variant(usual.Info().Model)
		if !own && info.Fallback == "" && info.Reason == "" {
			t.Errorf("%s: %q stands in for %s without a reason", c.Name, info.Model, m.Name())
		}
		if info.Fallback != "" && !named.MatchString(info.Fallback) {
			t.Errorf("%s: the reason %q names no model", c.Name, info.Fallback)
		}
	}
}

// variant is the last word of a model's name before its form.
func variant(name string) string {
	if i := strings.IndexAny(name, "([+"); i >= 0 {
		name = name[:i]
	}
	return name[strings.LastIndexByte(name, ' ')+1:]
}

// regressors sets columns beside every series: one that is known ahead, one that
// is not, one of zeros that jumps after the last value, and two that coincide.
// Ones with gaps are refused.
func regressors(t *testing.T, m forecast.Model) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(17, 18))
	for _, c := range Cases() {
		s := c.Series
		n := len(s.Values)
		ahead, jump := make([]float64, n+10), make([]float64, n+10)
		for i := range ahead {
			ahead[i] = 1e6 + 100*rnd.NormFloat64()
			if i >= n {
				jump[i] = 1
			}
		}
		s.Regressors = [][]float64{ahead, ahead[:n], jump, ahead}
		t.Run(c.Name, func(t *testing.T) { Forecast(t, m, s, 30) })
	}
	s := ordinary(40, 12)
	for _, bad := range [][]float64{make([]float64, 39), append(make([]float64, 39), math.NaN()), append(make([]float64, 40), math.Inf(1))} {
		s.Regressors = [][]float64{make([]float64, 40), bad}
		if _, err := m.Fit(context.Background(), s, 1); !errors.Is(err, forecast.ErrSeries) {
			t.Errorf("Fit with a regressor that ends with %v = %v, want ErrSeries", bad[38:], err)
		}
	}
}

// paths checks what a model draws, if it draws: as many values at each step lie
// below a quantile of the forecast as its level says, but for the luck of the
// draw; the promises of package forecast hold; equal seeds give equal paths.
func paths(t *testing.T, m forecast.Model) {
	t.Helper()
	for _, c := range append(Cases(), Case{"weeks", ordinary(200, 52)}) {
		fitted, err := m.Fit(context.Background(), c.Series, 1)
		if err != nil {
			t.Fatal(err)
		}
		p, ok := fitted.(forecast.Pather)
		if !ok {
			continue
		}
		t.Run(c.Name, func(t *testing.T) { drawn(t, c.Series, fitted, p) })
	}
}

func drawn(t *testing.T, s forecast.Series, fitted forecast.Fitted, p forecast.Pather) {
	t.Helper()
	const horizon, count = 8, 2000
	ctx := context.Background()
	got, err := p.Paths(ctx, horizon, count, 7)
	if err != nil {
		t.Fatal(err)
	}
	f, err := fitted.Forecast(ctx, horizon, levels)
	if err != nil {
		t.Fatal(err)
	}
	for h := range horizon {
		for i, level := range levels {
			below, upTo := 0, 0
			slack := 1e-6 * (math.Abs(f.Quantiles[i][h]) + f.Quantiles[len(levels)-1][h] - f.Quantiles[0][h])
			for _, path := range got {
				if path[h] < f.Quantiles[i][h]-slack {
					below++
				}
				if path[h] <= f.Quantiles[i][h]+slack {
					upTo++
				}
			}
			luck := 4.5*math.Sqrt(count*level*(1-level)) + 2
			if float64(below) > count*level+luck || float64(upTo) < count*level-luck {
				t.Fatalf("%s, step %d: %d of %d paths are below the quantile %v and %d not above, want %.0f but for %.0f",
					fitted.Info().Model, h+1, below, count, level, upTo, count*level, luck)
			}
		}
	}
	for _, path := range got[:50] {
		f := forecast.New(levels, horizon)
		copy(f.Mean, path)
		for _, q := range f.Quantiles {
			copy(q, path)
		}
		if err := promises(s, f, horizon); err != nil {
			t.Fatalf("a path: %v", err)
		}
	}
	again, err := p.Paths(ctx, horizon, count, 7)
	if err != nil || !slices.EqualFunc(got, again, slices.Equal) {
		t.Errorf("the same seed gives other paths, %v", err)
	}
	if _, err := p.Paths(ctx, 0, 3, 7); !errors.Is(err, forecast.ErrHorizon) {
		t.Errorf("paths of no step: %v, want ErrHorizon", err)
	}
	if none, err := p.Paths(ctx, horizon, 0, 7); err != nil || len(none) != 0 {
		t.Errorf("no paths: %v, %v", none, err)
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := p.Paths(done, horizon, count, 7); !errors.Is(err, context.Canceled) {
		t.Errorf("paths with a context that is done: %v", err)
	}
}
