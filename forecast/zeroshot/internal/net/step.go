package net

import (
	"math"

	"github.com/almanac-forecast/almanac/forecast/internal/f32"
)

// Step writes what the network sees of a step ahead, counted from 1: its
// StepSize inputs and its Anchors.
func (f *Features) Step(j int, x, anchors []float32) {
	n, w := len(f.z), f.season
	x, anchors = x[:StepSize], anchors[:Anchors]
	p := (j - 1) % w
	cycle := float64((j-1)/w + 1)
	ahead := float64(j)
	here := f.shape[p]
	last, seen := f.level[3], f.seen[n-w+p]
	lag := f.z[n-w+p]

	x[0], x[1], x[2] = float32(here), float32(f.shape[(p+w-1)%w]), float32(f.shape[(p+1)%w])
	for k := range 3 {
		x[3+k] = float32(f.z[n-(1+k)*w+p])
	}
	for k := range phased {
		x[6+k], x[6+phased+k] = float32(f.dev[k][p]), float32(f.devSeen[k][p])
	}
	f32.Asinh(x[:6+phased], x[:6+phased])
	y := x[6+2*phased:]
	y[0], y[1], y[2] = float32(lag-last), float32(here-f.shape[w-1]), float32(f.slope[2]*ahead)
	f32.Asinh(y[:3], y[:3])
	y[3], y[4], y[5] = float32(math.Log(ahead)/2), float32(ahead/30), float32(1/ahead)
	y[6], y[7], y[8] = float32(cycle/8), 0, 0
	if cycle > 1 {
		y[7] = float32(math.Log(cycle))
	}
	if w > 1 {
		y[8] = float32(ahead / float64(w) / 8)
	}
	cos, sin := f.wave(p)
	y[9], y[10], y[11] = float32(cos), float32(sin), float32(seen)

	for i, v := range f.level {
		anchors[i] = float32(v)
	}
	for i, v := range f.slope {
		anchors[levels+i] = float32(v * ahead)
	}
	a := anchors[levels+slopes:]
	if seen == 0 {
		lag = last
	}
	a[0], a[1] = float32(here), float32(lag-f.means[0])
	if w == 1 {
		a[1] = a[0]
	}
	a[2], a[3] = f.longStep(j, y[12:])
}

// longStep writes what is seen of the long season, and returns its two anchors.
func (f *Features) longStep(j int, y []float32) (newest, average float32) {
	y = y[:3*longs]
	clear(y)
	if f.long == 0 {
		return 0, 0
	}
	n, sum, count := len(f.z), 0.0, 0.0
	for k := range longs {
		from := n - (k+1)*f.long
		target := from + (j-1)%f.long
		origin := max(from-1, 0)
		if f.seen[target]*f.seen[origin] == 0 {
			continue
		}
		at, ok := f.mean(target)
		was, ok2 := f.mean(max(origin-f.season/2, 0))
		if ok*ok2 == 0 {
			continue
		}
		deviation, gone := f.z[target]-at, at-was
		y[3*k], y[3*k+1], y[3*k+2] = float32(deviation), float32(gone), 1
		f32.Asinh(y[3*k:3*k+2], y[3*k:3*k+2])
		if k == 0 {
			newest = float32(deviation + gone)
		}
		sum += deviation + gone
		count++
	}
	return newest, float32(sum / max(count, 1))
}
