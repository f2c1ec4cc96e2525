package pipeline_test

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/dataset"
	"github.com/almanac-forecast/almanac/internal/pipeline"
)

var promotedAttributes = []dataset.Attribute{
	{Name: "item_id", Type: "string"},
	{Name: "timestamp", Type: "timestamp"},
	{Name: "promotion", Type: "float"},
	{Name: "visitors", Type: "float"},
	{Name: "open", Type: "integer"},
}

// promoted is a shop whose sales rise by 40 on days with a promotion. The
// promotions are known for the horizon, the visitors, who follow the sales, are
// not; the shop is always open. truth is what the horizon brings, by item and
// store, but for its noise. Item_4 has no related series, item_9 no target.
type promoted struct {
	target, related string
	truth           map[string][]float64
}

func newPromoted(days int) promoted {
	const horizon = 7
	rnd := rand.New(rand.NewPCG(21, 22))
	p := promoted{truth: map[string][]float64{}}
	var target, related strings.Builder
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 5 {
		promotion := make([]float64, days+horizon)
		for d := range promotion {
			if rnd.IntN(5) == 0 {
				promotion[d] = 1
			}
		}
		for store := range 2 {
			for d := range days + horizon {
				v := float64(50+10*i+5*store) + 6*math.Sin(2*math.Pi*float64(d)/7) + 40*promotion[d]
				if d < days {
					fmt.Fprintf(&target, "Item_%d,S%d,%s,%.3f\n", i, store, start.AddDate(0, 0, d).Format(time.DateOnly), v+2*rnd.NormFloat64())
				} else {
					key := fmt.Sprintf("item_%d/s%d", i, store)
					p.truth[key] = append(p.truth[key], v)
				}
			}
		}
		for d := range days + horizon {
			visitors := ""
			if d < days {
				visitors = fmt.Sprintf("%.2f", 100+80*promotion[d]+rnd.NormFloat64())
			}
			if i < 4 {
				fmt.Fprintf(&related, "ITEM_%d,%s,%g,%s,1\n", i, start.AddDate(0, 0, d).Format(time.DateOnly), promotion[d], visitors)
			}
		}
	}
	for d := range days {
		fmt.Fprintf(&related, "item_9,%s,1,1,1\n", start.AddDate(0, 0, d).Format(time.DateOnly))
	}
	p.target, p.related = target.String(), related.String()
	return p
}

// miss is the mean distance of the forecasts from the truth.
func (p promoted) miss(t *testing.T, b blob.Bucket) float64 {
	t.Helper()
	sum, n := 0.0, 0.0
	for i := range 4 {
		for _, store := range []string{"s0", "s1"} {
			id := fmt.Sprintf("item_%d", i)
			for step, v := range query(t, b, id, store).Values[3] {
				sum, n = sum+math.Abs(v-p.truth[id+"/"+store][step]), n+1
			}
		}
	}
	return sum / n
}

// TestRegressors trains on data whose sales depend on promotions: with the
// related series the error is a fraction of that without, in the backtest and in
// the forecast, and the bytes do not depend on threads or partitions of them.
func TestRegressors(t *testing.T) {
	data := newPromoted(112)
	b := blob.NewMemory()
	target := load(t, b, dataset.TargetTimeSeries, targetAttributes, data.target, 4)
	var first map[string]string
	for _, model := range []string{"auto", "regression", "arima"} {
		p := plan(model)
		p.Windows = 1
		without := blob.NewMemory()
		alone, err := pipeline.Train(t.Context(), pipeline.Inputs{Target: target}, p, pipeline.Output{Bucket: without, Prefix: "m/", Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		forecastAll(t, without, pipeline.Inputs{Target: target}, p, 2)
		for _, threads := range []int{1, 3} {
			own := blob.NewMemory()
			in := pipeline.Inputs{Target: target, Related: load(t, blob.NewMemory(), dataset.RelatedTimeSeries, promotedAttributes, data.related, threads/2+1)}
			trained, err := pipeline.Train(t.Context(), in, p, pipeline.Output{Bucket: own, Prefix: "m/", Threads: threads})
			if err != nil {
				t.Fatal(err)
			}
			if trained.Series != 8 || trained.Skipped != 2 || trained.Unrelated != 2 {
				t.Errorf("%s: %d series, %d skipped, %d of them for want of related series; want 8, 2, 2", model, trained.Series, trained.Skipped, trained.Unrelated)
			}
			if r := trained.Features; len(r) != 3 || r[0] != (pipeline.Feature{Name: "promotion"}) || !strings.Contains(r[1].Unused, "no value after the end of the target time series at 2024-04-21") || r[2].Unused != "" {
				t.Errorf("%s: features %+v", model, r)
			}
			if got, plain := trained.Summary.WAPE, alone.Summary.WAPE; got > plain/3 {
				t.Errorf("%s: WAPE of the backtest is %.3f, without related series %.3f", model, got, plain)
			}
			made := forecastAll(t, own, in, p, threads)
			if made.Series != 8 || made.Skipped != 2 {
				t.Errorf("%s: %+v", model, made)
			}
			if got, plain := data.miss(t, own), data.miss(t, without); got > plain/3 {
				t.Errorf("%s: the forecast is %.2f from the truth, without related series %.2f", model, got, plain)
			}
			if model != "auto" {
				break
			}
			if trained.Models["regression"] != 8 {
				t.Errorf("models %v, want the regression for all", trained.Models)
			}
			if got := dump(t, own, ""); first == nil {
				first = got
			} else if !maps.Equal(first, got) {
				t.Errorf("%d threads: other bytes", threads)
			}
		}
	}
}

func forecastAll(t *testing.T, b blob.Bucket, in pipeline.Inputs, p pipeline.Plan, threads int) pipeline.ForecastResult {
	t.Helper()
	made, err := pipeline.Forecast(t.Context(), in, p, pipeline.Models{Prefix: "m/"}, nil, pipeline.Output{Bucket: b, Prefix: "f/", Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// TestRegressorsOfLaterData forecasts with data that have changed since the
// training: what the models need must be there, and the message says what is not.
func TestRegressorsOfLaterData(t *testing.T) {
	data := newPromoted(56)
	b := blob.NewMemory()
	in := pipeline.Inputs{
		Target:  load(t, b, dataset.TargetTimeSeries, targetAttributes, data.target, 2),
		Related: load(t, b, dataset.RelatedTimeSeries, promotedAttributes, data.related, 1),
	}
	p := plan("regression")
	if _, err := pipeline.Train(t.Context(), in, p, pipeline.Output{Bucket: b, Prefix: "m/"}); err != nil {
		t.Fatal(err)
	}
	longer := newPromoted(60) // other numbers, four days more
	for name, tt := range map[string]struct {
		target, related string
		want            string
	}{
		"both have grown":             {longer.target, longer.related, ""},
		"the related have not":        {longer.target, data.related, "promotion of the RELATED_TIME_SERIES dataset, which the predictor uses, must have values from the start of the target time series to the end of the forecast horizon at 2024-03-07T00:00:00"},
		"the related series are gone": {longer.target, "", "attribute promotion of a RELATED_TIME_SERIES dataset, and the data have none"},
		"other times":                 {data.target, strings.ReplaceAll(data.related, "2024-01", "2023-10"), "has none at 2024-01-01T00:00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			now := pipeline.Inputs{Target: load(t, blob.NewMemory(), dataset.TargetTimeSeries, targetAttributes, tt.target, 2)}
			if tt.related != "" {
				now.Related = load(t, blob.NewMemory(), dataset.RelatedTimeSeries, promotedAttributes, tt.related, 1)
			}
			_, err := pipeline.Forecast(t.Context(), now, p, pipeline.Models{Prefix: "m/"}, nil, pipeline.Output{Bucket: b, Prefix: "f/"})
			unusable := (*pipeline.UnusableError)(nil)
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (!errors.As(err, &unusable) || !strings.Contains(unusable.Message, tt.want)):
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// TestRegressorsUnused gives related series to a model that does not look at
// them: the forecast is the one without, and the result says why.
func TestRegressorsUnused(t *testing.T) {
	data := newPromoted(56)
	target := strings.Join(strings.SplitAfter(data.target, "\n")[:4*2*56], "") // all but the last item
	b := blob.NewMemory()
	in := pipeline.Inputs{Target: load(t, b, dataset.TargetTimeSeries, targetAttributes, target, 2)}
	var made [2]map[string]string
	for i := range made {
		own := blob.NewMemory()
		trained, err := pipeline.Train(t.Context(), in, plan("theta"), pipeline.Output{Bucket: own, Prefix: "m/"})
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 && (len(trained.Features) != 3 || !strings.Contains(trained.Features[0].Unused, "the model theta does not look at related time series")) {
			t.Errorf("features %+v", trained.Features)
		}
		forecastAll(t, own, in, plan("theta"), 1)
		made[i] = dump(t, own, "f/")
		in.Related = load(t, b, dataset.RelatedTimeSeries, promotedAttributes, data.related, 1)
	}
	if diff := cmp.Diff(made[0], made[1]); diff != "" {
		t.Errorf("the forecast changed (-without +with):\n%s", diff)
	}
}
