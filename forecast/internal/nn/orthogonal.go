package nn

import (
	"math"

	"github.com/almanac-forecast/almanac/forecast/internal/f32"
)

// strip is how many rows of a symmetric product are computed at a time: enough
// for f32 to run at full speed, few enough to leave out most of the half that is
// copied.
const strip = 64

// orthogonalizer makes a matrix x orthogonal. The rest is memory for that.
type orthogonalizer struct{ x, wide, transposed, square, quartic, product []float32 }

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
	t, y := grow(&o.transposed, r*c), grow(&o.product, r*c)
	a, b := grow(&o.square, r*r), grow(&o.quartic, r*r)
	for range 5 {
		f32.Transpose(t, x, r, c)
		symmetric(a, x, t, r, c)
		symmetric(b, a, a, r, r)
		for i, v := range a {
			b[i] = float32(2.0315*b[i]) - float32(4.775*v)
		}
		f32.Gemm(false, r, c, r, b, r, x, c, y, c, false)
		for i, v := range y {
			x[i] = float32(3.4445*x[i]) + v
		}
	}
	if rows > cols {
		f32.Transpose(o.x, x, r, c)
	}
}

// symmetric computes dst = a·b of r rows and columns, a having k columns, where b
// is the transpose of a, or a itself when that is symmetric. Sums run in the same
// order on both sides of the diagonal, so one side is copied: the same bits for
// three fifths of the work at 320 rows.
func symmetric(dst, a, b []float32, r, k int) {
	for i := 0; i < r; i += strip {
		f32.Gemm(false, min(strip, r-i), r-i, k, a[i*k:], k, b[i:], r, dst[i*r+i:], r, false)
	}
	f32.Mirror(dst, r)
}

// grow returns n numbers of a memory, whose values are left over from before.
func grow(memory *[]float32, n int) []float32 {
	if cap(*memory) < n {
		*memory = make([]float32, n)
	}
	return (*memory)[:n]
}
