package nn

import "math"

// AdamW moves parameters against their gradient (I. Loshchilov, F. Hutter,
// "Decoupled weight decay regularization", 2019). With gradient g, rate a and
// t the number of the update, from 1:
//
//	m = b1·m + (1-b1)·g,  v = b2·v + (1-b2)·g²
//	p = p - a·d·p - a·(m/(1-b1^t)) / (sqrt(v/(1-b2^t)) + e)
//
// and the average of the parameters over the updates is, with k = min(K,
// (t+1)/(t+20)) so that the first ones are soon forgotten,
//
//	mean = k·mean + (1-k)·p
type AdamW struct {
	// First and Second are the memories b1 and b2 of the moments, Decay is d,
	// Average is K.
	First, Second, Decay, Average float64
}

// epsilon is e: what keeps the step finite where a gradient has always been 0.
const epsilon = 1e-8

// A State is where a training stands: the parameters, their moments and their
// average, and the number of updates made.
type State struct {
	Updates                     uint64
	Params, Mean, First, Second []float32
}

// NewState returns the state before the first update.
func NewState(params []float32) *State {
	n := len(params)
	return &State{
		Params: append([]float32(nil), params...),
		Mean:   append([]float32(nil), params...),
		First:  make([]float32, n),
		Second: make([]float32, n),
	}
}

// Update makes an update at the given rate. The gradient counts times scale.
func (a AdamW) Update(threads int, s *State, gradient []float32, scale, rate float64) {
	s.Updates++
	u := a.update(s.Updates, scale, rate)
	eachChunk(threads, len(s.Params), func(_, from, to int) { u.apply(s, gradient, from, to) })
}

// update returns the numbers of the update with the given number, from 1.
func (a AdamW) update(number uint64, scale, rate float64) update {
	t := float64(number)
	return update{
		g: float32(scale), b1: float32(a.First), b2: float32(a.Second),
		keep:  float32(1 - rate*a.Decay),
		step:  float32(rate / (1 - math.Pow(a.First, t))),
		root:  float32(1 / math.Sqrt(1-math.Pow(a.Second, t))),
		fresh: float32(1 - min(a.Average, (t+1)/(t+20))),
	}
}

// update is the numbers of one update.
type update struct {
	g, b1, b2, keep, step, root, fresh float32
}

// apply updates the parameters from one number to another. Products are rounded
// before they are added, on every processor.
func (u *update) apply(s *State, gradient []float32, from, to int) {
	p, mean, m, v := s.Params[from:to], s.Mean[from:to], s.First[from:to], s.Second[from:to]
	n := len(p)
	mean, m, v, gradient = mean[:n], m[:n], v[:n], gradient[from:to]
	for i := range p {
		g := gradient[i] * u.g
		m[i] += float32((1 - u.b1) * (g - m[i]))
		v[i] += float32((1 - u.b2) * (float32(g*g) - v[i]))
		root := float32(float32(math.Sqrt(float64(v[i]))) * u.root)
		p[i] = float32(p[i]*u.keep) - float32(u.step*m[i]/(root+epsilon))
		mean[i] += float32(u.fresh * (p[i] - mean[i]))
	}
}

// Clip returns what a gradient of the given norm is to be multiplied by so that
// its norm is at most limit.
func Clip(norm, limit float64) float64 {
	if norm <= limit {
		return 1
	}
	return limit / norm
}
