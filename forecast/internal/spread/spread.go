// Package spread turns residuals into the width of a predictive distribution.
package spread

import (
	"math"
	"slices"
)

// enough is the number of residuals from which their own quantiles are used
// alone. With fewer the tails of a sample are too thin: the largest of ten
// values stands for the 91 % quantile at best.
const enough = 100

// Offsets writes to dst, for each level, the quantile of an error whose past
// residuals are given; it reorders them. dst and levels have one length.
//
// From a hundred residuals on it is the sample quantile, linear between order
// statistics. Below, it is mixed, in proportion to their number, with the
// quantile of a Student t distribution of scale √(Σr²/n) and n degrees of
// freedom: the exact predictive distribution of a normal error with known mean
// zero and unknown variance. No residual gives zeros.
func Offsets(dst, levels, residuals []float64) {
	n := len(residuals)
	if n == 0 {
		clear(dst)
		return
	}
	slices.Sort(residuals)
	w := min(1, float64(n)/enough)
	for i, p := range levels {
		dst[i] = w * Quantile(residuals, p)
	}
	if w == 1 {
		return
	}
	scale := RMS(residuals)
	for i, p := range levels {
		dst[i] += (1 - w) * scale * Student(p, float64(n))
	}
}

// Quantile returns the quantile of ascending values, linear between the order
// statistics (type 7 of Hyndman and Fan, 1996).
func Quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	w := at - float64(i)
	return sorted[i]*(1-w) + sorted[i+1]*w
}

// RMS returns the root of the mean square, without overflow on the way.
func RMS(values []float64) float64 {
	largest := 0.0
	for _, v := range values {
		largest = max(largest, math.Abs(v))
	}
	if largest == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range values {
		r := v / largest
		sum += r * r
	}
	return largest * math.Sqrt(sum/float64(len(values)))
}
