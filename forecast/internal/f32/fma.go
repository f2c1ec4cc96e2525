package f32

import "math"

// fma returns a·b+c rounded once, as the processors' instruction does. The
// product of two float32 is exact in float64, the sum need not be; rounding it
// to float64 and then to float32 goes wrong only where the first rounding ends
// half way between two float32, with the first alone of the 29 bits that a float32
// lacks set, which roundOdd mends. (Results below 2^-126 may
// differ by their last bit.)
func fma(a, b, c float32) float32 {
	p := float64(a) * float64(b)
	s := p + float64(c)
	if math.Float64bits(s)<<35 != 1<<63 {
		return float32(s)
	}
	return roundOdd(p, c, s)
}

// roundOdd rounds s, which is p+c rounded once, after it has moved it off the
// half-way point that it is on, towards the exact sum. The rounding error is
// exact in float64 (Knuth's two-sum).
//
//go:noinline
func roundOdd(p float64, c float32, s float64) float32 {
	t := s - p
	e := (p - (s - t)) + (float64(c) - t)
	bits := math.Float64bits(s)
	switch {
	case e == 0:
	case (e > 0) == (s > 0):
		bits++
	default:
		bits--
	}
	return float32(math.Float64frombits(bits))
}
