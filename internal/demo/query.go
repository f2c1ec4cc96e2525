package demo

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/internal/chart"
)

// point is one value of QueryForecast.
type point struct {
	Timestamp string
	Value     float64
}

// query asks for the forecast of one item and draws it after its history.
func (w *walk) query(ctx context.Context) error {
	s := w.data.interesting()
	filters := map[string]string{"item_id": s.key[0]}
	for i, dim := range w.data.dims {
		filters[dim] = s.key[1+i]
	}
	var got struct {
		Forecast struct{ Predictions map[string][]point }
	}
	if err := w.Client.Call(ctx, "QueryForecast", map[string]any{"ForecastArn": w.predicted, "Filters": filters}, &got); err != nil {
		return err
	}
	fan := chart.Fan{Title: strings.Join(s.key, ", "), Legend: "p10–p90"}
	shown := min(len(s.values), max(3*w.Horizon, 60))
	for i := len(s.values) - shown; i < len(s.values); i++ {
		fan.Times = append(fan.Times, time.Unix(w.data.grid.Time(s.first+i), 0).UTC())
		fan.History = append(fan.History, s.values[i])
	}
	for _, p := range got.Forecast.Predictions["p50"] {
		when, err := time.Parse("2006-01-02T15:04:05", p.Timestamp)
		if err != nil {
			return err
		}
		fan.Times = append(fan.Times, when)
	}
	for key, values := range map[string]*[]float64{"p10": &fan.Lower, "p50": &fan.Median, "p90": &fan.Upper} {
		for _, p := range got.Forecast.Predictions[key] {
			*values = append(*values, p.Value)
		}
		if len(*values) != w.Horizon {
			return fmt.Errorf("QueryForecast gave %d values for %s, want %d", len(*values), key, w.Horizon)
		}
	}
	w.done("QueryForecast for %s", strings.Join(s.key, ", "))
	fmt.Fprint(w.Out, "\n"+indent(fan.Draw(min(w.Width, 100)-2, 16))+"\n")
	return nil
}

// interesting picks the series with the largest total: one a picture shows something of.
func (d *data) interesting() series {
	best, most := d.series[0], math.Inf(-1)
	for _, s := range d.series {
		total := 0.0
		for _, v := range s.values {
			if !math.IsNaN(v) {
				total += v
			}
		}
		if total > most {
			best, most = s, total
		}
	}
	return best
}

func indent(text string) string {
	return "  " + strings.TrimSuffix(strings.ReplaceAll(text, "\n", "\n  "), "  ")
}
