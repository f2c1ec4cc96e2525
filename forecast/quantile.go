package forecast

import (
	"math"
	"slices"
)

// Quantile returns the quantile at a level, one value per step, interpolated
// between the levels that the forecast holds: linearly in the normal score of
// the level, so that a normal distribution is met exactly from any two of its
// levels. Below the lowest and above the highest level the nearest two levels
// are extended. It panics if the forecast has no levels.
func (f Forecast) Quantile(level float64) []float64 {
	if len(f.Levels) == 0 {
		panic("forecast: quantile of a forecast without levels")
	}
	out := make([]float64, f.Horizon())
	i, found := slices.BinarySearch(f.Levels, level)
	if found || len(f.Levels) == 1 {
		copy(out, f.Quantiles[min(i, len(f.Levels)-1)])
		return out
	}
	i = min(max(i, 1), len(f.Levels)-1) // between i-1 and i
	z0, z1 := NormalQuantile(f.Levels[i-1]), NormalQuantile(f.Levels[i])
	w := (NormalQuantile(level) - z0) / (z1 - z0)
	for t := range out {
		q0, q1 := f.Quantiles[i-1][t], f.Quantiles[i][t]
		out[t] = q0 + w*(q1-q0)
	}
	return out
}

// NormalQuantile returns the quantile of the standard normal distribution at a
// level within (0, 1).
func NormalQuantile(level float64) float64 {
	return -math.Sqrt2 * math.Erfcinv(2*level)
}

// A Span is the smallest and the largest value of some data.
type Span struct {
	Min, Max float64
	// Empty tells that there were no data; Min and Max are zero then.
	Empty bool
}

// SpanOf returns the span of the values that are not missing.
func SpanOf(values []float64) Span {
	s := Span{Min: math.Inf(1), Max: math.Inf(-1)}
	for _, v := range values {
		if v < s.Min {
			s.Min = v
		}
		if v > s.Max {
			s.Max = v
		}
	}
	if s.Min > s.Max {
		return Span{Empty: true}
	}
	return s
}

// Bound makes the forecast keep the promises of this package, whatever a model
// computed: it replaces what is not a number by the nearest number known,
// brings every value within [MaxReach] times the range of the data from the
// data, raises what is below zero to zero if nonNegative, and lets no quantile
// be smaller than one of a lower level. Data without any range allow a reach of
// MaxReach times their absolute value, so that a forecast of a constant series
// may still have a width. Empty data give zeros.
//
// Published automatic models lack such a bound and are known to give intervals
// of 1e20 for sales of ten: multiplicative errors explode when a fitted level
// comes near zero. Ten ranges is far outside anything that data of the kind
// have shown and still small enough that one bad item does not spoil a total.
func (f Forecast) Bound(data Span, nonNegative bool) {
	lo, hi := data.reach()
	if nonNegative {
		lo, hi = max(lo, 0), max(hi, 0)
	}
	middle := min(max((data.Min+data.Max)/2, lo), hi)
	clamp := func(v, otherwise float64) float64 {
		if math.IsNaN(v) {
			return otherwise
		}
		return min(max(v, lo), hi)
	}
	for t := range f.Mean {
		f.Mean[t] = clamp(f.Mean[t], middle)
	}
	for i, q := range f.Quantiles {
		for t := range q {
			otherwise := f.Mean[t]
			q[t] = clamp(q[t], otherwise)
			if i > 0 {
				q[t] = max(q[t], f.Quantiles[i-1][t])
			}
		}
	}
}

// reach returns the interval that values of a forecast must lie in.
func (s Span) reach() (lo, hi float64) {
	if s.Empty {
		return 0, 0
	}
	width := s.Max/2 - s.Min/2 // half, since the full width may overflow
	if width == 0 {
		width = max(math.Abs(s.Max), math.Abs(s.Min)) / 2
	}
	lo, hi = s.Min-2*MaxReach*width, s.Max+2*MaxReach*width
	return max(lo, -math.MaxFloat64), min(hi, math.MaxFloat64)
}
