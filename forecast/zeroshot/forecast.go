package zeroshot

import (
	"context"
	"math"
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/zeroshot/internal/net"
)

const (
	// explosion is how far above the largest value seen a forecast in log space
	// may go, as a logarithm: 2.7 times. With the weights of a first training, WQL9 of
	// M3 yearly inside the training parts was .1384 at 2.5, .1380 at 1.5, .1374 here and
	// .1368 at 0.7, where real growth begins to be cut.
	explosion = 1
	// apart is how many times the plain result the one in log space may be where it
	// is beyond the largest value seen: WQL9 inside the training parts, M3 yearly and
	// monthly, 1.1: -.4, -.8 %, 1.25: -.6, -.6 %, 2: -.1, -.1 %; MASE of M3 yearly +1.4,
	// +.2, 0; others within .2 %.
	apart = 1.25
	// floor is the least share of the log result that the plain one counts as.
	floor = 0.1
	// block is how many steps are forecast between two looks at the context.
	block = 256
)

// A worker is the memory of a forecast, used again by the next one.
type worker struct {
	predictor *net.Predictor
	features  []*net.Features // [view][space]
	spaces    int             // 1 for plain, 2 for plain and log
	out       []float32
	quantiles []float64 // [step][level]
}

// worker returns a worker that is spare, or a new one.
func (w *Weights) worker() *worker {
	if k, ok := w.spare.Get().(*worker); ok {
		return k
	}
	return &worker{predictor: net.NewPredictor(w.network)}
}

// look describes the series up to a value, for each view in plain space and, if
// the series is positive, in log space, and has the network look at it.
func (k *worker) look(f *fitted, end int) {
	k.spaces = 1
	if f.positive {
		k.spaces = 2
	}
	n := k.spaces * len(f.views)
	for len(k.features) < n {
		k.features = append(k.features, &net.Features{})
	}
	for i, v := range f.views {
		for j := range k.spaces {
			k.features[k.spaces*i+j].Compute(net.Input{Values: f.values[:end], Season: v.season, Long: v.long, Log: j == 1})
		}
	}
	k.predictor.Encode(k.features[:n])
}

// decode has the network forecast steps, the first counted from 1.
func (k *worker) decode(first, steps int) { k.out = k.predictor.Decode(k.out, first, steps) }

// combine returns what was decoded in the unit of the data, [step][level], each
// view counting by its weight.
func (k *worker) combine(f *fitted, weights []float64, steps int) []float64 {
	size := steps * len(f.weights.scores)
	if cap(k.quantiles) < size {
		k.quantiles = make([]float64, size)
	}
	k.quantiles = k.quantiles[:size]
	clear(k.quantiles)
	limit := f.top * math.Exp(explosion)
	for i, w := range weights {
		if w == 0 {
			continue
		}
		plain, out := k.features[k.spaces*i], k.out[k.spaces*i*size:][:k.spaces*size]
		if k.spaces == 1 {
			for t, q := range out {
				k.quantiles[t] += w * plain.Value(float64(q))
			}
			continue
		}
		logs := k.features[k.spaces*i+1]
		for t, q := range out[:size] {
			l := min(logs.Value(float64(out[size+t])), limit)
			p := max(plain.Value(float64(q)), floor*l)
			l = min(l, max(f.how.apart*p, f.top))
			k.quantiles[t] += w * math.Sqrt(p*l)
		}
	}
	if f.nonNegative {
		for t, q := range k.quantiles {
			k.quantiles[t] = max(q, 0)
		}
	}
	return k.quantiles
}

// Forecast asks the network.
func (f *fitted) Forecast(ctx context.Context, horizon int, levels []float64) (forecast.Forecast, error) {
	if err := forecast.CheckRequest(horizon, levels); err != nil {
		return forecast.Forecast{}, err
	}
	out := forecast.New(levels, horizon)
	points := f.weights.points(levels)
	k := f.weights.worker()
	defer f.weights.spare.Put(k)
	k.look(f, len(f.values))
	size := len(f.weights.scores)
	for from := 0; from < horizon; from += block {
		if err := ctx.Err(); err != nil {
			return forecast.Forecast{}, err
		}
		steps := min(block, horizon-from)
		k.decode(from+1, steps)
		quantiles := k.combine(f, f.shares, steps)
		for t := range steps {
			q := quantiles[t*size : (t+1)*size]
			slices.Sort(q) // rounding
			for i, p := range points {
				out.Quantiles[i][from+t] = q[p.index] + p.share*(q[p.index+1]-q[p.index])
			}
			for i, v := range q {
				out.Mean[from+t] += f.weights.mean[i] * v
			}
		}
	}
	out.Bound(f.span, f.nonNegative)
	return out, ctx.Err()
}

// A point is a place on the line through two neighbouring quantiles.
type point struct {
	index int
	share float64
}

// points returns where levels lie among those of the network.
func (w *Weights) points(levels []float64) []point {
	known := w.net.Shape.Levels
	out := make([]point, len(levels))
	for i, p := range levels {
		at, found := slices.BinarySearch(known, p)
		if found && at < len(known)-1 {
			out[i] = point{index: at}
			continue
		}
		at = min(max(at-1, 0), len(known)-2)
		z := forecast.NormalQuantile(p)
		out[i] = point{at, (z - w.scores[at]) / (w.scores[at+1] - w.scores[at])}
	}
	return out
}
