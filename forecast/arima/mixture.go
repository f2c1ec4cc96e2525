package arima

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/almanac-forecast/almanac/forecast"
)

// The orders that the data cannot tell apart are averaged: with weights
// exp(−Δ/4), Δ the distance of the corrected criterion from the best. Burnham and
// Anderson (2002, section 4.2) have exp(−Δ/2), which takes the criterion for
// exact; it is the best of a hundred noisy ones. The point is the weighted mean;
// quantiles are the weighted means of the orders' quantiles, widened for how far
// the orders disagree.
const (
	temperature = 4
	mostParts   = 16
	leastPart   = 0.05 // weight, relative to the best, below which an order is left out
)

// mixture is several fitted orders of one series.
type mixture struct {
	parts   []*fitted
	weights []float64 // sum 1, descending
}

// weigh returns the fits worth keeping, best first, and their weights.
func weigh(fits []fit) ([]fit, []float64) {
	slices.SortStableFunc(fits, func(a, b fit) int {
		switch {
		case a.aicc < b.aicc:
			return -1
		case a.aicc > b.aicc:
			return 1
		}
		return 0
	})
	var kept []fit
	var weights []float64
	sum := 0.0
	for _, f := range fits[:min(len(fits), mostParts)] {
		w := math.Exp((fits[0].aicc - f.aicc) / temperature)
		if w < leastPart {
			break
		}
		kept, weights = append(kept, f), append(weights, w)
		sum += w
	}
	for i := range weights {
		weights[i] /= sum
	}
	return kept, weights
}

// Forecast combines the parts.
func (m *mixture) Forecast(ctx context.Context, horizon int, levels []float64) (forecast.Forecast, error) {
	if err := forecast.CheckRequest(horizon, levels); err != nil {
		return forecast.Forecast{}, err
	}
	out := forecast.New(levels, horizon)
	parts := make([]forecast.Forecast, len(m.parts))
	for i, p := range m.parts {
		f, err := p.raw(ctx, horizon, levels)
		if err != nil {
			return forecast.Forecast{}, err
		}
		parts[i] = f
		w := m.weights[i]
		for t, v := range f.Mean {
			out.Mean[t] += w * v
		}
		for l, q := range f.Quantiles {
			for t, v := range q {
				out.Quantiles[l][t] += w * v
			}
		}
	}
	m.calibrate(out.Quantiles, out.Mean, m.widen(out, parts))
	out.Bound(m.parts[0].span, m.parts[0].nonNegative)
	return out, nil
}

// widen stretches the quantiles about the mean so that their variance is that
// of the mixture: the mean of the variances and the variance of the means. It
// returns the deviations.
func (m *mixture) widen(out forecast.Forecast, parts []forecast.Forecast) []float64 {
	dev := make([]float64, out.Horizon())
	sds := make([][]float64, len(m.parts))
	for i, p := range m.parts {
		sds[i] = p.deviations(out.Horizon())
	}
	for t, mean := range out.Mean {
		var inner, plain, between float64
		for i, w := range m.weights {
			sd := sds[i][t] * m.parts[i].scale
			plain += w * sd
			inner += w * sd * sd
			d := parts[i].Mean[t] - mean
			between += w * d * d
		}
		if plain <= 0 {
			continue
		}
		dev[t] = math.Sqrt(inner + between)
		stretch := dev[t] / plain
		for _, q := range out.Quantiles {
			q[t] = mean + stretch*(q[t]-mean)
		}
	}
	return dev
}

// Info names the best order and counts the others.
func (m *mixture) Info() forecast.Info {
	i := m.parts[0].Info()
	if len(m.parts) > 1 {
		i.Params["weight"] = m.weights[0]
		i.Reason = fmt.Sprintf("average of %d orders by their information criteria", len(m.parts))
	}
	return i
}
