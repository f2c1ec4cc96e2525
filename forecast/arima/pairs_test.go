package arima

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/almanac-forecast/almanac/forecast"
)

// Sums of squares off the one factor are those of a regression on the first k
// columns each, and a column that others make up changes nothing.
func TestNestedIsEveryRegression(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const n = 60
	column := func() []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = r.NormFloat64()
		}
		return x
	}
	y, x := column(), [][]float64{column(), column(), nil, column()}
	x[2] = make([]float64, n)
	for i := range x[2] {
		x[2][i] = 2*x[0][i] - 3*x[1][i]
	}
	got := nested(y, x)
	for k := range len(x) + 1 {
		p := problem{work: append([][]float64{y}, x[:k]...), normal: make([]float64, k*k), beta: make([]float64, k)}
		if k > 2 { // without the column that is none
			p.work = append(append([][]float64{y}, x[:2]...), x[3:k]...)
			p.normal, p.beta = make([]float64, (k-1)*(k-1)), make([]float64, k-1)
		}
		if want := p.regress(); math.Abs(got[k]-want) > 1e-8*want {
			t.Errorf("%d columns leave %g, a regression leaves %g", k, got[k], want)
		}
	}
	if got[3] != got[2] {
		t.Errorf("a sum of two columns took %g of the rest", got[2]-got[3])
	}
}

func TestHarmonicsNeverRepeatAColumn(t *testing.T) {
	for _, h := range []harmonics{
		{{24, 12}, {168, 84}}, {{48, 3}, {336, 40}}, {{24, 2}, {36, 18}}, {{52, 26}}, {{25, 12}, {35, 17}},
	} {
		const n = 1050
		columns := h.columns(0, n)
		if len(columns) != h.width() {
			t.Errorf("%v has %d columns and a width of %d", h, len(columns), h.width())
		}
		for i, a := range columns {
			for j, b := range columns[:i] {
				if cos := dot(a, b) / math.Sqrt(dot(a, a)*dot(b, b)); math.Abs(cos) > 0.9 {
					t.Errorf("%v: columns %d and %d have a cosine of %g", h, j, i, cos)
				}
			}
		}
	}
}

// A week whose Saturday and Sunday lie still needs dozens of pairs: ten of them
// miss a fifth of the day's height.
func TestWeekOfHoursIsForecast(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	const week, ahead = 168, 168
	values := make([]float64, 8*week)
	for i := range values {
		if hour, day := i%24, i/24%7; day < 5 && hour >= 7 && hour < 19 {
			values[i] = 10
		}
		values[i] += 20 + 0.5*r.NormFloat64()
	}
	n := len(values) - ahead
	fitted, err := Model{}.Fit(t.Context(), forecast.Series{Values: values[:n], Seasons: []int{24, week}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	f, err := fitted.Forecast(t.Context(), ahead, []float64{0.1, 0.5, 0.9})
	if err != nil {
		t.Fatal(err)
	}
	missed, inside := 0.0, 0.0
	for i, y := range values[n:] {
		missed += math.Abs(f.Quantiles[1][i]-y) / ahead
		if f.Quantiles[0][i] <= y && y <= f.Quantiles[2][i] {
			inside += 1.0 / ahead
		}
	}
	t.Logf("%s misses %.3f, %.3f inside", fitted.Info().Model, missed, inside)
	if missed > 0.6 { // the noise alone is missed by 0.4
		t.Errorf("%s misses the values by %g on average", fitted.Info().Model, missed)
	}
	if inside < 0.7 || inside > 0.9 {
		t.Errorf("%g of the values are between P10 and P90", inside)
	}
}
