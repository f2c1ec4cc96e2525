package prep

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Method says what replaces missing values of a region. The zero value leaves
// them missing.
type Method uint8

// The methods. Those from Mean on are statistics of the observed values near
// the gap: see [Filling.Apply].
const (
	None Method = iota // not asked for: missing values stay
	NaN                // asked to stay missing
	Zero
	Value // a constant
	Mean
	Median
	Minimum
	Maximum
)

var methods = [...]string{None: "none", NaN: "nan", Zero: "zero", Value: "value", Mean: "mean", Median: "median", Minimum: "min", Maximum: "max"}

// ParseMethod reads none, nan, zero, value, mean, median, min or max.
func ParseMethod(text string) (Method, error) {
	for i, name := range methods {
		if text == name {
			return Method(i), nil
		}
	}
	return 0, fmt.Errorf("%w: filling method %q, want one of %s", ErrName, text, strings.Join(methods[:], ", "))
}

// String returns the name that [ParseMethod] reads.
func (m Method) String() string {
	if int(m) >= len(methods) {
		return "unknown"
	}
	return methods[m]
}

// A Fill is a method and, for Value, its constant.
type Fill struct {
	Method Method
	Value  float64
}

// A Filling says what to do in the four regions of a series: front is what
// lies before its first observation, middle between its first and its last, back
// after its last up to the end of the history, and future beyond that (only
// related series have it). The zero value leaves everything missing.
type Filling struct {
	Front, Middle, Back, Future Fill
}

// TargetDefault is how targets are filled unless the user says otherwise.
var TargetDefault = Filling{Middle: Fill{Method: Zero}, Back: Fill{Method: Zero}}

// window is how many observed values a statistic is taken from.
const window = 64

// Apply returns the values with their gaps filled, and for each step whether it
// counts as data when forecasts are scored: observed values do, and zeros that
// were filled in, since a missing row then means that nothing happened; other
// filled values do not. values holds the history and, as its last future
// steps, the future; it is not changed.
//
// Mean, median, minimum and maximum are taken once per gap from the up to 64
// most recent observed values before it, filled values left out, and the whole
// gap gets the one number. Nothing lies before the front, which takes the first
// 64 observed values of the history instead. A statistic without any
// observation stays missing.
//
// A history without any observation is all front.
func (f Filling) Apply(values []float64, future int) (filled []float64, data []bool) {
	if future < 0 || future > len(values) {
		panic("prep: the future is longer than the series")
	}
	filled = slices.Clone(values)
	data = make([]bool, len(values))
	end := len(values) - future
	first, last := end, end
	for i, v := range values {
		if math.IsNaN(v) {
			continue
		}
		data[i] = true
		if i < end {
			first, last = min(first, i), i
		}
	}
	for i := 0; i < len(values); {
		if data[i] {
			i++
			continue
		}
		region, stop := f.Middle, last
		switch {
		case i < first:
			region, stop = f.Front, first
		case i >= end:
			region, stop = f.Future, len(values)
		case i > last:
			region, stop = f.Back, end
		}
		gap := i
		for i < stop && !data[i] {
			i++
		}
		if v, ok := region.value(values, gap, gap < first); ok {
			for k := gap; k < i; k++ {
				filled[k] = v
			}
		}
		if region.Method == Zero {
			for k := gap; k < i; k++ {
				data[k] = true
			}
		}
	}
	return filled, data
}

// value returns what fills the gap that begins at a step, and whether anything does.
func (f Fill) value(values []float64, gap int, front bool) (float64, bool) {
	switch f.Method {
	case Zero:
		return 0, true
	case Value:
		return f.Value, true
	case None, NaN:
		return 0, false
	case Mean, Median, Minimum, Maximum:
	}
	near := make([]float64, 0, window)
	if front {
		for i := gap; i < len(values) && len(near) < window; i++ {
			if !math.IsNaN(values[i]) {
				near = append(near, values[i])
			}
		}
	} else {
		for i := gap - 1; i >= 0 && len(near) < window; i-- {
			if !math.IsNaN(values[i]) {
				near = append(near, values[i])
			}
		}
	}
	if len(near) == 0 {
		return 0, false
	}
	return f.Method.statistic(near), true
}

// statistic may reorder its values.
func (m Method) statistic(values []float64) float64 {
	switch m {
	case Minimum:
		return slices.Min(values)
	case Maximum:
		return slices.Max(values)
	case Median:
		slices.Sort(values)
		n := len(values)
		return values[(n-1)/2]/2 + values[n/2]/2
	case None, Zero, NaN, Value, Mean:
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
