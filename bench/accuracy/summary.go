package main

import (
	"fmt"
	"math"
	"slices"
)

// ratios are figures of a case over those of the seasonal naive forecast.
type ratios struct {
	name      string
	mase, wql float64
}

// twelve are the cases that this project compares itself by; the others are
// variations of them and small.
var twelve = []string{
	"m3_yearly", "m3_quarterly", "m3_monthly", "m4_weekly", "hospital", "car_parts", "pasta_sales", "orange_juice",
	"us_births", "epf_np", "etth1", "tourism_regions",
}

// A summary gathers the ratios of models.
type summary map[string][]ratios

func (s summary) add(model string, r ratios) { s[model] = append(s[model], r) }

// print prints the geometric means over all cases and over the twelve.
func (s summary) print(models []string) {
	for _, m := range models {
		all := s[m]
		if len(all) < 2 {
			continue
		}
		fmt.Printf("\n%s over the seasonal naive forecast, geometric means: %s", m, means(all))
		some := slices.DeleteFunc(slices.Clone(all), func(r ratios) bool { return !slices.Contains(twelve, r.name) })
		if len(some) > 1 && len(some) < len(all) {
			fmt.Printf("; the twelve benchmark cases: %s", means(some))
		}
		fmt.Println()
	}
}

func means(all []ratios) string {
	mase, wql := 0.0, 0.0
	for _, r := range all {
		mase += math.Log(r.mase)
		wql += math.Log(r.wql)
	}
	n := float64(len(all))
	return fmt.Sprintf("MASE %.4f, WQL9 %.4f (%d cases)", math.Exp(mase/n), math.Exp(wql/n), len(all))
}

// naive returns the figures of the seasonal naive point forecast: the last value
// known of the same phase; all its quantiles are that point.
func naive(c benchCase, items []item) (mase, wql float64) {
	scaled, abs, size := 0.0, 0.0, 0.0
	for _, it := range items {
		for _, w := range it.windows {
			history, sum, n := it.values[:w.cut], 0.0, 0.0
			if len(history) == 0 {
				continue
			}
			point := lastSeason(history, c.maseSeason)
			for t, y := range it.values[w.cut:w.end] {
				if e := math.Abs(y - point[t%len(point)]); !math.IsNaN(e) {
					sum, n, size = sum+e, n+1, size+math.Abs(y)
				}
			}
			abs += sum
			if scale := seasonalScale(history, c.maseSeason); scale > 0 && n > 0 {
				mase, scaled = mase+sum/n/scale, scaled+1
			}
		}
	}
	return mase / scaled, abs / size
}

// lastSeason returns the last m values, or the last one where there are fewer;
// each missing one is the one before it.
func lastSeason(history []float64, m int) []float64 {
	filled := slices.Clone(history)
	for t := 1; t < len(filled); t++ {
		if math.IsNaN(filled[t]) {
			filled[t] = filled[t-1]
		}
	}
	if len(filled) < m {
		m = 1
	}
	return filled[len(filled)-m:]
}
