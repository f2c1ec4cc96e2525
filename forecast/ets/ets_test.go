package ets

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/almanac-forecast/almanac/forecast/forecasttest"
)

func TestContract(t *testing.T) {
	t.Run("chosen", func(t *testing.T) { forecasttest.Run(t, ETS{}) })
	for _, form := range []Form{{Additive, AdditiveDamped, None}, {Multiplicative, Additive, Multiplicative}, {Multiplicative, MultiplicativeDamped, Additive}} {
		t.Run(form.String(), func(t *testing.T) { forecasttest.Run(t, ETS{Form: form}) })
	}
}

// TestUpdate wants every form to go on where its fit ended.
func TestUpdate(t *testing.T) {
	for _, form := range all() {
		t.Run(form.String(), func(t *testing.T) { forecasttest.Continues(t, ETS{Form: form}) })
	}
}

// all returns every form that is admissible.
func all() []Form {
	var out []Form
	for _, e := range []Component{Additive, Multiplicative} {
		for trend := None; trend <= MultiplicativeDamped; trend++ {
			for _, s := range []Component{None, Additive, Multiplicative} {
				out = append(out, Form{e, trend, s})
			}
		}
	}
	return out
}

// TestGradient compares the gradient of every form with differences, where errors
// may fade and where they may not.
func TestGradient(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	const n = 37
	y, w := make([]float64, n), make([]float64, n)
	for i := range y {
		y[i], w[i] = 1+0.01*float64(i)+0.2*math.Sin(2*math.Pi*float64(i)/4)+0.05*rnd.NormFloat64(), 1
	}
	y[9], w[9], y[20], w[20] = 0, 0, 0, 0
	for i, form := range append(all(), all()...) {
		m := 1
		season := []float64{0}
		if form.Season != None {
			m = 4
			season = startSeason(y, w, m, form.Season == Multiplicative)
		}
		o := &objective{f: newFilter(y, w, m), freeSeason: m > 1, fades: i < len(all())}
		o.f.form = form
		s := &search{y: y, w: w, obs: o.f.obs}
		x := s.begin(o, season)
		for i := range x {
			x[i] += 0.1 * rnd.NormFloat64()
		}
		if v := o.Value(x); math.IsInf(v, 0) || math.IsNaN(v) {
			t.Fatalf("%s: value %v", form, v)
		}
		g := make([]float64, len(x))
		o.Gradient(g)
		for i := range x {
			const d = 1e-5
			keep := x[i]
			x[i] = keep + d
			up := o.Value(x)
			x[i] = keep - d
			down := o.Value(x)
			x[i] = keep
			if want := (up - down) / (2 * d); math.Abs(g[i]-want) > 1e-5*(1+math.Abs(want)) {
				t.Errorf("%s: derivative %d is %v, differences give %v", form, i, g[i], want)
			}
		}
	}
}
