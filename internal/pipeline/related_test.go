package pipeline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/almanac-forecast/almanac/forecast/prep"
	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/dataset"
	"github.com/almanac-forecast/almanac/internal/pipeline"
)

// related is daily prices for items 0 to 4.
func related(from, to int, skip func(item, day int) bool) string {
	var text strings.Builder
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 5 {
		for d := from; d < to; d++ {
			if !skip(i, d) {
				fmt.Fprintf(&text, "item_%03d,%s,%d\n", i, start.AddDate(0, 0, d).Format(time.DateOnly), d%3)
			}
		}
	}
	return text.String()
}

func TestRelated(t *testing.T) {
	never := func(int, int) bool { return false }
	for name, tt := range map[string]struct {
		text   string
		change func(*pipeline.Plan)
		want   []string // nil: good
	}{
		"historical":        {related(0, 56, never), nil, nil},
		"forward":           {related(0, 63, never), nil, nil},
		"longer than asked": {related(-3, 80, never), nil, nil},
		"late":              {related(1, 56, never), nil, []string{"start on or before", "A total of 5", "2024-01-02T00:00:00"}},
		"gap":               {related(0, 56, func(i, d int) bool { return i == 2 && d == 30 }), nil, []string{"price", "missing values", `"item_002"`, "2024-01-31T00:00:00", "A total of 1"}},
		"gap that is filled": {
			related(0, 56, func(i, d int) bool { return i == 2 && d == 30 }),
			func(p *pipeline.Plan) {
				p.Related = map[string]prep.Filling{"price": {Middle: prep.Fill{Method: prep.Mean}}}
			},
			nil,
		},
		"short of the horizon": {related(0, 63, func(i, d int) bool { return i == 4 && d == 62 }), nil, []string{"whole forecast horizon", "2024-03-03T00:00:00", `"item_004"`}},
		"short of the end":     {related(0, 55, never), nil, []string{"missing values", "2024-02-25T00:00:00", "A total of 5"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := blob.NewMemory()
			in := pipeline.Inputs{
				Target:  load(t, b, dataset.TargetTimeSeries, targetAttributes, shop(7, 56), 2),
				Related: load(t, b, dataset.RelatedTimeSeries, relatedAttributes, tt.text, 1),
			}
			p := plan("seasonal-naive")
			if tt.change != nil {
				tt.change(&p)
			}
			if tt.want != nil {
				wantUnusable(t, in, p, tt.want)
				return
			}
			trained, err := pipeline.Train(t.Context(), in, p, pipeline.Output{Bucket: b, Prefix: "m/"})
			if err != nil {
				t.Fatal(err)
			}
			if trained.Series != 10 || trained.Skipped != 4 {
				t.Errorf("%d series and %d skipped, want those with related series, 10 and 4", trained.Series, trained.Skipped)
			}
			made, err := pipeline.Forecast(t.Context(), in, p, pipeline.Models{Prefix: "m/"}, nil, pipeline.Output{Bucket: b, Prefix: "f/"})
			if err != nil || made.Series != 10 {
				t.Errorf("%+v, %v", made, err)
			}
		})
	}
}

func TestItems(t *testing.T) {
	b := blob.NewMemory()
	in := pipeline.Inputs{
		Target: load(t, b, dataset.TargetTimeSeries, targetAttributes, shop(7, 56), 4),
		Items:  load(t, b, dataset.ItemMetadata, itemAttributes, "item_001,red\nITEM_002,blue\nother,red\n", 1),
	}
	wantUnusable(t, in, plan("naive"), []string{
		"Items found in the TARGET_TIME_SERIES dataset are missing from the ITEM_METADATA dataset. A total of 5 items are missing from the ITEM_METADATA dataset.",
	})
}
