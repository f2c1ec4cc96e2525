package ridge

import (
	"math"
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/spread"
)

// widths hold the distribution of errors: step's scale × phase's scale × shape.
type widths struct {
	step  []float64 // [step] mean absolute error, on the transformed scale
	phase []float64 // [phase of the shortest season] relative to the mean over phases
	shape []float64 // [shapeSize] quantiles of the error over both scales, ascending
}

const (
	// shapeSize is the number of quantiles kept: those of (i+½)/shapeSize.
	shapeSize = 101
	// phaseWeight is how many errors of the mean scale each phase begins with.
	phaseWeight = 20
)

// widths measures the errors of the best solution on the part that its
// coefficients do not come from.
func (s *search) widths() widths {
	type miss struct {
		k, t int
		e    float64
	}
	var all []miss
	kind := s.best[0].kind
	s.errors(s.best, func(k, t int, at float64) {
		all = append(all, miss{k, t, kind.apply(s.d.y[t]) - at})
	})
	m := 1
	if len(s.d.seasons) > 0 {
		m = s.d.seasons[0]
	}
	w := widths{step: make([]float64, s.ahead), phase: make([]float64, m)}
	counts := make([]float64, s.ahead)
	for _, a := range all {
		w.step[a.k] += math.Abs(a.e)
		counts[a.k]++
	}
	w.smooth(counts)
	phases := make([]float64, m)
	for i := range phases {
		w.phase[i], phases[i] = phaseWeight, phaseWeight
	}
	for _, a := range all {
		w.phase[a.t%m] += math.Abs(a.e) / w.step[a.k]
		phases[a.t%m]++
	}
	ratios := make([]float64, 0, len(all))
	for i := range w.phase {
		w.phase[i] /= phases[i]
	}
	for _, a := range all {
		ratios = append(ratios, a.e/(w.step[a.k]*w.phase[a.t%m]))
	}
	levels := make([]float64, shapeSize)
	for i := range levels {
		levels[i] = (float64(i) + 0.5) / shapeSize
	}
	w.shape = make([]float64, shapeSize)
	spread.Offsets(w.shape, levels, ratios)
	slices.Sort(w.shape)
	w.discount(float64(s.ahead) / float64(len(s.d.y)-s.cut))
	return w
}

// discount allows for how few windows there were: share is that of one window in
// the part that was held back, of which 1/share do not overlap. The same windows
// chose the settings, so the fewer there are the more their errors flatter, and
// the less the errors' median says about the next one.
func (w *widths) discount(share float64) {
	median := w.shape[shapeSize/2]
	for i, v := range w.shape {
		w.shape[i] = median*max(0, 1-share) + (v-median)*(1+share/2)
	}
}

// smooth turns sums of absolute errors by step into means over neighbouring
// steps that never fall by more than noise would.
func (w *widths) smooth(counts []float64) {
	n := len(w.step)
	sums := slices.Clone(w.step)
	reach := 1 + n/12
	last := 0.0
	for k := range n {
		sum, count := 0.0, 0.0
		for j := max(0, k-reach); j <= min(n-1, k+reach); j++ {
			share := 1 - math.Abs(float64(j-k))/float64(reach+1)
			sum += share * sums[j]
			count += share * counts[j]
		}
		if count > 0 {
			last = sum / count
		}
		w.step[k] = max(last, 1e-12)
	}
}

// at returns the scale of the error of a step at a time. Beyond the steps that
// were measured it grows with the fourth root: slower than a random walk's,
// since the level is held by the seasons' lags.
func (w *widths) at(step, time int) float64 {
	n := len(w.step)
	scale := w.step[min(step, n-1)]
	if step >= n {
		scale *= math.Sqrt(math.Sqrt(float64(step+1) / float64(n)))
	}
	return scale * w.phase[time%len(w.phase)]
}

// quantile returns the quantile of the shape: between those kept linear, beyond
// them in proportion to the normal distribution's.
func (w *widths) quantile(p float64) float64 {
	n := float64(len(w.shape))
	at := p*n - 0.5
	switch {
	case at < 0:
		return w.shape[0] * outer(p, 0.5/n)
	case at > n-1:
		return w.shape[len(w.shape)-1] * outer(1-p, 0.5/n)
	}
	return spread.Quantile(w.shape, at/(n-1))
}

func outer(p, from float64) float64 {
	return forecast.NormalQuantile(p) / forecast.NormalQuantile(from)
}
