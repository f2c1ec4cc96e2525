package nn

import (
	"math"

	"github.com/almanac-forecast/almanac/forecast/internal/f32"
)

// Gradients holds the gradient of a vector of parameters, computed in shards: a
// goroutine that works on a shard of the examples adds to a vector of its own.
type Gradients struct {
	threads int
	shards  [][]float32
	squares []float64 // of the sum, by chunk
}

// NewGradients returns room for the gradients of n parameters in so many shards.
// Their number is part of the result: sums are rounded.
func NewGradients(threads, shards, n int) *Gradients {
	g := &Gradients{threads: threads, squares: make([]float64, chunks(n))}
	for range shards {
		g.shards = append(g.shards, make([]float32, n))
	}
	return g
}

// Compute calls add for every shard with its gradient, which is zero before, and
// returns the sum of all in the order of the shards, and its Euclidean norm. The
// sum lasts until the next call.
func (g *Gradients) Compute(add func(shard int, gradient []float32)) (sum []float32, norm float64) {
	Each(g.threads, len(g.shards), func(i int) {
		clear(g.shards[i])
		add(i, g.shards[i])
	})
	sum = g.shards[0]
	eachChunk(g.threads, len(sum), func(i, from, to int) {
		for _, s := range g.shards[1:] {
			f32.Add(sum[from:to], s[from:to])
		}
		square := 0.0
		for _, v := range sum[from:to] {
			square += float64(v) * float64(v)
		}
		g.squares[i] = square
	})
	square := 0.0
	for _, v := range g.squares {
		square += v
	}
	return sum, math.Sqrt(square)
}
