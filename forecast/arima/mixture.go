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
// exact; it is the best of a hundred noisy ones.
const (
	temperature = 4
	mostParts   = 16
	leastPart   = 0.05 // weight, relative to the best, below which an order is left out
)

// mixture is several fitted orders of one series.
type mixture struct {
	parts   []*fitted
	weights []float64 // sum 1, descending
	begin   begin     // of what the amplitudes of Fourier pairs were estimated from
}

// newMixture applies fits to a history, best first. Where it has Fourier pairs all
// fits share the coefficients that the best one gives the columns. Those of a series
// that begins otherwise than at the fit, where the phases are lost, are those of the
// data of now.
func newMixture(fits []fit, weights []float64, h history) *mixture {
	out := &mixture{weights: weights}
	if len(h.design.harmonics) > 0 {
		beta := fits[0].beta[:len(h.columns)]
		if !h.design.same {
			p := newProblem(h.x, h.columns, fits[0].order)
			p.evaluate(fits[0].order, fits[0].u)
			beta = p.beta[:len(h.columns)]
		}
		for i, f := range fits {
			fits[i].beta = append(slices.Clone(beta), f.beta[len(beta):]...)
		}
		h.x, h.columns = less(h.x, h.columns, beta), nil
	}
	for _, f := range fits {
		out.parts = append(out.parts, newFitted(f, h))
	}
	return out
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

// Forecast combines the parts. The deviation of the mixture is
//
//	√(Σ w_i·(σ_i² + (μ_i − μ)²)),  μ = Σ w_i·μ_i
//
// and quantiles around μ have the shape of the errors that the best order has
// shown.
func (m *mixture) Forecast(ctx context.Context, horizon int, levels []float64) (forecast.Forecast, error) {
	if err := forecast.CheckRequest(horizon, levels); err != nil {
		return forecast.Forecast{}, err
	}
	out := forecast.New(levels, horizon)
	dev := make([]float64, horizon)
	points := make([][]float64, len(m.parts))
	freedom := 0.0
	for i, p := range m.parts {
		if err := ctx.Err(); err != nil {
			return forecast.Forecast{}, err
		}
		w := m.weights[i]
		freedom += w * float64(p.n-len(p.u)-len(p.beta))
		points[i] = make([]float64, horizon)
		p.points(points[i])
		for t, v := range points[i] {
			out.Mean[t] += w * v * p.scale
		}
	}
	for i, p := range m.parts {
		for t, sd := range p.deviations(horizon) {
			sd *= p.scale
			d := points[i][t]*p.scale - out.Mean[t]
			dev[t] += m.weights[i] * (sd*sd + d*d)
		}
	}
	for t, v := range dev {
		dev[t] = math.Sqrt(v * (1 + m.parts[0].used))
	}
	shown := m.calibrate(dev)
	for l, z := range shown.Scores(levels, horizon, freedom) {
		for t, mean := range out.Mean {
			out.Quantiles[l][t] = mean + z[t]*dev[t]
		}
	}
	out.Bound(m.parts[0].span, m.parts[0].nonNegative)
	return out, nil
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
