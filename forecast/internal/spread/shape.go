package spread

import (
	"math"
	"math/bits"
	"slices"
)

// A shape is the distribution of a forecast's error in units of its deviation:
// Student's, and the more errors were shown, the more that of the errors, distances
// together, each in units of its root mean square r_h. With n errors at
// the first distance, m = max(0, n − 30), w = m/(m + 10),
//
//	z(p) = (1−w)·t(p) + w·((1−a)·S(p) + a·D(p))
//	S(p) = ± the quantile of |e/r| at the level |2p−1|           symmetric
//	D(p) = the quantile of (e − ē_h)/r_h at p, ē_h the mean      skewed
//	a    = max(0, 1 − 9·v/(n·b²)),  b = (D(.9) + D(.1) − 2·D(.5))/(D(.9) − D(.1))
//
// v/n is the variance of b in n values of a normal distribution, so the skewness
// counts when it is three standard errors from none, and then shrinks less and less
// (the positive part of the estimator of James and Stein, 1961). Residuals of
// sales are full of peaks: a normal distribution of their variance is too wide
// between P10 and P90, and its middle is above theirs.
//
// The mean ē_h is left out of D, and S has none: errors far ahead overlap, and
// what they have in common is one accident and not a rule. Correcting the
// forecast by it wins on quarterly series and loses as much on hospital's.
//
// Beyond 2.5 and 97.5 % S and D go on as Student's does where they do not reach
// farther themselves.
//
// What it gained: docs/models.md. The zero value is Student's distribution.
type shape struct {
	share, skew   float64 // w, a
	sizes, values []float64
}

const (
	// leastShape is how many errors tell nothing of a shape yet, and halfShape how
	// many more count as much as Student's t.
	leastShape, halfShape = 30, 10
	// mostPooled bounds about how many errors a shape is made of.
	mostPooled = 2000
	// farTail is the level where the outer errors become too few.
	farTail = 0.975
	// skewVariance is v: with ξ the quantiles of the standard normal distribution
	// and φ its density there, n times the variance of the numerator of b is
	// 2·0.1·0.9/φ(ξ.9)² + 2·0.1²/φ(ξ.9)² + 4·0.25/φ(0)² − 8·0.05/(φ(ξ.9)·φ(0))
	// (Cramér 1946, section 28.5), and its denominator 2·ξ.9.
	skewVariance = 1.075
	// evident is how many such variances b² must have.
	evident = 9
)

// Scores returns, by level and step, the quantiles of a forecast's error in units
// of its deviation, with Student's t of so many degrees of freedom for what the
// errors do not tell. The shape of step h is that of the distances 1 to the
// largest power of two up to h: no step depends on how many follow, and few
// shapes are made.
func (s Shown) Scores(levels []float64, horizon int, freedom float64) [][]float64 {
	out := make([][]float64, len(levels))
	for i := range out {
		out[i] = make([]float64, horizon)
	}
	reach := 0
	for t := range horizon {
		if g := min(1<<(bits.Len(uint(t+1))-1), len(s.errors)); g > reach {
			reach = g
			shape := s.shape(reach)
			for i, p := range levels {
				out[i][t] = shape.quantile(p, freedom)
			}
			continue
		}
		for i, p := range levels {
			if t > 0 {
				out[i][t] = out[i][t-1]
			} else {
				out[i][t] = Student(p, freedom)
			}
		}
	}
	return out
}

// shape returns the distribution of the errors shown at the distances 1 to reach.
func (s Shown) shape(reach int) shape {
	var out shape
	s.errors = s.errors[:reach]
	total := 0
	for _, errors := range s.errors {
		if len(errors) >= leastShown {
			total += len(errors)
		}
	}
	every := max(1, (total+mostPooled-1)/mostPooled)
	for h := 0; h < len(s.errors); h += every {
		if len(s.errors[h]) >= leastShown {
			out.add(s.errors[h])
		}
	}
	if len(out.sizes) == 0 {
		return shape{}
	}
	slices.Sort(out.sizes)
	slices.Sort(out.values)
	n := s.Count(0)
	m := max(0, n-leastShape)
	out.share = m / (m + halfShape)
	low, middle, high := Quantile(out.values, 0.1), Quantile(out.values, 0.5), Quantile(out.values, 0.9)
	if b := (high + low - 2*middle) / (high - low); high > low && b != 0 {
		out.skew = max(0, 1-evident*skewVariance/(n*b*b))
	}
	return out
}

// add takes the errors of one distance in.
func (s *shape) add(errors []float64) {
	r := RMS(errors)
	if r == 0 || math.IsInf(1/r, 0) {
		return
	}
	mean := 0.0
	for _, e := range errors {
		mean += e / r
	}
	mean /= float64(len(errors))
	for _, e := range errors {
		s.sizes = append(s.sizes, math.Abs(e/r))
		s.values = append(s.values, e/r-mean)
	}
}

// quantile returns z at a level.
func (s shape) quantile(p, freedom float64) float64 {
	t := Student(p, freedom)
	if s.share == 0 {
		return t
	}
	far := Student(farTail, freedom)
	size := Quantile(s.sizes, math.Abs(2*p-1))
	if p == 0.5 {
		size = 0
	}
	symmetric := math.Copysign(size, p-0.5)
	skewed := Quantile(s.values, p)
	switch edge := 2*farTail - 1; {
	case p > farTail:
		symmetric = max(symmetric, Quantile(s.sizes, edge)*t/far)
		skewed = max(skewed, Quantile(s.values, farTail)*t/far)
	case p < 1-farTail:
		symmetric = min(symmetric, Quantile(s.sizes, edge)*t/far)
		skewed = min(skewed, -Quantile(s.values, 1-farTail)*t/far)
	}
	return (1-s.share)*t + s.share*((1-s.skew)*symmetric+s.skew*skewed)
}
