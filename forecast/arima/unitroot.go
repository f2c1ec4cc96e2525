package arima

import "math"

// kpssCritical is the 5 % point of the KPSS statistic of a level (Kwiatkowski,
// Phillips, Schmidt and Shin 1992, table 1).
const kpssCritical = 0.463

func observedOnly(y []float64) []float64 {
	x := make([]float64, 0, len(y))
	for _, v := range y {
		if !math.IsNaN(v) {
			x = append(x, v)
		}
	}
	return x
}

func isConstant(x []float64) bool {
	for _, v := range x {
		if v != x[0] {
			return false
		}
	}
	return true
}

// kpss returns Σ S_t² / (n² s²(l)), with S_t the sums of the deviations from
// the mean and s²(l) their long-run variance with Bartlett's weights over
// l = ⌊4 (n/100)^(1/4)⌋ lags.
func kpss(x []float64) float64 {
	n := len(x)
	mean := 0.0
	for _, v := range x {
		mean += v / float64(n)
	}
	e := make([]float64, n)
	sum, squares, total := 0.0, 0.0, 0.0
	for t, v := range x {
		e[t] = v - mean
		sum += e[t]
		total += sum * sum
		squares += e[t] * e[t]
	}
	lags := int(4 * math.Pow(float64(n)/100, 0.25))
	for k := 1; k <= lags; k++ {
		c := 0.0
		for t := k; t < n; t++ {
			c += e[t] * e[t-k]
		}
		squares += 2 * (1 - float64(k)/float64(lags+1)) * c
	}
	if squares <= 0 {
		return 0
	}
	return total / (float64(n) * squares)
}
