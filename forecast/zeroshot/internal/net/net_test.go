package net

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// history returns a random history: levels, a season, some gaps.
func history(rnd *rand.Rand, n, season int, gaps bool) []float64 {
	out := make([]float64, n)
	level := 50 + 20*rnd.Float64()
	for t := range out {
		level += rnd.NormFloat64()
		out[t] = level + 8*math.Sin(2*math.Pi*float64(t)/float64(season)) + 2*rnd.NormFloat64()
		if gaps && t < n-1 && rnd.IntN(8) == 0 {
			out[t] = math.NaN()
		}
	}
	return out
}

// small is a shape for tests.
func small() Shape {
	return Shape{Width: 11, Code: 5, Hidden: 7, Levels: []float64{0.05, 0.2, 0.5, 0.7, 0.9}}
}

// cut returns parameters ready for a learner.
func cut(s Shape, params []float32) *Parameters {
	p := NewParameters(s)
	p.Set(s, params)
	return p
}

// TestLearner_Gradient compares the gradient with differences of the loss.
func TestLearner_Gradient(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	s := small()
	params := s.Init(rnd)
	b, l := NewBatch(6, 3), NewLearner(s)
	var f Features
	for i := range 6 {
		in := Input{Values: history(rnd, 60+10*i, 7, i%2 == 1), Season: 7, Log: i%3 == 1}
		if i == 4 {
			in.Long = 21
		}
		f.Compute(in)
		values := []float64{40 + 10*rnd.Float64(), 60, 55}
		if i == 2 {
			values[1] = math.NaN()
		}
		b.Add(&f, []int{1, 3 + i, 20}, values)
	}
	grad := make([]float32, len(params))
	grad[0] = 3 // Gradient adds
	loss := l.Gradient(b, cut(s, params), grad, 0.5)
	grad[0] -= 3
	if again := l.Loss(b, cut(s, params)); again != loss {
		t.Errorf("Loss %v, Gradient says %v", again, loss)
	}
	// Whole directions, so that float32's rounding does not drown the difference.
	from := offsets(s)
	for try := range 12 {
		direction, slope := make([]float64, len(params)), 0.0
		for i := range params {
			if try < 7 && (i < from[try] || i >= from[try+1]) {
				continue // one layer at a time, then all
			}
			direction[i] = rnd.NormFloat64()
			slope += direction[i] * float64(grad[i])
		}
		const step = 1e-4
		at := func(by float64) float64 {
			moved := slices.Clone(params)
			for i := range moved {
				moved[i] += float32(by * direction[i])
			}
			return l.Loss(b, cut(s, moved))
		}
		got := (at(step) - at(-step)) / (2 * step) * 0.5
		if math.Abs(got-slope) > 0.02*math.Abs(slope)+0.02 {
			t.Errorf("direction %d: the loss changes by %v, the gradient says %v", try, got, slope)
		}
	}
}

// offsets returns where each layer begins in the vector, and where the last ends.
func offsets(s Shape) []int {
	l, out := s.layers(), []int{0}
	for _, d := range l.all() {
		n := d.In*d.Out + d.Out
		if d == &l.Step {
			n -= d.Out
		}
		out = append(out, out[len(out)-1]+n)
	}
	return out
}

// TestLearner_Learns trains a little: the loss on what it sees must fall well
// below that of the start.
func TestLearner_Learns(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	s := small()
	params := s.Init(rnd)
	b, l := NewBatch(32, 4), NewLearner(s)
	var f Features
	for !b.Full() {
		h := history(rnd, 80, 7, false)
		f.Compute(Input{Values: h[:70], Season: 7})
		b.Add(&f, []int{1, 2, 5, 9}, []float64{h[70], h[71], h[74], h[78]})
	}
	first := l.Loss(b, cut(s, params))
	grad := make([]float32, len(params))
	for range 300 {
		clear(grad)
		l.Gradient(b, cut(s, params), grad, 1)
		for i, g := range grad {
			params[i] -= 0.001 * g
		}
	}
	if last := l.Loss(b, cut(s, params)); !(last < 0.8*first) {
		t.Errorf("the loss went from %v to %v", first, last)
	}
}

// TestStandard keeps the size that the documentation tells.
func TestStandard(t *testing.T) {
	s := Standard()
	if n := s.Size(); n != 227678 {
		t.Errorf("%d parameters", n)
	}
	if from := offsets(s); from[len(from)-1] != s.Size() {
		t.Errorf("the layers end at %d of %d", from[len(from)-1], s.Size())
	}
	if err := s.check(); err != nil {
		t.Error(err)
	}
}

// TestPredictor_Batch wants the same numbers, but for rounding, from training's way through the
// network and from the predictor's, in whatever company.
func TestPredictor_Batch(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	s := Shape{Width: 40, Code: 20, Hidden: 30, Levels: Standard().Levels}
	w := &Weights{Header: Header{Features: FeatureVersion, Shape: s}, Params: s.Init(rnd)}
	p := NewPredictor(w.Network())
	var fs []*Features
	b, learner := NewBatch(5, 1), NewLearner(s)
	for i := range 5 {
		f := &Features{}
		f.Compute(Input{Values: history(rnd, 30+40*i, 12, true), Season: 12, Log: i == 2})
		fs = append(fs, f)
		b.Add(f, []int{18}, []float64{50})
	}
	learner.reserve(b)
	p.Encode(fs)
	all := p.Decode(nil, 1, 40)
	size := len(s.Levels)
	l := s.Cut(w.Params)
	learner.forward(b, &l)
	for i, f := range fs {
		p.Encode([]*Features{f})
		alone := p.Decode(nil, 1, 18)
		if got := all[i*40*size:][:18*size]; !slices.Equal(got, alone) {
			t.Errorf("history %d: alone and with a shorter horizon other numbers", i)
		}
		q := make([]float32, size)
		head(q, learner.out[i*s.Outputs():(i+1)*s.Outputs()], b.anchors[i*Anchors:(i+1)*Anchors])
		for k, want := range alone[17*size:] { // the predictor joins two layers, which rounds differently
			if math.Abs(float64(q[k]-want)) > 1e-5 {
				t.Errorf("history %d: the batch says %v, the predictor %v", i, q[k], want)
			}
		}
		if !slices.IsSorted(q) {
			t.Errorf("history %d: quantiles cross: %v", i, q)
		}
	}
}

// TestAllocations wants none once the memory is there.
func TestAllocations(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	s := small()
	p := NewPredictor((&Weights{Header: Header{Shape: s}, Params: s.Init(rnd)}).Network())
	h := history(rnd, 400, 24, true)
	f := &Features{}
	fs := []*Features{f}
	var out []float32
	one := func() {
		f.Compute(Input{Values: h, Season: 24, Long: 168})
		p.Encode(fs)
		out = p.Decode(out, 1, 18)
	}
	one()
	if n := testing.AllocsPerRun(20, one); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestFeatures_Scale wants the same bits for any power of two, in both spaces,
// and nearly the same for any factor.
func TestFeatures_Scale(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 10))
	for _, in := range []Input{
		{Values: history(rnd, 100, 12, true), Season: 12},
		{Values: history(rnd, 100, 12, true), Season: 12, Log: true},
		{Values: history(rnd, 20, 12, false), Season: 1, Log: true},
		{Values: history(rnd, 500, 7, false), Season: 7, Long: 140},
	} {
		var want, got Features
		want.Compute(in)
		wantX, wantA := make([]float32, StepSize), make([]float32, Anchors)
		want.Step(9, wantX, wantA)
		for _, factor := range []float64{1024, 1.0 / 4096, 1000, 1e-7} {
			scaled := in
			scaled.Values = nil
			for _, v := range in.Values {
				scaled.Values = append(scaled.Values, factor*v)
			}
			got.Compute(scaled)
			x, a := make([]float32, StepSize), make([]float32, Anchors)
			got.Step(9, x, a)
			tolerance := 1e-5
			if frac, _ := math.Frexp(factor); frac == 0.5 {
				tolerance = 0
			}
			for _, pair := range [][2][]float32{{want.Encoder, got.Encoder}, {wantX, x}, {wantA, a}} {
				for i, v := range pair[0] {
					if math.Abs(float64(v-pair[1][i])) > tolerance*(1+math.Abs(float64(v))) {
						t.Fatalf("log %v, factor %v: number %d is %v, unscaled %v", in.Log, factor, i, pair[1][i], v)
					}
				}
			}
			if y := got.Value(got.Normal(50 * factor)); math.Abs(y-50*factor) > 1e-9*50*factor {
				t.Errorf("there and back: %v, want %v", y, 50*factor)
			}
		}
	}
}

// TestWeights_File writes and reads, and has damage found.
func TestWeights_File(t *testing.T) {
	s := small()
	w := &Weights{Header: Header{Features: FeatureVersion, Simulator: 3, Seed: 5, Steps: 7, Windows: 11, Shape: s}, Params: s.Init(rand.New(rand.NewPCG(1, 1)))}
	file := w.Marshal()
	got, err := Unmarshal(file)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Shape.Equal(s) || got.Seed != 5 || got.Steps != 7 || got.Windows != 11 || got.Simulator != 3 {
		t.Errorf("header %+v", got.Header)
	}
	Half(w.Params)
	if !slices.Equal(got.Params, w.Params) {
		t.Error("other weights")
	}
	if !bytes.Equal(got.Marshal(), file) {
		t.Error("writing again gives another file")
	}
	for n := range len(file) {
		if _, err := Unmarshal(file[:n]); !errors.Is(err, ErrWeights) {
			t.Fatalf("the first %d bytes: %v", n, err)
		}
		bad := slices.Clone(file)
		bad[n] ^= 4
		if _, err := Unmarshal(bad); !errors.Is(err, ErrWeights) {
			t.Fatalf("byte %d changed: %v", n, err)
		}
	}
	other := *w
	other.Features++
	if _, err := Unmarshal(other.Marshal()); !errors.Is(err, ErrWeights) {
		t.Errorf("another feature version: %v", err)
	}
}

// TestHalf checks all numbers of 16 bits there and back, and that rounding goes
// to the nearest, ties to even.
func TestHalf(t *testing.T) {
	for h := range 1 << 16 {
		v := fromHalf(uint16(h))
		if got := toHalf(v); got != uint16(h) && !math.IsNaN(float64(v)) {
			t.Fatalf("%04x is %v, which is %04x", h, v, got)
		}
	}
	for h := range uint16(0x7bff) {
		a, b := float64(fromHalf(h)), float64(fromHalf(h+1))
		even := h + h&1
		if got := toHalf(float32((a + b) / 2)); got != even {
			t.Fatalf("between %04x and %04x: %04x", h, h+1, got)
		}
		if got := toHalf(math.Nextafter32(float32((a+b)/2), 0)); got != h {
			t.Fatalf("just below the middle of %04x and the next: %04x", h, got)
		}
	}
	if got := fromHalf(0x3555); math.Abs(float64(got)-1.0/3) > 1e-4 {
		t.Errorf("a third is %v", got)
	}
}
