package pipeline

import (
	"context"
	"strings"

	"github.com/almanac-forecast/almanac/forecast/metric"
	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/result"
)

// score computes the accuracy from the backtest files. It reads them in the
// order of the partitions whoever wrote them, so that the sums have the same
// bits after an interruption as without one.
func (t *trainer) score(ctx context.Context, b blob.Bucket, m modelManifest) (TrainResult, error) {
	r := TrainResult{Models: map[string]int{}, Fallbacks: Fallbacks{}, Features: t.features}
	for _, p := range m.Parts {
		r.Series += p.Series
		r.Skipped += p.Skipped
		r.Unrelated += p.Unrelated
		r.Objects = append(r.Objects, p.Key)
		if p.Backtest != nil {
			r.Objects = append(r.Objects, strings.TrimPrefix(p.Backtest.Key, "/"))
		}
		for name, n := range p.Models {
			r.Models[name] += n
		}
		for name, f := range p.Fallbacks {
			r.Fallbacks.add(name, f)
		}
	}
	if r.Series == 0 {
		return r, unusable("There is no series to train on: %d series were found, and each of them has no value at all or no related time series.", r.Skipped)
	}
	if len(t.windows) == 0 {
		return r, nil
	}
	model, naive, err := t.accumulate(ctx, b, m)
	if err != nil {
		return r, err
	}
	var models, naives []metric.Scores
	for i, w := range t.windows {
		out := Window{Start: t.span.grid.Time(w.start), End: t.span.grid.Time(w.end), Scores: model[i].Scores(), Naive: naive[i].Scores()}
		if out.Scores.Items == 0 {
			// The text is the service's own, and so is the missing :00 at its end.
			return r, unusable("Unable to evaluate this dataset because there is missing data in the evaluation window for all items. "+
				"Ensure that there is complete data for at least one item in the evaluation window starting from %s up to %s.",
				stamp(out.Start), stampMinutes(out.End))
		}
		r.Windows = append(r.Windows, out)
		models = append(models, out.Scores)
		naives = append(naives, out.Naive)
	}
	r.Summary, r.Naive = metric.Summary(models), metric.Summary(naives)
	return r, nil
}

// accumulate adds up the backtests by window.
func (t *trainer) accumulate(ctx context.Context, b blob.Bucket, m modelManifest) (model, naive []*metric.Accumulator, err error) {
	for range t.windows {
		model = append(model, metric.NewAccumulator(t.levels))
		naive = append(naive, metric.NewAccumulator(t.levels))
	}
	rows := t.backtestRows()
	n := len(t.levels) + 1
	files := &result.Manifest{Types: rows, Times: make([]int64, len(t.windows)*t.plan.Horizon), Dimensions: t.plan.Dimensions}
	for _, p := range m.Parts {
		files.Parts = append(files.Parts, *p.Backtest)
	}
	for i := range files.Parts {
		for s, err := range result.Scan(ctx, b, "", files, i) {
			if err != nil {
				return nil, nil, err
			}
			for k := range t.windows {
				from, to := k*t.plan.Horizon, (k+1)*t.plan.Horizon
				cut := func(rows [][]float64) [][]float64 {
					out := make([][]float64, len(rows))
					for i, row := range rows {
						out[i] = row[from:to]
					}
					return out
				}
				item := metric.Item{Actual: s.Values[2*n][from:to], Scale: s.Values[2*n+1][from]}
				item.Quantiles, item.Mean = cut(s.Values[:n-1]), s.Values[n-1][from:to]
				model[k].Add(item)
				item.Quantiles, item.Mean = cut(s.Values[n:2*n-1]), s.Values[2*n-1][from:to]
				naive[k].Add(item)
			}
		}
	}
	return model, naive, nil
}
