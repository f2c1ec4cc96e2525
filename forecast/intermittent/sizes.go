package intermittent

import "slices"

// fade is the weight that a size loses with each later demand: half after 34.
// Sizes change slower than intervals do, and few are seen.
const fade = 0.98

// sizes is the distribution of the demands that were seen.
type sizes struct {
	values  []float64 // ascending, each once
	weights []float64 // sum 1
	mean    float64
}

func sizesOf(x []float64) sizes {
	type size struct{ value, weight float64 }
	var all []size
	w, sum := 1.0, 0.0
	for _, v := range slices.Backward(x) {
		if v == 0 {
			continue
		}
		all = append(all, size{v, w})
		sum += w
		w *= fade
	}
	slices.SortFunc(all, func(a, b size) int {
		switch {
		case a.value < b.value:
			return -1
		case a.value > b.value:
			return 1
		}
		return 0
	})
	var s sizes
	for _, v := range all {
		if n := len(s.values); n > 0 && s.values[n-1] == v.value {
			s.weights[n-1] += v.weight / sum
		} else {
			s.values, s.weights = append(s.values, v.value), append(s.weights, v.weight/sum)
		}
	}
	for i, v := range s.values {
		s.mean += v * s.weights[i]
	}
	return s
}

// quantile returns the quantile at a level of the mixture with the mean rate.
func (s sizes) quantile(p, rate float64) float64 {
	pi, scale := rate/s.mean, 1.0
	if pi > 1 {
		pi, scale = 1, rate/s.mean
	}
	left := p - (1 - pi) // probability to go through among the sizes
	if left <= 0 {
		return 0
	}
	for i, v := range s.values {
		w := pi * s.weights[i]
		if left > w && i < len(s.values)-1 {
			left -= w
			continue
		}
		return scale * v
	}
	return scale * s.values[len(s.values)-1]
}
