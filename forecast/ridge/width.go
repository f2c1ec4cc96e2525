package ridge

import (
	"math"
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/spread"
)

// widths hold the distribution of errors: step's scale × phase's scale × shape ×
// the size of errors of late.
type widths struct {
	step  []float64 // [step] mean absolute error, on the transformed scale
	phase []float64 // [phase of the shortest season] relative to the mean over phases
	shape []float64 // [shapeSize] quantiles of the error over scales and size, ascending
	usual float64   // mean absolute error over both scales, of the coefficients in use
	late  float64   // size of errors of late beside the usual; follows from the series
}

const (
	// shapeSize is the number of quantiles kept: those of (i+½)/shapeSize.
	shapeSize = 101
	// phaseWeight is how many errors of the mean scale each phase begins with.
	phaseWeight = 20
)

// A miss is an error on the transformed scale, of a step and made at a time.
type miss struct {
	k, t int
	e    float64
}

// misses returns the errors of a team from origins.
func (s *search) misses(m team, origins []int) []miss {
	var out []miss
	x := s.view(m[0].kind)
	s.errors(m, origins, func(k, t int, at float64) {
		out = append(out, miss{k, t, x[t] - at})
	})
	return out
}

// widths measures the errors of the best team on the part that its coefficients
// do not come from.
func (s *search) widths() widths {
	hold := len(s.d.y) - s.cut
	origins := s.d.back(s.cut-1, max(min(s.ahead/dense, hold/maxOrigins), hold/mostOrigins))
	all := s.misses(s.best, origins)
	w := newWidths(all, s.ahead, s.d.season())
	usual := w.relative(all)
	sizes := s.sizesOf(all, usual, origins)
	ratios := make([]float64, len(all))
	for i, a := range all {
		ratios[i] = a.e / sizes[a.t-1-a.k]
	}
	levels := make([]float64, shapeSize)
	for i := range levels {
		levels[i] = (float64(i) + 0.5) / shapeSize
	}
	w.shape = make([]float64, shapeSize)
	spread.Offsets(w.shape, levels, ratios)
	slices.Sort(w.shape)
	w.discount(float64(s.ahead) / float64(hold))
	return w
}

// newWidths measures the scales of steps and of phases.
func newWidths(all []miss, ahead, season int) widths {
	w := widths{step: make([]float64, ahead), phase: make([]float64, season)}
	counts := make([]float64, ahead)
	for _, a := range all {
		w.step[a.k] += math.Abs(a.e)
		counts[a.k]++
	}
	w.smooth(counts)
	phases := make([]float64, season)
	for i := range phases {
		w.phase[i], phases[i] = phaseWeight, phaseWeight
	}
	for _, a := range all {
		w.phase[a.t%season] += math.Abs(a.e) / w.step[a.k]
		phases[a.t%season]++
	}
	for i := range w.phase {
		w.phase[i] /= phases[i]
	}
	return w
}

// relative divides errors by both scales and returns their mean size.
func (w *widths) relative(all []miss) float64 {
	sum := 0.0
	for i, a := range all {
		all[i].e /= w.step[a.k] * w.phase[a.t%len(w.phase)]
		sum += math.Abs(all[i].e)
	}
	return sum / max(1, float64(len(all)))
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
	return scale * w.late * w.phase[time%len(w.phase)]
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
