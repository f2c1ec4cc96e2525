package f32

import "math"

// The functions below take exponents apart by the bits of a float32, and use
// series that end where the next term is below the last bit. Every product that
// a sum follows is rounded on its own or fused by fma, never left to the
// compiler, so that all processors give the same bits.

const (
	log2e    = math.Log2E
	ln2hi    = 0.693359375      // 9 bits, so that times an exponent is exact
	ln2lo    = math.Ln2 - ln2hi // the rest
	maxExp   = 87               // exp beyond has no normal float32
	magic    = 3 << 22          // adding and taking away rounds to an integer
	bias     = 127              // the exponent of 1 in a float32
	sqrtHalf = 0x3f3504f3       // the bits of the square root of 1/2
	signBit  = 1 << 31
)

// expSeries are the coefficients of exp(r), |r| <= ln(2)/2, highest first.
var expSeries = [...]float32{1. / 5040, 1. / 720, 1. / 120, 1. / 24, 1. / 6, 1. / 2, 1, 1}

// atanhSeries are those of 2·atanh(s)/s in s², |s| <= 0.1716, highest first.
var atanhSeries = [...]float32{2. / 11, 2. / 9, 2. / 7, 2. / 5, 2. / 3, 2}

// exp1 returns exp(x) as 2^n·exp(r) with r = x-n·ln(2).
func exp1(x float32) float32 {
	x = min(max(x, -maxExp), maxExp)
	n := fma(x, log2e, magic) - magic
	r := fma(n, -ln2lo, fma(n, -ln2hi, x))
	p := expSeries[0]
	for _, c := range expSeries[1:] {
		p = fma(p, r, c)
	}
	return p * math.Float32frombits(uint32(int32(n)+bias)<<23)
}

// log1p returns log(1+t) for t >= 0 as e·ln(2) + log(1+u), where 1+t =
// 2^e·(1+u) and 1+u lies between the square roots of 1/2 and 2; the last is
// 2·atanh(u/(2+u)). Small t lose nothing, because u is t then.
func log1p(t float32) float32 {
	e := int32(math.Float32bits(1+t)-sqrtHalf) >> 23
	q := math.Float32frombits(uint32(bias-e) << 23) // 2^-e
	u := fma(t, q, q-1)
	s := u / (2 + u)
	s2 := float32(s * s)
	p := atanhSeries[0]
	for _, c := range atanhSeries[1:] {
		p = fma(p, s2, c)
	}
	f := float32(e)
	return fma(f, ln2hi, fma(f, ln2lo, float32(s*p)))
}

func genericExp(dst, x []float32) {
	for i, v := range x {
		dst[i] = exp1(v)
	}
}

func genericSoftplus(dst, x []float32) {
	for i, v := range x {
		dst[i] = max(v, 0) + log1p(exp1(-abs(v)))
	}
}

// genericAsinh uses asinh(a) = log1p(a + a²/(1+sqrt(1+a²))).
func genericAsinh(dst, x []float32) {
	for i, v := range x {
		a := abs(v)
		a2 := float32(a * a)
		root := float32(math.Sqrt(float64(1 + a2)))
		y := log1p(a + float32(a2/(1+root)))
		dst[i] = math.Float32frombits(math.Float32bits(y) | math.Float32bits(v)&signBit)
	}
}

func abs(v float32) float32 { return math.Float32frombits(math.Float32bits(v) &^ signBit) }
