package net

import (
	"math"

	"github.com/almanac-forecast/almanac/forecast/internal/f32"
)

// A Batch is windows to learn from: histories with the values of some steps
// after them. It computes the loss and its gradient. All memory is taken when it
// is made; it is for one goroutine at a time.
type Batch struct {
	shape            Shape
	capacity, steps  int
	windows          int
	weights          []float32 // [row] of the loss
	targets          []float32 // [row] in units of the history
	input            []float32 // [window][EncoderSize]
	ahead, anchors   []float32 // [row][StepSize], [row][Anchors]
	encode1, encode2 []float32 // [window][Width], after ReLU
	wide, code       []float32 // [window][Width], [window][Code]
	start            []float32 // [window][Hidden]
	h, h2, sum       []float32 // [row][Hidden]: after ReLU, after ReLU, their sum
	out, quantiles   []float32 // [row][Outputs], [row][level]
	dOut, dRow       []float32 // gradients
	dRow2, dStart    []float32
	dCode, dWide     []float32
	dWide2           []float32
	transposed       Layers
}

// NewBatch makes room for windows with a number of steps each.
func NewBatch(s Shape, windows, steps int) *Batch {
	b := &Batch{shape: s, capacity: windows, steps: steps, transposed: s.Cut(make([]float32, s.Size()))}
	rows := windows * steps
	for _, v := range []struct {
		to *[]float32
		n  int
	}{
		{&b.weights, rows},
		{&b.targets, rows},
		{&b.input, windows * EncoderSize},
		{&b.ahead, rows * StepSize},
		{&b.anchors, rows * Anchors},
		{&b.encode1, windows * s.Width},
		{&b.encode2, windows * s.Width},
		{&b.wide, windows * s.Width},
		{&b.code, windows * s.Code},
		{&b.start, windows * s.Hidden},
		{&b.h, rows * s.Hidden},
		{&b.h2, rows * s.Hidden},
		{&b.sum, rows * s.Hidden},
		{&b.out, rows * s.Outputs()},
		{&b.quantiles, rows * len(s.Levels)},
		{&b.dOut, rows * s.Outputs()},
		{&b.dRow, rows * s.Hidden},
		{&b.dRow2, rows * s.Hidden},
		{&b.dStart, windows * s.Hidden},
		{&b.dCode, windows * s.Code},
		{&b.dWide, windows * s.Width},
		{&b.dWide2, windows * s.Width},
	} {
		*v.to = make([]float32, v.n)
	}
	return b
}

// Reset forgets the windows.
func (b *Batch) Reset() { b.windows = 0 }

// Windows returns how many windows the batch holds.
func (b *Batch) Windows() int { return b.windows }

// Full tells whether there is no room for another window.
func (b *Batch) Full() bool { return b.windows == b.capacity }

// Add adds a window: the features of its history, the steps ahead that count
// (from 1, as many as the batch was made for) and the values then, in the unit
// of the data, NaN where missing. The weight multiplies the window's loss.
func (b *Batch) Add(f *Features, steps []int, values []float64, weight float64) {
	if b.Full() || len(steps) != b.steps || len(values) != b.steps {
		panic("net: window that the batch has no room for")
	}
	copy(b.input[b.windows*EncoderSize:], f.Encoder)
	for i, j := range steps {
		row := b.windows*b.steps + i
		f.Step(j, b.ahead[row*StepSize:], b.anchors[row*Anchors:])
		b.targets[row], b.weights[row] = 0, 0
		if !math.IsNaN(values[i]) {
			b.targets[row], b.weights[row] = float32(f.Normal(values[i])), float32(weight)
		}
	}
	b.windows++
}

// Loss returns the sum over the rows of weight times loss: twice the pinball loss,
// averaged over the levels, in units of each history.
func (b *Batch) Loss(params []float32) float64 {
	if b.windows == 0 {
		return 0
	}
	l := b.shape.Cut(params)
	b.forward(&l)
	return b.loss(nil, 0)
}

// Gradient returns what Loss does, and adds its gradient times scale to grad.
func (b *Batch) Gradient(params, grad []float32, scale float32) float64 {
	if b.windows == 0 {
		return 0
	}
	l, g := b.shape.Cut(params), b.shape.Cut(grad)
	b.forward(&l)
	rows := b.windows * b.steps
	loss := b.loss(b.dOut[:rows*b.shape.Outputs()], scale)
	b.backward(&l, &g)
	return loss
}

// forward computes the outputs of all rows.
func (b *Batch) forward(l *Layers) {
	n, s := b.windows, &b.shape
	rows := n * b.steps
	relu := func(d *Dense, dst, x []float32, n int) {
		d.apply(dst, x, n)
		f32.ReLU(dst[:n*d.Out], dst[:n*d.Out])
	}
	relu(&l.Encode1, b.encode1, b.input, n)
	relu(&l.Encode2, b.encode2, b.encode1, n)
	sum(b.wide[:n*s.Width], b.encode1, b.encode2)
	l.Encode3.apply(b.code, b.wide, n)
	l.Code.apply(b.start, b.code, n)
	for row := range rows {
		copy(b.h[row*s.Hidden:(row+1)*s.Hidden], b.start[row/b.steps*s.Hidden:])
	}
	relu(&l.Step, b.h, b.ahead, rows)
	relu(&l.Hidden, b.h2, b.h, rows)
	sum(b.sum[:rows*s.Hidden], b.h, b.h2)
	l.Out.apply(b.out, b.sum, rows)
}

// sum writes x + y.
func sum(dst, x, y []float32) {
	copy(dst, x)
	f32.Add(dst, y[:len(dst)])
}

// loss returns the loss of the outputs and, unless d is nil, writes its gradient
// times scale into d.
func (b *Batch) loss(d []float32, scale float32) float64 {
	size, outputs := len(b.shape.Levels), b.shape.Outputs()
	total := 0.0
	for row := range b.windows * b.steps {
		out := b.out[row*outputs : (row+1)*outputs]
		anchors := b.anchors[row*Anchors : (row+1)*Anchors]
		q := b.quantiles[row*size : (row+1)*size]
		raw := out[outputs-1]
		head(q, out, anchors)
		weight, y := b.weights[row], b.targets[row]
		one := float32(0)
		factor := 2 / float32(size)
		for i, p := range b.shape.Levels {
			e := y - q[i]
			slope := float32(p)
			if e < 0 {
				slope--
			}
			one += slope * e
			q[i] = -slope * factor * weight * scale
		}
		total += float64(one * factor * weight)
		if d != nil {
			headGradient(d[row*outputs:(row+1)*outputs], q, out, anchors, raw)
		}
	}
	return total
}

// headGradient writes the gradient of the outputs from that of the quantiles.
// out is what head left: softplus and the width in place; raw is the width's
// logarithm before it was bounded.
func headGradient(d, dq, out, anchors []float32, raw float32) {
	size := len(dq)
	half := size / 2
	width := out[len(out)-1]
	median, dWidth := dq[half], float32(0)
	up, down := float32(0), float32(0)
	copy(d[1:size], out[1:size])
	f32.Scale(-1, d[1:size])
	f32.Exp(d[1:size], d[1:size]) // softplus' = 1 − exp(−softplus)
	for i := half; i >= 1; i-- {
		up += dq[half+i]
		down -= dq[half-i]
		dWidth += out[i]*up + out[half+i]*down
		d[i] = up * width * (1 - d[i])
		d[half+i] = down * width * (1 - d[half+i])
	}
	median += up - down
	d[0] = median
	for i, a := range anchors {
		d[size+i] = median * a
	}
	d[len(d)-1] = 0
	if raw > -widest && raw < widest {
		d[len(d)-1] = dWidth * width
	}
}

// backward adds the gradient of all parameters to g, from that of the outputs.
func (b *Batch) backward(l, g *Layers) {
	n, s := b.windows, &b.shape
	rows := n * b.steps
	for i, d := range l.all() {
		f32.Transpose(b.transposed.all()[i].W, d.W, d.In, d.Out)
	}
	t := &b.transposed
	dRow, dRow2 := b.dRow[:rows*s.Hidden], b.dRow2[:rows*s.Hidden]
	g.Out.learn(b.sum, b.dOut, rows)
	t.Out.back(dRow, b.dOut, rows, false)
	f32.ReLUGrad(dRow2, dRow, b.h2[:len(dRow)])
	g.Hidden.learn(b.h, dRow2, rows)
	t.Hidden.back(dRow, dRow2, rows, true)
	f32.ReLUGrad(dRow, dRow, b.h[:len(dRow)])
	g.Step.learn(b.ahead, dRow, rows)
	dStart := b.dStart[:n*s.Hidden]
	clear(dStart)
	for row := range rows {
		to := row / b.steps * s.Hidden
		f32.Add(dStart[to:to+s.Hidden], dRow[row*s.Hidden:(row+1)*s.Hidden])
	}
	g.Code.learn(b.code, dStart, n)
	t.Code.back(b.dCode, dStart, n, false)
	g.Encode3.learn(b.wide, b.dCode, n)
	dWide, dWide2 := b.dWide[:n*s.Width], b.dWide2[:n*s.Width]
	t.Encode3.back(dWide, b.dCode, n, false)
	f32.ReLUGrad(dWide2, dWide, b.encode2[:len(dWide)])
	g.Encode2.learn(b.encode1, dWide2, n)
	t.Encode2.back(dWide, dWide2, n, true)
	f32.ReLUGrad(dWide, dWide, b.encode1[:len(dWide)])
	g.Encode1.learn(b.input, dWide, n)
}

// learn adds the gradient of a layer's parameters from its inputs and the
// gradient of its outputs.
func (d *Dense) learn(x, dy []float32, n int) {
	f32.Gemm(true, d.In, d.Out, n, x, d.In, dy, d.Out, d.W, d.Out, true)
	if d.B != nil {
		f32.ColSum(d.B, dy[:n*d.Out])
	}
}

// back computes the gradient of a layer's inputs; d holds the transposed weights.
func (d *Dense) back(dx, dy []float32, n int, add bool) {
	f32.Gemm(false, n, d.In, d.Out, dy, d.Out, d.W, d.In, dx, d.In, add)
}
