package ridge

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
)

func noise(n int, seed uint64) []float64 {
	rnd := rand.New(rand.NewPCG(seed, 1))
	x := make([]float64, n)
	for t := range x {
		x[t] = 5 + rnd.NormFloat64()
	}
	return x
}

// slow returns the windows of a series, each less its level, and their weights.
func slow(x []float64, end, ahead, lags, width int, keep float64) (rows [][]float64, weights []float64) {
	for t := lags - 1; t+ahead < end; t++ {
		level := 0.0
		for i := range width {
			level += x[t-i] / float64(width)
		}
		row := make([]float64, ahead+lags)
		for i := range row {
			row[i] = x[t+ahead-i] - level
		}
		rows, weights = append(rows, row), append(weights, math.Pow(keep, float64(end-1-ahead-t)))
	}
	return rows, weights
}

// TestGram_Sums compares the running sums with sums of products, one by one.
func TestGram_Sums(t *testing.T) {
	x := noise(60, 1)
	for _, c := range []struct {
		end, ahead, lags, width int
		keep                    float64
	}{{60, 3, 8, 4, 1}, {50, 1, 1, 1, 1}, {60, 7, 12, 12, 0.97}, {20, 2, 17, 5, 0.9}} {
		g := newGram(x, c.end, c.ahead, c.lags, c.keep)
		g.centre(c.width)
		rows, weights := slow(x, c.end, c.ahead, c.lags, c.width, c.keep)
		size := c.ahead + c.lags
		for i := range size {
			for j := range size {
				want := 0.0
				for r, row := range rows {
					want += weights[r] * row[i] * row[j]
				}
				if got := g.sums[i*size+j]; math.Abs(got-want) > 1e-8*(1+math.Abs(want)) {
					t.Fatalf("%+v: sum %d, %d is %g, want %g", c, i, j, got, want)
				}
			}
		}
	}
}

// TestGram_Solve checks that the gradient of the penalised squares is zero at the
// solution, by the windows themselves.
func TestGram_Solve(t *testing.T) {
	const ahead, lags, width, keep = 4, 9, 6, 0.98
	x := noise(80, 2)
	prior := make([][]float64, ahead)
	for k := range prior {
		prior[k] = make([]float64, lags)
		prior[k][k] = 0.5
	}
	rows, weights := slow(x, len(x), ahead, lags, width, keep)
	for _, penalty := range []float64{0.01, 1, 100} {
		g := newGram(x, len(x), ahead, lags, keep)
		g.centre(width)
		coef, ok := g.solve(penalty, prior)
		if !ok {
			t.Fatal("not solved")
		}
		for k, b := range coef {
			for i := range b {
				gradient := penalty * (b[i] - prior[k][i])
				for r, row := range rows {
					e := row[ahead-1-k]
					for j, v := range b {
						e -= v * row[ahead+j]
					}
					gradient -= weights[r] * e * row[ahead+i]
				}
				if math.Abs(gradient) > 1e-7 {
					t.Fatalf("penalty %g, step %d, lag %d: gradient %g", penalty, k+1, i, gradient)
				}
			}
		}
	}
	g := newGram(x, len(x), ahead, lags, keep)
	g.centre(width)
	coef, _ := g.solve(1e12, prior)
	if d := math.Abs(coef[2][2] - 0.5); d > 1e-6 {
		t.Errorf("an infinite penalty is %g from the prior", d)
	}
}

// TestPrior checks that without a penalty's data the forecast is the mean of the
// same phase in past cycles.
func TestPrior(t *testing.T) {
	c := config{lags: 14, width: 7}
	s := solution{config: c, coef: c.prior(10, []int{7})}
	x := noise(30, 4)
	got := make([]float64, 10)
	s.predict(x, len(x)-1, got)
	for k, v := range got {
		at := len(x) - 7 + k%7
		if want := (x[at] + x[at-7]) / 2; math.Abs(v-want) > 1e-12 {
			t.Errorf("step %d: %g, want %g", k+1, v, want)
		}
	}
}

// BenchmarkGram compares the running sums with the sums one by one, for two years
// of hours, two weeks of lags and two days ahead.
func BenchmarkGram(b *testing.B) {
	const ahead, lags = 48, 336
	x := noise(17420, 5)
	b.Run("running", func(b *testing.B) {
		for b.Loop() {
			newGram(x, len(x), ahead, lags, 1)
		}
	})
	b.Run("one by one", func(b *testing.B) {
		const size = ahead + lags
		for b.Loop() {
			sums := make([]float64, size*size)
			for t := lags - 1; t+ahead < len(x); t++ {
				window := x[t-lags+1 : t+ahead+1]
				for i, v := range window {
					floats.AddScaled(sums[i*size:i*size+i+1], v, window[:i+1])
				}
			}
		}
	})
}
