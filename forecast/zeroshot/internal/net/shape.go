package net

import (
	"slices"

	"github.com/almanac-forecast/almanac/forecast/internal/nn"
)

// A Shape is the sizes of the layers.
type Shape struct {
	// Width is that of the encoder's two wide layers, Code that of what it says
	// of a history, Hidden that of the layers of a step.
	Width, Code, Hidden int
	// Levels are those of the quantiles, ascending, 0.5 in the middle.
	Levels []float64
}

// Standard is the shape that is trained: 227 thousand parameters.
func Standard() Shape {
	return Shape{
		Width: 320, Code: 128, Hidden: 128,
		Levels: []float64{0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99},
	}
}

// Outputs is what the head says of a step: the median, the distances of the
// other quantiles (upwards from the median, then downwards), the weights of the
// anchors, and the logarithm of a width.
func (s Shape) Outputs() int { return len(s.Levels) + Anchors + 1 }

// Layers is a flat vector of parameters, or of their gradients, cut up.
type Layers struct {
	Encode1, Encode2, Encode3, Code, Step, Hidden, Out nn.Dense
}

// all lists the layers in the order of the vector.
func (l *Layers) all() []*nn.Dense {
	return []*nn.Dense{&l.Encode1, &l.Encode2, &l.Encode3, &l.Code, &l.Step, &l.Hidden, &l.Out}
}

// layers returns the layers without parameters.
func (s Shape) layers() Layers {
	return Layers{
		Encode1: nn.Dense{In: EncoderSize, Out: s.Width},
		Encode2: nn.Dense{In: s.Width, Out: s.Width},
		Encode3: nn.Dense{In: s.Width, Out: s.Code},
		Code:    nn.Dense{In: s.Code, Out: s.Hidden},
		Step:    nn.Dense{In: StepSize, Out: s.Hidden},
		Hidden:  nn.Dense{In: s.Hidden, Out: s.Hidden},
		Out:     nn.Dense{In: s.Hidden, Out: s.Outputs()},
	}
}

// Size is the number of parameters.
func (s Shape) Size() int {
	l, n := s.layers(), 0
	for _, d := range l.all() {
		n += d.Size()
	}
	return n - s.Hidden // the step's layer has no bias: the code's does
}

// Matrices returns the weights of all layers but the head, which is to stay near
// the anchors: what training moves as wholes.
func (s Shape) Matrices() []nn.Matrix {
	var out []nn.Matrix
	l, from := s.layers(), 0
	for _, d := range l.all() {
		if d != &l.Out {
			out = append(out, nn.Matrix{From: from, Rows: d.In, Cols: d.Out})
		}
		from += d.Size()
		if d == &l.Step {
			from -= d.Out // no bias
		}
	}
	return out
}

// Cut cuts a vector of Size numbers up; nothing is copied.
func (s Shape) Cut(params []float32) Layers {
	if len(params) != s.Size() {
		panic("net: vector of parameters of a wrong size")
	}
	l := s.layers()
	for _, d := range l.all() {
		params = d.Take(params, d != &l.Step)
	}
	return l
}

// Equal tells whether two shapes are the same.
func (s Shape) Equal(o Shape) bool {
	return s.Width == o.Width && s.Code == o.Code && s.Hidden == o.Hidden && slices.Equal(s.Levels, o.Levels)
}
