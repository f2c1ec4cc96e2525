package f32

import (
	"fmt"
	"math"
)

// AddBias adds the bias to every row of x; rows are as long as the bias.
func AddBias(x, bias []float32) {
	rows := rowsOf("AddBias", len(x), len(bias))
	for i := range rows {
		Add(x[i*len(bias):][:len(bias)], bias)
	}
}

// ColSum adds to dst the sums of the columns of x, whose rows are as long as
// dst, row after row.
func ColSum(dst, x []float32) {
	rows := rowsOf("ColSum", len(x), len(dst))
	for i := range rows {
		Add(dst, x[i*len(dst):][:len(dst)])
	}
}

// Scale multiplies x by a.
func Scale(a float32, x []float32) {
	for i := range x {
		x[i] *= a
	}
}

// rowsOf returns how many rows of the given length make n elements.
func rowsOf(name string, n, length int) int {
	if length == 0 && n == 0 {
		return 0
	}
	if length == 0 || n%length != 0 {
		panic(fmt.Sprintf("f32: %s: %d elements are no rows of %d", name, n, length))
	}
	return n / length
}

func sameLength(name string, want, got int) {
	if want != got {
		panic(fmt.Sprintf("f32: %s: slices of %d and %d elements", name, want, got))
	}
}

// genericAdd is Add in plain Go; so are the others of their names.
func genericAdd(dst, x []float32) {
	for i, v := range x {
		dst[i] += v
	}
}

// genericAxpy holds fma's body, which the compiler does not put in place itself:
// twice as fast.
func genericAxpy(a float32, x, dst []float32) {
	dst = dst[:len(x)]
	for i, v := range x {
		p := float64(a) * float64(v)
		s := p + float64(dst[i])
		if math.Float64bits(s)<<35 != 1<<63 {
			dst[i] = float32(s)
		} else {
			dst[i] = roundOdd(p, dst[i], s)
		}
	}
}

func genericCombine(a float32, dst []float32, b float32, x []float32) {
	for i, v := range x {
		dst[i] = float32(a*dst[i]) + float32(b*v)
	}
}

func genericApproach(dst []float32, a float32, x []float32) {
	for i, v := range x {
		dst[i] += float32(a * (v - dst[i]))
	}
}

func genericReLU(dst, x []float32) {
	for i, v := range x {
		dst[i] = max(v, 0)
	}
}

func genericReLUGrad(dst, grad, y []float32) {
	for i, v := range y {
		b := int32(math.Float32bits(v))
		positive := uint32((b | -b) >> 31) // all ones unless y is 0
		dst[i] = math.Float32frombits(math.Float32bits(grad[i]) & positive)
	}
}
