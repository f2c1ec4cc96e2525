package f32

// Add adds x to dst.
func Add(dst, x []float32) {
	sameLength("Add", len(dst), len(x))
	add(dst, x)
}

// Axpy adds a·x to dst, by fused multiply-adds.
func Axpy(a float32, x, dst []float32) {
	sameLength("Axpy", len(x), len(dst))
	axpy(a, x, dst)
}

// Combine makes dst a·dst + b·x, the products rounded before they are added.
func Combine(a float32, dst []float32, b float32, x []float32) {
	sameLength("Combine", len(dst), len(x))
	combine(a, dst, b, x)
}

// Approach adds a·(x-dst) to dst, the product rounded first: so dst goes the part a
// of the way to x.
func Approach(dst []float32, a float32, x []float32) {
	sameLength("Approach", len(dst), len(x))
	approach(dst, a, x)
}

// ReLU writes the positive part of x into dst, which may be x.
func ReLU(dst, x []float32) {
	sameLength("ReLU", len(dst), len(x))
	relu(dst, x)
}

// ReLUGrad writes grad where y, which came from ReLU, is not zero, and zero
// elsewhere, into dst, which may be grad.
func ReLUGrad(dst, grad, y []float32) {
	sameLength("ReLUGrad", len(dst), len(grad))
	sameLength("ReLUGrad", len(dst), len(y))
	reluGrad(dst, grad, y)
}

// Exp writes e to the power of x into dst, which may be x; relative error below
// 2e-7. Arguments beyond ±87 count as ±87, so that the result is neither zero
// nor infinite.
func Exp(dst, x []float32) {
	sameLength("Exp", len(dst), len(x))
	exp(dst, x)
}

// Softplus writes log(1+exp(x)) into dst, which may be x; relative error below
// 5e-7 as long as x is above -87.
func Softplus(dst, x []float32) {
	sameLength("Softplus", len(dst), len(x))
	softplus(dst, x)
}

// Asinh writes the inverse hyperbolic sine of x into dst, which may be x;
// relative error below 5e-7 for |x| up to 1e6.
func Asinh(dst, x []float32) {
	sameLength("Asinh", len(dst), len(x))
	asinh(dst, x)
}
