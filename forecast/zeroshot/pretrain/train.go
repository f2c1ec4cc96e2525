package pretrain

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/almanac-forecast/almanac/forecast/internal/nn"
	"github.com/almanac-forecast/almanac/forecast/zeroshot/internal/net"
)

// adamW is how all trainings move biases and the head.
var adamW = nn.AdamW{First: 0.9, Second: 0.98, Decay: 1e-3, Average: 0.999}

// Run trains a network and returns its file of weights, which are the average
// over the last thousand updates or so. When ctx ends it makes a last report,
// with a checkpoint to go on from, and returns the reason.
func Run(ctx context.Context, o Options) ([]byte, error) {
	if err := o.prepare(); err != nil {
		return nil, err
	}
	t := newTrainer(&o, net.Standard())
	if o.Resume != nil {
		if err := t.restore(o.Resume); err != nil {
			return nil, err
		}
	}
	if err := t.run(ctx); err != nil {
		return nil, err
	}
	w := net.Weights{
		Header: net.Header{
			Features: net.FeatureVersion, Simulator: o.named(),
			Seed: o.Seed, Steps: t.state.Updates, Windows: t.state.Updates * batchSize, Shape: t.shape,
		},
		Params: t.state.Mean,
	}
	return w.Marshal(), nil
}

// A trainer is a training under way.
type trainer struct {
	*Options

	shape     net.Shape
	schedule  nn.Schedule
	optimizer nn.Muon
	state     *nn.State
	params    *net.Parameters
	learners  chan *net.Learner
	gradients *nn.Gradients
	losses    [shards]float64
	validator *validator // made for the first report

	loss  float64 // sum over the updates since the last report
	since int     // their number
}

func newTrainer(o *Options, shape net.Shape) *trainer {
	t := &trainer{
		Options: o, shape: shape,
		schedule:  nn.Schedule{Peak: peakRate, Last: lastRate, WarmUp: warmUp, Updates: o.updates()},
		optimizer: nn.Muon{AdamW: adamW, Momentum: momentum, Matrices: shape.Matrices()},
		state:     nn.NewState(shape.Init(rand.New(rand.NewPCG(o.Seed, 0)))),
		params:    net.NewParameters(shape),
		learners:  make(chan *net.Learner, o.Threads),
		gradients: nn.NewGradients(o.Threads, shards, shape.Size()),
	}
	for range o.Threads {
		t.learners <- net.NewLearner(shape)
	}
	return t
}

// run makes the updates that are left. A batch is the second half of a block and
// the first half of the next one, so that it has two seasons.
func (t *trainer) run(ctx context.Context) error {
	from, end := t.state.Updates, t.updates()
	if from >= end {
		return t.report()
	}
	s := newSource(t.Options, from)
	defer s.close()
	first := s.take()
	for t.state.Updates < end {
		if err := ctx.Err(); err != nil {
			return errors.Join(err, t.report())
		}
		second := s.take()
		if err := t.update(append(first[shards/2:], second[:shards/2]...)); err != nil {
			return err
		}
		s.put(first)
		first = second
		if t.state.Updates%t.Every == 0 || t.state.Updates == end {
			if err := t.report(); err != nil {
				return err
			}
		}
	}
	return nil
}

// update learns from a batch.
func (t *trainer) update(batch []*net.Batch) error {
	const scale = 1. / (batchSize * ahead)
	t.params.Set(t.shape, t.state.Params)
	gradient, norm := t.gradients.Compute(func(shard int, gradient []float32) {
		l := <-t.learners
		t.losses[shard] = l.Gradient(batch[shard], t.params, gradient, scale)
		t.learners <- l
	})
	loss := 0.0
	for _, l := range t.losses {
		loss += l * scale
	}
	if math.IsNaN(loss+norm) || math.IsInf(loss+norm, 0) {
		return fmt.Errorf("pretrain: update %d has the loss %g and a gradient of the norm %g: the training went astray", t.state.Updates, loss, norm)
	}
	t.loss += loss
	t.since++
	t.optimizer.Update(t.Threads, t.state, gradient, nn.Clip(norm, clip), t.schedule.Rate(t.state.Updates))
	return nil
}

// report tells how far the training is.
func (t *trainer) report() error {
	if t.validator == nil {
		t.validator = newValidator(t.Threads, t.Simulator, t.shape)
	}
	r := Report{
		Windows: t.state.Updates * batchSize, Total: t.updates() * batchSize,
		Loss: t.loss / float64(max(1, t.since)), Rate: t.schedule.Rate(max(1, t.state.Updates) - 1),
		Validation: t.validator.measure(t.shape, t.state.Mean), Checkpoint: t.checkpoint,
	}
	t.loss, t.since = 0, 0
	return t.Report(r)
}
