package arima

import (
	"context"
	"math"
)

// Tolerances of −2 log likelihood: orders are compared after a rough search,
// the best is then fitted to the end. Information criteria of rival orders
// differ by more than the first; docs/models.md tells what it saves.
const (
	roughly = 0.1
	exactly = 1e-5
)

const (
	// within is how far above the best criterion an order still counts; see leastPart.
	within = 12
	// behind is the distance at which an order is given up while it is fitted.
	behind = 8
)

// A searcher looks for the best orders of one series by the stepwise procedure
// of Hyndman and Khandakar (2008), once for each pair of differences.
type searcher struct {
	y          []float64
	regressors [][]float64 // [column][time]
	lowest     float64     // criterion of all orders so far
	fits       []fit       // all that could be estimated

	limits   Order // largest P, Q, SP, SQ; its D, SD and Period are those of all orders at hand
	constant bool  // a constant may be tried
	problems [2]*problem
	tried    map[Order]bool
	best     fit // of the differences at hand
	found    bool
}

// begin sets the differences of the orders to come.
func (s *searcher) begin(limits Order) {
	s.limits, s.constant = limits, limits.D+limits.SD <= 1
	s.problems, s.tried, s.found = [2]*problem{}, map[Order]bool{}, false
}

// try fits an order and reports whether it is the best so far.
func (s *searcher) try(o Order) bool {
	if !o.within(s.limits.P, s.limits.Q, s.limits.SP, s.limits.SQ) || s.tried[o] || o.Constant && !s.constant {
		return false
	}
	s.tried[o] = true
	f, ok := s.problem(o).estimate(o, s.start(o), roughly, s.hopeless(o))
	if !ok || nearUnit(f) {
		return false
	}
	s.fits = append(s.fits, f)
	s.lowest = min(s.lowest, f.aicc)
	if s.found && f.aicc >= s.best.aicc {
		return false
	}
	s.best, s.found = f, true
	return true
}

// problem returns the prepared series with or without a constant.
func (s *searcher) problem(o Order) *problem {
	i := 0
	if o.Constant {
		i = 1
	}
	if s.problems[i] == nil {
		s.problems[i] = newProblem(s.y, s.regressors, o)
	}
	return s.problems[i]
}

// start takes over the best model's parameters where the order has them, group
// by group, so that a neighbour begins near its optimum.
func (s *searcher) start(o Order) []float64 {
	u := make([]float64, o.arma())
	if !s.found {
		for i := range u {
			u[i] = 0.1
		}
		return u
	}
	from := s.best.u
	b := s.best.order
	to := u
	for _, g := range [4][2]int{{o.P, b.P}, {o.Q, b.Q}, {o.SP, b.SP}, {o.SQ, b.SQ}} {
		copy(to[:g[0]], from[:g[1]])
		to, from = to[g[0]:], from[g[1]:]
	}
	return u
}

// hopeless ends the search of an order which, gaining as much again as its
// last steps have, still stays too far behind the best to count.
func (s *searcher) hopeless(o Order) func(int, float64) bool {
	k := float64(o.arma() + len(s.regressors) + 1 + o.lost())
	if o.Constant {
		k++
	}
	target := s.lowest + behind - criterion(s.problem(o).total, k)
	previous := math.Inf(1)
	return func(step int, deviance float64) bool {
		gain := previous - deviance
		previous = deviance
		return step >= 2 && deviance-4*gain > target
	}
}

// nearUnit reports whether a partial autocorrelation has run to its limit: a
// model whose root cancels a difference or asks for another. A seasonal moving
// average may cancel a seasonal difference: that is a season which never changes.
func nearUnit(f fit) bool {
	u := f.u
	if f.order.SD > 0 {
		u = u[:len(u)-f.order.SQ]
	}
	for _, u := range u {
		if math.Abs(u) > 3.0 { // |partial autocorrelation| > 0.990
			return true
		}
	}
	return false
}

// run searches until no neighbour is better.
func (s *searcher) run(ctx context.Context) error {
	l := s.limits
	at := func(p, q, sp, sq int, c bool) Order {
		return Order{
			P: min(p, l.P), D: l.D, Q: min(q, l.Q), SP: min(sp, l.SP), SD: l.SD, SQ: min(sq, l.SQ),
			Period: l.Period, Constant: c && s.constant,
		}
	}
	for _, o := range []Order{at(0, 0, 0, 0, true), at(1, 0, 1, 0, true), at(0, 1, 0, 1, true), at(2, 2, 1, 1, true), at(0, 0, 0, 0, false)} {
		s.try(o)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	for s.found && s.best.aicc < s.lowest+2*within {
		improved := false
		for _, step := range neighbours {
			o := s.best.order
			o.P, o.Q, o.SP, o.SQ = o.P+step[0], o.Q+step[1], o.SP+step[2], o.SQ+step[3]
			if step == ([4]int{}) {
				o.Constant = !o.Constant
			}
			if s.try(o) {
				improved = true
				break
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if !improved {
			return nil
		}
	}
	return nil
}

// neighbours are the steps in P, Q, SP, SQ from the best order; no step at all
// stands for the constant.
var neighbours = [][4]int{
	{0, 0, -1, 0},
	{0, 0, 0, -1},
	{0, 0, 1, 0},
	{0, 0, 0, 1},
	{0, 0, -1, -1},
	{0, 0, 1, 1},
	{0, 0, -1, 1},
	{0, 0, 1, -1},
	{-1, 0, 0, 0},
	{0, -1, 0, 0},
	{1, 0, 0, 0},
	{0, 1, 0, 0},
	{-1, -1, 0, 0},
	{1, 1, 0, 0},
	{-1, 1, 0, 0},
	{1, -1, 0, 0},
	{},
}
