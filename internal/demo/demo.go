// Package demo walks through the service as a new user would: it uploads a
// file, imports it, trains a predictor, looks at its accuracy, forecasts,
// draws one item and exports the rest. It speaks to the server through the
// public API alone.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/internal/chart"
	"github.com/almanac-forecast/almanac/internal/clock"
)

// Bucket is where the demonstration puts its file and its exports.
const Bucket = "almanac-demo"

// Options says what to show and where.
type Options struct {
	Client    *Client
	Out       io.Writer
	Width     int  // characters per line
	Live      bool // Out is a terminal: a line may be written over
	Clock     clock.Clock
	Data      string // CSV file, "" for the generated sample
	Frequency string // of Data, default D
	Horizon   int    // default 28
}

// levels are the quantiles that the demonstration asks for, as forecast types and as numbers.
var (
	types  = []string{"0.1", "0.5", "0.9"}
	levels = []float64{0.1, 0.5, 0.9}
)

// Run walks through the whole path.
func Run(ctx context.Context, opt Options) error {
	if opt.Frequency == "" {
		opt.Frequency = "D"
	}
	if opt.Horizon == 0 {
		opt.Horizon = 28
	}
	d, name, err := load(opt)
	if err != nil {
		return err
	}
	w := &walk{Options: opt, data: d, file: name}
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"upload", w.upload},
		{"dataset", w.createDataset},
		{"import", w.importData},
		{"train", w.train},
		{"accuracy", w.accuracy},
		{"forecast", w.forecast},
		{"query", w.query},
		{"export", w.export},
	} {
		w.step, w.began = step.name, opt.Clock.Now()
		if err := step.run(ctx); err != nil {
			if errors.Is(err, context.Canceled) {
				return err
			}
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

func load(opt Options) (*data, string, error) {
	if opt.Data == "" {
		d, err := generated()
		return d, "sales.csv", err
	}
	text, err := os.ReadFile(opt.Data)
	if err != nil {
		return nil, "", err
	}
	d, err := readData(text, opt.Frequency)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", opt.Data, err)
	}
	return d, filepath.Base(opt.Data), nil
}

// walk is the state that one step leaves for the next.
type walk struct {
	Options
	data      *data
	file      string
	step      string
	began     time.Time
	dataset   string // ARNs
	group     string
	predictor string
	predicted string
}

func (w *walk) upload(ctx context.Context) error {
	if err := w.Client.CreateBucket(ctx, Bucket); err != nil {
		return err
	}
	if err := w.Client.PutObject(ctx, Bucket, w.file, w.data.csv); err != nil {
		return err
	}
	w.done("%s series, %s to s3://%s/%s", chart.Count(int64(len(w.data.series))), size(int64(len(w.data.csv))), Bucket, w.file)
	return nil
}

func (w *walk) createDataset(ctx context.Context) error {
	var made struct{ DatasetArn, DatasetGroupArn string }
	err := w.Client.Call(ctx, "CreateDataset", map[string]any{
		"DatasetName": "demo_sales", "Domain": "CUSTOM", "DatasetType": "TARGET_TIME_SERIES",
		"DataFrequency": w.data.grid.Frequency.String(), "Schema": map[string]any{"Attributes": w.data.schema},
	}, &made)
	if err != nil {
		return err
	}
	w.dataset = made.DatasetArn
	err = w.Client.Call(ctx, "CreateDatasetGroup", map[string]any{
		"DatasetGroupName": "demo", "Domain": "CUSTOM", "DatasetArns": []string{w.dataset},
	}, &made)
	if err != nil {
		return err
	}
	w.group = made.DatasetGroupArn
	w.done("%s", w.dataset)
	return nil
}

func (w *walk) importData(ctx context.Context) error {
	var made struct{ DatasetImportJobArn string }
	err := w.Client.Call(ctx, "CreateDatasetImportJob", map[string]any{
		"DatasetImportJobName": "demo_import", "DatasetArn": w.dataset, "TimestampFormat": w.data.timestampFormat(),
		"DataSource": map[string]any{"S3Config": location(w.file)},
	}, &made)
	if err != nil {
		return err
	}
	var job struct {
		FieldStatistics map[string]struct{ Count int64 }
	}
	if err := w.wait(ctx, "DescribeDatasetImportJob", "DatasetImportJobArn", made.DatasetImportJobArn, &job); err != nil {
		return err
	}
	w.done("%s rows", chart.Count(job.FieldStatistics["timestamp"].Count))
	return nil
}

func (w *walk) train(ctx context.Context) error {
	var made struct{ PredictorArn string }
	in := map[string]any{
		"PredictorName": "demo_predictor", "ForecastHorizon": w.Horizon, "ForecastFrequency": w.data.grid.Frequency.String(),
		"ForecastTypes": types, "DataConfig": map[string]any{"DatasetGroupArn": w.group},
	}
	if len(w.data.dims) > 0 {
		in["ForecastDimensions"] = w.data.dims
	}
	if err := w.Client.Call(ctx, "CreateAutoPredictor", in, &made); err != nil {
		return err
	}
	w.predictor = made.PredictorArn
	if err := w.wait(ctx, "DescribeAutoPredictor", "PredictorArn", w.predictor, nil); err != nil {
		return err
	}
	w.done("auto predictor, %d steps of %s ahead", w.Horizon, w.data.grid.Frequency)
	return nil
}

func (w *walk) forecast(ctx context.Context) error {
	var made struct{ ForecastArn string }
	err := w.Client.Call(ctx, "CreateForecast", map[string]any{"ForecastName": "demo_forecast", "PredictorArn": w.predictor, "ForecastTypes": types}, &made)
	if err != nil {
		return err
	}
	w.predicted = made.ForecastArn
	if err := w.wait(ctx, "DescribeForecast", "ForecastArn", w.predicted, nil); err != nil {
		return err
	}
	w.done("%s series × %d steps × %d quantiles", chart.Count(int64(len(w.data.series))), w.Horizon, len(types))
	return nil
}

func (w *walk) export(ctx context.Context) error {
	var made struct{ ForecastExportJobArn string }
	err := w.Client.Call(ctx, "CreateForecastExportJob", map[string]any{
		"ForecastExportJobName": "demo_export", "ForecastArn": w.predicted,
		"Destination": map[string]any{"S3Config": location("exports/")},
	}, &made)
	if err != nil {
		return err
	}
	if err := w.wait(ctx, "DescribeForecastExportJob", "ForecastExportJobArn", made.ForecastExportJobArn, nil); err != nil {
		return err
	}
	objects, err := w.Client.List(ctx, Bucket, "exports/")
	if err != nil {
		return err
	}
	// Besides the parts there are two empty objects: one shows that the folder
	// can be written to, the other that the export is complete.
	objects = slices.DeleteFunc(objects, func(o Object) bool { return o.Size == 0 })
	if len(objects) == 0 {
		return errors.New("the export is ACTIVE and its folder is empty")
	}
	total := int64(0)
	for _, o := range objects {
		total += o.Size
	}
	w.done("%s to", size(total))
	for _, o := range objects {
		fmt.Fprintf(w.Out, "           s3://%s/%s\n", Bucket, o.Key)
	}
	return nil
}

// wait polls a resource until it is ACTIVE and shows that time passes.
func (w *walk) wait(ctx context.Context, operation, key, arn string, out any) error {
	for {
		var state struct{ Status, Message string }
		if err := w.Client.Call(ctx, operation, map[string]any{key: arn}, &state); err != nil {
			return err
		}
		switch {
		case state.Status == "ACTIVE":
			if out == nil {
				return nil
			}
			return w.Client.Call(ctx, operation, map[string]any{key: arn}, out)
		case strings.HasSuffix(state.Status, "_FAILED") || strings.HasSuffix(state.Status, "_STOPPED"):
			return fmt.Errorf("%s ended %s: %s", arn, state.Status, state.Message)
		}
		if w.Live {
			fmt.Fprintf(w.Out, "\r  %-8s %s, %.1f s", w.step, state.Status, w.elapsed())
		}
		if err := w.Clock.Wait(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

// done writes the line of a finished step, with the time it took at the end.
func (w *walk) done(format string, args ...any) {
	text := fmt.Sprintf("  %-8s %s", w.step, fmt.Sprintf(format, args...))
	start := ""
	if w.Live {
		start = "\r\x1b[K"
	}
	room := max(1, min(w.Width, 100)-len([]rune(text))-8)
	fmt.Fprintf(w.Out, "%s%s%s%6.2f s\n", start, text, strings.Repeat(" ", room), w.elapsed())
}

func (w *walk) elapsed() float64 { return w.Clock.Now().Sub(w.began).Seconds() }

// location is a place in the demonstration's bucket. The role is one the
// service accepts and, on a folder, has no use for.
func location(key string) map[string]any {
	return map[string]any{"Path": "s3://" + Bucket + "/" + key, "RoleArn": "arn:aws:iam::000000000000:role/demo"}
}

func size(bytes int64) string {
	switch {
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%.0f KiB", float64(bytes)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", bytes)
}
