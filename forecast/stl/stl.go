// Package stl splits a series into trend, season and remainder by repeated
// local regression.
//
//	y_t = trend_t + season_t + remainder_t
//
// The season is allowed to change slowly: its value at a phase is a local line
// through the values of that phase over Window seasons. The trend is a local
// line through what is left, over TrendWindow steps. The two are computed in
// turn until they agree, with a low-pass filter that keeps the trend out of the
// season (Cleveland, Cleveland, McRae and Terpenning 1990, section 2).
//
// Departs from the paper: no robustness weights, since callers here look at
// strength of trend and season and not at outliers, and missing values are
// interpolated before and given back as missing.
package stl

import "math"

// Decomposition is a series in three parts of its length.
type Decomposition struct {
	Trend, Season, Remainder []float64
}

// Options say how smooth the parts are. The zero value takes the defaults.
type Options struct {
	// Window is the number of seasons that a seasonal value is smoothed over,
	// odd. Default 11.
	Window int
	// Rounds is how often season and trend are computed in turn. Default 2.
	Rounds int
}

// Decompose splits a series with a season of m steps, m ≥ 2. It needs two
// seasons at least and returns false with less. NaN is a missing value: it is
// interpolated for the parts and stays missing in the remainder.
func Decompose(y []float64, m int, o Options) (Decomposition, bool) {
	n := len(y)
	if m < 2 || n < 2*m {
		return Decomposition{}, false
	}
	x, ok := interpolate(y)
	if !ok {
		return Decomposition{}, false
	}
	if o.Window == 0 {
		o.Window = 11
	}
	if o.Rounds == 0 {
		o.Rounds = 2
	}
	w := newWorkspace(n, m)
	d := Decomposition{Trend: make([]float64, n), Season: make([]float64, n), Remainder: make([]float64, n)}
	trendWindow := odd(int(math.Ceil(1.5 * float64(m) / (1 - 1.5/float64(o.Window)))))
	for range o.Rounds {
		w.season(x, d.Trend, d.Season, o.Window)
		for t := range x {
			w.rest[t] = x[t] - d.Season[t]
		}
		smooth(d.Trend, w.rest, trendWindow, max(1, trendWindow/10))
	}
	for t := range y {
		d.Remainder[t] = y[t] - d.Trend[t] - d.Season[t]
	}
	return d, true
}

// Strength returns how strong the season is compared with the remainder,
// max(0, 1 − Var(R)/Var(S+R)), between 0 and 1 (Wang, Smith and Hyndman 2006).
func (d Decomposition) Strength() float64 {
	return strength(d.Season, d.Remainder)
}

// TrendStrength is the same for the trend.
func (d Decomposition) TrendStrength() float64 {
	return strength(d.Trend, d.Remainder)
}

func strength(part, rest []float64) float64 {
	both := make([]float64, 0, len(part))
	alone := make([]float64, 0, len(part))
	for t, r := range rest {
		if !math.IsNaN(r) {
			alone = append(alone, r)
			both = append(both, r+part[t])
		}
	}
	total := variance(both)
	if total < 1e-300 {
		return 0
	}
	return max(0, 1-variance(alone)/total)
}

func variance(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	mean := 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	sum := 0.0
	for _, v := range x {
		sum += (v - mean) * (v - mean)
	}
	return sum / float64(len(x))
}

// interpolate returns the series with lines over its gaps, and false when
// nothing is observed.
func interpolate(y []float64) ([]float64, bool) {
	x := make([]float64, len(y))
	last := -1
	for t, v := range y {
		if math.IsNaN(v) {
			continue
		}
		x[t] = v
		for g := last + 1; g < t; g++ {
			if last < 0 {
				x[g] = v
				continue
			}
			f := float64(g-last) / float64(t-last)
			x[g] = y[last]*(1-f) + v*f
		}
		last = t
	}
	if last < 0 {
		return nil, false
	}
	for g := last + 1; g < len(y); g++ {
		x[g] = y[last]
	}
	return x, true
}

func odd(n int) int { return n | 1 }

// A workspace holds the scratch of one decomposition.
type workspace struct {
	m        int
	rest     []float64 // [n]
	phase    []float64 // values of one phase
	smoothed []float64 // [seasons+2]
	cycle    []float64 // [n+2m] the smoothed phases put together
	low      []float64 // [n] low-pass of the cycle
	a, b     []float64
}

func newWorkspace(n, m int) *workspace {
	per := n/m + 1
	return &workspace{
		m: m, rest: make([]float64, n), phase: make([]float64, per), smoothed: make([]float64, per+2),
		cycle: make([]float64, n+2*m), low: make([]float64, n), a: make([]float64, n+2*m), b: make([]float64, n+2*m),
	}
}

// season computes the seasonal part of x less the trend: smooth each phase over
// the seasons, extended by a season at both ends, then take away what of it is
// trend (steps 1 to 4 of the inner loop).
func (w *workspace) season(x, trend, out []float64, window int) {
	n, m := len(x), w.m
	for k := range m {
		size := (n - k + m - 1) / m
		phase, smoothed := w.phase[:size], w.smoothed[:size+2]
		for i := range phase {
			phase[i] = x[k+i*m] - trend[k+i*m]
		}
		smooth(smoothed[1:size+1], phase, window, max(1, window/10))
		smoothed[0] = local(phase, -1, window)
		smoothed[size+1] = local(phase, float64(size), window)
		for i, v := range smoothed {
			w.cycle[k+i*m] = v
		}
	}
	// moving averages of m, m and 3, then a local line over the next odd number
	a := average(w.a, w.cycle, m)
	b := average(w.b, a, m)
	a = average(w.a, b, 3)
	smooth(w.low, a[:n], odd(m), max(1, m/10))
	for t := range n {
		out[t] = w.cycle[t+m] - w.low[t]
	}
}

// average writes the moving averages of k values.
func average(dst, x []float64, k int) []float64 {
	n := len(x) - k + 1
	sum := 0.0
	for _, v := range x[:k] {
		sum += v
	}
	for t := range n {
		dst[t] = sum / float64(k)
		if t+k < len(x) {
			sum += x[t+k] - x[t]
		}
	}
	return dst[:n]
}

// smooth writes the local lines through x at every place, computed at each
// jump-th and linear between (section 2.2 of the paper: jumps save time where
// the curve is smooth anyway).
func smooth(dst, x []float64, window, jump int) {
	n := len(x)
	previous := 0
	dst[0] = local(x, 0, window)
	for t := jump; ; t += jump {
		if t > n-1 {
			t = n - 1
		}
		dst[t] = local(x, float64(t), window)
		for g := previous + 1; g < t; g++ {
			f := float64(g-previous) / float64(t-previous)
			dst[g] = dst[previous]*(1-f) + dst[t]*f
		}
		previous = t
		if t >= n-1 {
			return
		}
	}
}

// local returns the value at a place of the line fitted to the window nearest
// values with tricube weights. Where the window is longer than the series the
// weights reach as much farther.
func local(x []float64, at float64, window int) float64 {
	n := len(x)
	if n == 1 {
		return x[0]
	}
	q := min(window, n)
	lo := int(math.Round(at)) - q/2
	lo = max(0, min(lo, n-q))
	hi := lo + q
	reach := max(at-float64(lo), float64(hi-1)-at)
	if window > n {
		reach += float64(window-n) / 2
	}
	reach *= 1.0000001
	if reach <= 0 {
		reach = 1
	}
	var s, sx, sy, sxx, sxy float64
	for i := lo; i < hi; i++ {
		d := (float64(i) - at) / reach
		u := 1 - math.Abs(d*d*d)
		if u <= 0 {
			continue
		}
		k := u * u * u
		z := float64(i) - at
		s += k
		sx += k * z
		sy += k * x[i]
		sxx += k * z * z
		sxy += k * z * x[i]
	}
	det := s*sxx - sx*sx
	if det <= 1e-9*s*sxx || s == 0 {
		return sy / s
	}
	return (sy*sxx - sxy*sx) / det // the line at z = 0
}
