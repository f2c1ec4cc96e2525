package spread

import "math"

const (
	// leastShown is how many errors of one distance tell anything of it.
	leastShown = 20
	// halfShown is how many errors count as much as the formula.
	halfShown = 40
)

// Shown gathers the squared errors of forecasts from earlier times of a series
// by their distance, to be set against the deviations that a model claims.
// Models believe in their form; the errors they have made do not.
type Shown struct{ squares, counts []float64 }

// NewShown has room for the distances 1 to horizon, which are 0 to horizon−1 here.
func NewShown(horizon int) Shown {
	return Shown{make([]float64, horizon), make([]float64, horizon)}
}

// Add notes an error.
func (s Shown) Add(distance int, e float64) {
	s.squares[distance] += e * e
	s.counts[distance]++
}

// Mix replaces deviations by a mixture of their squares with the mean squares
// shown, times the square of factor[t] where factor is not nil. The share of
// the latter is n/(n + 40) for n errors. Distances of fewer than 20 errors keep
// the ratio of the last one that had more.
func (s Shown) Mix(dev, factor []float64) {
	ratio := 1.0
	for t := range dev {
		if s.counts[t] >= leastShown && dev[t] > 0 {
			shown := s.squares[t] / s.counts[t]
			if factor != nil {
				shown *= factor[t] * factor[t]
			}
			w := s.counts[t] / (s.counts[t] + halfShown)
			ratio = math.Sqrt((1 - w) + w*shown/(dev[t]*dev[t]))
		}
		dev[t] *= ratio
	}
}
