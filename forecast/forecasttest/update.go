package forecasttest

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/forecast"
)

// running are the parameters that [forecast.Info] tells of the values so far, and
// that new values therefore move; all others are estimates of the fit.
var running = []string{"slope", "mean", "values", "rate", "size"}

// update checks that a fitted model takes new values without being estimated
// again: in one update or in two, saved in between or not, the result is the
// same and the estimates stay. Values that are missing at the end move the forecast
// on by as many steps.
func update(t *testing.T, m forecast.Model) {
	t.Helper()
	grown := append(Cases(),
		Case{"weeks", ordinary(160, 52)}, Case{"hours of weeks", ordinary(720, 24, 168)}, Case{"longer than what models look at", ordinary(3100, 24)})
	for _, c := range grown {
		t.Run(c.Name, func(t *testing.T) {
			n := len(c.Series.Values)
			cuts := []int{n - 1, n - n/3}
			if n > 100 {
				cuts = []int{n - n/8}
			}
			for _, cut := range cuts {
				if cut > 0 {
					growth(t, m, c.Series, cut)
				}
			}
			missing(t, m, c.Series)
		})
	}
}

// growth fits the first values of a series and brings the others.
func growth(t *testing.T, m forecast.Model, s forecast.Series, cut int) {
	t.Helper()
	fitted, err := m.Fit(context.Background(), first(s, cut), 3)
	if err != nil {
		t.Fatal(err)
	}
	info, saved := fitted.Info(), stateOf(t, fitted)
	same := updated(t, m, fitted, first(s, cut))
	if diff := cmp.Diff(ahead(t, fitted), ahead(t, same)); diff != "" {
		t.Errorf("%d values, updated by none: %s", cut, diff)
	}
	once := updated(t, m, fitted, s)
	if err := promises(s, ahead(t, once), steps); err != nil {
		t.Errorf("%d values updated to %d: %v", cut, len(s.Values), err)
	}
	twice := updated(t, m, updated(t, m, same, first(s, (cut+len(s.Values))/2)), s)
	for name, other := range map[string]forecast.Fitted{"in two steps": twice, "and loaded again": updated(t, m, once, s)} {
		if diff := cmp.Diff(ahead(t, once), ahead(t, other)); diff != "" {
			t.Errorf("%d values updated to %d %s: %s", cut, len(s.Values), name, diff)
		}
		if diff := cmp.Diff(once.Info(), other.Info()); diff != "" {
			t.Errorf("%d values updated to %d %s tells other things: %s", cut, len(s.Values), name, diff)
		}
		if !bytes.Equal(stateOf(t, once), stateOf(t, other)) {
			t.Errorf("%d values updated to %d %s have another state", cut, len(s.Values), name)
		}
	}
	if once.Info().Fallback != info.Fallback {
		return // the estimates could not follow the new values, or some of an ensemble's could not
	}
	if !bytes.Equal(saved, stateOf(t, once)) {
		t.Errorf("%d values updated to %d: the state is no longer that of the fit", cut, len(s.Values))
	}
	if diff := cmp.Diff(estimates(info), estimates(once.Info())); diff != "" {
		t.Errorf("%d values updated to %d were estimated again: %s", cut, len(s.Values), diff)
	}
}

// missing brings values that are all missing, after the fit or before it.
func missing(t *testing.T, m forecast.Model, s forecast.Series) {
	t.Helper()
	ctx := context.Background()
	fitted, err := m.Fit(ctx, s, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, gap := range []int{1, 13} {
		if gap > 1 && len(s.Values) > 100 {
			return // a long series takes its time
		}
		far, err := fitted.Forecast(ctx, gap+steps, levels)
		if err != nil {
			t.Fatal(err)
		}
		want := forecast.Forecast{Levels: far.Levels, Mean: far.Mean[gap:]}
		for _, q := range far.Quantiles {
			want.Quantiles = append(want.Quantiles, q[gap:])
		}
		late := s
		late.Values = slices.Clone(s.Values)
		for range gap {
			late.Values = append(late.Values, math.NaN())
		}
		anew, err := m.Fit(ctx, late, 3)
		if err != nil {
			t.Fatal(err)
		}
		for name, f := range map[string]forecast.Fitted{"updated": updated(t, m, fitted, late), "fitted": anew} {
			if diff := cmp.Diff(want, ahead(t, f)); diff != "" {
				t.Errorf("%s with %d missing values: %s", name, gap, diff)
			}
		}
	}
}

// steps is how far updated models forecast.
const steps = 15

func first(s forecast.Series, n int) forecast.Series {
	s.Values = s.Values[:n:n]
	return s
}

func updated(t *testing.T, m forecast.Model, f forecast.Fitted, s forecast.Series) forecast.Fitted {
	t.Helper()
	out, err := forecast.Update(m, f, s)
	if err != nil {
		t.Fatalf("Update to %d values: %v", len(s.Values), err)
	}
	return out
}

func ahead(t *testing.T, f forecast.Fitted) forecast.Forecast {
	t.Helper()
	out, err := f.Forecast(context.Background(), steps, levels)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func stateOf(t *testing.T, f forecast.Fitted) []byte {
	t.Helper()
	out, err := f.State()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// estimates are the parameters told that new values must not move.
func estimates(info forecast.Info) map[string]string {
	out := map[string]string{}
	for name, v := range info.Params {
		if !slices.Contains(running, name[strings.LastIndexByte(name, '.')+1:]) {
			out[name] = fmt.Sprint(v)
		}
	}
	return out
}

// Continues checks of a model that is one recursion, such as a single form of
// exponential smoothing, that values that come just as it expected teach it
// nothing: the means after the update are those of the steps after. A start that is
// estimated anew, a season that has slipped or a parameter that moved shows here.
func Continues(t *testing.T, m forecast.Model) {
	t.Helper()
	used := 0
	for _, s := range []forecast.Series{ordinary(7), ordinary(40, 12), ordinary(75, 12), ordinary(130, 4)} {
		if continues(t, m, s) {
			used++
		}
	}
	if used < 2 {
		t.Errorf("%s could use %d series only", m.Name(), used)
	}
}

// continues returns false where a simpler model stood in.
func continues(t *testing.T, m forecast.Model, s forecast.Series) bool {
	t.Helper()
	ctx := context.Background()
	fitted, err := m.Fit(ctx, s, 1)
	if err != nil {
		t.Fatal(err)
	}
	if fitted.Info().Fallback != "" {
		return false
	}
	const come = 5
	far, err := fitted.Forecast(ctx, come+steps, nil)
	if err != nil {
		t.Fatal(err)
	}
	grown := s
	grown.Values = append(slices.Clone(s.Values), far.Mean[:come]...)
	got := ahead(t, updated(t, m, fitted, grown))
	span := forecast.SpanOf(s.Values)
	for h, want := range far.Mean[come:] {
		if d := math.Abs(got.Mean[h] - want); d > 1e-9*(span.Max-span.Min) {
			t.Fatalf("%s, %d values, then %d as expected: step %d is %v, was %v", fitted.Info().Model, len(s.Values), come, h+1, got.Mean[h], want)
		}
	}
	return true
}
