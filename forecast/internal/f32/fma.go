package f32

import "math"

// fma returns a·b+c rounded once, as the processors' instruction does. The
// product of two float32 is exact in float64, the sum need not be; rounding it
// to float64 and then to float32 goes wrong only where the first rounding ends
// half way between two float32, which roundOdd mends. (Results below 2^-126 may
// differ by their last bit.)
func fma(a, b, c float32) float32 {
	p := float64(a) * float64(b)
	s := p + float64(c)
	if math.Float64bits(s)&halfMask == half {
		s = roundOdd(p, float64(c), s)
	}
	return float32(s)
}

const (
	halfMask = 1<<29 - 1 // the bits of a float64 that a float32 lacks
	half     = 1 << 28
)

// roundOdd moves s, which is p+c rounded, off the half-way point that it is on,
// towards the exact sum. The rounding error is exact in float64 (Knuth's
// two-sum).
func roundOdd(p, c, s float64) float64 {
	t := s - p
	e := (p - (s - t)) + (c - t)
	switch {
	case e == 0:
		return s
	case (e > 0) == (s > 0):
		return math.Float64frombits(math.Float64bits(s) + 1)
	default:
		return math.Float64frombits(math.Float64bits(s) - 1)
	}
}
