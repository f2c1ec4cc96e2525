package net

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// startWeights are the weights of the anchors before the first update: a level
// from three, a trend from two, the season. So training begins at a forecast
// that is sensible and improves on it.
var startWeights = map[int]float32{
	0: 0.5, 1: 0.25, 2: 0.25,
	levels + 3: 0.3, levels + 4: 0.2,
	levels + slopes: 0.7, levels + slopes + 1: 0.2,
}

// Init returns parameters to begin a training with: each layer uniform within
// ±1/√inputs, the head a tenth of that around the anchors' start weights and the
// quantiles of a normal distribution of the history's scale.
func (s Shape) Init(rnd *rand.Rand) []float32 {
	params := make([]float32, s.Size())
	l := s.Cut(params)
	for _, d := range l.all() {
		reach := 1 / math.Sqrt(float64(d.In))
		if d == &l.Out {
			reach /= 10
		}
		for i := range d.W {
			d.W[i] = float32((2*rnd.Float64() - 1) * reach)
		}
		for i := range d.B {
			d.B[i] = float32((2*rnd.Float64() - 1) * reach)
		}
	}
	clear(l.Out.B)
	size := len(s.Levels)
	half := size / 2
	for i := 1; i <= half; i++ {
		up := distuv.UnitNormal.Quantile(s.Levels[half+i]) - distuv.UnitNormal.Quantile(s.Levels[half+i-1])
		down := distuv.UnitNormal.Quantile(s.Levels[half-i+1]) - distuv.UnitNormal.Quantile(s.Levels[half-i])
		l.Out.B[i], l.Out.B[half+i] = float32(math.Log(math.Expm1(up))), float32(math.Log(math.Expm1(down)))
	}
	for i, w := range startWeights {
		l.Out.B[size+i] = w
	}
	return params
}
