package spread

import (
	"math"
	"math/rand/v2"
	"testing"
)

// shown gathers n errors at each of a few distances, which grow with it.
func shown(n int, draw func(*rand.Rand) float64) Shown {
	r := rand.New(rand.NewPCG(3, 4))
	s := NewShown(4)
	for h := range 4 {
		for range n {
			s.Add(h, float64(h+1)*draw(r))
		}
	}
	return s
}

// TestShape_Few wants Student's distribution where there is nothing to tell.
func TestShape_Few(t *testing.T) {
	for name, s := range map[string]shape{
		"zero value": {},
		"30 errors":  shown(30, (*rand.Rand).ExpFloat64).shape(4),
		"all zero":   shown(200, func(*rand.Rand) float64 { return 0 }).shape(4),
	} {
		for _, p := range []float64{0.001, 0.1, 0.5, 0.9} {
			if got, want := s.quantile(p, 12), Student(p, 12); got != want {
				t.Errorf("%s: quantile %v is %v, want %v", name, p, got, want)
			}
		}
	}
}

// TestShape_Known wants the quantiles of known distributions: of the double
// exponential one those of log 2(1−p)/√2, of a shifted exponential one those of
// −1 − log(1−p), of a normal one its own, and no skewness in the symmetric ones.
func TestShape_Known(t *testing.T) {
	side := func(r *rand.Rand) float64 { return math.Copysign(1, r.Float64()-0.5) }
	for _, c := range []struct {
		name   string
		draw   func(*rand.Rand) float64
		want   map[float64]float64
		skewed bool
	}{
		{
			"normal", (*rand.Rand).NormFloat64,
			map[float64]float64{0.1: -1.2816, 0.5: 0, 0.9: 1.2816, 0.999: 3.0902},
			false,
		},
		{
			"double exponential", func(r *rand.Rand) float64 { return side(r) * r.ExpFloat64() },
			map[float64]float64{0.1: math.Log(0.2) / math.Sqrt2, 0.5: 0, 0.9: -math.Log(0.2) / math.Sqrt2},
			false,
		},
		{
			"exponential", func(r *rand.Rand) float64 { return r.ExpFloat64() - 1 },
			map[float64]float64{0.1: -1 - math.Log(0.9), 0.5: -1 + math.Ln2, 0.9: -1 - math.Log(0.1)},
			true,
		},
	} {
		s := shown(500, c.draw).shape(4)
		if s.skew > 0 != c.skewed {
			t.Errorf("%s: share of the skewed distribution %v", c.name, s.skew)
		}
		for p, want := range c.want {
			// The standard error of a quantile of 2,000 values is 0.03 to 0.06 here.
			if got := s.quantile(p, 1e6); math.Abs(got-want) > 0.15 {
				t.Errorf("%s: quantile %v is %.3f, want %.3f", c.name, p, got, want)
			}
		}
	}
}

// TestShape_Ascends looks for quantiles that cross, in the tails too, and for
// tails that end where the errors do.
func TestShape_Ascends(t *testing.T) {
	for _, n := range []int{31, 45, 100, 1000} {
		s := shown(n, (*rand.Rand).ExpFloat64).shape(4)
		before := math.Inf(-1)
		for i := 1; i < 2000; i++ {
			got := s.quantile(float64(i)/2000, 5)
			if !(got >= before) {
				t.Fatalf("%d errors: quantile %v is %v after %v", n, float64(i)/2000, got, before)
			}
			before = got
		}
		if a, b := s.quantile(0.999, 50), s.quantile(0.99999, 50); !(b > 1.1*a) {
			t.Errorf("%d errors: the tail ends, %v at 0.99999 after %v at 0.999", n, b, a)
		}
	}
}

// TestShape_Scale wants the same shape from errors of any size.
func TestShape_Scale(t *testing.T) {
	draw := (*rand.Rand).ExpFloat64
	want := shown(100, draw).shape(4).quantile(0.9, 20)
	for _, scale := range []float64{1e12, 1e-12, 1e200} {
		got := shown(100, func(r *rand.Rand) float64 { return scale * draw(r) }).shape(4).quantile(0.9, 20)
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("scale %g: %v, want %v", scale, got, want)
		}
	}
}

// TestShown_Scores wants every step's scores whatever the horizon, of the
// distances up to a power of two, and Student's where nothing was shown.
func TestShown_Scores(t *testing.T) {
	s := shown(100, (*rand.Rand).ExpFloat64)
	levels := []float64{0.1, 0.5, 0.9}
	long := s.Scores(levels, 9, 20)
	for h := 1; h < 9; h++ {
		for i, z := range s.Scores(levels, h, 20) {
			if z[h-1] != long[i][h-1] {
				t.Errorf("step %d, level %v: %v, with a longer horizon %v", h, levels[i], z[h-1], long[i][h-1])
			}
		}
	}
	for step, reach := range []int{1, 2, 2, 4, 4, 4, 4, 4, 4} { // there are four distances
		if got, want := long[2][step], s.shape(reach).quantile(0.9, 20); got != want {
			t.Errorf("step %d: %v, want %v", step+1, got, want)
		}
	}
	if got, want := (Shown{}).Scores(levels, 2, 20)[2][1], Student(0.9, 20); got != want {
		t.Errorf("nothing shown: %v, want %v", got, want)
	}
}
