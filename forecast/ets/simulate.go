package ets

import (
	"math"
	"math/rand/v2"
)

// paths is how many futures are simulated. The standard error of a standard
// deviation from so many is 1.6 % of it.
const paths = 2000

// simulated tells whether no formula is known for the form's variance:
// multiplicative trends, and multiplicative seasons with additive errors
// (classes 4 and 5 of Hyndman et al. 2008, section 6.1).
func (f Form) simulated() bool {
	return f.power() || f.Error == Additive && f.Season == Multiplicative
}

// simulate writes the root mean square distance of simulated paths from the
// mean. All paths take a step before any takes the next, so that a longer
// horizon does not change the numbers of a shorter one.
func (e *estimate) simulate(seed uint64, end states, mean, dev []float64) {
	rnd := rand.New(rand.NewPCG(seed, 0x657473)) // "ets"
	sigma := math.Sqrt(e.variance)
	l, b := make([]float64, paths), make([]float64, paths)
	s := make([]float64, paths*e.m) // [path][phase]
	for i := range paths {
		l[i], b[i] = end.l, end.b
		copy(s[i*e.m:], end.s)
	}
	ratio := e.form.Season == Multiplicative
	for t := range dev {
		sum := 0.0
		for i := range paths {
			season := &s[i*e.m+t%e.m]
			fb := e.phi * b[i]
			q := l[i] + fb
			if e.form.power() {
				fb = math.Pow(b[i], e.phi)
				q = l[i] * fb
			}
			mu, d := q+*season, 1.0
			if ratio {
				mu, d = q**season, *season
			}
			step := sigma * rnd.NormFloat64()
			if e.form.Error == Multiplicative {
				step *= mu
			}
			distance := mu + step - mean[t]
			sum += distance * distance
			before := l[i]
			l[i] = q + e.alpha*step/d
			b[i] = fb + e.beta*step/d
			if e.form.power() {
				b[i] = fb + e.beta*step/(d*before)
			}
			if ratio {
				*season += e.gamma * step / q
			} else {
				*season += e.gamma * step
			}
			if e.form.positive() {
				// A path that leaves the form's range stays at its edge.
				l[i], *season = max(l[i], muMin), pathSeason(*season, ratio)
				if e.form.power() {
					b[i] = min(max(b[i], 0.1), 10)
				}
			}
		}
		dev[t] = math.Sqrt(sum / paths)
	}
}

func pathSeason(s float64, ratio bool) float64 {
	if ratio {
		return max(s, muMin)
	}
	return s
}
