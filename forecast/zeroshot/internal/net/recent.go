package net

import (
	"math"

	"github.com/almanac-forecast/almanac/forecast/internal/f32"
)

// smooth holds the smoothing constants of the two exponentially weighted levels.
var smooth = [2]float64{0.15, 0.4}

// weights holds (1−a)^age for them, the oldest first.
var weights = func() (w [2][recent]float64) {
	for i, a := range smooth {
		v := 1.0
		for t := recent - 1; t >= 0; t-- {
			w[i][t] = v
			v *= 1 - a
		}
	}
	return w
}()

// describe fills the encoder's input. What may be any number goes through the
// inverse hyperbolic sine: linear near zero and a logarithm far away, it keeps
// outliers apart without letting them blind the network.
func (f *Features) describe() {
	n := len(f.z)
	phase := ((-recent)%f.season + f.season) % f.season
	for i := range recent {
		t := n - recent + i
		f.rseen[i] = f.seen[t]
		f.ds[i] = (f.z[t] - f.shape[phase]) * f.seen[t]
		if phase++; phase == f.season {
			phase = 0
		}
	}
	f.levelsAndSlopes()
	if cap(f.Encoder) < EncoderSize {
		f.Encoder = make([]float32, EncoderSize)
	}
	f.Encoder = f.Encoder[:EncoderSize]
	e := f.Encoder
	for i, v := range f.ds {
		e[i] = float32(v)
	}
	for i, v := range f.z[n-plain:] {
		e[recent+i] = float32(v)
	}
	f32.Asinh(e[:recent+plain], e[:recent+plain])
	e = e[recent+plain:]
	for i, v := range f.rseen {
		e[i] = float32(v)
	}
	e = e[recent:]
	for i, v := range f.means[1:] {
		e[i] = float32(v)
	}
	f32.Asinh(e[:cycles-1], e[:cycles-1])
	e = e[cycles-1:]
	for i, v := range f.whole {
		e[i] = float32(v)
	}
	f.scalars(e[cycles:])
}

// levelsAndSlopes computes the plain forecasts that need no phase.
func (f *Features) levelsAndSlopes() {
	n := len(f.z)
	var level [2]float64
	for i := range smooth {
		sum, weight := 0.0, 0.0
		for t, v := range f.ds {
			w := weights[i][t] * f.rseen[t]
			sum += w * v
			weight += w
		}
		level[i] = sum / max(weight, 1e-3)
	}
	last := level[1]
	if f.rseen[recent-1] > 0 {
		last = f.ds[recent-1]
	}
	all := 0.0
	for _, v := range f.z[f.begin:] {
		all += v
	}
	all /= max(f.count, 1)
	lastZ := f.z[f.last]
	f.level = [levels]float64{last, level[0], level[1], lastZ, all}
	f.slope = [slopes]float64{f.line(6), f.line(18), f.line(36)}
	if f.season > 1 {
		f.slope[3], f.slope[4] = f.cycleSlopes()
		return
	}
	f.slope[3] = f.z[n-1] - f.z[n-2]
	f.slope[4] = (lastZ - f.z[f.first]) / float64(max(f.last-f.first, 1))
}

// line returns the slope of the least squares line through the latest k values
// less their season.
func (f *Features) line(k int) float64 {
	y, seen := f.ds[recent-k:], f.rseen[recent-k:]
	var s, st, sy, stt, sty float64
	for t, q := range seen {
		at := float64(t) - float64(k-1)/2 // about the middle, so that little cancels
		s += q
		st += q * at
		sy += q * y[t]
		stt += q * at * at
		sty += q * at * y[t]
	}
	s = max(s, 1)
	return (sty - st*sy/s) / max(stt-st*st/s, 1e-3)
}

// cycleSlopes returns the slopes from the last season but one to the last, and
// from the oldest whole season.
func (f *Features) cycleSlopes() (last, all float64) {
	w, count := float64(f.season), 0
	for _, v := range f.whole {
		count += int(v)
	}
	if f.whole[1] > 0 {
		last = (f.means[0] - f.means[1]) / w
	}
	if count > 1 {
		all = (f.means[0] - f.means[count-1]) / (w * float64(count-1))
	}
	return last, all
}

// scalars fills in what is one number each.
func (f *Features) scalars(e []float32) {
	all, n := f.level[4], max(f.count, 1)
	square, low, high := f.spread(all)
	zero, zeros := 0.0, 0.0
	if !f.isLog { // a logarithm of zero is the logarithm of a unit, which nobody chose
		zero, zeros = max(-60, min(60, -f.Location/f.Scale)), f.zeros/n
	}
	w := float64(f.season)
	root := math.Sqrt(w)
	rough, mad, correlation := f.roughness()
	yes := map[bool]float32{true: 1}
	copy(e, []float32{
		lg(f.count) / 3, lg(f.count/w) / 3, float32(math.Log(w) / 3), yes[f.season == 1], yes[f.isLog], float32(math.Log(float64(max(f.long, 1))) / 6),
		lg(f.stepMean / f.Scale), lg(f.seasonMean / f.Scale), lg(f.recentMean / f.Scale), lg(math.Sqrt(square/n)) / 3, lg(mad), float32(zeros),
	})
	signed := [...]float32{
		float32(zero), float32(low), float32(high), float32(all), float32(f.level[3]),
		float32(f.slope[0]), float32(3 * f.slope[1]), float32(3 * f.slope[2]), float32(f.slope[3] * root), float32(f.slope[4] * 3 * root),
		float32(f.level[1]), float32(f.level[2]), float32(f.level[0]),
	}
	f32.Asinh(signed[:], signed[:])
	e = e[12:]
	e[0], e[1], e[2], e[3], e[4], e[5] = signed[0]/3, signed[1]/3, signed[2]/3, float32(correlation), float32(f.strength), signed[3]/3
	copy(e[6:], signed[4:])
	e[15] = lg(math.Sqrt(rough) / (mad + 1e-3))
}

// spread returns the sum of squares about a mean, the smallest and the largest.
func (f *Features) spread(mean float64) (square, low, high float64) {
	seen := f.seen[f.begin:]
	z := f.z[f.begin:][:len(seen)]
	low, high = f.z[f.last], f.z[f.last]
	for i, v := range seen {
		if v == 0 {
			continue
		}
		d := z[i] - mean
		square += d * d
		if z[i] < low {
			low = z[i]
		}
		if z[i] > high {
			high = z[i]
		}
	}
	return square, low, high
}

// roughness returns the mean square and the mean absolute value of the latest
// differences, and their correlation from one to the next.
func (f *Features) roughness() (square, absolute, correlation float64) {
	count, before := 0.0, 0.0
	for i := 1; i < recent; i++ {
		both := f.rseen[i] * f.rseen[i-1]
		d := (f.ds[i] - f.ds[i-1]) * both
		square += d * d
		absolute += math.Abs(d)
		correlation += d * before
		before = d
		count += both
	}
	count = max(count, 1)
	square /= count
	return square, absolute / count, correlation / count / (square + 1e-6)
}

// lg is the logarithm of what may be zero.
func lg(v float64) float32 { return float32(math.Log(max(v, 1e-4))) }
