package zeroshot

import (
	"math"

	"github.com/almanac-forecast/almanac/forecast/zeroshot/internal/net"
)

const (
	// origins is how many earlier times of a series are forecast from to weigh
	// its views, and past the share of it that they lie in, at its end.
	origins = 12
	past    = 0.5
	// power sharpens the choice: 0 averages, a large one takes the best.
	power = 8
)

// weigh returns what each view counts in the forecast: in proportion to
// 1/loss^power, the loss being that of the view's own forecasts of one shortest
// season from earlier times, whole seasons back, so that they stand where the
// forecast to come does. Which season leads is a matter of the series: prices
// follow the day, loads the week. Where there is little past for a choice the
// views count alike.
func (k *worker) weigh(f *fitted) []float64 {
	views := len(f.views)
	equal := make([]float64, views)
	for i := range equal {
		equal[i] = 1 / float64(views)
	}
	n, m := len(f.values), f.views[0].season
	back := int(past * float64(n))
	step := max(1, (back-m)/(origins-1)/m) * m
	if views == 1 || n-back < 2*f.views[views-1].season {
		return equal
	}
	losses, one := make([]float64, views), make([]float64, views)
	for c := range origins {
		end := n - m - c*step
		if end < n-back {
			break
		}
		if enough(f.values[max(0, end-f.least()):end]) != "" {
			continue
		}
		k.look(f, end)
		k.decode(1, m)
		for i := range views {
			clear(one)
			one[i] = 1
			losses[i] += f.loss(k.combine(f, one, m), end)
		}
	}
	return shares(losses, equal)
}

// shares turns losses into weights, and into equal ones where a loss is zero.
func shares(losses, equal []float64) []float64 {
	out, total := make([]float64, len(losses)), 0.0
	for i, l := range losses {
		if !(l > 0) {
			return equal
		}
		out[i] = math.Pow(losses[0]/l, power)
		total += out[i]
	}
	for i := range out {
		out[i] /= total
	}
	return out
}

// loss returns the sum of the pinball losses of quantiles, [step][level],
// against the values from a time on.
func (f *fitted) loss(quantiles []float64, from int) float64 {
	levels, sum := f.weights.net.Shape.Levels, 0.0
	for t := range len(quantiles) / len(levels) {
		y := f.values[from+t]
		if math.IsNaN(y) {
			continue
		}
		for i, p := range levels {
			e := y - quantiles[t*len(levels)+i]
			if e < 0 {
				sum += (p - 1) * e
			} else {
				sum += p * e
			}
		}
	}
	return sum
}

// least is the number of values that every view looks at.
func (f *fitted) least() int {
	n := math.MaxInt
	for _, v := range f.views {
		n = min(n, net.History(v.season, v.long))
	}
	return n
}
