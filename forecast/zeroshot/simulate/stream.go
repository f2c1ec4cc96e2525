package simulate

import "math"

// stream is a source of random numbers that belongs to one series, so that a
// change in how one series is made leaves all others as they were. It is
// SplitMix64 (Steele, Lea and Flood 2014), with normal numbers by the ziggurat
// of Marsaglia and Tsang (2000).
type stream struct{ state uint64 }

// golden is the odd constant by which the state of SplitMix64 moves.
const golden = 0x9e3779b97f4a7c15

// newStream returns the stream of one series of one block.
func newStream(seed, block, series uint64) stream {
	s := stream{seed}
	s.state = s.next() ^ block
	s.state = s.next() ^ series
	s.state = s.next()
	return s
}

func (s *stream) next() uint64 {
	s.state += golden
	x := s.state
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// uniform returns a number in [0, 1).
func (s *stream) uniform() float64 { return float64(s.next()>>11) * 0x1p-53 }

// below returns a whole number in [0, n); its bias of n/2^53 does not matter.
func (s *stream) below(n int) int { return int(s.uniform() * float64(n)) }

// between returns a whole number in [lo, hi].
func (s *stream) between(lo, hi int) int { return lo + s.below(hi-lo+1) }

// is tells whether an event of probability p happens.
func (s *stream) is(p share) bool { return s.uniform() < float64(p) }

// in returns a number of the range, all equally likely.
func (s *stream) in(u uniform) float64 { return u.Lo + (u.Hi-u.Lo)*s.uniform() }

// log returns a number of the range, all ratios equally likely.
func (s *stream) log(u logUniform) float64 { return u.Lo * exp(ln(u.Hi/u.Lo)*s.uniform()) }

// sign returns 1 with probability p, else -1.
func (s *stream) sign(p share) float64 {
	if s.is(p) {
		return 1
	}
	return -1
}

// exponential returns a number of mean 1.
func (s *stream) exponential() float64 { return -ln(1 - s.uniform()) }

// layers is the number of layers of the ziggurat.
const layers = 256

// ziggurat holds a layer's width by 2^-52, the part of it that is inside the
// next one by 2^52, and the density at its edge.
type ziggurat struct {
	width, density [layers + 1]float64
	inside         [layers]int64
}

const (
	tail = 3.6541528853610088  // where the bottom layer's tail begins
	area = 0.00492867323399141 // of each layer
)

var normal = makeZiggurat()

func makeZiggurat() *ziggurat {
	z := &ziggurat{}
	edge := [layers + 1]float64{area / exp(-tail*tail/2), tail}
	for i := 2; i < layers; i++ {
		edge[i] = math.Sqrt(-2 * ln(area/edge[i-1]+exp(-edge[i-1]*edge[i-1]/2)))
	}
	for i := range layers {
		z.inside[i] = int64(edge[i+1] / edge[i] * 0x1p52)
		z.width[i], z.density[i] = edge[i]*0x1p-52, exp(-edge[i]*edge[i]/2)
	}
	z.density[layers] = 1
	return z
}

// normal returns a number of the standard normal distribution.
func (s *stream) normal() float64 {
	u := s.next()
	i, j := u%layers, int64(u)>>11
	x := float64(j) * normal.width[i]
	if j < 0 {
		j = -j
	}
	if j < normal.inside[i] {
		return x
	}
	return s.edge(i, x)
}

// edge decides on the few numbers that fall outside of the next layer.
func (s *stream) edge(i uint64, x float64) float64 {
	if i == 0 {
		for {
			a, b := s.exponential()/tail, s.exponential()
			if 2*b > a*a {
				return math.Copysign(tail+a, x)
			}
		}
	}
	lo, hi := normal.density[i], normal.density[i+1]
	if lo+(hi-lo)*s.uniform() < exp(-x*x/2) {
		return x
	}
	return s.normal()
}

// gamma returns a number of the gamma distribution of that shape and scale 1
// (Marsaglia and Tsang 2000b).
func (s *stream) gamma(shape float64) float64 {
	boost := 1.0
	if shape < 1 {
		boost = exp(-s.exponential() / shape)
		shape++
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.normal()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		u := s.uniform()
		if u < 1-0.0331*x*x*x*x || ln(u) < x*x/2+d*(1-v+ln(v)) {
			return boost * d * v
		}
	}
}

// beta returns a number of the beta distribution.
func (s *stream) beta(a, b float64) float64 {
	x := s.gamma(a)
	return x / (x + s.gamma(b))
}

// poisson returns a count of that mean: by multiplying uniform numbers (Knuth)
// when it is small, else from a normal number with the first term of the
// expansion by Cornish and Fisher (1938), whose mean is exact and whose
// variance is 1/18 too large.
func (s *stream) poisson(mean float64) float64 {
	if mean > 30 {
		x := s.normal()
		return max(0, math.Floor(mean+math.Sqrt(mean)*x+(x*x-1)/6+0.5))
	}
	stop, n := exp(-mean), 0
	for p := s.uniform(); p > stop; p *= s.uniform() {
		n++
	}
	return float64(n)
}
