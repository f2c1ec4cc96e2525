// Package metric scores forecasts with the formulas of Amazon Forecast.
//
// With y the actual value, m the mean forecast and q(τ) the quantile forecast at
// level τ, over the points of one backtest window:
//
//	wQL(τ)  2·Σ[τ·max(y−q,0) + (1−τ)·max(q−y,0)] / Σ|y|      pooled over items and points
//	avg wQL the plain mean of wQL over the levels
//	WAPE    Σ|y−m| / Σ|y|                                    pooled
//	RMSE    √(Σ(y−m)² / n)                                   pooled
//	MAPE    (1/n)·Σ|y−m|/|y| over the points with y ≠ 0      per item, then the mean of the items;
//	        n counts all points of the item, zeros too
//	MASE    mean|y−m| / scale                                per item, then the mean of the items
//	        scale = mean |Y_t − Y_{t−s}| of what precedes the window, see [Scale]
//
// Where Σ|y| is zero, wQL and WAPE are their numerators. An item whose scale is
// zero has a MASE of 0 if it was forecast without error and none otherwise.
// Several windows are summed up by the plain mean of each figure over the
// windows that have it, RMSE included: see [Summary].
//
// Provenance: the service's own printed results pin wQL, average, WAPE and the
// summary to the last digit, and the MAPE of items to four digits. Departs from
// them in two places, both following the service's documentation: WAPE of an
// item is the ratio, while exports printed the bare numerator; MASE scales by
// the history, while seven recorded rows fit the differences of the window's
// own values ([Scale] of the actual values with season 1 gives that figure).
package metric

import (
	"math"
	"slices"
)

// An Item is one series in one window.
type Item struct {
	Actual    []float64   // [step]; NaN where there is nothing to compare with: the step is left out
	Mean      []float64   // [step]
	Quantiles [][]float64 // [level][step], at the accumulator's levels
	Scale     float64     // the denominator of MASE from [Scale]; NaN if there is none
}

// Scale returns the mean absolute difference of values a season apart, of those
// pairs in which neither is missing. Where there is no such pair it takes the
// season 1, and where that has none either it returns NaN.
func Scale(history []float64, season int) float64 {
	for _, m := range [...]int{season, 1} {
		sum, n := 0.0, 0
		for t := max(m, 1); t < len(history); t++ {
			if d := math.Abs(history[t] - history[t-m]); !math.IsNaN(d) {
				sum += d
				n++
			}
		}
		if n > 0 {
			return sum / float64(n)
		}
	}
	return math.NaN()
}

// Scores are the figures of one item or one window. NaN means that a figure is
// not defined.
type Scores struct {
	Levels     []float64
	WQL        []float64 // [level]
	AverageWQL float64   // NaN without levels
	WAPE       float64
	RMSE       float64
	MAPE       float64
	MASE       float64
	Below      []float64 // [level]: share of the actual values at or below the quantile
	Items      int       // items with at least one step to compare
	Points     int       // steps compared
}

// An Accumulator adds up the items of one window. Partitions of the items may
// be added up apart and merged: as long as items and parts come in the same
// order, the sums have the same bits.
type Accumulator struct {
	levels []float64
	loss   []float64 // [level] Σ of weighted errors, without the factor 2
	below  []int     // [level]
	actual float64   // Σ|y|
	abs    float64   // Σ|y−m|
	square float64   // Σ(y−m)²
	points int
	items  int
	mape   float64 // Σ over items
	mase   float64 // Σ over items that have one
	scaled int     // how many have
}

// NewAccumulator returns an empty one for quantiles at the levels.
func NewAccumulator(levels []float64) *Accumulator {
	return &Accumulator{
		levels: slices.Clone(levels),
		loss:   make([]float64, len(levels)),
		below:  make([]int, len(levels)),
	}
}

// Add adds an item. Its slices must have the accumulator's levels and one
// length of steps.
func (a *Accumulator) Add(it Item) {
	if len(it.Quantiles) != len(a.levels) || len(it.Mean) != len(it.Actual) {
		panic("metric: item of another shape")
	}
	abs, ape, points := 0.0, 0.0, 0
	for t, y := range it.Actual {
		if math.IsNaN(y) {
			continue
		}
		points++
		e := y - it.Mean[t]
		abs += math.Abs(e)
		a.square += e * e
		a.actual += math.Abs(y)
		if y != 0 {
			ape += math.Abs(e / y)
		}
		for i, tau := range a.levels {
			q := it.Quantiles[i][t]
			a.loss[i] += tau*max(y-q, 0) + (1-tau)*max(q-y, 0)
			if y <= q {
				a.below[i]++
			}
		}
	}
	if points == 0 {
		return
	}
	a.items++
	a.points += points
	a.abs += abs
	a.mape += ape / float64(points)
	switch mae := abs / float64(points); {
	case it.Scale > 0:
		a.mase += mae / it.Scale
		a.scaled++
	case it.Scale == 0 && mae == 0:
		a.scaled++
	}
}

// Merge adds what another accumulator of the same levels has added up.
func (a *Accumulator) Merge(b *Accumulator) {
	if !slices.Equal(a.levels, b.levels) {
		panic("metric: merging accumulators of different levels")
	}
	for i := range a.loss {
		a.loss[i] += b.loss[i]
		a.below[i] += b.below[i]
	}
	a.actual += b.actual
	a.abs += b.abs
	a.square += b.square
	a.points += b.points
	a.items += b.items
	a.mape += b.mape
	a.mase += b.mase
	a.scaled += b.scaled
}

// Scores returns the figures of what was added. All are NaN if nothing was.
func (a *Accumulator) Scores() Scores {
	s := Scores{Levels: slices.Clone(a.levels), Items: a.items, Points: a.points}
	denominator := a.actual
	if denominator == 0 {
		denominator = 1
	}
	n := float64(a.points) // 0/0 is NaN: nothing added, nothing defined
	if a.points == 0 {
		denominator = math.NaN()
	}
	sum := 0.0
	for i, loss := range a.loss {
		wql := 2 * loss / denominator
		s.WQL = append(s.WQL, wql)
		s.Below = append(s.Below, float64(a.below[i])/n)
		sum += wql
	}
	s.AverageWQL = sum / float64(len(a.levels))
	s.WAPE = a.abs / denominator
	s.RMSE = math.Sqrt(a.square / n)
	s.MAPE = a.mape / float64(a.items)
	s.MASE = a.mase / float64(a.scaled)
	return s
}

// Of returns the figures of one item alone.
func Of(levels []float64, it Item) Scores {
	a := NewAccumulator(levels)
	a.Add(it)
	return a.Scores()
}

// Summary returns the plain mean of every figure over the windows in which it
// is defined, and the sum of the points; Items is that of the window with most.
// The windows must have the same levels.
func Summary(windows []Scores) Scores {
	if len(windows) == 0 {
		return NewAccumulator(nil).Scores()
	}
	mean := func(pick func(Scores) float64) float64 {
		sum, n := 0.0, 0
		for _, w := range windows {
			if v := pick(w); !math.IsNaN(v) {
				sum += v
				n++
			}
		}
		return sum / float64(n)
	}
	s := Scores{Levels: slices.Clone(windows[0].Levels)}
	for i := range s.Levels {
		s.WQL = append(s.WQL, mean(func(w Scores) float64 { return w.WQL[i] }))
		s.Below = append(s.Below, mean(func(w Scores) float64 { return w.Below[i] }))
	}
	s.AverageWQL = mean(func(w Scores) float64 { return w.AverageWQL })
	s.WAPE = mean(func(w Scores) float64 { return w.WAPE })
	s.RMSE = mean(func(w Scores) float64 { return w.RMSE })
	s.MAPE = mean(func(w Scores) float64 { return w.MAPE })
	s.MASE = mean(func(w Scores) float64 { return w.MASE })
	for _, w := range windows {
		s.Items = max(s.Items, w.Items)
		s.Points += w.Points
	}
	return s
}
