package arima

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/almanac-forecast/almanac/forecast"
)

// simulate draws from φ(B)(1−B)^d(1−B^m)^D y = c + θ(B)e.
func simulate(o Order, c coefficients, constant float64, n int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 7))
	full := joined(product(nil, c.phi, nil, 1), o.differences())
	const burn = 300
	y, e := make([]float64, n+burn), make([]float64, n+burn)
	for t := range y {
		e[t] = r.NormFloat64()
		y[t] = constant + e[t]
		for i, v := range full {
			if t > i {
				y[t] += v * y[t-1-i]
			}
		}
		for j, v := range c.theta {
			if t > j {
				y[t] += v * e[t-1-j]
			}
		}
	}
	return y[burn:]
}

// dense computes log|Σ| and y'Σ⁻¹y of a stationary process from the matrix of
// its autocovariances, by Cholesky: the definition of the likelihood.
func dense(c coefficients, y []float64) (logDet, form float64) {
	n := len(y)
	w := psi(c.phi, c.theta, 6000)
	gamma := make([]float64, n)
	for k := range gamma {
		for j := range len(w) - k {
			gamma[k] += w[j] * w[j+k]
		}
	}
	l := make([][]float64, n)
	z := make([]float64, n)
	for i := range n {
		l[i] = make([]float64, n)
		for j := range i + 1 {
			v := gamma[i-j]
			for k := range j {
				v -= l[i][k] * l[j][k]
			}
			if i == j {
				l[i][i] = math.Sqrt(v)
				logDet += math.Log(v)
			} else {
				l[i][j] = v / l[j][j]
			}
		}
		z[i] = y[i]
		for k := range i {
			z[i] -= l[i][k] * z[k]
		}
		z[i] /= l[i][i]
		form += z[i] * z[i]
	}
	return logDet, form
}

var orders = []struct {
	name string
	o    Order
	u    []float64
}{
	{"white", Order{Period: 1}, nil},
	{"ar1", Order{P: 1, Period: 1}, []float64{0.9}},
	{"ma1", Order{Q: 1, Period: 1}, []float64{-0.7}},
	{"arma22", Order{P: 2, Q: 2, Period: 1}, []float64{0.5, -0.3, 0.4, 0.2}},
	{"seasonal", Order{P: 1, Q: 1, SP: 1, SQ: 1, Period: 4}, []float64{0.4, 0.3, 0.8, -0.5}},
	{"monthly", Order{P: 1, Q: 2, SP: 1, SQ: 2, Period: 12}, []float64{0.4, 0.3, -0.2, 0.8, -0.5, 0.1}},
}

// TestFilter_Likelihood compares the fast recursions and the filter for gaps
// with the likelihood by definition.
func TestFilter_Likelihood(t *testing.T) {
	for _, c := range orders {
		t.Run(c.name, func(t *testing.T) {
			var f filter
			var g gapFilter
			f.coef.expand(c.o, c.u)
			g.coef.expand(c.o, c.u)
			y := simulate(c.o, f.coef, 0, 60, 3)
			logDet, form := dense(f.coef, y)
			e := [][]float64{append([]float64(nil), y...)}
			logF, ok := f.run(e)
			if rss := dot(e[0], e[0]); !ok || math.Abs(logF-logDet) > 1e-6 || math.Abs(rss-form) > 1e-6*form {
				t.Errorf("fast: log|Σ| %g, form %g; want %g, %g", logF, rss, logDet, form)
			}
			e[0] = append([]float64(nil), y...)
			logF, n, ok := g.run(e, nil)
			if rss := dot(e[0], e[0]); !ok || n != len(y) || math.Abs(logF-logDet) > 1e-6 || math.Abs(rss-form) > 1e-6*form {
				t.Errorf("gaps: log|Σ| %g, form %g; want %g, %g", logF, rss, logDet, form)
			}
		})
	}
}

// TestGapFilter_Missing checks that a missing value counts as one that was never
// drawn: the likelihood is that of the remaining values' covariance matrix.
func TestGapFilter_Missing(t *testing.T) {
	o := Order{P: 1, Period: 1}
	var g gapFilter
	g.coef.expand(o, []float64{0.8})
	phi := g.coef.phi[0]
	y := [][]float64{{0.3, math.NaN(), 0.1}}
	logF, n, ok := g.run(y, nil)
	// Two values two steps apart: correlation φ², variance 1/(1−φ²).
	v := 1 / (1 - phi*phi)
	r := phi * phi
	want := math.Log(v * v * (1 - r*r))
	form := (0.09 - 2*r*0.03 + 0.01) / (v * (1 - r*r))
	if rss := dot(y[0], y[0]); !ok || n != 2 || math.Abs(logF-want) > 1e-9 || math.Abs(rss-form) > 1e-9 {
		t.Errorf("log|Σ| %g, form %g from %d; want %g, %g from 2", logF, rss, n, want, form)
	}
}

// TestLevinson_Inverse goes from parameters to coefficients and back.
func TestLevinson_Inverse(t *testing.T) {
	u := []float64{0.5, -0.3, 1.1, -2, 0.05}
	back := free(nil, levinson(nil, u))
	for i := range u {
		if math.Abs(u[i]-back[i]) > 1e-9 {
			t.Errorf("parameter %d came back as %g, was %g", i, back[i], u[i])
		}
	}
}

// TestModel_Recovers simulates and fits again.
func TestModel_Recovers(t *testing.T) {
	o := Order{P: 1, D: 1, Q: 1, Period: 1}
	c := coefficients{phi: []float64{0.6}, theta: []float64{0.4}}
	y := simulate(o, c, 0, 1500, 11)
	for _, gaps := range []bool{false, true} {
		if gaps {
			for i := 7; i < len(y); i += 10 {
				y[i] = math.NaN()
			}
		}
		fm, err := Model{Order: &o}.Fit(context.Background(), forecast.Series{Values: y}, 0)
		if err != nil {
			t.Fatal(err)
		}
		p := fm.Info().Params
		// The standard error of φ is about 0.03 here; of θ too.
		if math.Abs(p["phi1"]-0.6) > 0.1 || math.Abs(p["theta1"]-0.4) > 0.1 || math.Abs(p["sigma"]-1) > 0.08 {
			t.Errorf("gaps %v: phi %.3f theta %.3f sigma %.3f, want 0.6, 0.4, 1", gaps, p["phi1"], p["theta1"], p["sigma"])
		}
	}
}

// TestForecast_AR1 compares points and widths with the closed form μ + φ^h (y − μ)
// and σ² (1 − φ^2h)/(1 − φ²).
func TestForecast_AR1(t *testing.T) {
	o := Order{P: 1, Period: 1, Constant: true}
	y := simulate(Order{Period: 1}, coefficients{phi: []float64{0.7}}, 3, 400, 5)
	fm, err := Model{Order: &o}.Fit(context.Background(), forecast.Series{Values: y}, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := fm.(*mixture).parts[0]
	phi, mu := f.coef.phi[0], f.beta[0]*f.scale
	points := make([]float64, 5)
	f.points(points)
	sds := f.deviations(5) // before what was shown is mixed in
	for h := 1; h <= 5; h++ {
		want := mu + math.Pow(phi, float64(h))*(y[len(y)-1]-mu)
		sd := math.Sqrt(f.sigma2*(1-math.Pow(phi, float64(2*h)))/(1-phi*phi)) * f.scale
		if got := points[h-1] * f.scale; math.Abs(got-want) > 1e-9*math.Abs(want) {
			t.Errorf("step %d: mean %g, want %g", h, got, want)
		}
		if got := sds[h-1] * f.scale; math.Abs(got-sd) > 1e-9*sd {
			t.Errorf("step %d: deviation %g, want %g", h, got, sd)
		}
	}
}

// TestForecast_Airline checks (0,1,1)(0,1,1)[12] against the recursion written out.
func TestForecast_Airline(t *testing.T) {
	o := Order{D: 1, Q: 1, SD: 1, SQ: 1, Period: 12}
	y := simulate(o, coefficients{theta: []float64{-0.4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -0.6, 0.24}}, 0, 144, 9)
	for i := range y { // a simulated double difference wanders far; only its shape matters
		y[i] = 100 + y[i]/50
	}
	fm, err := Model{Order: &o}.Fit(context.Background(), forecast.Series{Values: y}, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := fm.(*mixture).parts[0]
	points := make([]float64, 30)
	f.points(points)
	// Beyond the moving average's reach the differences of the forecasts are zero.
	all := append([]float64(nil), y...)
	for _, v := range points {
		all = append(all, v*f.scale)
	}
	w := apply(f.delta, all)
	for _, v := range w[len(w)-30+13:] {
		if math.Abs(v) > 1e-8 {
			t.Errorf("difference of forecasts beyond step 13 is %g, want 0", v)
		}
	}
}

// TestKPSS separates white noise from a random walk.
func TestKPSS(t *testing.T) {
	noise := simulate(Order{Period: 1}, coefficients{}, 0, 200, 1)
	walk := simulate(Order{D: 1, Period: 1}, coefficients{}, 0, 200, 1)
	if kpss(noise) > kpssCritical || kpss(walk) < kpssCritical {
		t.Errorf("KPSS of noise %.3f, of a walk %.3f, want below and above %.3f", kpss(noise), kpss(walk), kpssCritical)
	}
}

// TestShown wants the errors from earlier times to be those of forecasts of the
// series cut there with the same estimates.
func TestShown(t *testing.T) {
	o := Order{P: 1, D: 1, Q: 1, SD: 1, SQ: 1, Period: 4}
	y := simulate(o, coefficients{phi: []float64{0.5}, theta: []float64{0.3, 0, 0, -0.5, -0.15}}, 0, 120, 21)
	for i := range y {
		y[i] = 100 + y[i]/100
	}
	s := forecast.Series{Values: y}
	fm, err := Model{Order: &o}.Fit(context.Background(), s, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := fm.(*mixture).parts[0]
	const at, ahead = 90, 6
	full := joined(product(nil, f.coef.phi, nil, 1), f.delta)
	path := make([]float64, len(full)+ahead)
	f.predict(path, full, at, ahead)
	saved, err := fm.State()
	if err != nil {
		t.Fatal(err)
	}
	cut, err := Model{}.Load(saved, forecast.Series{Values: y[:at]})
	if err != nil {
		t.Fatal(err)
	}
	want, err := cut.Forecast(context.Background(), ahead, nil)
	if err != nil {
		t.Fatal(err)
	}
	for h, v := range want.Mean {
		if got := path[len(full)+h] * f.scale; math.Abs(got-v) > 1e-6*math.Abs(v) {
			t.Errorf("step %d from time %d: %g, want %g", h+1, at, got, v)
		}
	}
}

// TestShown_OfNow wants the errors of a calm past as large as those of a storm at the
// end, and the other way round: first differences of noise whose deviation is
// multiplied by five in the last fifth, or divided. All alike they would be 2.7 and 0.9.
func TestShown_OfNow(t *testing.T) {
	for _, factor := range []float64{5, 0.2} {
		rnd := rand.New(rand.NewPCG(3, 3))
		y := make([]float64, 600)
		for i := range y {
			e := rnd.NormFloat64()
			if i >= 480 {
				e *= factor
			}
			y[i] = e
			if i > 0 {
				y[i] += y[i-1]
			}
		}
		f := &fitted{fit: fit{order: Order{D: 1, Period: 1}}, delta: []float64{1}, past: past{values: y, errors: make([]float64, len(y))}}
		for i := 1; i < len(y); i++ {
			f.past.errors[i] = y[i] - y[i-1]
		}
		got := math.Sqrt(f.shown(1).MeanSquare(0))
		// The usual size counts a quarter of all: sizes come near those of late.
		low, high := 3.3, 5.5
		if factor < 1 {
			low, high = 0.18, 0.6
		}
		if got < low || got > high {
			t.Errorf("last errors times %g: deviation %.3f, want %g to %g", factor, got, low, high)
		}
	}
}
