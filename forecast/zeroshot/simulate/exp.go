package simulate

import "math"

// The library's exp uses fused operations on those processors of amd64 that
// have them, so that its last bit depends on the machine; this one does not,
// and costs less. Its relative
// error is below 1e-13.

// roots holds 2^(i/32), made from square roots, which are exact everywhere.
var roots = makeRoots()

func makeRoots() *[32]float64 {
	t := &[32]float64{}
	for i := range t {
		t[i] = 1
		for bit, root := 16, math.Sqrt2; bit > 0; bit, root = bit/2, math.Sqrt(root) {
			if i&bit != 0 {
				t[i] *= root
			}
		}
	}
	return t
}

// exp returns e^x for -700 < x < 700, and the value at the bound beyond it.
func exp(x float64) float64 {
	if x > 700 {
		x = 700
	} else if x < -700 {
		x = -700
	}
	// x = (32·q + i)·ln2/32 + r with |r| <= ln2/64. Adding and taking away
	// 1.5·2^52 rounds to a whole number.
	const shift = 0x1.8p52
	n := x*(32/math.Ln2) + shift
	k := int64(math.Float64bits(n)<<13) >> 13
	n -= shift
	r := x - n*(math.Ln2/32)
	square := r * r
	p := 1 + r + square*((0.5+r*(1.0/6))+square*(1.0/24+r*(1.0/120)))
	return math.Float64frombits(uint64(k>>5+1023)<<52) * roots[k&31] * p
}

// ln is the library's, which is the same on every machine of an architecture.
func ln(x float64) float64 { return math.Log(x) }

// tanh is made of exp for the same reason.
func tanh(x float64) float64 { return 1 - 2/(exp(2*x)+1) }
