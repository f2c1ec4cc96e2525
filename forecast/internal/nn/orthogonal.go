package nn

import (
	"math"

	"github.com/almanac-forecast/almanac/forecast/internal/f32"
)

// orthogonalizer makes a matrix x orthogonal. The rest is memory for that.
type orthogonalizer struct{ x, wide, square, quartic, product []float32 }

// run makes the singular values of x lie between 0.7 and 1.2, by five steps of
// the iteration of Newton and Schulz with the coefficients of Jordan, which trade
// exactness for speed. Of x and its transpose it takes the one with fewer rows,
// whose products cost less:
//
//	x = 3.4445·x - 4.775·(x·xᵀ)·x + 2.0315·(x·xᵀ)²·x
func (o *orthogonalizer) run(rows, cols int) {
	r, c := min(rows, cols), max(rows, cols)
	x := o.x
	if rows > cols {
		x = grow(&o.wide, r*c)
		f32.Transpose(x, o.x, rows, cols)
	}
	square := 0.0
	for _, v := range x {
		square += float64(v) * float64(v)
	}
	f32.Scale(float32(1/(math.Sqrt(square)+epsilon)), x)
	a, b, y := grow(&o.square, r*r), grow(&o.quartic, r*r), grow(&o.product, r*c)
	for range 5 {
		f32.Gram(r, c, x, a)
		f32.Gram(r, r, a, b) // a is its own transpose
		f32.Combine(2.0315, b, -4.775, a)
		f32.Gemm(false, r, c, r, b, r, x, c, y, c, false)
		f32.Combine(3.4445, x, 1, y)
	}
	if rows > cols {
		f32.Transpose(o.x, x, r, c)
	}
}

// grow returns n numbers of a memory, whose values are left over from before.
func grow(memory *[]float32, n int) []float32 {
	if cap(*memory) < n {
		*memory = make([]float32, n)
	}
	return (*memory)[:n]
}
