package nn

import "github.com/almanac-forecast/almanac/forecast/internal/f32"

// A Dense is the parameters of a layer y = x·W + b, or their gradient: W is
// [in][out]; B is nil for a layer without b. The slices are parts of a flat
// vector. Inputs and outputs are rows, one example each.
type Dense struct {
	In, Out int
	W, B    []float32
}

// Size is how many numbers of the flat vector the layer takes, with b.
func (d *Dense) Size() int { return d.In*d.Out + d.Out }

// Take cuts the layer's parameters off a vector, with b if bias, and returns the
// rest.
func (d *Dense) Take(vector []float32, bias bool) []float32 {
	n := d.In * d.Out
	d.W, vector = vector[:n:n], vector[n:]
	if bias {
		d.B, vector = vector[:d.Out:d.Out], vector[d.Out:]
	}
	return vector
}

// Forward computes n rows of outputs. Without b it adds to what is there, which
// so can be another layer's output.
func (d *Dense) Forward(y, x []float32, n int) {
	for i := range n {
		copy(y[i*d.Out:(i+1)*d.Out], d.B)
	}
	f32.Gemm(false, n, d.Out, d.In, x, d.In, d.W, d.Out, y, d.Out, true)
}

// ForwardReLU computes the positive parts of n rows of outputs.
func (d *Dense) ForwardReLU(y, x []float32, n int) {
	d.Forward(y, x, n)
	f32.ReLU(y[:n*d.Out], y[:n*d.Out])
}

// Learn adds to d, which is a gradient, that of the layer's parameters, from its
// inputs and the gradient of its outputs.
func (d *Dense) Learn(x, dy []float32, n int) {
	f32.Gemm(true, d.In, d.Out, n, x, d.In, dy, d.Out, d.W, d.Out, true)
	if d.B != nil {
		f32.ColSum(d.B, dy[:n*d.Out])
	}
}

// Back computes the gradient of the layer's inputs, or adds it to dx, from that of
// its outputs. The weights are transposed: d.W is [out][in].
func (d *Dense) Back(dx, dy []float32, n int, add bool) {
	f32.Gemm(false, n, d.In, d.Out, dy, d.Out, d.W, d.In, dx, d.In, add)
}

// Transpose writes the weights of a layer, transposed, into d.
func (d *Dense) Transpose(of *Dense) { f32.Transpose(d.W, of.W, of.In, of.Out) }
