package forecasttest

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/forecast"
)

// state checks that what was saved and loaded with the same data forecasts the
// same numbers, and that it takes data that have grown, shrunk or vanished.
func state(t *testing.T, m forecast.Model) {
	t.Helper()
	ctx := context.Background()
	for _, c := range Cases() {
		fitted, err := m.Fit(ctx, c.Series, 1)
		if err != nil {
			t.Fatal(err)
		}
		want, err := fitted.Forecast(ctx, 14, levels)
		if err != nil {
			t.Fatal(err)
		}
		saved, err := fitted.State()
		if err != nil {
			t.Fatalf("%s: State: %v", c.Name, err)
		}
		loaded, err := m.Load(saved, c.Series)
		if err != nil {
			t.Fatalf("%s: Load: %v", c.Name, err)
		}
		got, err := loaded.Forecast(ctx, 14, levels)
		if err != nil {
			t.Fatalf("%s: Forecast after Load: %v", c.Name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: loaded state forecasts other numbers: %s", c.Name, diff)
		}
		if diff := cmp.Diff(fitted.Info(), loaded.Info()); diff != "" {
			t.Errorf("%s: loaded state tells other things: %s", c.Name, diff)
		}
		for _, other := range changed(c.Series) {
			again, err := m.Load(saved, other)
			if err != nil {
				t.Fatalf("%s: Load with %d values: %v", c.Name, len(other.Values), err)
			}
			f, err := again.Forecast(ctx, 14, levels)
			if err == nil {
				err = promises(other, f, 14)
			}
			if err != nil {
				t.Errorf("%s: after Load with %d values: %v", c.Name, len(other.Values), err)
			}
		}
	}
}

// changed returns series that a state may meet later than its fit.
func changed(s forecast.Series) []forecast.Series {
	grown, shrunk, jumped := s, s, s
	grown.Values = append(append([]float64(nil), s.Values...), 1, math.NaN(), 3)
	shrunk.Values = s.Values[:len(s.Values)/2]
	jumped.Values = append([]float64(nil), s.Values...)
	for i := range jumped.Values {
		jumped.Values[i] = 5 - 3*jumped.Values[i]
	}
	return []forecast.Series{grown, shrunk, jumped, {Seasons: s.Seasons}}
}

// damage checks that no damaged state is taken for a good one where that can be
// known, and that none makes a model panic or break its promises.
func damage(t *testing.T, m forecast.Model) {
	t.Helper()
	ctx := context.Background()
	s := ordinary(40, 12)
	fitted, err := m.Fit(ctx, s, 1)
	if err != nil {
		t.Fatal(err)
	}
	saved, err := fitted.State()
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(saved) {
		if _, err := m.Load(saved[:n], s); !errors.Is(err, forecast.ErrState) {
			t.Errorf("Load of the first %d of %d bytes = %v, want ErrState", n, len(saved), err)
		}
	}
	if _, err := m.Load(append(append([]byte(nil), saved...), 0), s); !errors.Is(err, forecast.ErrState) {
		t.Errorf("Load of one byte too many = %v, want ErrState", err)
	}
	later, err := otherVersion(m, saved)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Load(later, s); !errors.Is(err, forecast.ErrState) {
		t.Errorf("Load of another version = %v, want ErrState", err)
	}
	rnd := rand.New(rand.NewPCG(15, 16))
	for range 2000 {
		bad := append([]byte(nil), saved...)
		for range 1 + rnd.IntN(3) {
			bad[rnd.IntN(len(bad))] ^= 1 << rnd.IntN(8)
		}
		loaded, err := m.Load(bad, s)
		if err != nil {
			if !errors.Is(err, forecast.ErrState) {
				t.Fatalf("Load of damaged state = %v, want ErrState", err)
			}
			continue
		}
		f, err := loaded.Forecast(ctx, 5, levels)
		if err == nil {
			err = promises(s, f, 5)
		}
		if err != nil {
			t.Fatalf("damaged state: %v", err)
		}
	}
}

func cancellation(t *testing.T, m forecast.Model) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := ordinary(60, 12)
	fitted, err := m.Fit(ctx, s, 1)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := m.Fit(ctx, s, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Fit with a context that is done = %v", err)
	}
	if _, err := fitted.Forecast(ctx, 5, levels); !errors.Is(err, context.Canceled) {
		t.Errorf("Forecast with a context that is done = %v", err)
	}
}
