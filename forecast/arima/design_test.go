package arima

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/almanac-forecast/almanac/forecast"
)

// noise returns n normal values.
func noise(n int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 17))
	out := make([]float64, n)
	for t := range out {
		out[t] = r.NormFloat64()
	}
	return out
}

// leastSquares regresses y on columns and returns the coefficients, by the
// normal equations written out.
func leastSquares(y []float64, columns ...[]float64) []float64 {
	k := len(columns)
	a, b := make([]float64, k*k), make([]float64, k)
	for i, u := range columns {
		for j, v := range columns {
			a[i*k+j] = dot(u, v)
		}
		b[i] = dot(u, y)
	}
	solve(a, b)
	return b
}

// TestRegressors_LeastSquares wants ordinary least squares where the errors are white noise.
func TestRegressors_LeastSquares(t *testing.T) {
	const n, h = 120, 6
	e, x1, x2 := noise(n, 1), noise(n+h, 2), noise(n+h, 3)
	y, one := make([]float64, n), make([]float64, n)
	for t := range y {
		x2[t] = 1000*x2[t] + 50
		y[t], one[t] = 7+2*x1[t]-0.003*x2[t]+e[t], 1
	}
	want := leastSquares(y, one, x1[:n], x2[:n])
	o := Order{Period: 1, Constant: true}
	s := forecast.Series{Values: y, Regressors: [][]float64{x1, x2}}
	fm, err := Model{Order: &o}.Fit(context.Background(), s, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := fm.Info().Params
	for i, name := range []string{"constant", "regressor_1", "regressor_2"} {
		if math.Abs(p[name]-want[i]) > 1e-6*math.Abs(want[i]) {
			t.Errorf("%s is %v, least squares give %v", name, p[name], want[i])
		}
	}
	f, err := fm.Forecast(context.Background(), h, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range f.Mean {
		if w := want[0] + want[1]*x1[n+i] + want[2]*x2[n+i]; math.Abs(v-w) > 1e-6*math.Abs(w) {
			t.Errorf("step %d: %v, want %v", i+1, v, w)
		}
	}
}

// TestRegressors_Generalised wants generalised least squares where the errors
// are a known autoregression: least squares on y_t − φ y_(t−1), the first value
// times √(1−φ²) (Prais and Winsten 1954).
func TestRegressors_Generalised(t *testing.T) {
	const n = 80
	o := Order{P: 1, Period: 1, Constant: true}
	x := noise(n, 5)
	y := simulate(Order{P: 1, Period: 1}, coefficients{phi: []float64{0.8}}, 0, n, 6)
	one := make([]float64, n)
	for t := range y {
		y[t] += 3 - 1.5*x[t]
		one[t] = 1
	}
	u := []float64{0.9}
	p := newProblem(y, [][]float64{x}, o)
	p.evaluate(o, u)
	phi := p.fast.coef.phi[0]
	whiten := func(v []float64) []float64 {
		out := []float64{v[0] * math.Sqrt(1-phi*phi)}
		for t := 1; t < n; t++ {
			out = append(out, v[t]-phi*v[t-1])
		}
		return out
	}
	want := leastSquares(whiten(y), whiten(x), whiten(one))
	for i, w := range want {
		if math.Abs(p.beta[i]-w) > 1e-8 {
			t.Errorf("coefficient %d is %v, want %v", i, p.beta[i], w)
		}
	}
}

// TestRegressors_Recovers simulates regression with ARIMA errors, some values
// missing, and lets the order be searched.
func TestRegressors_Recovers(t *testing.T) {
	const n, h = 300, 12
	price := noise(n+h, 8)
	y := simulate(Order{P: 1, D: 1, Period: 1}, coefficients{phi: []float64{0.5}}, 0, n, 9)
	clean := append([]float64(nil), y...)
	for t := range y {
		y[t] += 100 - 4*price[t]
	}
	for i := 20; i < n; i += 17 {
		y[i] = math.NaN()
	}
	ctx := context.Background()
	for _, seasons := range [][]int{nil, {12}, {52}} {
		s := forecast.Series{Values: y, Seasons: seasons, Regressors: [][]float64{price, price[:n], make([]float64, n+h)}}
		fm, err := Model{}.Fit(ctx, s, 0)
		if err != nil {
			t.Fatal(err)
		}
		// The standard error is about 1/√(2n) = 0.04.
		p := fm.Info().Params
		if b := p["regressor_1"]; math.Abs(b+4) > 0.2 {
			t.Errorf("seasons %v: coefficient %.3f, want -4", seasons, b)
		}
		if len(p) > 0 && p["regressor_2"]+p["regressor_3"] != 0 {
			t.Errorf("seasons %v: a regressor without a future or without a change has an effect: %v", seasons, p)
		}
		f, err := fm.Forecast(ctx, h, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range f.Mean { // the effect is known, the walk is not: its last value is near
			if d := v - (100 - 4*price[n+i]) - clean[n-1]; math.Abs(d) > 8 {
				t.Errorf("seasons %v, step %d: %.2f from the last value", seasons, i+1, d)
			}
		}
		loadedSame(t, fm, s)
	}
}

// loadedSame wants a saved fit to forecast the same, and to be refused beside fewer regressors.
func loadedSame(t *testing.T, fm forecast.Fitted, s forecast.Series) {
	t.Helper()
	ctx := context.Background()
	saved, err := fm.State()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Model{}.Load(saved, s)
	if err != nil {
		t.Fatal(err)
	}
	want, err := fm.Forecast(ctx, 20, []float64{0.1, 0.9}) // beyond what is known too
	if err != nil {
		t.Fatal(err)
	}
	got, err := again.Forecast(ctx, 20, []float64{0.1, 0.9})
	if err != nil {
		t.Fatal(err)
	}
	for i := range want.Mean {
		if got.Mean[i] != want.Mean[i] || got.Quantiles[1][i] != want.Quantiles[1][i] {
			t.Fatalf("step %d after Load: %v, want %v", i+1, got.Mean[i], want.Mean[i])
		}
	}
	s.Regressors = nil
	if _, err := (Model{}).Load(saved, s); !errors.Is(err, forecast.ErrState) {
		t.Errorf("Load without regressors = %v, want ErrState", err)
	}
}

// TestRegressors_Noise leaves out regressors that explain nothing, and gives the
// forecast that the series has without them.
func TestRegressors_Noise(t *testing.T) {
	ctx := context.Background()
	left := 0
	for seed := range uint64(60) {
		y := simulate(Order{P: 1, Period: 1}, coefficients{phi: []float64{0.6}}, 5, 60, 100+seed)
		s := forecast.Series{Values: y}
		plain, err := Model{}.Fit(ctx, s, 0)
		if err != nil {
			t.Fatal(err)
		}
		for i := range uint64(8) {
			s.Regressors = append(s.Regressors, noise(80, 2000+10*seed+i))
		}
		fm, err := Model{}.Fit(ctx, s, 0)
		if err != nil {
			t.Fatal(err)
		}
		if fm.Info().Model == plain.Info().Model {
			left++
		}
	}
	if left < 54 { // 57 with these seeds
		t.Errorf("eight columns of noise were left out of %d of 60 series, want 54 or more", left)
	}
}
