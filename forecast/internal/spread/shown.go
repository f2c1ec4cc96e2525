package spread

import "math"

const (
	// leastShown is how many errors of one distance tell anything of it.
	leastShown = 20
	// halfShown is how many errors count as much as the formula.
	halfShown = 40
)

// Shown gathers the errors of forecasts from earlier times of a series by their
// distance, to be set against what a model claims of its errors: their
// deviations (Mix) and their distribution (Scores). Models believe in their form;
// the errors they have made do not.
type Shown struct {
	errors [][]float64 // [distance][origin]
}

// NewShown has room for the distances 1 to horizon, which are 0 to horizon−1 here.
func NewShown(horizon int) Shown {
	return Shown{make([][]float64, horizon)}
}

// Add notes an error.
func (s Shown) Add(distance int, e float64) {
	s.errors[distance] = append(s.errors[distance], e)
}

// Count returns the number of errors at a distance.
func (s Shown) Count(distance int) float64 { return float64(len(s.errors[distance])) }

// MeanSquare returns the mean square of the errors at a distance, NaN without any.
func (s Shown) MeanSquare(distance int) float64 {
	sum := 0.0
	for _, e := range s.errors[distance] {
		sum += e * e
	}
	return sum / s.Count(distance)
}

// Mix replaces deviations by a mixture of their squares with the mean squares
// shown, times the square of factor[t] where factor is not nil. The share of
// the latter is n/(n + 40) for n errors. Distances of fewer than 20 errors keep
// the ratio of the last one that had more.
func (s Shown) Mix(dev, factor []float64) {
	ratio := 1.0
	for t := range dev {
		if n := s.Count(t); n >= leastShown && dev[t] > 0 {
			shown := s.MeanSquare(t)
			if factor != nil {
				shown *= factor[t] * factor[t]
			}
			w := n / (n + halfShown)
			ratio = math.Sqrt((1 - w) + w*shown/(dev[t]*dev[t]))
		}
		dev[t] *= ratio
	}
}
