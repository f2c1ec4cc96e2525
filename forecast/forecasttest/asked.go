package forecasttest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/forecast"
)

// anyLevel checks that a quantile is what it is whatever else is asked for with
// it, and that levels as near to 0 and 1 as anybody asks for keep the promises.
func anyLevel(t *testing.T, m forecast.Model) {
	t.Helper()
	ctx := context.Background()
	for _, s := range []forecast.Series{ordinary(60, 12), ordinary(7)} {
		all := Forecast(t, m, s, 14)
		fitted, err := m.Fit(ctx, s, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range levels {
			one, err := fitted.Forecast(ctx, 14, []float64{p})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(all.Quantiles[i], one.Quantiles[0]); diff != "" {
				t.Errorf("%d values: level %v asked for alone: %s", len(s.Values), p, diff)
			}
			if diff := cmp.Diff(all.Mean, one.Mean); diff != "" {
				t.Errorf("%d values: the mean depends on the levels: %s", len(s.Values), diff)
			}
		}
		far, err := fitted.Forecast(ctx, 14, []float64{1e-9, 1e-4, 0.3333, 0.9999, 1 - 1e-9})
		if err != nil {
			t.Fatal(err)
		}
		// Each is checked in the place of all, and against its neighbours.
		for i, q := range far.Quantiles {
			one := forecast.Forecast{Levels: levels, Mean: far.Mean}
			for range levels {
				one.Quantiles = append(one.Quantiles, q)
			}
			if err := promises(s, one, 14); err != nil {
				t.Errorf("level %v: %v", far.Levels[i], err)
			}
			for h := range q {
				if i > 0 && q[h] < far.Quantiles[i-1][h] {
					t.Errorf("levels %v and %v cross at step %d", far.Levels[i-1], far.Levels[i], h+1)
				}
			}
		}
	}
}

// named is how a reason begins: with the simpler model, or what is left out.
var named = regexp.MustCompile(`^([a-z][a-z-]*(\(.*\))?: |without )`)

// interrupted is a context that is done after a number of looks at it.
type interrupted struct {
	context.Context
	left atomic.Int64
}

func newInterrupted(looks int) *interrupted {
	c := &interrupted{Context: context.Background()}
	c.left.Store(int64(looks))
	return c
}

// Err counts the looks.
func (c *interrupted) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// interruption ends the context after every number of looks at it: what comes is
// the context's error, or exactly what comes without an end.
func interruption(t *testing.T, m forecast.Model) {
	t.Helper()
	s := ordinary(72, 12)
	want, state := fitOnce(t, m, s)
	for looks := 0; ; looks = looks*5/4 + 1 {
		ctx := newInterrupted(looks)
		f, saved, err := fitWith(ctx, m, s)
		switch {
		case err == nil && ctx.left.Load() < 0:
			t.Errorf("the context was done after %d looks, and there is no error", looks)
		case err == nil && (!slices.Equal(state, saved) || cmp.Diff(want, f) != ""):
			t.Errorf("after %d looks at the context another forecast came", looks)
		case err != nil && !errors.Is(err, context.Canceled):
			t.Errorf("the context was done after %d looks: %v", looks, err)
		}
		if err == nil {
			return
		}
	}
}

func fitWith(ctx context.Context, m forecast.Model, s forecast.Series) (f forecast.Forecast, state []byte, err error) {
	fitted, err := m.Fit(ctx, s, 42)
	if err != nil {
		return f, nil, err
	}
	if f, err = fitted.Forecast(ctx, 14, levels); err != nil {
		return f, nil, err
	}
	state, err = fitted.State()
	return f, state, err
}

// otherVersion is a state as a later version of the model would write it: after
// the name and its length stands the version.
func otherVersion(m forecast.Model, state []byte) ([]byte, error) {
	at := 1 + len(m.Name())
	if len(state) <= at || string(state[1:at]) != m.Name() {
		return nil, fmt.Errorf("the state begins with %q, not with the name %q", state[:min(len(state), at)], m.Name())
	}
	out := slices.Clone(state)
	out[at] += 2
	return out, nil
}
