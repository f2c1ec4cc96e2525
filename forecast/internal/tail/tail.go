// Package tail takes steps that are missing at the end of a series for what they
// are: steps that have to be forecast before those that were asked for. A model
// that is given the series up to its last observation then knows of them what it
// knows of any future step, their growing width included, and an update that
// brings nothing but missing values moves the forecast on and changes none of its
// numbers.
package tail

import (
	"context"
	"math"
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
)

// Cut returns the series up to its last observation, and how many missing values
// followed it. Regressors stay whole, since their steps count from the beginning.
func Cut(s forecast.Series) (forecast.Series, int) {
	n := len(s.Values)
	for n > 0 && math.IsNaN(s.Values[n-1]) {
		n--
	}
	gap := len(s.Values) - n
	s.Values = s.Values[:n:n]
	return s, gap
}

// After returns a model of the series that Cut returned as one of the whole
// series, so many steps later. It draws paths if the model does. The error of the
// model's fit passes through.
func After(f forecast.Fitted, gap int, err error) (forecast.Fitted, error) {
	if err != nil || gap == 0 {
		return f, err
	}
	late := fitted{f, gap}
	if p, ok := f.(forecast.Pather); ok {
		return drawing{late, p}, nil
	}
	return late, nil
}

// fitted is a model whose series ended some steps ago.
type fitted struct {
	forecast.Fitted
	gap int
}

// Forecast leaves out the steps that are past.
func (f fitted) Forecast(ctx context.Context, horizon int, levels []float64) (forecast.Forecast, error) {
	if err := forecast.CheckRequest(horizon, levels); err != nil {
		return forecast.Forecast{}, err
	}
	out, err := f.Fitted.Forecast(ctx, f.gap+horizon, levels)
	if err != nil {
		return forecast.Forecast{}, err
	}
	out.Mean = slices.Clone(out.Mean[f.gap:])
	for i, q := range out.Quantiles {
		out.Quantiles[i] = slices.Clone(q[f.gap:])
	}
	return out, nil
}

// drawing is one that can draw.
type drawing struct {
	fitted
	pather forecast.Pather
}

// Paths draws the steps that are past too, since the later ones hang together
// with them, and leaves them out.
func (d drawing) Paths(ctx context.Context, horizon, count int, seed uint64) ([][]float64, error) {
	if err := forecast.CheckRequest(horizon, nil); err != nil {
		return nil, err
	}
	out, err := d.pather.Paths(ctx, d.gap+horizon, count, seed)
	for i, p := range out {
		out[i] = slices.Clone(p[d.gap:])
	}
	return out, err
}
