package arima

import (
	"context"
	"math"
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
)

// A design is what stands beside the process of errors: Fourier pairs, then the
// series' regressors. A constant is the business of the order.
type design struct {
	harmonics harmonics
	// scales are the standard deviations of the series' regressors, 0 for one
	// that is not used.
	scales []float64
	// known are the regressors in use over their scales, from the first value that
	// is looked at to the end of what is known.
	known [][]float64
	// same tells that the series begins as that of the fit did; what is looked at
	// then begins so many steps later as moved tells, and phases count on.
	same  bool
	moved int
}

// newDesign takes the regressors whose future is known and that change within
// the values looked at, the latest n of the series.
func newDesign(s forecast.Series, n int) design {
	d := design{scales: make([]float64, len(s.Regressors))}
	from := len(s.Values) - n
	for i, r := range s.Regressors {
		if len(r) > len(s.Values) {
			d.scales[i] = deviation(r[from:len(s.Values)])
		}
	}
	d.measure(s, n)
	return d
}

// measure fills known with the regressors that have a scale.
func (d *design) measure(s forecast.Series, n int) {
	d.known = nil
	for i, scale := range d.scales {
		if scale == 0 {
			continue
		}
		column := slices.Clone(s.Regressors[i][len(s.Values)-n:])
		for t := range column {
			column[t] /= scale
		}
		d.known = append(d.known, column)
	}
}

// without returns the design less its regressors.
func (d design) without() design {
	return design{harmonics: d.harmonics, scales: make([]float64, len(d.scales))}
}

// deviation returns the standard deviation of values, 0 where it cannot be
// told from rounding.
func deviation(values []float64) float64 {
	span := forecast.SpanOf(values)
	largest := max(math.Abs(span.Min), math.Abs(span.Max))
	if span.Max/2-span.Min/2 <= 1e-9*largest {
		return 0
	}
	mean, sum := 0.0, 0.0
	for _, v := range values {
		mean += v / largest / float64(len(values))
	}
	for _, v := range values {
		e := v/largest - mean
		sum += e * e
	}
	scale := largest * math.Sqrt(sum/float64(len(values)))
	if math.IsInf(1/scale, 0) || math.IsInf(scale, 0) {
		return 0
	}
	return scale
}

// columns returns every column at the times from to from+n−1. Beyond what is
// known a regressor keeps its last value.
func (d design) columns(from, n int) [][]float64 {
	out := d.harmonics.columns(d.moved+from, n)
	for _, k := range d.known {
		column := make([]float64, n)
		for t := range column {
			column[t] = k[min(from+t, len(k)-1)]
		}
		out = append(out, column)
	}
	return out
}

// choose returns the orders that count with the design that they were fitted
// with. Regressors stay where the criterion of the best order wants them: on a
// short series a dozen of them would explain anything.
func (m Model) choose(ctx context.Context, x []float64, s forecast.Series) ([]fit, design, error) {
	d := newDesign(s, len(x))
	if m.Order != nil {
		return m.given(x, d), d, nil
	}
	fits, chosen, err := fitDesign(ctx, x, s, d)
	if err != nil || len(d.known) == 0 {
		return fits, chosen, err
	}
	plain, other, err := fitDesign(ctx, x, s, d.without())
	if err != nil {
		return nil, design{}, err
	}
	if len(fits) == 0 || len(plain) > 0 && plain[0].aicc <= fits[0].aicc {
		return plain, other, nil
	}
	return fits, chosen, nil
}

// given fits the order that was asked for.
func (m Model) given(x []float64, d design) []fit {
	p := newProblem(x, d.columns(0, len(x)), *m.Order)
	if len(p.columns[0]) < fewest {
		return nil
	}
	f, ok := p.estimate(*m.Order, nil, exactly, nil)
	if !ok {
		return nil
	}
	return []fit{f}
}

// fitDesign searches with a design, to which it adds Fourier pairs where the season is long.
func fitDesign(ctx context.Context, x []float64, s forecast.Series, d design) ([]fit, design, error) {
	period := s.Season()
	if period >= longSeason {
		return chooseFourier(ctx, x, s.Seasons, d)
	}
	columns := d.columns(0, len(x))
	found, err := search(ctx, filled(x, period), columns, period)
	if err != nil {
		return nil, design{}, err
	}
	return refine(x, columns, found), d, nil
}
