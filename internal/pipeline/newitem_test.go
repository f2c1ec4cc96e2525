package pipeline_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/dataset"
	"github.com/almanac-forecast/almanac/internal/pipeline"
	"github.com/almanac-forecast/almanac/internal/result"
)

// colored is items that sell a constant number a day, 101 and more if red, 1
// and more if blue, and their metadata with some more items. Item "silent" has
// rows and no values.
func colored(days int) (target, items string) {
	var text, meta strings.Builder
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 20 {
		color, base := "blue", 1
		if i%2 == 0 {
			color, base = "red", 101
		}
		fmt.Fprintf(&meta, "item_%03d,%s\n", i, color)
		for d := range days {
			fmt.Fprintf(&text, "item_%03d,S0,%s,%d\n", i, start.AddDate(0, 0, d).Format(time.DateOnly), base+i/2)
		}
	}
	fmt.Fprintf(&text, "silent,S0,%s,NaN\nsilent,S0,%s,NaN\n", start.Format(time.DateOnly), start.AddDate(0, 0, 1).Format(time.DateOnly))
	return text.String(), meta.String() + "silent,blue\nAlpha,red\nitem_0045,Blue\nzulu,green\n"
}

// TestNewItems covers what has no history: by the metadata alone, and by rows
// without values.
func TestNewItems(t *testing.T) {
	text, meta := colored(56)
	var first map[string]string
	for _, threads := range []int{1, 3} {
		b := blob.NewMemory()
		in := pipeline.Inputs{
			Target: load(t, b, dataset.TargetTimeSeries, targetAttributes, text, 4),
			Items:  load(t, b, dataset.ItemMetadata, itemAttributes, meta, 2),
		}
		p := plan("naive")
		p.Dimensions = nil
		own := blob.NewMemory()
		made := trainAndForecast(t, own, in, p, nil, threads)
		if made.Series != 24 || made.Skipped != 0 {
			t.Errorf("%d series and %d skipped, want the 20 known items and 4 new ones", made.Series, made.Skipped)
		}
		// The median is that of the ten items of the color, which differ by their numbers.
		for id, want := range map[string][2]float64{"alpha": {104, 107}, "silent": {4, 7}, "item_0045": {4, 7}, "zulu": {10, 101}, "item_001": {1, 1}} {
			if got := query(t, own, id).Values[1][3]; got < want[0] || got > want[1] {
				t.Errorf("median of %s: %v, want from %v to %v", id, got, want[0], want[1])
			}
		}
		// Nothing is known of zulu's color: its quantiles span both.
		if q := query(t, own, "zulu").Values; q[0][0] > 6 || q[2][0] < 105 {
			t.Errorf("quantiles of zulu at the first step: %v and %v, want those of both colors", q[0][0], q[2][0])
		}
		if got := dump(t, own, "f/"); first == nil {
			first = got
		} else if !maps.Equal(first, got) {
			t.Errorf("%d threads: other bytes", threads)
		}
	}
}

func trainAndForecast(t *testing.T, own blob.Bucket, in pipeline.Inputs, p pipeline.Plan, only *pipeline.Selection, threads int) pipeline.ForecastResult {
	t.Helper()
	if _, err := pipeline.Train(t.Context(), in, p, pipeline.Output{Bucket: own, Prefix: "m/", Threads: threads}); err != nil {
		t.Fatal(err)
	}
	made, err := pipeline.Forecast(t.Context(), in, p, pipeline.Models{Prefix: "m/"}, only, pipeline.Output{Bucket: own, Prefix: "f/", Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func query(t *testing.T, b blob.Bucket, id string, dims ...string) result.Series {
	t.Helper()
	s, err := result.NewReader(b, pipeline.Partition).Query(t.Context(), "f/", result.Key{ID: id, Dims: dims})
	if err != nil {
		t.Fatalf("%s %q: %v", id, dims, err)
	}
	return s
}

// A model of one series says nothing of others.
func TestNewItemsOfLocalModels(t *testing.T) {
	text, meta := colored(56)
	b := blob.NewMemory()
	in := pipeline.Inputs{
		Target: load(t, b, dataset.TargetTimeSeries, targetAttributes, text, 1),
		Items:  load(t, b, dataset.ItemMetadata, itemAttributes, meta, 1),
	}
	p := plan("naive")
	p.Dimensions, p.Fixed = nil, true
	if made := trainAndForecast(t, b, in, p, nil, 1); made.Series != 20 || made.Skipped != 1 {
		t.Errorf("%d series and %d skipped, want the 20 known items, and the silent one skipped", made.Series, made.Skipped)
	}
}

// With forecast dimensions, new items have those of their related series.
func TestNewItemsWithDimensions(t *testing.T) {
	text, meta := colored(56)
	b := blob.NewMemory()
	var prices strings.Builder
	for _, key := range []string{"alpha,S1", "ALPHA,s0", "nobody,S0"} {
		for d := range 63 {
			fmt.Fprintf(&prices, "%s,%s,1\n", key, time.Date(2024, 1, 1+d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
		}
	}
	for i := range 20 {
		for d := range 63 {
			fmt.Fprintf(&prices, "item_%03d,S0,%s,1\n", i, time.Date(2024, 1, 1+d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
		}
	}
	attributes := []dataset.Attribute{{Name: "item_id", Type: "string"}, {Name: "store", Type: "string"}, {Name: "timestamp", Type: "timestamp"}, {Name: "price", Type: "float"}}
	in := pipeline.Inputs{
		Target:  load(t, b, dataset.TargetTimeSeries, targetAttributes, text, 2),
		Related: load(t, b, dataset.RelatedTimeSeries, attributes, prices.String(), 1),
		Items:   load(t, b, dataset.ItemMetadata, itemAttributes, meta, 1),
	}
	made := trainAndForecast(t, b, in, plan("naive"), nil, 2)
	if made.Series != 22 {
		t.Errorf("%d series, want 20 known ones and alpha in two stores", made.Series)
	}
	if diff := cmp.Diff(query(t, b, "alpha", "s0").Values, query(t, b, "alpha", "s1").Values); diff != "" {
		t.Errorf("alpha in two stores differs:\n%s", diff)
	}
	only := &pipeline.Selection{}
	only.Select("Alpha", []string{"S1"})
	if made := trainAndForecast(t, b, in, plan("naive"), only, 1); made.Series != 1 {
		t.Errorf("%d series of the one selected", made.Series)
	}
}
