package theta

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/forecasttest"
)

func TestContract(t *testing.T) {
	for _, v := range Variants() {
		t.Run(string(v), func(t *testing.T) { forecasttest.Run(t, Theta{Variant: v}) })
	}
}

// TestUpdate wants the recursion to go on where the fit ended.
func TestUpdate(t *testing.T) {
	for _, v := range Variants() {
		t.Run(string(v), func(t *testing.T) { forecasttest.Continues(t, Theta{Variant: v}) })
	}
}

func walk(n int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	y := make([]float64, n)
	l := 1.0
	for t := range y {
		l += 0.01 + 0.02*r.NormFloat64()
		y[t] = l + 0.02*r.NormFloat64()
	}
	return y
}

// TestProblem_Line checks that a and b are the least squares line through the
// values so far.
func TestProblem_Line(t *testing.T) {
	y := walk(30, 1)
	p := newProblem(Dynamic, y)
	for n := 2; n <= len(y); n++ {
		var st, sy, stt, sty float64
		for i, v := range y[:n] {
			x := float64(i + 1)
			st, sy, stt, sty = st+x, sy+v, stt+x*x, sty+x*v
		}
		b := (float64(n)*sty - st*sy) / (float64(n)*stt - st*st)
		a := (sy - b*st) / float64(n)
		if math.Abs(p.b[n]-b) > 1e-10 || math.Abs(p.a[n]-a) > 1e-9 {
			t.Fatalf("after %d values: line %g + %g t, want %g + %g t", n, p.a[n], p.b[n], a, b)
		}
	}
}

// TestProblem_Closed compares the closed form with the recursion: the errors
// of the returned parameters have the returned sum of squares, and moving any of
// them makes it larger, priors included.
func TestProblem_Closed(t *testing.T) {
	y := walk(80, 2)
	p := newProblem(Dynamic, y)
	r := p.search(minAlpha)
	rss := func(r parameters) float64 {
		sum, l := 0.0, r.level
		for i, v := range y {
			keep := math.Pow(1-r.alpha, float64(i))
			mu := l + r.weight*(keep*p.a[i]+(1-keep*(1-r.alpha))/r.alpha*p.b[i])
			sum += p.weights[i] * (v - mu) * (v - mu)
			l = r.alpha*v + (1-r.alpha)*l
		}
		return sum
	}
	best := rss(r)
	if got := r.sigma2 * (p.total - 3); math.Abs(got-best) > 1e-9*best {
		t.Errorf("sum of squares %g, by the recursion %g", got, best)
	}
	// The prior of the weight is in units of the variance without it.
	q := r
	pull := math.Inf(1)
	for w := 0.0; w <= maxWeight; w += 1e-3 {
		q.weight = w
		p.errors(r.alpha)
		var dd, de float64
		for i, e := range p.e {
			d := p.d[i]
			dd += p.weights[i] * d * d
			de += p.weights[i] * d * (e - w*p.g[i])
		}
		q.level = de / dd
		pull = min(pull, weightPrior*rss(q)/(p.total-3))
	}
	criterion := func(q parameters) float64 {
		d := q.weight - weightMiddle
		return (rss(q) + pull*d*d) * math.Exp(-alphaPrior*q.alpha/float64(len(y)))
	}
	best = criterion(r)
	for _, d := range []parameters{{alpha: 0.02}, {alpha: -0.02}, {level: 0.01}, {level: -0.01}, {weight: 0.05}, {weight: -0.05}} {
		q := r
		q.alpha += d.alpha
		q.level += d.level
		q.weight += d.weight
		if q.alpha < minAlpha || q.alpha > maxAlpha || q.weight < 0 || q.weight > maxWeight {
			continue
		}
		if v := criterion(q); v < best*(1-1e-4) {
			t.Errorf("moved by %+v the criterion falls from %g to %g", d, best, v)
		}
	}
}

// TestStandard_IsSESWithDrift: the standard method's forecast is exponential
// smoothing plus half the slope of the line (Hyndman and Billah 2003).
func TestStandard_IsSESWithDrift(t *testing.T) {
	y := walk(200, 3)
	fm, err := Theta{Variant: Standard}.Fit(context.Background(), forecast.Series{Values: y}, 0)
	if err != nil {
		t.Fatal(err)
	}
	out, err := fm.Forecast(context.Background(), 5, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := newProblem(Standard, y)
	half := p.b[len(y)] / 2
	for h := 1; h < 5; h++ {
		// After many values (1−α)^n has vanished, so each step adds α·g = b/2.
		if d := out.Mean[h] - out.Mean[h-1]; math.Abs(d-half) > 1e-6 {
			t.Errorf("step %d adds %g, want half the slope %g", h+1, d, half)
		}
	}
}

// TestSeason_Exact: a line times a fixed pattern is taken apart and continued.
func TestSeason_Exact(t *testing.T) {
	pattern := []float64{0.8, 1.1, 1.3, 0.8}
	y := make([]float64, 48)
	for i := range y {
		y[i] = 100 * pattern[i%4]
	}
	fm, err := Theta{}.Fit(context.Background(), forecast.Series{Values: y, Seasons: []int{4}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	out, err := fm.Forecast(context.Background(), 8, []float64{0.5})
	if err != nil {
		t.Fatal(err)
	}
	for h, v := range out.Mean {
		if want := 100 * pattern[h%4]; math.Abs(v-want) > 0.5 {
			t.Errorf("step %d: %g, want %g (%s)", h+1, v, want, fm.Info().Model)
		}
	}
}

// TestProblem_Ahead compares the errors of several steps with the mean of values less
// the mean of forecasts from the same time: in closed form one is as if the line
// went on, and the level with it, as the forecasts of the recursion do after (1−α)^n has
// vanished.
func TestProblem_Ahead(t *testing.T) {
	y := walk(400, 4)
	const steps = 24
	p := newProblem(Optimised, y)
	r := parameters{alpha: 0.2, weight: 0.6, level: y[0]}
	p.look(steps)
	p.errors(r.alpha)
	for i := 200; i+steps <= len(y); i += 13 {
		got := p.e[i] - r.level*p.d[i] - r.weight*p.g[i]
		q := newProblem(Optimised, y[:i])
		o := q.run(r)
		o.a, o.b = p.a[i], p.b[i] // the line of the whole series
		want := 0.0
		for h := range steps {
			want += (y[i+h] - o.step(r)) / steps
		}
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("after %d values the mean of %d steps is missed by %g, by the recursion %g", i, steps, got, want)
		}
	}
	if got := p.weights[len(y)-steps+1]; got != 0 {
		t.Errorf("an error of fewer than %d steps weighs %g", steps, got)
	}
	p.look(1)
	p.errors(r.alpha)
	one := r
	p.weigh(&one)
	if p.settle(&one); one.sigma2 == 0 {
		t.Error("no variance")
	}
	p.look(steps)
	again := one
	if p.settle(&again); math.Abs(again.sigma2/one.sigma2-1) > 1e-9 {
		t.Errorf("variance %g of one step, was %g", again.sigma2, one.sigma2)
	}
}

// TestAhead wants the level of a series with two seasons to be one that serves the
// next day: a fixed one, where it is fixed and the hours hang together.
func TestAhead(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	y := make([]float64, 336)
	d := 0.0
	for i := range y {
		d = 0.9*d + rnd.NormFloat64()
		y[i] = 100 + d
	}
	alpha := func(seasons ...int) float64 {
		f, err := Theta{}.Fit(context.Background(), forecast.Series{Values: y, Seasons: seasons}, 1)
		if err != nil {
			t.Fatal(err)
		}
		return f.Info().Params["alpha"]
	}
	if one, two := alpha(24), alpha(24, 168); one < 0.7 || two > 0.2 {
		t.Errorf("α is %v, and %v with one season", two, one)
	}
}
