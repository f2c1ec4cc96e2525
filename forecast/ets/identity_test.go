package ets

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/almanac-forecast/almanac/forecast"
)

func TestParseForm(t *testing.T) {
	for _, form := range append(all(), Form{}, Form{Error: Additive}) {
		got, err := ParseForm(form.String())
		if err != nil || got != form {
			t.Errorf("ParseForm(%s) = %v, %v", form, got, err)
		}
	}
	if got, err := ParseForm("MAdM"); err != nil || got != (Form{Multiplicative, AdditiveDamped, Multiplicative}) {
		t.Errorf("ParseForm(MAdM) = %v, %v", got, err)
	}
	for _, text := range []string{"", "A", "AN", "NNN", "AAdAd", "A,A,A,A", "ann", "AA N", "AdNN"} {
		if got, err := ParseForm(text); !errors.Is(err, ErrForm) {
			t.Errorf("ParseForm(%q) = %v, %v; want ErrForm", text, got, err)
		}
	}
}

// TestDampedTrend holds a case that three well-known programs had wrong for
// years: from level 100, slope 1 and φ = 0.9 the trend adds φ, then φ + φ².
func TestDampedTrend(t *testing.T) {
	e := estimate{form: Form{Additive, AdditiveDamped, None}, m: 1, alpha: 0.5, beta: 0.1, phi: 0.9}
	mean, trend := make([]float64, 6), make([]float64, 6)
	e.means(states{l: 100, b: 1, s: []float64{0}}, mean, trend)
	want := []float64{100.9, 101.71, 102.439, 103.0951, 103.68559, 104.217031}
	if diff := cmp.Diff(want, mean, cmpopts.EquateApprox(1e-14, 0)); diff != "" {
		t.Error(diff)
	}
}

// TestByHand follows each kind of recursion for two steps on paper.
func TestByHand(t *testing.T) {
	y, w := []float64{12, 9}, []float64{1, 1}
	for _, c := range []struct {
		form Form
		l, b float64
		s    []float64
		want states
	}{
		// μ = 10, e = 2, l = 11; μ = 11, e = −2, l = 10.
		{Form{Additive, None, None}, 10, 0, []float64{0}, states{10, 0, []float64{0}}},
		// μ = 11, e = 1, l = 11.5, b = 1.25; μ = 12.75, e = −3.75, l = 10.875, b = 0.3125.
		{Form{Additive, Additive, None}, 10, 1, []float64{0}, states{10.875, 0.3125, []float64{0}}},
		// μ = 10+1, e = 1, l = 10.5, s = 1.125; μ = 10.5−1, e = −0.5, l = 10.25, s = −1.0625.
		{Form{Additive, None, Additive}, 10, 0, []float64{1, -1}, states{10.25, 0, []float64{1.125, -1.0625}}},
		// μ = 10·2, e = −8, l = 10−0.5·4 = 8, s = 2−0.125·0.8 = 1.9; μ = 8·1, e = 1, l = 8.5, s = 1+0.125/8.
		{Form{Multiplicative, None, Multiplicative}, 10, 0, []float64{2, 1}, states{8.5, 0, []float64{1.9, 1.015625}}},
		// q = 10·1.5, e = −3, l = 13.5, b = 1.5−0.25·0.3 = 1.425; q = 19.2375, e = −10.2375,
		// l = 14.11875, b = 1.425−0.25·10.2375/13.5.
		{Form{Multiplicative, Multiplicative, None}, 10, 1.5, []float64{0}, states{14.11875, 1.425 - 0.25*10.2375/13.5, []float64{0}}},
	} {
		e := estimate{form: c.form, m: len(c.s), alpha: 0.5, beta: 0.25, gamma: 0.125, phi: 1, start: initial{c.l, c.b, c.s}}
		if !c.form.trended() {
			e.beta = 0
		}
		if c.form.Season == None {
			e.gamma = 0
		}
		if c.form.power() && c.b == 0 {
			t.Fatal("a multiplicative trend begins at 1")
		}
		got, ok := e.finish(y, w)
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(states{}), cmpopts.EquateApprox(1e-14, 0)); diff != "" || !ok {
			t.Errorf("%s: %v %s", c.form, ok, diff)
		}
	}
}

// TestVariance compares deviations with closed forms (Hyndman et al. 2008, table
// 6.2) and, where there are none or they are approximations, with simulation.
func TestVariance(t *testing.T) {
	const h = 9
	end := states{l: 1, b: 0.02, s: []float64{0}}
	mean, trend, dev := make([]float64, h), make([]float64, h), make([]float64, h)
	e := estimate{form: Form{Additive, Additive, None}, m: 1, alpha: 0.4, beta: 0.1, phi: 1, variance: 0.01}
	e.means(end, mean, trend)
	e.deviations(end, mean, trend, dev)
	for t0 := range dev {
		n := float64(t0 + 1)
		want := 0.01 * (1 + (n-1)*(0.16+0.04*n+0.01*n*(2*n-1)/6))
		if math.Abs(dev[t0]*dev[t0]-want) > 1e-15 {
			t.Errorf("A,A,N at step %v: variance %v, want %v", n, dev[t0]*dev[t0], want)
		}
	}
	simulated := make([]float64, h)
	for _, form := range all() {
		if form.simulated() {
			continue
		}
		e := estimate{form: form, m: 1, alpha: 0.4, phi: 1, variance: 0.01}
		end := states{l: 1, s: []float64{0}}
		if form.trended() {
			e.beta, end.b = 0.1, 0.02
		}
		if form.damped() {
			e.phi = 0.9
		}
		switch form.Season {
		case Additive:
			e.m, e.gamma, end.s = 4, 0.2, []float64{0.1, -0.2, 0.3, -0.2}
		case Multiplicative:
			e.m, e.gamma, end.s = 4, 0.2, []float64{1.1, 0.8, 1.3, 0.8}
		case Auto, None, AdditiveDamped, MultiplicativeDamped:
		}
		e.means(end, mean, trend)
		e.deviations(end, mean, trend, dev)
		e.simulate(7, end, mean, simulated)
		for i := range dev {
			tolerance := 0.05
			if form.Season == Multiplicative && i >= e.m {
				tolerance = 0.1 // beyond one season the formula is an approximation
			}
			if r := simulated[i] / dev[i]; math.Abs(r-1) > tolerance {
				t.Errorf("%s at step %d: deviation %v, simulated %v", form, i+1, dev[i], simulated[i])
			}
		}
	}
}

// TestMissingEnd: values missing at the end are a horizon that has begun.
func TestMissingEnd(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 3))
	s := forecast.Series{Seasons: []int{4}}
	for i := range 40 {
		s.Values = append(s.Values, 20+float64(i)/4+3*math.Sin(math.Pi/2*float64(i))+rnd.NormFloat64())
	}
	mean := func(s forecast.Series, h int) []float64 {
		t.Helper()
		fitted, err := ETS{}.Fit(context.Background(), s, 1)
		if err != nil {
			t.Fatal(err)
		}
		f, err := fitted.Forecast(context.Background(), h, nil)
		if err != nil {
			t.Fatal(err)
		}
		return f.Mean
	}
	whole := mean(s, 8)
	s.Values = append(s.Values, math.NaN(), math.NaN(), math.NaN())
	cut := mean(s, 5)
	if diff := cmp.Diff(whole[3:], cut, cmpopts.EquateApprox(1e-3, 0)); diff != "" {
		t.Error(diff)
	}
}

// TestLikelihoodIdentity runs an estimate over its data again: its one-step
// errors must give the criterion by which it was chosen.
func TestLikelihoodIdentity(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 5))
	s := forecast.Series{Seasons: []int{4}}
	for i := range 60 {
		s.Values = append(s.Values, (50+float64(i))*(1+0.05*math.Sin(math.Pi/2*float64(i)))*(1+0.1*rnd.NormFloat64()))
	}
	d := prepare(s)
	found, err := ETS{}.search(context.Background(), d, s)
	if err != nil || len(found) < 2 {
		t.Fatalf("%d forms, %v", len(found), err)
	}
	for _, e := range found {
		f := newFilter(d.y, d.w, e.m)
		f.form, f.alpha, f.beta, f.gamma, f.phi = e.form, e.alpha, e.beta, e.gamma, e.phi
		f.l[0], f.b[0] = e.start.l, e.start.b
		copy(f.s, e.start.s)
		f.forward()
		n := float64(f.obs)
		sum, logs := 0.0, 0.0
		for i, mu := range f.mu {
			r := d.y[i] - mu
			if e.form.Error == Multiplicative {
				r /= mu
				logs += math.Log(mu)
			}
			sum += r * r
		}
		value := n*math.Log(sum/n) + 2*logs
		logit := func(v float64) float64 { return unsquash(v, smoothLow, smoothHigh) }
		value += prior2(priorAlpha, logit(e.alpha), logit)
		if e.form.trended() {
			value += prior2(priorBeta, logit(e.beta/e.alpha), logit)
		}
		if e.form.Season != None {
			value += prior2(priorGamma, logit(e.gamma/(1-e.alpha)), logit)
		}
		damp := func(v float64) float64 { return unsquash(v, dampLow, dampHigh) }
		if e.form.damped() {
			value += prior2(priorPhi, damp(e.phi), damp)
		}
		k := float64(e.form.parameters(e.m))
		want := value + 2*k + k*(k+1)/(n-k-1)
		if edge := slices.Max([]float64{e.alpha, e.beta / e.alpha, e.gamma / (1 - e.alpha)}) > 0.998 ||
			min(e.alpha, 1) < 0.002; edge {
			continue // unsquash stops short of the bounds
		}
		if math.Abs(want-e.aicc) > 1e-6 {
			t.Errorf("%s: criterion %v, errors give %v (α %v β %v γ %v φ %v)", e.form, e.aicc, want, e.alpha, e.beta, e.gamma, e.phi)
		}
	}
}

func prior2(p prior, x float64, scale func(float64) float64) float64 {
	d := x - scale(p.middle)
	return p.precision * d * d
}

// TestRecovery simulates a long series and wants its parameters back.
func TestRecovery(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 7))
	const alpha, gamma, n = 0.3, 0.2, 3000
	s := forecast.Series{Seasons: []int{4}}
	l, season := 100.0, []float64{5, -5, 10, -10}
	for i := range n {
		e := rnd.NormFloat64()
		s.Values = append(s.Values, l+season[i%4]+e)
		l += alpha * e
		season[i%4] += gamma * e
	}
	fitted, err := ETS{Form: Form{Additive, None, Additive}}.Fit(context.Background(), s, 1)
	if err != nil {
		t.Fatal(err)
	}
	info := fitted.Info()
	if info.Model != "ets(A,N,A)" || math.Abs(info.Params["alpha"]-alpha) > 0.05 || math.Abs(info.Params["gamma"]-gamma) > 0.05 {
		t.Errorf("α = %v and γ = %v came back as %+v", alpha, gamma, info)
	}
	f, err := fitted.Forecast(context.Background(), 1, []float64{0.1, 0.9})
	if err != nil {
		t.Fatal(err)
	}
	if width := f.Quantiles[1][0] - f.Quantiles[0][0]; math.Abs(width-2*1.2816) > 0.25 {
		t.Errorf("80 %% interval of standard normal errors is %v wide", width)
	}
}

// TestFade wants what errors leave behind to fade where it does, in series that hold
// two seasons: an autoregressive process around a level that does not move. The
// forecast comes back about half of the way; without the second season it stays.
func TestFade(t *testing.T) {
	rnd := rand.New(rand.NewPCG(10, 11))
	values := make([]float64, 336)
	d := 0.0
	for i := range values {
		d = 0.9*d + rnd.NormFloat64()
		values[i] = 100 + d
	}
	values[len(values)-1] = 110
	far := func(seasons ...int) float64 {
		f, err := ETS{}.Fit(context.Background(), forecast.Series{Values: values, Seasons: seasons}, 1)
		if err != nil {
			t.Fatal(err)
		}
		out, err := f.Forecast(context.Background(), 48, nil)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, v := range out.Mean[24:] {
			sum += v / 24
		}
		return sum - 100
	}
	if one, two := far(24), far(24, 168); two > 6 || one < 8 {
		t.Errorf("10 above the level, the forecast of the next day is %v above it, and %v with one season", two, one)
	}
}

func TestSingleForms(t *testing.T) {
	s := forecast.Series{Seasons: []int{4}}
	for i := range 40 {
		s.Values = append(s.Values, 20+float64(i)+float64(i%4))
	}
	for _, form := range all() {
		fitted, err := ETS{Form: form}.Fit(context.Background(), s, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := fitted.Info().Model, "ets("+form.String()+")"; got != want {
			t.Errorf("form %s: fitted %s (%s)", want, got, fitted.Info().Fallback)
		}
	}
	fitted, err := ETS{Single: true}.Fit(context.Background(), s, 1)
	if err != nil || fitted.Info().Params["weight"] != 1 {
		t.Errorf("single form: %+v, %v", fitted.Info(), err)
	}
}

func BenchmarkFitMonthly(b *testing.B) {
	rnd := rand.New(rand.NewPCG(8, 9))
	s := forecast.Series{Seasons: []int{12}}
	for i := range 120 {
		s.Values = append(s.Values, (500+float64(i))*(1+0.2*math.Sin(math.Pi/6*float64(i)))*(1+0.05*rnd.NormFloat64()))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (ETS{}).Fit(context.Background(), s, 1); err != nil {
			b.Fatal(err)
		}
	}
}
