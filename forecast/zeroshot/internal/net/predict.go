package net

import (
	"github.com/almanac-forecast/almanac/forecast/internal/f32"
	"github.com/almanac-forecast/almanac/forecast/internal/nn"
)

// chunk is how many rows of steps go through the network at once: enough for
// the products to run at full speed, few enough to stay in the cache.
const chunk = 96

// A Network is weights ready to be run, by any number of predictors.
type Network struct {
	shape  Shape
	layers Layers
	start  nn.Dense // Encode3 and Code in one: nothing bends between them
}

// Network returns the network of the weights, which it does not change.
func (w *Weights) Network() *Network {
	n := &Network{shape: w.Shape, layers: w.Shape.Cut(w.Params)}
	first, second := &n.layers.Encode3, &n.layers.Code
	n.start = nn.Dense{In: first.In, Out: second.Out, W: make([]float32, first.In*second.Out), B: make([]float32, second.Out)}
	f32.Gemm(false, first.In, second.Out, first.Out, first.W, first.Out, second.W, second.Out, n.start.W, second.Out, false)
	second.Forward(n.start.B, first.B, 1)
	return n
}

// A Predictor runs a network. It holds the memory of a run and is for one
// goroutine at a time.
type Predictor struct {
	*Network

	histories                  []*Features
	input, wide, wide2, code   []float32 // [history]
	steps, anchors, h, h2, out []float32 // [step of a history]
}

// NewPredictor returns a predictor on a network.
func NewPredictor(n *Network) *Predictor { return &Predictor{Network: n} }

// Encode looks at histories, for Decode to forecast.
func (p *Predictor) Encode(histories []*Features) {
	n, s, l := len(histories), &p.shape, &p.layers
	p.histories = append(p.histories[:0], histories...)
	p.input = grow(p.input, n*EncoderSize)
	for i, f := range histories {
		copy(p.input[i*EncoderSize:], f.Encoder)
	}
	p.wide, p.wide2 = grow(p.wide, n*s.Width), grow(p.wide2, n*s.Width)
	p.code = grow(p.code, n*s.Hidden)
	l.Encode1.ForwardReLU(p.wide, p.input, n)
	l.Encode2.ForwardReLU(p.wide2, p.wide, n)
	f32.Add(p.wide, p.wide2)
	p.start.Forward(p.code, p.wide, n)
}

// Decode forecasts steps of the histories that Encode looked at, the first
// counted from 1. The result is [history][step][level] in units of the history,
// in dst where it has room. Steps do not depend on one another, nor do
// histories.
func (p *Predictor) Decode(dst []float32, first, steps int) []float32 {
	rows, size := len(p.histories)*steps, len(p.shape.Levels)
	dst = grow(dst, rows*size)
	for from := 0; from < rows; from += chunk {
		n := min(chunk, rows-from)
		p.decode(dst[from*size:(from+n)*size], first, steps, from)
	}
	return dst
}

func grow(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}

// decode fills dst with the quantiles of rows from a row on, counted over the
// steps of the first history, then those of the second, and so on.
func (p *Predictor) decode(dst []float32, first, steps, from int) {
	hidden, outputs, size, l := p.shape.Hidden, p.shape.Outputs(), len(p.shape.Levels), &p.layers
	n := len(dst) / size
	p.steps, p.anchors = grow(p.steps, n*StepSize), grow(p.anchors, n*Anchors)
	p.h, p.h2, p.out = grow(p.h, n*hidden), grow(p.h2, n*hidden), grow(p.out, n*outputs)
	for i := range n {
		history, step := (from+i)/steps, (from+i)%steps
		p.histories[history].Step(first+step, p.steps[i*StepSize:], p.anchors[i*Anchors:])
		copy(p.h[i*hidden:(i+1)*hidden], p.code[history*hidden:])
	}
	l.Step.ForwardReLU(p.h, p.steps, n)
	l.Hidden.ForwardReLU(p.h2, p.h, n)
	f32.Add(p.h, p.h2)
	l.Out.Forward(p.out, p.h, n)
	for i := range n {
		head(dst[i*size:(i+1)*size], p.out[i*outputs:(i+1)*outputs], p.anchors[i*Anchors:(i+1)*Anchors])
	}
}

// head turns outputs of the network into quantiles; it overwrites the outputs as
// nn.Fan does.
func head(q, out, anchors []float32) {
	size := len(q)
	median := out[0]
	for i, a := range anchors {
		median += float32(out[size+i] * a)
	}
	nn.Fan(q, median, out[1:size], (*[1]float32)(out[len(out)-1:]))
}
