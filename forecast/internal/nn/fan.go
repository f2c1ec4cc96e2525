package nn

import "github.com/almanac-forecast/almanac/forecast/internal/f32"

// widest bounds the logarithm of a fan's width.
const widest = 6

// Fan makes quantiles that cannot cross: from the median, in the middle of q, up
// and down by positive distances times a common width,
//
//	q[h±i] = median ± exp(width)·Σ softplus(distance), over i distances
//
// The first half of the distances lead upwards, the others downwards. Distances
// become their softplus, and the width, bounded to ±6, its exponential, for
// FanGradient.
func Fan(q []float32, median float32, distances []float32, width *[1]float32) {
	half := len(q) / 2
	f32.Softplus(distances, distances)
	width[0] = max(-widest, min(widest, width[0]))
	f32.Exp(width[:], width[:])
	q[half] = median
	up, down := median, median
	for i := 1; i <= half; i++ {
		up += float32(distances[i-1] * width[0])
		down -= float32(distances[half+i-1] * width[0])
		q[half+i], q[half-i] = up, down
	}
}

// FanGradient writes the gradient of the distances into d, and returns those of
// the median and of the width, from that of the quantiles. Distances and width are
// what Fan left; raw is the width before.
func FanGradient(d, dq, distances []float32, width, raw float32) (dMedian, dRaw float32) {
	half := len(dq) / 2
	copy(d, distances)
	f32.Scale(-1, d)
	f32.Exp(d, d) // softplus' = 1 - exp(-softplus)
	up, down, dWidth := float32(0), float32(0), float32(0)
	for i := half - 1; i >= 0; i-- {
		up += dq[half+i+1]
		down -= dq[half-i-1]
		dWidth += float32(distances[i]*up) + float32(distances[half+i]*down)
		d[i] = up * width * (1 - d[i])
		d[half+i] = down * width * (1 - d[half+i])
	}
	if raw > -widest && raw < widest {
		dRaw = dWidth * width
	}
	return dq[half] + (up - down), dRaw
}

// Pinball returns twice the pinball loss of quantiles of the given levels,
// averaged over them, and writes its gradient into d, which may be q: for level
// p and error e = y-q,
//
//	2·max(p·e, (p-1)·e) / levels
func Pinball(d, q []float32, levels []float64, y float32) float32 {
	factor := 2 / float32(len(q))
	loss := float32(0)
	for i, p := range levels {
		e := y - q[i]
		slope := float32(p)
		if e < 0 {
			slope--
		}
		loss += float32(slope * e)
		d[i] = -slope * factor
	}
	return loss * factor
}
