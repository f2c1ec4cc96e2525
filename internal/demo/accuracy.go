package demo

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/baseline"
	"github.com/almanac-forecast/almanac/forecast/calendar"
	"github.com/almanac-forecast/almanac/forecast/metric"
	"github.com/almanac-forecast/almanac/internal/chart"
)

// window is one test window of GetAccuracyMetrics; the summary has no times.
type window struct {
	EvaluationType                 string
	TestWindowStart, TestWindowEnd float64
	ItemCount                      int
	Metrics                        struct {
		RMSE                        float64
		AverageWeightedQuantileLoss float64
		WeightedQuantileLosses      []struct{ Quantile, LossValue float64 }
		ErrorMetrics                []struct {
			ForecastType           string
			WAPE, RMSE, MASE, MAPE *float64
		}
	}
}

// accuracy shows the predictor's own backtest beside a seasonal naive forecast
// made here, from the same file, for the same windows.
func (w *walk) accuracy(ctx context.Context) error {
	var got struct {
		PredictorEvaluationResults []struct{ TestWindows []window }
	}
	if err := w.Client.Call(ctx, "GetAccuracyMetrics", map[string]any{"PredictorArn": w.predictor}, &got); err != nil {
		return err
	}
	if len(got.PredictorEvaluationResults) == 0 {
		return fmt.Errorf("the predictor %s has no evaluation", w.predictor)
	}
	var summary window
	var naive []metric.Scores
	for _, tw := range got.PredictorEvaluationResults[0].TestWindows {
		if tw.EvaluationType == "SUMMARY" {
			summary = tw
			continue
		}
		scores, err := w.data.seasonalNaive(ctx, int64(tw.TestWindowStart), w.Horizon)
		if err != nil {
			return err
		}
		naive = append(naive, scores)
		w.done("backtest on %s to %s, %d series", date(tw.TestWindowStart), date(tw.TestWindowEnd), tw.ItemCount)
	}
	fmt.Fprint(w.Out, "\n"+indent(accuracyTable(summary, metric.Summary(naive)))+"\n")
	return nil
}

func accuracyTable(summary window, naive metric.Scores) string {
	number := func(v *float64) string {
		if v == nil || math.IsNaN(*v) {
			return "–"
		}
		return chart.Score(*v)
	}
	var rows [][]string
	row := func(name string, ours *float64, theirs float64) {
		gain := ""
		if ours != nil && theirs > 0 {
			gain = fmt.Sprintf("%+.0f %%", (*ours/theirs-1)*100)
		}
		rows = append(rows, []string{name, number(ours), number(&theirs), gain})
	}
	for i, level := range naive.Levels {
		for _, q := range summary.Metrics.WeightedQuantileLosses {
			if q.Quantile == level {
				row(fmt.Sprintf("wQL[%g]", level), &q.LossValue, naive.WQL[i])
			}
		}
	}
	row("average wQL", &summary.Metrics.AverageWeightedQuantileLoss, naive.AverageWQL)
	for _, m := range summary.Metrics.ErrorMetrics {
		row("WAPE", m.WAPE, naive.WAPE)
		row("RMSE", m.RMSE, naive.RMSE)
		row("MASE", m.MASE, naive.MASE)
		row("MAPE", m.MAPE, naive.MAPE)
	}
	return chart.Table([]string{"lower is better", "Almanac", "seasonal naive", "compared"}, rows)
}

// seasonalNaive scores a seasonal naive forecast of the window that starts at a time.
func (d *data) seasonalNaive(ctx context.Context, start int64, horizon int) (metric.Scores, error) {
	seasons := calendar.Seasons(d.grid.Frequency)
	acc := metric.NewAccumulator(levels)
	at, end := d.grid.Index(start), d.end()
	for _, s := range d.series {
		y := s.filled(end)
		if at <= s.first || at+horizon > end {
			continue
		}
		history, actual := y[:at-s.first], y[at-s.first:at-s.first+horizon]
		fitted, err := baseline.SeasonalNaive{}.Fit(ctx, forecast.Series{Values: history, Seasons: seasons}, 1)
		if err != nil {
			return metric.Scores{}, err
		}
		f, err := fitted.Forecast(ctx, horizon, levels)
		if err != nil {
			return metric.Scores{}, err
		}
		acc.Add(metric.Item{Actual: actual, Mean: f.Mean, Quantiles: f.Quantiles, Scale: metric.Scale(history, calendar.AmazonSeason(d.grid.Frequency))})
	}
	return acc.Scores(), nil
}

// end is the grid index after the last row of all series.
func (d *data) end() int {
	end := math.MinInt
	for _, s := range d.series {
		end = max(end, s.first+len(s.values))
	}
	return end
}

// filled returns the values up to end with zeros for missing ones, which is
// how the service fills a target by default.
func (s series) filled(end int) []float64 {
	y := make([]float64, end-s.first)
	for i, v := range s.values {
		if !math.IsNaN(v) {
			y[i] = v
		}
	}
	return y
}

func date(epoch float64) string { return time.Unix(int64(epoch), 0).UTC().Format(time.DateOnly) }
