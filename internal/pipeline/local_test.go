package pipeline_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/almanac-forecast/almanac/internal/pipeline"
)

func file(t *testing.T, name, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// daily is the text of two series of 28 days; each line comes from format,
// which gets the item, the date and the value.
func daily(header string, line func(item, date string, value int) string) string {
	text := header
	for _, item := range []string{"Beta", "Alpha"} {
		for d := range 28 {
			text += line(item, time.Date(2024, 3, 4+d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), d%7+len(item))
		}
	}
	return text
}

func plain(item, date string, value int) string {
	return fmt.Sprintf("%s,%s,%d\n", item, date, value)
}

func run(t *testing.T, o pipeline.RunOptions) (*pipeline.RunResult, []pipeline.Item) {
	t.Helper()
	o.TempDir = t.TempDir()
	if o.Model == "" {
		o.Model = "seasonal-naive"
	}
	if o.Horizon == 0 {
		o.Horizon = 7
	}
	r, err := pipeline.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(o.TempDir); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
	var items []pipeline.Item
	if err := r.Each(t.Context(), func(i pipeline.Item) error {
		items = append(items, i)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return r, items
}

func TestRunReadsManyShapes(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	fmt.Fprint(z, daily("item_id,timestamp,target_value\n", plain))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	type row struct {
		Date  time.Time `parquet:"timestamp,timestamp(millisecond)"`
		Value float64   `parquet:"target_value"`
		Item  string    `parquet:"item_id"`
	}
	var rows []row
	daily("", func(item, date string, value int) string {
		d, _ := time.Parse(time.DateOnly, date)
		rows = append(rows, row{d, float64(value), item})
		return ""
	})
	var columnar bytes.Buffer
	if err := parquet.Write(&columnar, rows); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"header.csv":      daily("item_id,timestamp,target_value\n", plain),
		"no-header.csv":   daily("", plain),
		"byte-order.csv":  "\ufeff" + daily("item_id,timestamp,target_value\n", plain),
		"other-names.csv": daily("unique_id,ds,y\n", plain),
		"other-order.csv": daily("target_value,item_id,timestamp\n", func(item, date string, v int) string { return fmt.Sprintf("%d,%s,%s\n", v, item, date) }),
		"order.csv":       daily("", func(item, date string, v int) string { return fmt.Sprintf("%s,%d,%s\n", date, v, item) }),
		"times.csv":       daily("", func(item, date string, v int) string { return fmt.Sprintf("%s,%sT00:00:00,%d\n", item, date, v) }),
		"zipped.csv.gz":   zipped.String(),
		"columns.parquet": columnar.String(),
	} {
		t.Run(name, func(t *testing.T) {
			r, items := run(t, pipeline.RunOptions{Files: []string{file(t, name, text)}, Frequency: "D"})
			checkDaily(t, r, items)
		})
	}
	t.Run("standard input, frequency found out", func(t *testing.T) {
		r, items := run(t, pipeline.RunOptions{Files: []string{"-"}, Stdin: strings.NewReader(daily("", plain))})
		checkDaily(t, r, items)
	})
}

func checkDaily(t *testing.T, r *pipeline.RunResult, items []pipeline.Item) {
	t.Helper()
	if len(items) != 2 || items[0].ID != "Alpha" || items[1].ID != "Beta" {
		t.Fatalf("items %+v, want Alpha and Beta with their case", items)
	}
	if diff := cmp.Diff([]float64{5, 6, 7, 8, 9, 10, 11}, items[0].Mean); diff != "" {
		t.Errorf("mean (-want +got):\n%s", diff)
	}
	if r.Frequency != "D" || r.Times[0] != time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC).Unix() {
		t.Errorf("frequency %s, first step %s", r.Frequency, time.Unix(r.Times[0], 0).UTC())
	}
	if r.Stats.Series != 2 || r.Stats.Rows != 56 || r.Stats.Bins != 28 || r.Stats.Models["seasonal-naive"] != 2 {
		t.Errorf("stats %+v", r.Stats)
	}
}

func TestRunOneSeries(t *testing.T) {
	text := ""
	for d := range 28 {
		text += fmt.Sprintf("%s,%d\n", time.Date(2024, 3, 4+d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), d%7)
	}
	_, items := run(t, pipeline.RunOptions{Files: []string{file(t, "a.csv", text)}})
	if len(items) != 1 || len(items[0].Dims) != 0 {
		t.Fatalf("%+v", items)
	}
}

func TestRunDimensionsRelatedAndItems(t *testing.T) {
	text := daily("item_id,store,timestamp,target_value\n", func(item, date string, v int) string {
		return fmt.Sprintf("%s,North,%s,%d\n%s,South,%s,%d\n", item, date, v, item, date, 2*v)
	})
	prices := daily("item_id,timestamp,price\n", plain)
	colors := "item_id,color\nAlpha,red\nBeta,blue\n"
	r, items := run(t, pipeline.RunOptions{
		Files: []string{file(t, "a.csv", text)}, Related: []string{file(t, "p.csv", prices)}, Items: []string{file(t, "c.csv", colors)},
		Backtest: 2, Threads: 2,
	})
	if len(items) != 4 || items[3].Dims[0] != "South" || r.Dimensions[0] != "store" {
		t.Fatalf("dimensions %q, items %+v", r.Dimensions, items)
	}
	if r.Metrics == nil || r.Metrics.WAPE != 0 || len(r.Windows) != 2 || r.Naive.Items != 4 {
		t.Errorf("metrics %+v, naive %+v", r.Metrics, r.Naive)
	}
	times, values, err := r.History(t.Context(), "beta", []string{"south"})
	if err != nil || len(times) != 28 || values[1] != 10 {
		t.Errorf("history %v %v %v", times, values, err)
	}
	item, err := r.Find(t.Context(), "ALPHA", []string{"South"})
	if err != nil || item.Mean[0] != 10 || len(item.Quantiles) != 3 {
		t.Errorf("found %+v, %v", item, err)
	}
	if _, err := r.Find(t.Context(), "gamma", nil); err == nil {
		t.Error("found an item that is not there")
	}
}

func TestRunFrequencies(t *testing.T) {
	for want, next := range map[string]func(i int) time.Time{
		"15min": func(i int) time.Time { return time.Date(2024, 1, 1, 0, 15*i, 0, 0, time.UTC) },
		"H":     func(i int) time.Time { return time.Date(2024, 1, 1, i, 0, 0, 0, time.UTC) },
		"W":     func(i int) time.Time { return time.Date(2024, 1, 7+7*i, 0, 0, 0, 0, time.UTC) },
		"M":     func(i int) time.Time { return time.Date(2024, time.Month(1+i), 1, 0, 0, 0, 0, time.UTC) },
		"3M":    func(i int) time.Time { return time.Date(2024, time.Month(1+3*i), 1, 0, 0, 0, 0, time.UTC) },
		"Y":     func(i int) time.Time { return time.Date(1980+i, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		t.Run(want, func(t *testing.T) {
			text := ""
			for i := range 40 {
				text += fmt.Sprintf("a,%s,%d\n", next(i).Format(time.DateTime), i)
			}
			r, items := run(t, pipeline.RunOptions{Files: []string{file(t, "a.csv", text)}, Horizon: 3, Model: "drift"})
			if r.Frequency != want {
				t.Errorf("frequency %s, want %s", r.Frequency, want)
			}
			for k := range 3 {
				if got := time.Unix(items[0].Times[k], 0).UTC(); !got.Equal(next(40 + k)) {
					t.Errorf("step %d at %s, want %s", k, got, next(40+k))
				}
			}
		})
	}
}

func TestRunErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		o    pipeline.RunOptions
		want []string
	}{
		"bad value":    {daily("", plain) + "Beta,2024-04-01,many\n", pipeline.RunOptions{}, []string{"a.csv:57", `"many"`}},
		"no target":    {"item_id,timestamp,what\nx,2024-01-01,1\n", pipeline.RunOptions{}, []string{"a.csv", "value to forecast", "target_value", "what"}},
		"no time":      {"item_id,when,target_value\nx,1,1\n", pipeline.RunOptions{}, []string{"timestamp", "when"}},
		"twice":        {"item_id,timestamp,target_value,Item_ID\nx,2024-01-01,1,2\n", pipeline.RunOptions{}, []string{"Column 4", "Item_ID"}},
		"empty":        {"", pipeline.RunOptions{}, []string{"a.csv", "empty"}},
		"frequency":    {daily("", plain), pipeline.RunOptions{Frequency: "fortnight"}, []string{`"fortnight"`, "15min"}},
		"no frequency": {"a,2024-01-01,1\n", pipeline.RunOptions{}, []string{"frequency", "--frequency"}},
		"model":        {daily("", plain), pipeline.RunOptions{Model: "oracle"}, []string{"oracle", "auto"}},
		"horizon":      {daily("", plain), pipeline.RunOptions{Horizon: -1}, []string{"horizon"}},
		"backtest":     {daily("", plain), pipeline.RunOptions{Backtest: 4}, []string{"4 backtest windows", "29", "28"}},
	} {
		t.Run(name, func(t *testing.T) {
			tt.o.Files = []string{file(t, "a.csv", tt.text)}
			tt.o.TempDir = t.TempDir()
			if tt.o.Horizon == 0 {
				tt.o.Horizon = 7
			}
			_, err := pipeline.Run(t.Context(), tt.o)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q lacks %q", err, w)
				}
			}
			if left, _ := os.ReadDir(tt.o.TempDir); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	if _, err := pipeline.Run(context.Background(), pipeline.RunOptions{Files: []string{"/no/such/file.csv"}, Horizon: 1, TempDir: t.TempDir()}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}
