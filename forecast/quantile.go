package forecast

import (
	"math"
	"slices"
)

// Quantile returns the quantile at a level, one value per step, interpolated
// between the levels that the forecast holds: linearly in the normal score of
// the level, so that a normal distribution is met exactly from any two of its
// levels. Below the lowest and above the highest level the nearest two levels
// are extended. It panics if the forecast has no levels.
func (f Forecast) Quantile(level float64) []float64 {
	if len(f.Levels) == 0 {
		panic("forecast: quantile of a forecast without levels")
	}
	out := make([]float64, f.Horizon())
	i, found := slices.BinarySearch(f.Levels, level)
	if found || len(f.Levels) == 1 {
		copy(out, f.Quantiles[min(i, len(f.Levels)-1)])
		return out
	}
	i = min(max(i, 1), len(f.Levels)-1) // between i-1 and i
	z0, z1 := NormalQuantile(f.Levels[i-1]), NormalQuantile(f.Levels[i])
	w := (NormalQuantile(level) - z0) / (z1 - z0)
	for t := range out {
		q0, q1 := f.Quantiles[i-1][t], f.Quantiles[i][t]
		out[t] = q0 + w*(q1-q0)
	}
	return out
}

// NormalQuantile returns the quantile of the standard normal distribution at a
// level within (0, 1).
func NormalQuantile(level float64) float64 {
	return -math.Sqrt2 * math.Erfcinv(2*level)
}
