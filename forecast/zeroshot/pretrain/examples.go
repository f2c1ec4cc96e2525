package pretrain

import (
	"math"
	"math/rand/v2"

	"github.com/almanac-forecast/almanac/forecast/zeroshot/internal/net"
	"github.com/almanac-forecast/almanac/forecast/zeroshot/simulate"
)

// shards is the number of parts of a batch whose gradients are computed apart. It
// is part of the result, because sums are rounded.
const shards = 8

// A block is the windows of a block of the simulator as the network sees them.
type block [shards]*net.Batch

func newBlock() *block {
	var b block
	for i := range b {
		b[i] = net.NewBatch(batchSize/shards, ahead)
	}
	return &b
}

// A describer turns windows into examples. It is for one goroutine at a time.
type describer struct {
	generator simulate.Generator
	features  net.Features
	steps     [ahead]int
	values    [ahead]float64
	naive     float64 // sum of the losses of repeating the latest season
}

// fill fills b with a block of the simulator.
func (d *describer) fill(b *block, seed, number uint64) {
	r := rand.New(rand.NewPCG(seed, number))
	for _, shard := range b {
		shard.Reset()
	}
	windows := d.generator.Block(seed, number)
	for i := range windows {
		d.add(b[i*shards/batchSize], &windows[i], r)
	}
}

// add adds a window to a shard, with steps drawn at random.
func (d *describer) add(shard *net.Batch, w *simulate.Window, r *rand.Rand) {
	inLog := r.Float64() < logShare && positive(w.Values) && positive(w.Target)
	d.features.Compute(net.Input{Values: w.Values, Season: w.Season, Long: w.Long, Log: inLog})
	for i := range d.steps {
		d.steps[i] = step(r, len(w.Target))
		d.values[i] = w.Target[d.steps[i]-1]
		d.naive += math.Abs(d.features.Normal(d.values[i]) - d.features.Normal(repeated(w, d.steps[i])))
	}
	shard.Add(&d.features, d.steps[:], d.values[:])
}

// step draws a step ahead: a quarter of them uniformly, the others with equal
// shares for equal ratios, so that the first ones are learned well.
func step(r *rand.Rand, horizon int) int {
	if r.IntN(4) == 0 {
		return 1 + r.IntN(horizon)
	}
	return min(horizon, int(math.Exp(r.Float64()*math.Log(float64(horizon+1)))))
}

// repeated returns the value that was a whole number of seasons before a step
// ahead, in the latest season if it is there, or else the latest value.
func repeated(w *simulate.Window, step int) float64 {
	n := len(w.Values)
	if i := n - w.Season + (step-1)%w.Season; i >= 0 && !math.IsNaN(w.Values[i]) {
		return w.Values[i]
	}
	return w.Values[n-1]
}

// positive tells whether all values that are there are.
func positive(values []float64) bool {
	for _, v := range values {
		if v <= 0 {
			return false
		}
	}
	return true
}
