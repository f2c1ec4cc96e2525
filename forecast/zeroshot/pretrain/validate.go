package pretrain

import (
	"github.com/almanac-forecast/almanac/forecast/internal/nn"
	"github.com/almanac-forecast/almanac/forecast/zeroshot/internal/net"
	"github.com/almanac-forecast/almanac/forecast/zeroshot/simulate"
)

// A Validation is the loss on simulated windows of one season, which no training
// sees.
type Validation struct {
	// Season is the steps of the season, 1 for none.
	Season int
	// Loss is that of the averaged parameters, Naive that of repeating the
	// latest season; in the unit of a report's loss.
	Loss, Naive float64
}

// validationSeed starts the blocks of the validation. Whoever trains with this
// seed fools himself.
const validationSeed = 0x76616c6964617465

// A validator measures the loss on a block of every season, always the same.
type validator struct {
	threads  int
	learners []*net.Learner
	params   *net.Parameters
	blocks   []*block
	scores   []Validation
}

// newValidator makes the blocks, with all families of the simulator, also for a
// training that leaves some out.
func newValidator(threads int, simulator uint32, shape net.Shape) *validator {
	seasons := simulate.Seasons(simulator)
	v := &validator{
		threads: threads, params: net.NewParameters(shape),
		blocks: make([]*block, len(seasons)), scores: make([]Validation, len(seasons)),
	}
	for range seasons {
		v.learners = append(v.learners, net.NewLearner(shape))
	}
	nn.Each(threads, len(seasons), func(i int) {
		d := &describer{generator: simulate.Generator{Version: simulator, Season: seasons[i]}}
		v.blocks[i] = newBlock()
		d.fill(v.blocks[i], validationSeed, uint64(i))
		v.scores[i].Season, v.scores[i].Naive = seasons[i], d.naive/(batchSize*ahead)
	})
	return v
}

// measure returns the losses of the parameters.
func (v *validator) measure(shape net.Shape, params []float32) []Validation {
	v.params.Set(shape, params)
	nn.Each(v.threads, len(v.blocks), func(i int) {
		loss := 0.0
		for _, shard := range v.blocks[i] {
			loss += v.learners[i].Loss(shard, v.params)
		}
		v.scores[i].Loss = loss / (batchSize * ahead)
	})
	return append([]Validation(nil), v.scores...)
}
