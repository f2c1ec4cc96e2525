package simulate

import (
	"math"
	"slices"
	"testing"
)

// The first numbers of SplitMix64 from state 0, as the reference
// implementation by Vigna (prng.di.unimi.it/splitmix64.c) prints them.
func TestNext(t *testing.T) {
	s := stream{}
	for i, want := range []uint64{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f} {
		if got := s.next(); got != want {
			t.Errorf("number %d is %#x, want %#x", i, got, want)
		}
	}
}

func TestExp(t *testing.T) {
	s := stream{}
	for range 100_000 {
		x := s.in(uniform{-700, 700})
		if got, want := exp(x), math.Exp(x); math.Abs(got/want-1) > 1e-13 {
			t.Fatalf("exp(%v) = %v, want %v", x, got, want)
		}
		x /= 100
		if got, want := tanh(x), math.Tanh(x); math.Abs(got-want) > 1e-14 {
			t.Fatalf("tanh(%v) = %v, want %v", x, got, want)
		}
	}
	for _, x := range []float64{0, 710, -710, math.Inf(1), math.Inf(-1)} {
		if got, want := exp(x), math.Exp(min(max(x, -700), 700)); math.Abs(got/want-1) > 1e-13 {
			t.Errorf("exp(%v) = %v, want %v", x, got, want)
		}
	}
}

// The largest distance between the empirical distribution function of n
// numbers and the true one is below 2/sqrt(n) with a probability of 99.93 %
// (Kolmogorov).
func TestNormal(t *testing.T) {
	const n = 1_000_000
	s, x := stream{7}, make([]float64, n)
	for i := range x {
		x[i] = s.normal()
	}
	slices.Sort(x)
	for i, v := range x {
		if d := math.Abs(math.Erfc(-v/math.Sqrt2)/2 - (float64(i)+.5)/n); d > 2/math.Sqrt(n) {
			t.Fatalf("the distribution function at %v is off by %v", v, d)
		}
	}
	beyond := 0 // the tail has a method of its own: P(|x| > r) = 2.5812e-4
	for _, v := range x {
		if math.Abs(v) > tail {
			beyond++
		}
	}
	if want := math.Erfc(tail/math.Sqrt2) * n; math.Abs(float64(beyond)-want) > 4*math.Sqrt(want) {
		t.Errorf("%d numbers are in the tail, want %.0f", beyond, want)
	}
}

// Moments of the other distributions, within four standard errors of what the
// textbook says.
func TestMoments(t *testing.T) {
	s := stream{3}
	for _, c := range []struct {
		name           string
		draw           func() float64
		mean, variance float64
	}{
		{"uniform", s.uniform, .5, 1. / 12},
		{"exponential", s.exponential, 1, 1},
		{"gamma(.4)", func() float64 { return s.gamma(.4) }, .4, .4},
		{"gamma(3)", func() float64 { return s.gamma(3) }, 3, 3},
		{"beta(.9, 1.6)", func() float64 { return s.beta(.9, 1.6) }, .36, .36 * .64 / 3.5},
		{"poisson(.1)", func() float64 { return s.poisson(.1) }, .1, .1},
		{"poisson(20)", func() float64 { return s.poisson(20) }, 20, 20},
		{"poisson(200)", func() float64 { return s.poisson(200) }, 200, 200 + 1./18 + 1./12},
		{"log(1, e)", func() float64 { return s.log(logUniform{1, math.E}) }, math.E - 1, (math.E*math.E-1)/2 - (math.E-1)*(math.E-1)},
	} {
		const n = 200_000
		var sum, square, fourth float64
		for range n {
			d := c.draw() - c.mean
			sum, square, fourth = sum+d, square+d*d, fourth+d*d*d*d
		}
		mean, variance := sum/n, square/n
		if math.Abs(mean) > 4*math.Sqrt(variance/n) {
			t.Errorf("%s: the mean is off by %v, want %v", c.name, mean, c.mean)
		}
		if math.Abs(variance-c.variance) > 4*math.Sqrt((fourth/n-variance*variance)/n) {
			t.Errorf("%s: the variance is %v, want %v", c.name, variance, c.variance)
		}
	}
}
