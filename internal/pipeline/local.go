package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/forecast/calendar"
	"github.com/almanac-forecast/almanac/forecast/metric"
	"github.com/almanac-forecast/almanac/forecast/prep"
	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/dataset"
	"github.com/almanac-forecast/almanac/internal/result"
)

// RunOptions say what [Run] forecasts.
type RunOptions struct {
	// Files hold the target: .csv, .csv.gz or .parquet, "-" for Stdin. With a
	// header the columns item_id, timestamp and target_value are found by name
	// (and some usual other names); every further column is a forecast dimension.
	Files   []string
	Related []string // files of related time series; may be empty
	Items   []string // files of item metadata; may be empty
	Stdin   io.Reader

	Frequency string    // "D", "30min"; "" is found out from the data
	Horizon   int       // steps; 0 is an error
	Model     string    // default "auto"
	Levels    []float64 // default 0.1, 0.5, 0.9; the mean always comes with them
	Backtest  int       // windows to test on; 0 for none
	Seed      uint64
	Threads   int // default 1

	TempDir string      // where a temporary folder is made; "" is the system's
	Clock   clock.Clock // default the machine's
	// Progress is told about the stages "import", "train" and "forecast", by one
	// goroutine at a time; may be nil.
	Progress func(stage string, done, total int64)
}

func (o RunOptions) withDefaults() RunOptions {
	if o.Model == "" {
		o.Model = "auto"
	}
	if len(o.Levels) == 0 {
		o.Levels = []float64{0.1, 0.5, 0.9}
	}
	o.Threads = max(1, o.Threads)
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	return o
}

// Item is the forecast of one series.
type Item struct {
	ID        string
	Dims      []string // in the order of RunResult.Dimensions
	Times     []int64  // epoch seconds of each step; shared by all items
	Levels    []float64
	Quantiles [][]float64 // [level][step]
	Mean      []float64   // [step]
}

// Stats is what a run came to.
type Stats struct {
	Series  int64          `json:"series"`
	Skipped int64          `json:"skipped"`
	Rows    int64          `json:"rows"`  // rows of the target
	Bins    int            `json:"bins"`  // time points from the first to the last
	Steps   int64          `json:"steps"` // series × horizon
	Models  map[string]int `json:"models"`
	Wall    float64        `json:"wall_seconds"`
	CPU     float64        `json:"cpu_seconds"`
	Peak    int64          `json:"peak_bytes"` // largest resident memory of the process; 0 where it cannot be told
	Import  float64        `json:"import_seconds"`
	Train   float64        `json:"train_seconds"`
	Predict float64        `json:"forecast_seconds"`
}

// RunResult is a finished run. Close frees its files.
type RunResult struct {
	ID         string   // name of the identifier's column
	Time       string   // name of the time's column
	Target     string   // name of the target's column
	Dimensions []string // names of the forecast dimensions
	Frequency  string
	Levels     []float64
	Times      []int64 // of the steps
	Stats      Stats
	Windows    []Window       // with Backtest, oldest first
	Metrics    *metric.Scores // with Backtest: of the model, the mean of the windows
	Naive      *metric.Scores // of the seasonal naive forecast

	own      blob.Bucket
	temp     string
	manifest *result.Manifest
	plan     Plan
	span     span
	data     *dataset.Data
}

// local is a run on its way.
type local struct {
	RunOptions
	out   *RunResult
	begun time.Time
}

// Run imports files, fits models and forecasts, without a server. The caller
// closes the result. Errors that the user can mend are [Unusable] or
// dataset.ErrInput, or name a file.
func Run(ctx context.Context, options RunOptions) (_ *RunResult, err error) {
	l := &local{RunOptions: options.withDefaults(), out: &RunResult{}}
	if l.Horizon < 1 {
		return nil, unusable("The horizon must be at least 1 step.")
	}
	if len(l.Files) == 0 {
		return nil, unusable("There is no file to forecast.")
	}
	if l.out.temp, err = os.MkdirTemp(l.TempDir, "almanac-forecast-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.out.Close())
		}
	}()
	if l.out.own, err = blob.NewFolder(l.out.temp + "/own"); err != nil {
		return nil, err
	}
	l.begun = l.Clock.Now()
	in, err := l.load(ctx)
	if err != nil {
		return nil, err
	}
	l.out.Stats.Import = l.since()
	if err = l.work(ctx, in); err != nil {
		return nil, err
	}
	return l.out, nil
}

func (l *local) since() float64 { return l.Clock.Now().Sub(l.begun).Seconds() }

func (l *local) stage(name string) func(done, total int64) {
	if l.Progress == nil {
		return nil
	}
	return func(done, total int64) { l.Progress(name, done, total) }
}

// load imports the files.
func (l *local) load(ctx context.Context) (Inputs, error) {
	var in Inputs
	var err error
	if in.Target, err = l.loadOne(ctx, l.Files, dataset.TargetTimeSeries, nil); err != nil {
		return in, err
	}
	s := in.Target.Schema()
	l.out.ID, l.out.Time, l.out.Target, l.out.Dimensions, l.out.data = s.ID, s.Time, s.Target, s.Dimensions, in.Target
	if len(l.Related) > 0 {
		if in.Related, err = l.loadOne(ctx, l.Related, dataset.RelatedTimeSeries, s.Dimensions); err != nil {
			return in, err
		}
	}
	if len(l.Items) > 0 {
		in.Items, err = l.loadOne(ctx, l.Items, dataset.ItemMetadata, nil)
	}
	return in, err
}

func (l *local) loadOne(ctx context.Context, files []string, role string, dims []string) (*dataset.Data, error) {
	src, err := localSource(ctx, files, l.Stdin, l.out.temp)
	if err != nil {
		return nil, err
	}
	columns, err := detect(ctx, src, role)
	if err != nil {
		return nil, err
	}
	schema, opt, err := columns.schema(role, dims)
	if err != nil {
		return nil, unusable("%s: %v.", src.Path, err)
	}
	opt.Workers, opt.TempDir = l.Threads, l.out.temp
	prefix := strings.ToLower(role)
	if _, err := dataset.Import(ctx, src, schema, opt, l.out.own, prefix, l.stage("import")); err != nil {
		return nil, err
	}
	d, err := dataset.Open(ctx, l.out.own, []string{prefix})
	if err != nil {
		return nil, err
	}
	d.KeepCase = true
	return d, nil
}

// plan says how the run goes: as in the server, but nothing is folded to lower
// case, and the horizon may be as long as the user wants.
func (l *local) plan(ctx context.Context, in Inputs) (Plan, error) {
	p := Plan{
		Horizon: l.Horizon, Limit: LimitNone, Dimensions: l.out.Dimensions, Filling: prep.TargetDefault, Model: l.Model,
		Bounded: true, Windows: l.Backtest, Seed: l.Seed, KeepCase: true,
	}
	for _, level := range l.Levels {
		p.Types = append(p.Types, strconv.FormatFloat(level, 'g', -1, 64))
	}
	p.Types = append(p.Types, MeanType)
	var err error
	if l.Frequency == "" {
		p.Frequency, err = inferFrequency(ctx, in.Target)
	} else if p.Frequency, err = calendar.ParseFrequency(l.Frequency); err != nil {
		err = unusable("The frequency %q is not valid: use a number and Y, M, W, D, H or min, for example D, 15min or 3M.", l.Frequency)
	}
	if err != nil {
		return p, err
	}
	p.Boundary, err = align(ctx, in.Target, p.Frequency)
	return p, err
}

func (l *local) work(ctx context.Context, in Inputs) error {
	plan, err := l.plan(ctx, in)
	if err != nil {
		return err
	}
	out := func(stage string) Output {
		return Output{Bucket: l.out.own, Prefix: stage + "/", Threads: l.Threads, Report: l.stage(stage)}
	}
	trained, err := Train(ctx, in, plan, out("train"))
	if err != nil {
		return err
	}
	l.out.Stats.Train = l.since() - l.out.Stats.Import
	made, err := Forecast(ctx, in, plan, Models{Prefix: "train/"}, nil, out("forecast"))
	if err != nil {
		return err
	}
	r := l.out
	r.Stats.Predict = l.since() - r.Stats.Import - r.Stats.Train
	if r.manifest, err = result.ReadManifest(ctx, r.own, "forecast/"); err != nil {
		return err
	}
	if r.span, err = plan.span(in.Target); err != nil {
		return err
	}
	r.plan, r.Frequency, r.Levels, r.Times = plan, plan.Frequency.String(), l.Levels, r.manifest.Times
	r.Stats.Series, r.Stats.Skipped, r.Stats.Models = made.Series, made.Skipped, trained.Models
	r.Stats.Rows, r.Stats.Bins, r.Stats.Steps = in.Target.Rows(), r.span.count, made.Series*int64(l.Horizon)
	if l.Backtest > 0 {
		r.Windows, r.Metrics, r.Naive = trained.Windows, &trained.Summary, &trained.Naive
	}
	r.Stats.Wall = l.since()
	r.Stats.CPU, r.Stats.Peak = usage()
	return nil
}

// Each calls f for the forecast of every series, in the order of the keys. It
// stops at f's first error and returns it.
func (r *RunResult) Each(ctx context.Context, f func(Item) error) error {
	var streams []*partStream
	defer func() {
		for _, s := range streams {
			s.stop()
		}
	}()
	for i := range r.manifest.Parts {
		next, stop := iter.Pull2(result.Scan(ctx, r.own, "forecast/", r.manifest, i))
		s := &partStream{next: next, stop: stop}
		streams = append(streams, s)
		if err := s.step(); err != nil {
			return err
		}
	}
	for {
		var least *partStream
		for _, s := range streams {
			if s.open && (least == nil || s.key < least.key) {
				least = s
			}
		}
		if least == nil {
			return nil
		}
		if err := f(r.item(least.series)); err != nil {
			return err
		}
		if err := least.step(); err != nil {
			return err
		}
	}
}

// partStream reads one part.
type partStream struct {
	next   func() (result.Series, error, bool)
	stop   func()
	open   bool
	key    string
	series result.Series
}

func (s *partStream) step() (err error) {
	s.series, err, s.open = s.next()
	if s.open && err == nil {
		s.key = fold(s.series.Key)
	}
	return err
}

func (r *RunResult) item(s result.Series) Item {
	n := len(r.Levels)
	return Item{ID: s.Key.ID, Dims: s.Key.Dims, Times: r.Times, Levels: r.Levels, Quantiles: s.Values[:n], Mean: s.Values[n]}
}

// Find returns the forecast of one item; case does not matter. Of an item with
// several series it returns the first whose dimensions begin with dims.
func (r *RunResult) Find(ctx context.Context, id string, dims []string) (Item, error) {
	var found *Item
	part := Partition(id, len(r.manifest.Parts))
	for s, err := range result.Scan(ctx, r.own, "forecast/", r.manifest, part) {
		if err != nil {
			return Item{}, err
		}
		if strings.EqualFold(s.Key.ID, id) && len(dims) <= len(s.Key.Dims) && slices.EqualFunc(dims, s.Key.Dims[:len(dims)], strings.EqualFold) {
			item := r.item(s)
			found = &item
			break
		}
	}
	if found == nil {
		return Item{}, unusable("There is no series %q among the %d that were forecast.", strings.Join(append([]string{id}, dims...), ", "), r.Stats.Series)
	}
	return *found, nil
}

// History returns the values that the models saw of a series, one per time
// point, filled as the plan says, from its first observation on.
func (r *RunResult) History(ctx context.Context, id string, dims []string) (times []int64, values []float64, err error) {
	for s, err := range r.data.Item(ctx, id) {
		if err != nil {
			return nil, nil, err
		}
		if !slices.EqualFunc(dims, s.Dims, strings.EqualFold) {
			continue
		}
		history, data := r.plan.history(r.span, rows{times: s.Times, values: s.Values[0]})
		first := slices.Index(data, true)
		if first < 0 {
			return nil, nil, nil
		}
		for i := first; i < len(history); i++ {
			times = append(times, r.span.grid.Time(i))
		}
		return times, history[first:], nil
	}
	return nil, nil, fmt.Errorf("pipeline: no series %q %q", id, dims)
}

// Close removes the temporary files.
func (r *RunResult) Close() error {
	if r.temp == "" {
		return nil
	}
	return os.RemoveAll(r.temp)
}
