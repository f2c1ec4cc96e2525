package ridge

import (
	"fmt"
	"math"
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/cycle"
)

// transform is what a series is looked at through.
type transform int

const (
	identity  transform = iota
	root                // square root, of data without negative values
	logarithm           // of data above zero
	transforms
)

func (k transform) String() string {
	return [...]string{"identity", "root", "logarithm"}[k]
}

func (k transform) apply(v float64) float64 {
	switch k {
	case root:
		return math.Sqrt(v)
	case logarithm:
		return math.Log(v)
	case identity, transforms:
	}
	return v
}

// invert is monotone, so that it may be applied to quantiles.
func (k transform) invert(v float64) float64 {
	switch k {
	case root:
		return max(v, 0) * max(v, 0)
	case logarithm:
		return math.Exp(v)
	case identity, transforms:
	}
	return v
}

// data is a series that can be fitted.
type data struct {
	y        []float64 // from the first observation on, over scale, gaps filled
	seen     []bool
	scale    float64
	seasons  []int // that the series holds two cycles of, ascending
	smallest float64
	reason   string // why it cannot be fitted, or empty
}

// least is the number of observations below which nothing is fitted: too few to
// hold some back and still tell one choice from another.
const least = 100

// prepare cuts off what is missing in front, divides by the mean absolute value
// and fills gaps. A positive scale is taken as it is.
func prepare(s forecast.Series, scale float64) data {
	var d data
	first := slices.IndexFunc(s.Values, func(v float64) bool { return !math.IsNaN(v) })
	if first < 0 {
		d.reason = "no observed value"
		return d
	}
	values := s.Values[first:]
	span := forecast.SpanOf(values)
	largest, observed := max(math.Abs(span.Max), math.Abs(span.Min)), 0
	sum := 0.0
	for _, v := range values {
		if !math.IsNaN(v) {
			observed++
			sum += math.Abs(v / largest)
		}
	}
	switch {
	case observed < least:
		d.reason = fmt.Sprintf("%d observed values, a regression on lags needs %d", observed, least)
	case span.Min == span.Max:
		d.reason = "all values are equal"
	case 2*observed < len(values):
		d.reason = "more values are missing than observed"
	}
	if d.reason != "" {
		return d
	}
	d.scale = scale
	if scale <= 0 {
		d.scale = largest * (sum / float64(observed))
	}
	d.seasons = cycle.Held(s.Seasons, len(values))
	d.smallest = span.Min / d.scale
	d.fill(values)
	return d
}

// season is the shortest season, or 1 where there is none.
func (d *data) season() int {
	if len(d.seasons) == 0 {
		return 1
	}
	return d.seasons[0]
}

// fill scales the values. A gap is the line between its neighbours, or, where it
// is longer than a quarter of the shortest season, the cycle before.
func (d *data) fill(values []float64) {
	n := len(values)
	d.y, d.seen = make([]float64, n), make([]bool, n)
	m := n
	if len(d.seasons) > 0 {
		m = d.seasons[0]
	}
	last := 0
	for t, v := range values {
		if math.IsNaN(v) {
			continue
		}
		d.y[t], d.seen[t] = v/d.scale, true
		d.bridge(last, t, m)
		last = t
	}
	d.bridge(last, n, m)
}

func (d *data) bridge(from, to, m int) {
	gap := to - from - 1
	for t := from + 1; t < to; t++ {
		switch {
		case t >= m && (4*gap > m || to == len(d.y)):
			d.y[t] = d.y[t-m]
		case to == len(d.y):
			d.y[t] = d.y[from]
		default:
			f := float64(t-from) / float64(to-from)
			d.y[t] = d.y[from]*(1-f) + d.y[to]*f
		}
	}
}

// admits tells whether a transform can be used. Numbers very near zero are as
// bad for a logarithm as zero is.
func (d *data) admits(k transform) bool {
	switch k {
	case root:
		return d.smallest >= 0
	case logarithm:
		return d.smallest > 1e-3
	case identity, transforms:
	}
	return true
}

// through returns the series as a transform shows it.
func (d *data) through(k transform) []float64 {
	if k == identity {
		return d.y
	}
	out := make([]float64, len(d.y))
	for t, v := range d.y {
		out[t] = k.apply(v)
	}
	return out
}
