package forecast

import "math"

// A Span is what a forecast must keep to: the smallest and the largest value of
// some data, and the unit that they come in.
type Span struct {
	Min, Max float64
	// Unit is what all values are multiples of: 1 for pieces, 6 for boxes of six. It
	// is 0 for data that are measured, or too few to tell.
	Unit float64
	// Empty tells that there were no data; the others are zero then.
	Empty bool
}

const (
	// enoughForUnit is how many values must be multiples of the smallest, other than
	// zero, for it to be taken for their unit; fewer may be by chance.
	enoughForUnit = 12
	// mostUnits is how many units the largest value may be: beyond, rounding changes
	// nothing, and errors of floating point could pass for multiples.
	mostUnits = 1 << 20
	// exact is how far a multiple may be from one, relative to itself: decimal
	// fractions are not whole in binary.
	exact = 1e-9
)

// SpanOf returns the span of the values that are not missing, without a unit.
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

// Span returns what forecasts of the series must keep to.
func (s Series) Span() Span {
	out := SpanOf(s.Values)
	if !s.Smooth {
		out.Unit = unit(s.Values)
	}
	return out
}

// unit returns the smallest value that is not zero, disregarding signs, if all
// others are multiples of it and they are not few; else 0.
func unit(values []float64) float64 {
	u, observed := math.Inf(1), 0
	for _, v := range values {
		if v != 0 && !math.IsNaN(v) {
			u = min(u, math.Abs(v))
		}
		if !math.IsNaN(v) {
			observed++
		}
	}
	if observed < enoughForUnit || math.IsInf(u, 1) {
		return 0
	}
	for _, v := range values {
		k := math.Abs(v) / u
		if k > mostUnits || math.Abs(k-math.Round(k)) > exact*k {
			return 0
		}
	}
	return u
}

// round returns the multiple of the unit that is nearest to a quantile, of two
// that are as near the lower one, also where errors of floating point would
// decide.
func (s Span) round(quantile float64) float64 {
	if s.Unit == 0 {
		return quantile
	}
	return (math.Ceil(quantile/s.Unit-0.5-exact) + 0) * s.Unit // + 0, for there is a -0
}

// Bound makes the forecast keep the promises of this package, whatever a model
// computed: it replaces what is not a number by the nearest number known,
// brings every value within [MaxReach] times the range of the data from the
// data, raises what is below zero to zero if nonNegative, lets no quantile
// be smaller than one of a lower level, and brings quantiles to multiples of the
// data's unit. Data without any range allow a reach of
// MaxReach times their absolute value, so that a forecast of a constant series
// may still have a width. Empty data give zeros.
//
// The quantile of a number of pieces is a number of pieces, and the best one to
// have in stock too; a model that says 0.3 is one that does not know whether it
// is none or one. The mean is not rounded. What that gained: docs/models.md.
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
			q[t] = data.round(q[t])
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
