package simulate

import "math"

// compound observes sums of orders: their number follows the path, between
// quiet and busy times, and each has a size; packs have a fixed one.
func (m *maker) compound() {
	p := &m.prior.ranges.Orders
	m.logarithm()
	rate := m.log(p.Rate)
	size := m.sizes()
	pack := 1.0
	if m.is(p.Packs) {
		pack = float64(m.between(p.Pack.Lo, p.Pack.Hi))
	}
	quiet, change := 1.0, share(0)
	if m.is(p.Quiet) {
		quiet, change = m.log(p.Less), share(1/m.log(p.Stay))
	}
	calm, origin := false, m.tmp[m.end-1]
	for t, x := range m.tmp {
		if m.is(change) {
			calm = !calm
		}
		mean := rate * exp(min(max(x-origin, -p.Range), p.Range))
		if calm {
			mean *= quiet
		}
		m.y[t] = pack * m.orders(mean, size)
	}
}

// orders draws the sum of a Poisson number of orders; of more than 20, sizes
// are alike.
func (m *maker) orders(mean float64, d demand) float64 {
	n := m.poisson(mean)
	if n > 20 {
		return math.Round(n * m.size(d))
	}
	sum := 0.0
	for range int(n) {
		sum += m.size(d)
	}
	return sum
}
