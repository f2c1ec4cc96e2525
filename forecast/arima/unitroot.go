package arima

import (
	"math"

	"github.com/almanac-forecast/almanac/forecast/stl"
)

// seasonalStrength is the strength of season above which a seasonal difference
// is taken. The value is that of Wang, Smith and Hyndman (2006), chosen there to
// minimise the error of seasonal ARIMA forecasts of the M3 data.
const seasonalStrength = 0.64

// kpssCritical is the 5 % point of the KPSS statistic of a level (Kwiatkowski,
// Phillips, Schmidt and Shin 1992, table 1).
const kpssCritical = 0.463

// kpssStrong is the 1 % point, which a second difference has to pass: it makes
// the forecast go on along the latest slope for ever, and where the evidence is
// weak that costs more than it gains.
const kpssStrong = 0.739

// seasonalDifferences says whether a season of m steps needs a difference.
func seasonalDifferences(y []float64, m int) int {
	if m < 2 || len(y) < 2*m+5 {
		return 0
	}
	d, ok := stl.Decompose(y, m, stl.Options{})
	if ok && d.Strength() > seasonalStrength {
		return 1
	}
	return 0
}

// firstDifferences returns how often a series must be differenced, at most
// twice, until the KPSS test does not reject that its level stays.
func firstDifferences(y []float64) int {
	x := observedOnly(y)
	for d := range 2 {
		critical := kpssCritical
		if d == 1 {
			critical = kpssStrong
		}
		if len(x) < 4 || isConstant(x) || kpss(x) < critical {
			return d
		}
		x = apply([]float64{1}, x)
	}
	return 2
}

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
