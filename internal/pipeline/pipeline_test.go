package pipeline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/almanac-forecast/almanac/forecast/calendar"
	"github.com/almanac-forecast/almanac/forecast/prep"
	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/dataset"
	"github.com/almanac-forecast/almanac/internal/pipeline"
	"github.com/almanac-forecast/almanac/internal/result"
)

var (
	targetAttributes  = []dataset.Attribute{{Name: "item_id", Type: "string"}, {Name: "store", Type: "string"}, {Name: "timestamp", Type: "timestamp"}, {Name: "demand", Type: "float"}}
	relatedAttributes = []dataset.Attribute{{Name: "item_id", Type: "string"}, {Name: "timestamp", Type: "timestamp"}, {Name: "price", Type: "float"}}
	itemAttributes    = []dataset.Attribute{{Name: "item_id", Type: "string"}, {Name: "color", Type: "string"}}
)

// load imports CSV text.
func load(tb testing.TB, b blob.Bucket, role string, attributes []dataset.Attribute, text string, partitions int) *dataset.Data {
	tb.Helper()
	schema, err := dataset.NewSchema(role, "item_id", "demand", attributes)
	if err != nil {
		tb.Fatal(err)
	}
	source := blob.NewMemory()
	if err := blob.WriteAll(tb.Context(), source, "data.csv", []byte(text)); err != nil {
		tb.Fatal(err)
	}
	src := dataset.Source{Bucket: source, Objects: []blob.Object{{Key: "data.csv", Size: int64(len(text))}}}
	opt := dataset.Options{TimestampFormat: "yyyy-MM-dd", Partitions: partitions, TempDir: tb.TempDir()}
	if _, err := dataset.Import(tb.Context(), src, schema, opt, b, "data/"+role, nil); err != nil {
		tb.Fatal(err)
	}
	d, err := dataset.Open(tb.Context(), b, []string{"data/" + role})
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// shop is n items in two stores with a weekly cycle.
func shop(n, days int) string {
	var text strings.Builder
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		for d := range days {
			for s := range 2 {
				fmt.Fprintf(&text, "Item_%03d,S%d,%s,%d\n", i, s, start.AddDate(0, 0, d).Format(time.DateOnly), 10*i+(d*7+i+s)%7+d%7)
			}
		}
	}
	return text.String()
}

func plan(model string) pipeline.Plan {
	return pipeline.Plan{
		Frequency: calendar.Frequency{N: 1, Unit: calendar.Day}, Horizon: 7, Types: []string{"0.1", "0.5", "0.9", "mean"},
		Dimensions: []string{"store"}, Filling: prep.TargetDefault, Model: model, Windows: 2, Seed: 1,
	}
}

func TestWholePath(t *testing.T) {
	for _, tt := range []struct {
		name       string
		partitions int
		dimensions []string
		series     int64
	}{
		{"one partition", 1, []string{"store"}, 20},
		{"four partitions", 4, []string{"store"}, 20},
		{"stores added up", 2, nil, 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := blob.NewMemory()
			in := pipeline.Inputs{Target: load(t, b, dataset.TargetTimeSeries, targetAttributes, shop(10, 56), tt.partitions)}
			p := plan("seasonal-naive")
			p.Dimensions = tt.dimensions
			trained, err := pipeline.Train(t.Context(), in, p, pipeline.Output{Bucket: b, Prefix: "model/", Threads: 3})
			if err != nil {
				t.Fatal(err)
			}
			if trained.Series != tt.series || len(trained.Windows) != 2 || trained.Windows[1].Scores.Items != int(tt.series) {
				t.Errorf("trained: %+v", trained)
			}
			if trained.Summary.WAPE != 0 || trained.Naive.WAPE != 0 {
				t.Errorf("a series that repeats every week: WAPE %v, want 0", trained.Summary.WAPE)
			}
			wantWindow := time.Date(2024, 2, 19, 0, 0, 0, 0, time.UTC).Unix() // 56 days end on 25 February
			if w := trained.Windows[1]; w.Start != wantWindow || w.End != wantWindow+7*86400 {
				t.Errorf("last window %d to %d, want start %d", w.Start, w.End, wantWindow)
			}
			made, err := pipeline.Forecast(t.Context(), in, p, pipeline.Models{Prefix: "model/"}, nil, pipeline.Output{Bucket: b, Prefix: "forecast/", Threads: 2})
			if err != nil {
				t.Fatal(err)
			}
			if made.Series != tt.series {
				t.Errorf("%d series forecast, want %d", made.Series, tt.series)
			}
			checkAnswer(t, b, tt.dimensions)
		})
	}
}

func checkAnswer(t *testing.T, b blob.Bucket, dimensions []string) {
	t.Helper()
	r := result.NewReader(b, pipeline.Partition)
	key := result.Key{ID: "ITEM_003"}
	want := []float64{}
	for d := 56; d < 63; d++ {
		v := float64(30 + (d*7+3)%7 + d%7)
		if dimensions == nil {
			v += float64(30 + (d*7+3+1)%7 + d%7)
		} else {
			key.Dims = []string{"s0"}
		}
		want = append(want, v)
	}
	s, err := r.Query(t.Context(), "forecast/", key)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, s.Values[3]); diff != "" {
		t.Errorf("mean of item 3 (-want +got):\n%s", diff)
	}
	if s.Key.ID != "item_003" {
		t.Errorf("key %q, want lower case", s.Key.ID)
	}
	m, err := r.Manifest(t.Context(), "forecast/")
	if err != nil {
		t.Fatal(err)
	}
	if m.Times[0] != time.Date(2024, 2, 26, 0, 0, 0, 0, time.UTC).Unix() {
		t.Errorf("first step %s", time.Unix(m.Times[0], 0).UTC())
	}
}

// dump returns all objects below a prefix.
func dump(tb testing.TB, b blob.Bucket, prefix string) map[string]string {
	tb.Helper()
	out := map[string]string{}
	err := b.List(tb.Context(), prefix, func(o blob.Object) error {
		text, err := blob.ReadAll(tb.Context(), b, o.Key)
		out[strings.TrimPrefix(o.Key, prefix)] = string(text)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func TestSameBytesForAnyThreads(t *testing.T) {
	b := blob.NewMemory()
	in := pipeline.Inputs{Target: load(t, b, dataset.TargetTimeSeries, targetAttributes, shop(10, 60), 4)}
	var first map[string]string
	for _, threads := range []int{1, 2, 7} {
		own := blob.NewMemory()
		if _, err := pipeline.Train(t.Context(), in, plan("auto"), pipeline.Output{Bucket: own, Prefix: "m/", Threads: threads}); err != nil {
			t.Fatal(err)
		}
		if _, err := pipeline.Forecast(t.Context(), in, plan("auto"), pipeline.Models{Prefix: "m/"}, nil, pipeline.Output{Bucket: own, Prefix: "f/", Threads: threads}); err != nil {
			t.Fatal(err)
		}
		got := dump(t, own, "")
		if first == nil {
			first = got
		} else if !maps.Equal(first, got) {
			t.Errorf("%d threads: other bytes", threads)
		}
	}
}

// record is a Steps in memory.
type record map[string]json.RawMessage

func (r record) Done(context.Context) (map[string]json.RawMessage, error) { return maps.Clone(r), nil }

func (r record) Finish(_ context.Context, name string, output any) (err error) {
	r[name], err = json.Marshal(output)
	return err
}

// failing fails to open a writer after so many.
type failing struct {
	blob.Bucket
	left int
}

var errBroken = errors.New("the disk is full")

func (f *failing) NewWriter(ctx context.Context, key string) (blob.Writer, error) {
	if f.left--; f.left < 0 {
		return nil, errBroken
	}
	return f.Bucket.NewWriter(ctx, key)
}

func TestResume(t *testing.T) {
	b := blob.NewMemory()
	in := pipeline.Inputs{Target: load(t, b, dataset.TargetTimeSeries, targetAttributes, shop(6, 60), 4)}
	p := plan("ets")
	run := func(b blob.Bucket, attempt int, train, predict record) (pipeline.TrainResult, error) {
		prefix := func(what string) string { return fmt.Sprintf("%s/attempt-%d/", what, attempt) }
		trained, err := pipeline.Train(t.Context(), in, p, pipeline.Output{Bucket: b, Prefix: prefix("m"), Steps: train, Threads: 2})
		if err != nil {
			return trained, err
		}
		_, err = pipeline.Forecast(t.Context(), in, p, pipeline.Models{Prefix: prefix("m")}, nil, pipeline.Output{Bucket: b, Prefix: prefix("f"), Steps: predict, Threads: 2})
		return trained, err
	}
	quiet := blob.NewMemory()
	want, err := run(quiet, 1, record{}, record{})
	if err != nil {
		t.Fatal(err)
	}
	wantAnswers := answers(t, quiet, "f/attempt-1/")
	// An undisturbed run opens 8 files and a manifest for the models, and 4 and one for the forecast.
	for at := range 14 {
		own := blob.NewMemory()
		train, predict := record{}, record{}
		if _, err := run(&failing{own, at}, 1, train, predict); !errors.Is(err, errBroken) {
			t.Fatalf("broken after %d: %v", at, err)
		}
		got, err := run(own, 2, train, predict)
		if err != nil {
			t.Fatalf("after %d: %v", at, err)
		}
		got.Objects, want.Objects = nil, nil
		if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
			t.Fatalf("after %d (-undisturbed +resumed):\n%s", at, diff)
		}
		if diff := cmp.Diff(wantAnswers, answers(t, own, "f/attempt-2/")); diff != "" {
			t.Fatalf("after %d (-undisturbed +resumed):\n%s", at, diff)
		}
	}
}

// answers returns all series of a forecast.
func answers(tb testing.TB, b blob.Bucket, prefix string) []result.Series {
	tb.Helper()
	m, err := result.ReadManifest(tb.Context(), b, prefix)
	if err != nil {
		tb.Fatal(err)
	}
	var out []result.Series
	for i := range m.Parts {
		for s, err := range result.Scan(tb.Context(), b, prefix, m, i) {
			if err != nil {
				tb.Fatal(err)
			}
			out = append(out, s)
		}
	}
	return out
}

func TestUnusable(t *testing.T) {
	for name, tt := range map[string]struct {
		text   string
		change func(*pipeline.Plan)
		want   []string
	}{
		"horizon": {shop(1, 20), func(*pipeline.Plan) {}, []string{"horizon of 7", "20 time points", "at most 5", "2024-01-01T00:00:00"}},
		"last horizon that fits": {
			shop(1, 29), func(p *pipeline.Plan) { p.Limit, p.Horizon, p.Windows = pipeline.LimitLessOne, 29, 0 },
			[]string{"horizon of 29", "at most 28"},
		},
		"windows": {shop(1, 29), func(p *pipeline.Plan) { p.Windows = 5 }, []string{"5 backtest windows", "at least 36 time points", "has 29"}},
		"offset":  {shop(1, 30), func(p *pipeline.Plan) { p.Windows, p.Offset = 1, 15 }, []string{"offset of 15", "half of the 30", "below 15"}},
		"model":   {shop(1, 60), func(p *pipeline.Plan) { p.Model = "oracle" }, []string{`"oracle"`, "seasonal-naive"}},
		"dimension": {
			shop(1, 60), func(p *pipeline.Plan) { p.Dimensions = []string{"color"} }, []string{`"color"`, "TARGET_TIME_SERIES", "store"},
		},
		"nothing but missing values": {
			"a,S0,2024-01-01,\na,S0,2024-02-29,\n", func(*pipeline.Plan) {}, []string{"no series to train on"},
		},
		"nothing in the window": {
			"a,S0,2024-01-01,1\na,S0,2024-02-28,\n", func(p *pipeline.Plan) { p.Filling.Back.Method, p.Windows = prep.NaN, 1 },
			[]string{
				"Unable to evaluate this dataset because there is missing data in the evaluation window for all items. ",
				"Ensure that there is complete data for at least one item in the evaluation window starting from 2024-02-22T00:00:00 up to 2024-02-29T00:00.",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := blob.NewMemory()
			in := pipeline.Inputs{Target: load(t, b, dataset.TargetTimeSeries, targetAttributes, tt.text, 1)}
			p := plan("seasonal-naive")
			tt.change(&p)
			wantUnusable(t, in, p, tt.want)
		})
	}
}

func wantUnusable(t *testing.T, in pipeline.Inputs, p pipeline.Plan, want []string) {
	t.Helper()
	b := blob.NewMemory()
	_, err := pipeline.Train(t.Context(), in, p, pipeline.Output{Bucket: b, Prefix: "m/"})
	var u *pipeline.UnusableError
	if !errors.As(err, &u) {
		t.Fatalf("error %v, want UnusableError", err)
	}
	for _, w := range want {
		if !strings.Contains(u.Message, w) {
			t.Errorf("message %q lacks %q", u.Message, w)
		}
	}
}

// TestNewSeries covers series that come after training, and those that go.
func TestNewSeries(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		b := blob.NewMemory()
		p := plan("seasonal-naive")
		p.Fixed = fixed
		before := pipeline.Inputs{Target: load(t, b, dataset.TargetTimeSeries, targetAttributes, shop(3, 56), 1)}
		if _, err := pipeline.Train(t.Context(), before, p, pipeline.Output{Bucket: b, Prefix: "m/"}); err != nil {
			t.Fatal(err)
		}
		now := pipeline.Inputs{Target: load(t, b, dataset.TargetTimeSeries, targetAttributes, shop(5, 63), 4)}
		made, err := pipeline.Forecast(t.Context(), now, p, pipeline.Models{Prefix: "m/"}, nil, pipeline.Output{Bucket: b, Prefix: "f/"})
		if err != nil {
			t.Fatal(err)
		}
		series, skipped := int64(10), int64(0)
		if fixed {
			series, skipped = 6, 4
		}
		if made.Series != series || made.Skipped != skipped || made.Start != time.Date(2024, 3, 4, 0, 0, 0, 0, time.UTC).Unix() {
			t.Errorf("fixed %v: %+v", fixed, made)
		}
	}
}

func TestSelection(t *testing.T) {
	b := blob.NewMemory()
	p := plan("seasonal-naive")
	in := pipeline.Inputs{Target: load(t, b, dataset.TargetTimeSeries, targetAttributes, shop(5, 56), 2)}
	if _, err := pipeline.Train(t.Context(), in, p, pipeline.Output{Bucket: b, Prefix: "m/"}); err != nil {
		t.Fatal(err)
	}
	only := new(pipeline.Selection)
	only.Select("ITEM_003", []string{"s1"})
	only.Select("item_001", []string{"S0"})
	only.Select("item_999", []string{"S0"})
	made, err := pipeline.Forecast(t.Context(), in, p, pipeline.Models{Prefix: "m/"}, only, pipeline.Output{Bucket: b, Prefix: "f/"})
	if err != nil || made.Series != 2 {
		t.Errorf("%+v, %v", made, err)
	}
	none := new(pipeline.Selection)
	none.Select("item_999", []string{"S0"})
	_, err = pipeline.Forecast(t.Context(), in, p, pipeline.Models{Prefix: "m/"}, none, pipeline.Output{Bucket: b, Prefix: "g/"})
	if u := (*pipeline.UnusableError)(nil); !errors.As(err, &u) || !strings.Contains(u.Message, "None of the 1 time series") {
		t.Errorf("%v", err)
	}
}

func TestCancel(t *testing.T) {
	b := blob.NewMemory()
	in := pipeline.Inputs{Target: load(t, b, dataset.TargetTimeSeries, targetAttributes, shop(50, 56), 2)}
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	out := pipeline.Output{Bucket: b, Prefix: "m/", Threads: 2, Report: func(done, _ int64) {
		if done > 10 {
			cancel(stop)
		}
	}}
	if _, err := pipeline.Train(ctx, in, plan("naive"), out); !errors.Is(err, stop) && !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the cause of the cancellation", err)
	}
	if left := dump(t, b, "m/"); len(left) > 2 {
		t.Errorf("%d objects left", len(left))
	}
}

// TestDamagedModels checks that a changed model file is noticed.
func TestDamagedModels(t *testing.T) {
	b := blob.NewMemory()
	p := plan("seasonal-naive")
	in := pipeline.Inputs{Target: load(t, b, dataset.TargetTimeSeries, targetAttributes, shop(2, 56), 1)}
	if _, err := pipeline.Train(t.Context(), in, p, pipeline.Output{Bucket: b, Prefix: "m/"}); err != nil {
		t.Fatal(err)
	}
	const key = "m/part-00000.models"
	whole, err := blob.ReadAll(t.Context(), b, key)
	if err != nil {
		t.Fatal(err)
	}
	for at := range len(whole) - 24 {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 0x40
		if err := blob.WriteAll(t.Context(), b, key, damaged); err != nil {
			t.Fatal(err)
		}
		if _, err := pipeline.Forecast(t.Context(), in, p, pipeline.Models{Prefix: "m/"}, nil, pipeline.Output{Bucket: b, Prefix: "f/"}); err == nil {
			t.Fatalf("byte %d changed: nobody noticed", at)
		}
	}
}

// TestExcluded checks contract 6.7: values that were filled in other than with
// zero keep a series out of a window, and so does a start within it.
func TestExcluded(t *testing.T) {
	var text strings.Builder
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for d := range 56 {
		day := start.AddDate(0, 0, d).Format(time.DateOnly)
		fmt.Fprintf(&text, "whole,s,%s,%d\n", day, d)
		if d != 52 {
			fmt.Fprintf(&text, "gap,s,%s,%d\n", day, d)
		}
		if d >= 51 {
			fmt.Fprintf(&text, "young,s,%s,%d\n", day, d)
		}
	}
	for _, tt := range []struct {
		method prep.Method
		items  int
	}{{prep.Zero, 2}, {prep.Mean, 1}, {prep.NaN, 1}} {
		b := blob.NewMemory()
		in := pipeline.Inputs{Target: load(t, b, dataset.TargetTimeSeries, targetAttributes, text.String(), 1)}
		p := plan("naive")
		p.Windows, p.Filling.Middle.Method = 1, tt.method
		trained, err := pipeline.Train(t.Context(), in, p, pipeline.Output{Bucket: b, Prefix: "m/"})
		if err != nil {
			t.Fatal(err)
		}
		if got := trained.Windows[0].Scores.Items; got != tt.items || trained.Series != 3 {
			t.Errorf("%v: %d items scored of %d, want %d of 3", tt.method, got, trained.Series, tt.items)
		}
	}
}

func TestMetricsByHand(t *testing.T) {
	var text strings.Builder
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	values := []float64{4, 6, 4, 6, 4, 6, 4, 10, 2} // the naive forecast of the last two is 4
	for d, v := range values {
		fmt.Fprintf(&text, "a,s,%s,%v\n", start.AddDate(0, 0, d).Format(time.DateOnly), v)
	}
	b := blob.NewMemory()
	in := pipeline.Inputs{Target: load(t, b, dataset.TargetTimeSeries, targetAttributes, text.String(), 1)}
	p := plan("naive")
	p.Windows, p.Horizon = 1, 2
	trained, err := pipeline.Train(t.Context(), in, p, pipeline.Output{Bucket: b, Prefix: "m/"})
	if err != nil {
		t.Fatal(err)
	}
	s := trained.Summary
	if want := 8.0 / 12; math.Abs(s.WAPE-want) > 1e-12 {
		t.Errorf("WAPE %v, want %v", s.WAPE, want)
	}
	if want := math.Sqrt(20); math.Abs(s.RMSE-want) > 1e-12 {
		t.Errorf("RMSE %v, want %v", s.RMSE, want)
	}
	if want := 4.0 / 2; math.Abs(s.MASE-want) > 1e-12 { // no pair a week apart: lag 1
		t.Errorf("MASE %v, want %v", s.MASE, want)
	}
	if trained.Models["naive"] != 1 || !slices.Equal(s.Levels, []float64{0.1, 0.5, 0.9}) {
		t.Errorf("%+v", trained)
	}
}
