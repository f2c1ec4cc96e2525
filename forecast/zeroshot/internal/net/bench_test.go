package net

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func BenchmarkFeatures(b *testing.B) {
	for _, c := range []struct{ n, season, long int }{{100, 1, 0}, {100, 12, 0}, {400, 12, 0}, {400, 24, 168}, {1000, 7, 364}} {
		rnd := rand.New(rand.NewPCG(1, 1))
		h := history(rnd, c.n, max(c.season, 2), false)
		var f Features
		x, a := make([]float32, StepSize), make([]float32, Anchors)
		b.Run(fmt.Sprintf("history/n=%d,m=%d,long=%d", c.n, c.season, c.long), func(b *testing.B) {
			for b.Loop() {
				f.Compute(Input{Values: h, Season: c.season, Long: c.long})
			}
		})
		b.Run(fmt.Sprintf("step/n=%d,m=%d,long=%d", c.n, c.season, c.long), func(b *testing.B) {
			for b.Loop() {
				f.Step(5, x, a)
			}
		})
	}
}

func BenchmarkPredictor(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 1))
	s := Standard()
	p := NewPredictor((&Weights{Header: Header{Shape: s}, Params: s.Init(rnd)}).Network())
	h := history(rnd, 120, 12, false)
	fs := []*Features{{}, {}}
	var out []float32
	for b.Loop() {
		for i, f := range fs {
			f.Compute(Input{Values: h, Season: 12, Log: i == 1})
		}
		p.Encode(fs)
		out = p.Decode(out, 1, 18)
	}
}

func BenchmarkGradient(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 1))
	s := Standard()
	batch, learner := NewBatch(128, 6), NewLearner(s)
	var f Features
	for !batch.Full() {
		f.Compute(Input{Values: history(rnd, 120, 12, false), Season: 12})
		batch.Add(&f, []int{1, 2, 3, 5, 8, 13}, []float64{50, 50, 50, 50, 50, 50})
	}
	params := cut(s, s.Init(rnd))
	grad := make([]float32, s.Size())
	for b.Loop() {
		learner.Gradient(batch, params, grad, 1)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/128, "ns/window")
}
