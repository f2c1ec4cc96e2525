package net

import "math"

// A Batch is windows to learn from: histories with the values of some steps
// after them. All memory is taken when it is made.
type Batch struct {
	capacity, steps int
	windows         int
	weights         []float32 // [row] 1, or 0 where nothing is known; a row is a step of a window
	targets         []float32 // [row] in units of the history
	input           []float32 // [window][EncoderSize]
	ahead, anchors  []float32 // [row][StepSize], [row][Anchors]
}

// NewBatch makes room for windows with a number of steps each.
func NewBatch(windows, steps int) *Batch {
	rows := windows * steps
	return &Batch{
		capacity: windows, steps: steps,
		weights: make([]float32, rows), targets: make([]float32, rows),
		input: make([]float32, windows*EncoderSize),
		ahead: make([]float32, rows*StepSize), anchors: make([]float32, rows*Anchors),
	}
}

// Reset forgets the windows.
func (b *Batch) Reset() { b.windows = 0 }

// Windows returns how many windows the batch holds.
func (b *Batch) Windows() int { return b.windows }

// Full tells whether there is no room for another window.
func (b *Batch) Full() bool { return b.windows == b.capacity }

// Add adds a window: the features of its history, the steps ahead that count
// (from 1, as many as the batch was made for) and the values then, in the unit
// of the data, NaN where missing, which counts nothing.
func (b *Batch) Add(f *Features, steps []int, values []float64) {
	if b.Full() || len(steps) != b.steps || len(values) != b.steps {
		panic("net: window that the batch has no room for")
	}
	copy(b.input[b.windows*EncoderSize:], f.Encoder)
	for i, j := range steps {
		row := b.windows*b.steps + i
		f.Step(j, b.ahead[row*StepSize:], b.anchors[row*Anchors:])
		b.targets[row], b.weights[row] = 0, 0
		if !math.IsNaN(values[i]) {
			b.targets[row], b.weights[row] = float32(f.Normal(values[i])), 1
		}
	}
	b.windows++
}
