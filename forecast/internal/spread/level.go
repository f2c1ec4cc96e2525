package spread

import "math"

// Errors of positive series grow with the level's power withLevel: between counts,
// which have 1/2, and shares, which have 1. A level more than farthest times
// another tells nothing of its errors.
const (
	withLevel = 0.75
	farthest  = 4.0
	// leastShare is how large the smallest value must be beside the mean for that.
	leastShare = 0.05
)

// Positive tells whether all values are far from zero, so that errors grow with
// the level.
func Positive(values []float64) bool {
	sum, smallest := 0.0, math.Inf(1)
	for _, v := range values {
		sum, smallest = sum+v, min(smallest, v)
	}
	return smallest > 0 && smallest > leastShare*sum/float64(len(values))
}

// Grown returns what an error made at one level is multiplied by to be of the
// size that it would have at another.
func Grown(from, to float64) float64 {
	return math.Pow(min(max(to/from, 1/farthest), farthest), withLevel)
}
