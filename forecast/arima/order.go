package arima

import (
	"fmt"
	"strings"
)

// Order is the form of a model: (P,D,Q)(SP,SD,SQ)[Period].
type Order struct {
	P, D, Q    int // non-seasonal autoregression, differences, moving average
	SP, SD, SQ int // the same at lags that are multiples of Period
	Period     int // steps of a season, 1 without one
	// Constant adds a mean where nothing is differenced, and a drift where one
	// difference is taken. With two differences there is none: it would make a
	// quadratic trend.
	Constant bool
}

// String writes the order as "arima(1,1,1)(0,1,1)[12]", with "+mean" or
// "+drift" where it has a constant.
func (o Order) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "arima(%d,%d,%d)", o.P, o.D, o.Q)
	if o.Period > 1 && o.SP+o.SD+o.SQ > 0 {
		fmt.Fprintf(&b, "(%d,%d,%d)[%d]", o.SP, o.SD, o.SQ, o.Period)
	}
	switch {
	case o.Constant && o.D+o.SD == 0:
		b.WriteString("+mean")
	case o.Constant:
		b.WriteString("+drift")
	}
	return b.String()
}

// arma returns how many coefficients the autoregression and the moving average
// have together.
func (o Order) arma() int { return o.P + o.Q + o.SP + o.SQ }

// lost returns how many values the differences use up.
func (o Order) lost() int { return o.D + o.SD*o.Period }

// within reports whether the order is one that the search may look at.
func (o Order) within(maxP, maxQ, maxSP, maxSQ int) bool {
	return o.P >= 0 && o.Q >= 0 && o.SP >= 0 && o.SQ >= 0 &&
		o.P <= maxP && o.Q <= maxQ && o.SP <= maxSP && o.SQ <= maxSQ
}

// differences returns δ of (1−B)^D (1−B^Period)^SD = 1 − δ₁B − δ₂B² − ….
func (o Order) differences() []float64 {
	poly := []float64{1}
	for range o.D {
		poly = multiply(poly, 1)
	}
	for range o.SD {
		poly = multiply(poly, o.Period)
	}
	delta := make([]float64, len(poly)-1)
	for i := range delta {
		delta[i] = -poly[i+1]
	}
	return delta
}

// multiply returns poly·(1−B^lag).
func multiply(poly []float64, lag int) []float64 {
	out := make([]float64, len(poly)+lag)
	for i, c := range poly {
		out[i] += c
		out[i+lag] -= c
	}
	return out
}

// apply returns x with the differences taken: w_t = x_t − Σ δ_j x_(t−j), for t
// from len(delta) on.
func apply(delta, x []float64) []float64 {
	k := len(delta)
	if len(x) <= k {
		return nil
	}
	w := make([]float64, len(x)-k)
	for t := range w {
		v := x[t+k]
		for j, d := range delta {
			if d != 0 {
				v -= d * x[t+k-1-j]
			}
		}
		w[t] = v
	}
	return w
}
