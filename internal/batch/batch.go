// Package batch forecasts the series of files in one go, without a server: it
// runs the same import, training and forecasting as the service's jobs, in a
// folder that is removed afterwards.
package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/almanac-forecast/almanac/forecast/calendar"
	"github.com/almanac-forecast/almanac/forecast/prep"
	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/dataset"
	"github.com/almanac-forecast/almanac/internal/pipeline"
	"github.com/almanac-forecast/almanac/internal/result"
)

// Options says what to forecast and how. The zero value of a field means its
// default.
type Options struct {
	Target  []string // CSV, gzipped CSV or Parquet files; [Stdin] once at most
	Related []string // related series
	Items   []string // item metadata
	Stdin   io.Reader

	Frequency string // D, H, W, M, 15min, ...; default: what most times of the data are apart
	Horizon   int
	Types     []string // "0.1", "mean"; default 0.1, 0.5, 0.9 and mean
	Model     string   // default auto
	Fill      string   // how gaps of the target are filled; default zero, as the service does
	// RelatedFill is how gaps of related series are filled, those within the
	// horizon too; by default they are errors.
	RelatedFill string
	Backtest    int // windows to test on
	Seed        uint64
	Threads     int // default 1

	TempDir  string                                // default the system's
	Progress func(stage string, done, total int64) // may be nil
}

// Stages of the work, in order.
const (
	StageImport   = "reading"
	StageTrain    = "training"
	StageForecast = "forecasting"
)

// Result is a finished forecast. Close removes its files.
type Result struct {
	Manifest *result.Manifest
	Train    pipeline.TrainResult
	Forecast pipeline.ForecastResult
	Rows     int64 // of the target files
	Bytes    int64 // of all files

	dir    string
	bucket blob.Bucket
	target *dataset.Data
	plan   pipeline.Plan
}

// run is the state of [Run].
type run struct {
	Options

	dir    string
	bucket blob.Bucket
	out    *Result
}

// Run imports, trains and forecasts. Errors of the data name file and line.
func Run(ctx context.Context, opt Options) (_ *Result, err error) {
	plan, err := planOf(opt)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(opt.TempDir, "almanac-")
	if err != nil {
		return nil, err
	}
	r := &run{Options: opt, dir: dir, out: &Result{dir: dir, plan: plan}}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	if r.bucket, err = blob.NewFolder(filepath.Join(dir, "work")); err != nil {
		return nil, err
	}
	r.out.bucket = r.bucket
	in, err := r.importAll(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.out.settle(ctx, in.Target); err != nil {
		return nil, err
	}
	if in.Related != nil {
		if err := r.fillRelated(in.Related.Schema().Features); err != nil {
			return nil, err
		}
	}
	return r.out, r.forecast(ctx, in)
}

func planOf(opt Options) (pipeline.Plan, error) {
	p := pipeline.Plan{
		Horizon: opt.Horizon, Limit: pipeline.LimitLessOne, Types: opt.Types, Model: opt.Model,
		Filling: prep.TargetDefault, Windows: opt.Backtest, Seed: opt.Seed, Bounded: true, KeepCase: true,
	}
	var err error
	if opt.Frequency != "" {
		if p.Frequency, err = calendar.ParseFrequency(opt.Frequency); err != nil {
			return p, err
		}
	}
	if len(p.Types) == 0 {
		p.Types = []string{"0.1", "0.5", "0.9", pipeline.MeanType}
	}
	if p.Model == "" {
		p.Model = "auto"
	}
	if opt.Fill != "" {
		method, err := prep.ParseMethod(opt.Fill)
		if err != nil {
			return p, err
		}
		p.Filling = prep.Filling{Middle: prep.Fill{Method: method}, Back: prep.Fill{Method: method}}
	}
	return p, nil
}

// settle completes the plan with what the data tell.
func (r *Result) settle(ctx context.Context, target *dataset.Data) (err error) {
	r.target, r.plan.Dimensions = target, target.Schema().Dimensions
	if !r.plan.Frequency.Valid() {
		if r.plan.Frequency, err = inferFrequency(ctx, target); err != nil {
			return err
		}
	}
	r.plan.Boundary, err = align(ctx, target, r.plan.Frequency)
	return err
}

// fillRelated sets how the columns of related series are filled.
func (r *run) fillRelated(features []string) error {
	if r.RelatedFill == "" {
		return nil
	}
	method, err := prep.ParseMethod(r.RelatedFill)
	if err != nil {
		return err
	}
	how := prep.Fill{Method: method}
	r.out.plan.Related = map[string]prep.Filling{}
	for _, f := range features {
		r.out.plan.Related[f] = prep.Filling{Middle: how, Back: how, Future: how}
	}
	return nil
}

// importAll brings the files into the working folder.
func (r *run) importAll(ctx context.Context) (in pipeline.Inputs, err error) {
	target, err := openFiles(r.Target, r.Stdin, r.dir)
	if err != nil {
		return in, err
	}
	s, err := targetShape(target)
	if err != nil {
		return in, err
	}
	if in.Target, err = r.importOne(ctx, target, s, "target"); err != nil {
		return in, err
	}
	r.out.Rows = in.Target.Rows()
	if len(r.Related) > 0 {
		fs, err := openFiles(r.Related, r.Stdin, r.dir)
		if err != nil {
			return in, err
		}
		s, err := relatedShape(fs, s.schema.Dimensions)
		if err != nil {
			return in, err
		}
		if in.Related, err = r.importOne(ctx, fs, s, "related"); err != nil {
			return in, err
		}
	}
	if len(r.Items) > 0 {
		fs, err := openFiles(r.Items, r.Stdin, r.dir)
		if err != nil {
			return in, err
		}
		s, err := itemShape(fs)
		if err != nil {
			return in, err
		}
		if in.Items, err = r.importOne(ctx, fs, s, "items"); err != nil {
			return in, err
		}
	}
	return in, nil
}

func (r *run) importOne(ctx context.Context, fs files, s shape, prefix string) (*dataset.Data, error) {
	for _, f := range fs {
		if f.binary != fs[0].binary {
			return nil, fmt.Errorf("%s and %s are of different formats; give files of one format", fs[0].name, f.name)
		}
		if len(f.header) != len(fs[0].header) {
			return nil, fmt.Errorf("%s has %d columns and %s has %d; give files with the same columns", fs[0].name, len(fs[0].header), f.name, len(f.header))
		}
		r.out.Bytes += f.size
	}
	src := dataset.Source{Bucket: fs, Objects: fs.objects(), Path: fs[0].name, Names: fs.name}
	opt := dataset.Options{
		TimestampFormat: dataset.TimeAny, Columns: s.columns, Names: s.names, ConstantID: oneSeries,
		Workers: max(1, r.Threads), TempDir: r.dir,
	}
	if _, err := dataset.Import(ctx, src, s.schema, opt, r.bucket, prefix, r.progress(StageImport)); err != nil {
		return nil, err
	}
	d, err := dataset.Open(ctx, r.bucket, []string{prefix})
	if err != nil {
		return nil, err
	}
	d.KeepCase = true
	return d, nil
}

func (r *run) progress(stage string) func(done, total int64) {
	if r.Progress == nil {
		return nil
	}
	return func(done, total int64) { r.Progress(stage, done, total) }
}

func (r *run) forecast(ctx context.Context, in pipeline.Inputs) (err error) {
	out := pipeline.Output{Bucket: r.bucket, Prefix: "models", Threads: max(1, r.Threads), Report: r.progress(StageTrain)}
	if r.out.Train, err = pipeline.Train(ctx, in, r.out.plan, out); err != nil {
		return err
	}
	out.Prefix, out.Report = "forecast", r.progress(StageForecast)
	if r.out.Forecast, err = pipeline.Forecast(ctx, in, r.out.plan, pipeline.Models{Prefix: "models"}, nil, out); err != nil {
		return err
	}
	r.out.Manifest, err = result.ReadManifest(ctx, r.bucket, "forecast")
	return err
}

// Series returns all forecasts in the order of their keys, case apart: the
// partitions, each of which is in order, merged. The sequence ends after its
// first error.
func (r *Result) Series(ctx context.Context) iter.Seq2[result.Series, error] {
	return func(yield func(result.Series, error) bool) {
		var heads []*head
		defer func() {
			for _, h := range heads {
				h.stop()
			}
		}()
		for part := range r.Manifest.Parts {
			h := &head{}
			h.next, h.stop = iter.Pull2(result.Scan(ctx, r.bucket, "forecast", r.Manifest, part))
			if h.advance() {
				heads = append(heads, h)
			}
		}
		for len(heads) > 0 {
			least := 0
			for i, h := range heads {
				if h.err != nil || h.key < heads[least].key {
					least = i
				}
			}
			h := heads[least]
			if !yield(h.series, h.err) || h.err != nil {
				return
			}
			if !h.advance() {
				heads = append(heads[:least], heads[least+1:]...)
			}
		}
	}
}

// head is the next series of one partition.
type head struct {
	next   func() (result.Series, error, bool)
	stop   func()
	series result.Series
	err    error
	key    string
}

func (h *head) advance() bool {
	var ok bool
	if h.series, h.err, ok = h.next(); !ok {
		h.stop()
		return false
	}
	h.key = strings.ToLower(strings.Join(append([]string{h.series.Key.ID}, h.series.Key.Dims...), "\x00"))
	return true
}

// Find returns the forecasts of an item, one for each combination of dimensions.
func (r *Result) Find(ctx context.Context, item string) ([]result.Series, error) {
	var found []result.Series
	for s, err := range r.Series(ctx) {
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(s.Key.ID, item) {
			found = append(found, s)
		}
	}
	return found, nil
}

// History returns the observations that a forecast was made from, on the grid
// of the frequency, NaN where there are none, and the time of the first.
func (r *Result) History(ctx context.Context, key result.Key) (values []float64, grid calendar.Grid, err error) {
	grid = calendar.Grid{Frequency: r.plan.Frequency, Boundary: r.plan.Boundary, Anchor: r.target.MinTime()}
	count := grid.Count(r.target.MinTime(), r.target.MaxTime())
	for s, err := range r.target.Item(ctx, key.ID) {
		if err != nil {
			return nil, grid, err
		}
		if key.Equal(result.Key{ID: s.ID, Dims: s.Dims}) {
			return prep.Aggregate(s.Times, s.Values[0], grid, 0, count, r.plan.Aggregation), grid, nil
		}
	}
	return nil, grid, fmt.Errorf("batch: no history of %s", key.ID)
}

// Close removes the files of the forecast.
func (r *Result) Close() error { return os.RemoveAll(r.dir) }
