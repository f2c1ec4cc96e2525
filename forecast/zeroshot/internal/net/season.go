package net

import "math"

// decay is the weight of a season over that of the next newer one in the shape.
const decay = 0.85

// seasons sums up the whole seasons: their means, and how each phase deviates.
func (f *Features) seasons() {
	n, w := len(f.z), f.season
	for k := range cycles {
		sum, count := 0.0, 0.0
		from := n - (k+1)*w
		for t := max(from, f.begin); t < from+w; t++ {
			sum += f.z[t]
			count += f.seen[t]
		}
		f.means[k], f.whole[k] = 0, 0
		if count >= 0.7*float64(w) {
			f.means[k], f.whole[k] = sum/count, 1
		}
	}
	f.shape = resize(f.shape, w)
	clear(f.shape)
	for k := range phased {
		f.dev[k], f.devSeen[k] = resize(f.dev[k], w), resize(f.devSeen[k], w)
		clear(f.dev[k])
		clear(f.devSeen[k])
	}
	f.strength = 0
	if w == 1 {
		return
	}
	f.deviate()
	f.average()
}

// deviate takes its mean and its slope from each season. The slope is that of
// the means to its neighbours.
func (f *Features) deviate() {
	n, w := len(f.z), f.season
	middle := float64(w-1) / 2
	slope := func(k int) (float64, float64) {
		ok := f.whole[k] * f.whole[k+1]
		return (f.means[k] - f.means[k+1]) / float64(w) * ok, ok
	}
	for k := range phased {
		if f.whole[k] == 0 {
			continue
		}
		s, ok := slope(k)
		if k > 0 {
			young, youngOK := slope(k - 1)
			s, ok = s+young, ok+youngOK
		}
		s /= max(ok, 1)
		from := n - (k+1)*w
		z, seen := f.z[from:from+w], f.seen[from:from+w]
		dev := f.dev[k][:w]
		for p, v := range seen {
			dev[p] = (z[p] - f.means[k] - s*(float64(p)-middle)) * v
		}
		copy(f.devSeen[k], seen)
	}
}

// average makes the shape of the season and measures how much of the deviations
// it explains, less what any shape would.
func (f *Features) average() {
	w := f.season
	total, rest, count, phases := 0.0, 0.0, 0.0, 0.0
	for p := range w {
		sum, weights, weight, seen := 0.0, 0.0, 1.0, 0.0
		for k := range phased {
			sum += weight * f.dev[k][p]
			weights += weight * f.devSeen[k][p]
			seen += f.devSeen[k][p]
			weight *= decay
		}
		s := sum / max(weights, 0.3)
		f.shape[p] = s
		for k := range phased {
			d := f.dev[k][p]
			total += d * d
			rest += (d - s) * (d - s) * f.devSeen[k][p]
		}
		count += seen
		if seen > 0 {
			phases++
		}
	}
	if count > 1.5*float64(w) {
		f.strength = 1 - rest/(total+1e-6)*(count/max(count-phases, 1))
		f.strength = max(-1, min(1, f.strength))
	}
}

// moving prepares the moving mean over a season.
func (f *Features) moving() {
	n := len(f.z)
	f.sums, f.counts = resize(f.sums, n+1), resize(f.counts, n+1)
	clear(f.sums[:f.begin+1])
	clear(f.counts[:f.begin+1])
	sum, count := 0.0, 0.0
	for t := f.begin; t < n; t++ {
		sum += f.z[t]
		count += f.seen[t]
		f.sums[t+1], f.counts[t+1] = sum, count
	}
}

// mean returns the mean over the season centred at a time, and 1 where half of
// the season is observed, else 0.
func (f *Features) mean(t int) (mean, ok float64) {
	n, w := len(f.z), f.season
	a, b := max(t-w/2, 0), max(0, min(t-w/2+w, n))
	count := f.counts[b] - f.counts[a]
	if count >= 0.5*float64(w) {
		ok = 1
	}
	return (f.sums[b] - f.sums[a]) / max(count, 1), ok
}

// wave returns the phase as a point of a circle. Horizons come back to the same
// phases, so they are remembered.
func (f *Features) wave(p int) (cos, sin float64) {
	if len(f.waves) < f.season {
		f.waves = append(f.waves, make([]wave, f.season-len(f.waves))...)
	}
	w := &f.waves[p]
	if w.season != float64(f.season) {
		s, c := math.Sincos(2 * math.Pi * float64(p) / float64(f.season))
		*w = wave{float64(f.season), c, s}
	}
	return w.cos, w.sin
}
