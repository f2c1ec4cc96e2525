// Package prep makes regular series out of irregular rows: it sums rows into
// the bins of a grid, fills what is missing by the rules the user chose, and
// puts related series on the same bins.
//
// The steps are in this order: [Aggregate] (or [Align] for related series,
// which are never aggregated), then [Filling.Apply].
package prep

import (
	"errors"
	"fmt"
	"math"

	"github.com/almanac-forecast/almanac/forecast/calendar"
)

// An Aggregation says how the values of one bin become one value. The zero
// value is Sum.
type Aggregation uint8

// The aggregations.
const (
	Sum   Aggregation = iota
	Avg               // arithmetic mean
	First             // the value with the earliest time; among equal times, the first row
	Min
	Max
)

var aggregations = [...]string{Sum: "sum", Avg: "avg", First: "first", Min: "min", Max: "max"}

// ErrName means that a text names no aggregation or filling method.
var ErrName = errors.New("prep: unknown name")

// ParseAggregation reads sum, avg, first, min or max.
func ParseAggregation(text string) (Aggregation, error) {
	for i, name := range aggregations {
		if text == name {
			return Aggregation(i), nil
		}
	}
	return 0, fmt.Errorf("%w: aggregation %q, want sum, avg, first, min or max", ErrName, text)
}

// String returns the name that [ParseAggregation] reads.
func (a Aggregation) String() string {
	if int(a) >= len(aggregations) {
		return "none"
	}
	return aggregations[a]
}

// Aggregate puts rows into count bins of the grid, the first of which has index
// first, and returns one value per bin: NaN where the bin has no row or only
// missing values (NaN). Missing values are passed over. Rows outside the bins
// are ignored. Rows may come in any order; sums are formed in the order of the
// rows. times and values must be of one length.
func Aggregate(times []int64, values []float64, g calendar.Grid, first, count int, how Aggregation) []float64 {
	if len(times) != len(values) {
		panic("prep: times and values differ in length")
	}
	out := missing(count)
	rows := make([]int, count)      // values that went into a bin
	earliest := make([]int64, 0, 1) // time of the value kept, for First only
	if how == First {
		earliest = make([]int64, count)
	}
	for r, v := range values {
		if math.IsNaN(v) {
			continue
		}
		i := g.Index(times[r]) - first
		if i < 0 || i >= count {
			continue
		}
		rows[i]++
		if rows[i] == 1 {
			out[i] = v
			if how == First {
				earliest[i] = times[r]
			}
			continue
		}
		switch how {
		case Sum, Avg:
			out[i] += v
		case First:
			if times[r] < earliest[i] {
				out[i], earliest[i] = v, times[r]
			}
		case Min:
			out[i] = min(out[i], v)
		case Max:
			out[i] = max(out[i], v)
		}
	}
	if how == Avg {
		for i, n := range rows {
			if n > 1 {
				out[i] /= float64(n)
			}
		}
	}
	return out
}

// An OffGridError tells of a row of a related series that does not start a bin.
type OffGridError struct {
	Time int64 // the row's time
	Bin  int64 // the start of the bin it lies in
}

// Error names both times in seconds; callers that know the format print their own.
func (e *OffGridError) Error() string {
	return fmt.Sprintf("prep: time %d is not the start of a bin (the bin starts at %d)", e.Time, e.Bin)
}

// Align puts the rows of a related series on count bins of the grid, the first
// of which has index first, without aggregating: where several rows share a
// bin, the last one that is not missing wins. Bins without a row are NaN. A row
// whose time is not the start of a bin is an error (*[OffGridError]).
func Align(times []int64, values []float64, g calendar.Grid, first, count int) ([]float64, error) {
	if len(times) != len(values) {
		panic("prep: times and values differ in length")
	}
	out := missing(count)
	for r, t := range times {
		bin := g.Index(t)
		if start := g.Time(bin); start != t {
			return nil, &OffGridError{Time: t, Bin: start}
		}
		if i := bin - first; i >= 0 && i < count && !math.IsNaN(values[r]) {
			out[i] = values[r]
		}
	}
	return out, nil
}

// Missing returns the index of the first missing value, or -1.
func Missing(values []float64) int {
	for i, v := range values {
		if math.IsNaN(v) {
			return i
		}
	}
	return -1
}

func missing(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.NaN()
	}
	return out
}
