package net

import (
	"github.com/almanac-forecast/almanac/forecast/internal/f32"
	"github.com/almanac-forecast/almanac/forecast/internal/nn"
)

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
		p.transposed.all()[i].Transpose(d)
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
	p.Encode1.ForwardReLU(l.encode1, b.input, n)
	p.Encode2.ForwardReLU(l.encode2, l.encode1, n)
	sum(l.wide, l.encode1, l.encode2)
	p.Encode3.Forward(l.code, l.wide, n)
	p.Code.Forward(l.start, l.code, n)
	for row := range rows {
		copy(l.h[row*hidden:(row+1)*hidden], l.start[row/b.steps*hidden:])
	}
	p.Step.ForwardReLU(l.h, b.ahead, rows)
	p.Hidden.ForwardReLU(l.h2, l.h, rows)
	sum(l.sum, l.h, l.h2)
	p.Out.Forward(l.out, l.sum, rows)
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
		total += float64(nn.Pinball(q, q, l.shape.Levels, b.targets[row]) * b.weights[row])
		if d != nil {
			f32.Scale(b.weights[row], q)
			f32.Scale(scale, q)
			headGradient(d[row*outputs:(row+1)*outputs], q, out, anchors, raw)
		}
	}
	return total
}

// headGradient writes the gradient of the outputs from that of the quantiles.
// out is what head left; raw is the width before.
func headGradient(d, dq, out, anchors []float32, raw float32) {
	size := len(dq)
	d[0], d[len(d)-1] = nn.FanGradient(d[1:size], dq, out[1:size], out[len(out)-1], raw)
	for i, a := range anchors {
		d[size+i] = d[0] * a
	}
}

// backward adds the gradient of all parameters to g, from that of the outputs. t
// holds the weights transposed.
func (l *Learner) backward(b *Batch, t, g *Layers) {
	n, rows, hidden := b.windows, b.windows*b.steps, l.shape.Hidden
	g.Out.Learn(l.sum, l.dOut, rows)
	t.Out.Back(l.dRow, l.dOut, rows, false)
	f32.ReLUGrad(l.dRow2, l.dRow, l.h2)
	g.Hidden.Learn(l.h, l.dRow2, rows)
	t.Hidden.Back(l.dRow, l.dRow2, rows, true)
	f32.ReLUGrad(l.dRow, l.dRow, l.h)
	g.Step.Learn(b.ahead, l.dRow, rows)
	clear(l.dStart)
	for row := range rows {
		to := row / b.steps * hidden
		f32.Add(l.dStart[to:to+hidden], l.dRow[row*hidden:(row+1)*hidden])
	}
	g.Code.Learn(l.code, l.dStart, n)
	t.Code.Back(l.dCode, l.dStart, n, false)
	g.Encode3.Learn(l.wide, l.dCode, n)
	t.Encode3.Back(l.dWide, l.dCode, n, false)
	f32.ReLUGrad(l.dWide2, l.dWide, l.encode2)
	g.Encode2.Learn(l.encode1, l.dWide2, n)
	t.Encode2.Back(l.dWide, l.dWide2, n, true)
	f32.ReLUGrad(l.dWide, l.dWide, l.encode1)
	g.Encode1.Learn(b.input, l.dWide, n)
}
