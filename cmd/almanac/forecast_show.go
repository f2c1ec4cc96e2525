package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/forecast/metric"
	"github.com/almanac-forecast/almanac/internal/batch"
	"github.com/almanac-forecast/almanac/internal/chart"
	"github.com/almanac-forecast/almanac/internal/pipeline"
	"github.com/almanac-forecast/almanac/internal/result"
)

func bar(done float64) string { return chart.Bar(done, 30) }

// mostPlots bounds how many combinations of dimensions of one item are drawn.
const mostPlots = 6

// plot draws the forecasts of an item, one picture per combination of dimensions.
func plot(ctx context.Context, c *console, r *batch.Result, item string) error {
	found, err := r.Find(ctx, item)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("--plot: there is no item %q in the forecast", item)
	}
	for i, s := range found {
		if i == mostPlots {
			fmt.Fprintf(c.stdout, "and %d more\n", len(found)-mostPlots)
			break
		}
		fan, err := fanOf(ctx, r, s)
		if err != nil {
			return err
		}
		fmt.Fprintln(c.stdout, fan.Draw(min(c.width(), 120), 18))
	}
	return nil
}

func fanOf(ctx context.Context, r *batch.Result, s result.Series) (chart.Fan, error) {
	fan := chart.Fan{Title: strings.Join(append([]string{s.Key.ID}, s.Key.Dims...), ", ")}
	history, grid, err := r.History(ctx, s.Key)
	if err != nil {
		return fan, err
	}
	first := len(history) - min(len(history), max(3*len(r.Manifest.Times), 60))
	for i := first; i < len(history); i++ {
		fan.Times = append(fan.Times, time.Unix(grid.Time(i), 0).UTC())
	}
	fan.History = history[first:]
	for _, t := range r.Manifest.Times {
		fan.Times = append(fan.Times, time.Unix(t, 0).UTC())
	}
	low, middle, high := band(r.Manifest.Types)
	fan.Lower, fan.Median, fan.Upper = s.Values[low], s.Values[middle], s.Values[high]
	fan.Legend = result.Label(r.Manifest.Types[low]) + "–" + result.Label(r.Manifest.Types[high])
	return fan, nil
}

// band picks the lowest, the middlemost and the highest of the quantiles.
func band(types []string) (low, middle, high int) {
	type quantile struct {
		level float64
		at    int
	}
	var all []quantile
	for i, t := range types {
		if level, err := strconv.ParseFloat(t, 64); err == nil {
			all = append(all, quantile{level, i})
		}
	}
	low = slices.MinFunc(all, func(a, b quantile) int { return compare(a.level, b.level) }).at
	high = slices.MaxFunc(all, func(a, b quantile) int { return compare(a.level, b.level) }).at
	middle = slices.MinFunc(all, func(a, b quantile) int { return compare(math.Abs(a.level-0.5), math.Abs(b.level-0.5)) }).at
	return low, middle, high
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// backtestTable shows the accuracy beside that of the seasonal naive forecast.
func backtestTable(r *batch.Result) string {
	ours, naive := r.Train.Summary, r.Train.Naive
	var rows [][]string
	row := func(name string, a, b float64) { rows = append(rows, []string{name, chart.Score(a), chart.Score(b)}) }
	for i, level := range ours.Levels {
		row("wQL["+strconv.FormatFloat(level, 'g', -1, 64)+"]", ours.WQL[i], naive.WQL[i])
	}
	row("average wQL", ours.AverageWQL, naive.AverageWQL)
	row("WAPE", ours.WAPE, naive.WAPE)
	row("RMSE", ours.RMSE, naive.RMSE)
	row("MASE", ours.MASE, naive.MASE)
	row("MAPE", ours.MAPE, naive.MAPE)
	return chart.Table([]string{"lower is better", "forecast", "seasonal naive"}, rows)
}

// leftOut tells what of the related series was not used, and whom they lack;
// nothing where all is well.
func leftOut(r *batch.Result) string {
	var b strings.Builder
	for _, f := range r.Train.Features {
		if f.Unused != "" {
			fmt.Fprintf(&b, "--related: the column %s is not used: %s\n", f.Name, f.Unused)
		}
	}
	if n := r.Train.Unrelated; n > 0 {
		fmt.Fprintf(&b, "--related: %d series of the target are not in it and get no forecast\n", n)
	}
	return b.String()
}

// standsIn tells which simpler models stand in for the one that was asked for, and
// for whom; nothing where none does.
func standsIn(r *batch.Result, model string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r.Train.Fallbacks)) {
		f := r.Train.Fallbacks[name]
		first := strings.Join(append([]string{f.Item}, f.Dims...), ", ")
		how := name + " stands in"
		if name == model {
			how = "it falls back"
		}
		fmt.Fprintf(&b, "--model %s: %s for %d of %d series, first for %s: %s\n", model, how, f.Series, r.Train.Series, first, f.Reason)
	}
	return b.String()
}

// stats is what --stats writes.
type stats struct {
	Series      int64          `json:"series"`
	Skipped     int64          `json:"skipped"`
	Rows        int64          `json:"rows"`
	InputBytes  int64          `json:"input_bytes"`
	Horizon     int            `json:"horizon"`
	Steps       int64          `json:"steps"` // values forecast per quantile
	WallSeconds float64        `json:"wall_seconds"`
	CPUSeconds  float64        `json:"cpu_seconds"`
	PeakBytes   int64          `json:"peak_bytes"`
	Models      map[string]int `json:"models"`
	Backtest    *backtest      `json:"backtest,omitempty"`

	Fallbacks pipeline.Fallbacks `json:"fallbacks,omitempty"` // by the model that stands in
	Related   []pipeline.Feature `json:"related,omitempty"`   // columns of related series
	Unrelated int64              `json:"unrelated,omitempty"` // series skipped since they have no related ones
}

type backtest struct {
	Windows       int    `json:"windows"`
	Forecast      scores `json:"forecast"`
	SeasonalNaive scores `json:"seasonal_naive"`
}

// scores are figures by name; those that are not defined are left out.
type scores map[string]float64

func scoresOf(s metric.Scores) scores {
	out := scores{"average_wql": s.AverageWQL, "wape": s.WAPE, "rmse": s.RMSE, "mase": s.MASE, "mape": s.MAPE}
	for i, level := range s.Levels {
		out["wql_"+strconv.FormatFloat(level, 'g', -1, 64)] = s.WQL[i]
	}
	for name, v := range out {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			delete(out, name)
		}
	}
	return out
}

func writeStats(c *console, path string, r *batch.Result, u *usageMeter) error {
	s := stats{
		Series: r.Forecast.Series, Skipped: r.Forecast.Skipped, Rows: r.Rows, InputBytes: r.Bytes,
		Horizon: len(r.Manifest.Times), Steps: r.Forecast.Series * int64(len(r.Manifest.Times)), Models: r.Train.Models,
		Fallbacks: r.Train.Fallbacks, Related: r.Train.Features, Unrelated: r.Train.Unrelated,
	}
	s.WallSeconds, s.CPUSeconds, s.PeakBytes = u.read()
	if n := len(r.Train.Windows); n > 0 {
		s.Backtest = &backtest{n, scoresOf(r.Train.Summary), scoresOf(r.Train.Naive)}
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if path == batch.Stdin {
		_, err = c.stdout.Write(text)
		return err
	}
	return os.WriteFile(path, text, 0o644) //nolint:gosec // a report for whoever may read the folder
}
