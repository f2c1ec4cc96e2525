package net

import "github.com/almanac-forecast/almanac/forecast/internal/f32"

// Parameters is a vector of parameters as learners read it: cut up, and each
// layer's weights also transposed, which is worth doing once for all shards.
type Parameters struct{ layers, transposed Layers }

// NewParameters makes room for parameters.
func NewParameters(s Shape) *Parameters {
	return &Parameters{transposed: s.Cut(make([]float32, s.Size()))}
}

// Set makes p the given vector of parameters of the shape, which is not copied.
func (p *Parameters) Set(s Shape, params []float32) {
	p.layers = s.Cut(params)
	for i, d := range p.layers.all() {
		f32.Transpose(p.transposed.all()[i].W, d.W, d.In, d.Out)
	}
}

// A Learner computes the loss of batches and its gradient. It holds the memory
// of a run and is for one goroutine at a time.
type Learner struct {
	shape            Shape
	encode1, encode2 []float32 // [window][Width], after ReLU
	wide, code       []float32 // [window][Width], [window][Code]
	start            []float32 // [window][Hidden]
	h, h2, sum       []float32 // [row][Hidden]: after ReLU, after ReLU, their sum
	out, quantiles   []float32 // [row][Outputs], [row][level]
	dOut, dRow       []float32 // gradients
	dRow2, dStart    []float32
	dCode, dWide     []float32
	dWide2           []float32
}

// NewLearner returns a learner for a network of the given shape.
func NewLearner(s Shape) *Learner { return &Learner{shape: s} }

// reserve makes room for a batch.
func (l *Learner) reserve(b *Batch) {
	n, rows, s := b.windows, b.windows*b.steps, &l.shape
	for _, v := range []struct {
		to *[]float32
		n  int
	}{
		{&l.encode1, n * s.Width},
		{&l.encode2, n * s.Width},
		{&l.wide, n * s.Width},
		{&l.code, n * s.Code},
		{&l.start, n * s.Hidden},
		{&l.h, rows * s.Hidden},
		{&l.h2, rows * s.Hidden},
		{&l.sum, rows * s.Hidden},
		{&l.out, rows * s.Outputs()},
		{&l.quantiles, rows * len(s.Levels)},
		{&l.dOut, rows * s.Outputs()},
		{&l.dRow, rows * s.Hidden},
		{&l.dRow2, rows * s.Hidden},
		{&l.dStart, n * s.Hidden},
		{&l.dCode, n * s.Code},
		{&l.dWide, n * s.Width},
		{&l.dWide2, n * s.Width},
	} {
		*v.to = grow(*v.to, v.n)
	}
}

// Loss returns the sum over the rows of weight times loss: twice the pinball loss,
// averaged over the levels, in units of each history.
func (l *Learner) Loss(b *Batch, p *Parameters) float64 {
	if b.windows == 0 {
		return 0
	}
	l.reserve(b)
	l.forward(b, &p.layers)
	return l.loss(b, nil, 0)
}

// Gradient returns what Loss does, and adds its gradient times scale to grad.
func (l *Learner) Gradient(b *Batch, p *Parameters, grad []float32, scale float32) float64 {
	if b.windows == 0 {
		return 0
	}
	l.reserve(b)
	g := l.shape.Cut(grad)
	l.forward(b, &p.layers)
	loss := l.loss(b, l.dOut, scale)
	l.backward(b, &p.transposed, &g)
	return loss
}

// forward computes the outputs of all rows.
func (l *Learner) forward(b *Batch, p *Layers) {
	n, rows, hidden := b.windows, b.windows*b.steps, l.shape.Hidden
	relu := func(d *Dense, dst, x []float32, n int) {
		d.apply(dst, x, n)
		f32.ReLU(dst, dst)
	}
	relu(&p.Encode1, l.encode1, b.input, n)
	relu(&p.Encode2, l.encode2, l.encode1, n)
	sum(l.wide, l.encode1, l.encode2)
	p.Encode3.apply(l.code, l.wide, n)
	p.Code.apply(l.start, l.code, n)
	for row := range rows {
		copy(l.h[row*hidden:(row+1)*hidden], l.start[row/b.steps*hidden:])
	}
	relu(&p.Step, l.h, b.ahead, rows)
	relu(&p.Hidden, l.h2, l.h, rows)
	sum(l.sum, l.h, l.h2)
	p.Out.apply(l.out, l.sum, rows)
}

// sum writes x + y.
func sum(dst, x, y []float32) {
	copy(dst, x)
	f32.Add(dst, y)
}

// loss returns the loss of the outputs and, unless d is nil, writes its gradient
// times scale into d.
func (l *Learner) loss(b *Batch, d []float32, scale float32) float64 {
	size, outputs := len(l.shape.Levels), l.shape.Outputs()
	total := 0.0
	for row := range b.windows * b.steps {
		out := l.out[row*outputs : (row+1)*outputs]
		anchors := b.anchors[row*Anchors : (row+1)*Anchors]
		q := l.quantiles[row*size : (row+1)*size]
		raw := out[outputs-1]
		head(q, out, anchors)
		weight, y := b.weights[row], b.targets[row]
		one := float32(0)
		factor := 2 / float32(size)
		for i, p := range l.shape.Levels {
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

// backward adds the gradient of all parameters to g, from that of the outputs. t
// holds the weights transposed.
func (l *Learner) backward(b *Batch, t, g *Layers) {
	n, rows, hidden := b.windows, b.windows*b.steps, l.shape.Hidden
	g.Out.learn(l.sum, l.dOut, rows)
	t.Out.back(l.dRow, l.dOut, rows, false)
	f32.ReLUGrad(l.dRow2, l.dRow, l.h2)
	g.Hidden.learn(l.h, l.dRow2, rows)
	t.Hidden.back(l.dRow, l.dRow2, rows, true)
	f32.ReLUGrad(l.dRow, l.dRow, l.h)
	g.Step.learn(b.ahead, l.dRow, rows)
	clear(l.dStart)
	for row := range rows {
		to := row / b.steps * hidden
		f32.Add(l.dStart[to:to+hidden], l.dRow[row*hidden:(row+1)*hidden])
	}
	g.Code.learn(l.code, l.dStart, n)
	t.Code.back(l.dCode, l.dStart, n, false)
	g.Encode3.learn(l.wide, l.dCode, n)
	t.Encode3.back(l.dWide, l.dCode, n, false)
	f32.ReLUGrad(l.dWide2, l.dWide, l.encode2)
	g.Encode2.learn(l.encode1, l.dWide2, n)
	t.Encode2.back(l.dWide, l.dWide2, n, true)
	f32.ReLUGrad(l.dWide, l.dWide, l.encode1)
	g.Encode1.learn(b.input, l.dWide, n)
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
