package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/forecast/auto"
	"github.com/almanac-forecast/almanac/internal/batch"
	"github.com/almanac-forecast/almanac/internal/clock"
)

// forecastFlags are the flags of `almanac forecast`.
type forecastFlags struct {
	batch.Options

	quantiles string
	out       string
	json      bool
	plot      string
	stats     string
}

// files is a flag that may be given several times.
type files []string

func (f *files) String() string { return strings.Join(*f, ", ") }

func (f *files) Set(name string) error {
	*f = append(*f, name)
	return nil
}

func runForecast(ctx context.Context, c *console, args []string) (err error) {
	var o forecastFlags
	fs := o.flags(c)
	rest, err := parse(fs, c, args, nil)
	if err != nil {
		return err
	}
	o.Target, o.Stdin = rest, c.stdin
	if err := o.check(); err != nil {
		return err
	}
	usage := startUsage(clock.System{})
	p := &progress{c: c, live: isTerminal(c.stderr), clock: clock.System{}}
	o.Progress = p.report
	r, err := batch.Run(ctx, o.Options)
	p.clear()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	fmt.Fprint(c.stderr, leftOut(r))
	if o.Model != (auto.Auto{}).Name() { // which takes simpler models by choice
		fmt.Fprint(c.stderr, standsIn(r, o.Model))
	}
	if o.plot == "" || o.out != "" {
		if err := o.write(ctx, c, r); err != nil {
			return err
		}
	}
	if o.plot != "" {
		if err := plot(ctx, c, r, o.plot); err != nil {
			return err
		}
	}
	if o.Backtest > 0 && o.stats == "" {
		fmt.Fprint(c.stderr, backtestTable(r))
	}
	if o.stats != "" {
		return writeStats(c, o.stats, r, usage)
	}
	return nil
}

func (o *forecastFlags) flags(c *console) *flag.FlagSet {
	fs := newFlags(c, "forecast", "FILE... --horizon N [--frequency F] [flags]", `
Forecasts every series of the files: CSV, gzipped CSV or Parquet, - for standard
input. The columns item_id, timestamp and target_value are found by name; any
further column is a dimension of the series. Without a header they are taken in
this order. The result is item_id[,dimensions],timestamp,mean,p10,p50,p90.`)
	fs.StringVar(&o.Frequency, "frequency", "", "`F` of the forecast: Y, M, W, D, H, 30min, 15min, ... or a multiple such as 2W (default: that of the data)")
	fs.IntVar(&o.Horizon, "horizon", 0, "forecast `N` steps")
	fs.Var((*files)(&o.Related), "related", "`FILE` of related series, known for the horizon too: item_id, timestamp and numbers; may be repeated")
	fs.Var((*files)(&o.Items), "items", "`FILE` of item metadata: item_id and texts; may be repeated")
	fs.StringVar(&o.Model, "model", "auto", "`NAME` of the model: "+strings.Join(modelNames(), ", "))
	fs.StringVar(&o.quantiles, "quantiles", "0.1,0.5,0.9", "`LIST` of quantiles between 0 and 1")
	fs.StringVar(&o.Fill, "fill", "zero", "fill gaps of the target by this `METHOD`: zero, nan (leave them missing), mean, median, min or max")
	fs.StringVar(&o.RelatedFill, "related-fill", "", "fill gaps of related series by this `METHOD`: zero, mean, median, min or max (default: a gap is an error)")
	fs.IntVar(&o.Backtest, "backtest", 0, "also test on the last `N` windows, and print the accuracy to standard error")
	fs.IntVar(&o.Threads, "threads", runtime.GOMAXPROCS(0), "work on `N` series at the same time; the result does not depend on it")
	fs.Uint64Var(&o.Seed, "seed", 1, "`N` that starts whatever is random")
	fs.StringVar(&o.out, "out", "", "write to `FILE` (.csv, .json or .parquet) instead of standard output")
	fs.BoolVar(&o.json, "json", false, "write one JSON object per series and line")
	fs.StringVar(&o.plot, "plot", "", "draw the forecast of `ITEM` in the terminal, instead of the table unless --out is given")
	fs.StringVar(&o.stats, "stats", "", "write what was done, how long it took and how accurate it was to `FILE` as JSON")
	return fs
}

func modelNames() []string {
	var names []string
	for _, m := range auto.Models(1) {
		names = append(names, m.Name())
	}
	return names
}

func (o *forecastFlags) check() error {
	switch {
	case len(o.Target) == 0:
		return usagef("name a file with the columns item_id, timestamp and target_value, or - for standard input")
	case o.Horizon < 1:
		return usagef("--horizon is missing or below 1: the number of steps to forecast")
	case o.Backtest < 0:
		return usagef("--backtest %d: want 0 or more windows", o.Backtest)
	case o.Threads < 1:
		return usagef("--threads %d: want at least 1", o.Threads)
	case !slices.Contains(modelNames(), o.Model):
		return usagef("--model %q: want one of %s", o.Model, strings.Join(modelNames(), ", "))
	case !slices.Contains([]string{"", "zero", "mean", "median", "min", "max"}, o.RelatedFill):
		return usagef("--related-fill %q: want zero, mean, median, min or max", o.RelatedFill)
	case o.twiceStdin():
		return usagef("standard input can be read once only")
	}
	var levels []float64
	for text := range strings.SplitSeq(o.quantiles, ",") {
		q, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || !(q > 0 && q < 1) {
			return usagef("--quantiles: %q is not a number between 0 and 1", text)
		}
		levels = append(levels, q)
	}
	slices.Sort(levels)
	o.Types = nil
	for _, q := range slices.Compact(levels) {
		o.Types = append(o.Types, strconv.FormatFloat(q, 'g', -1, 64))
	}
	o.Types = append(o.Types, "mean")
	return nil
}

func (o *forecastFlags) twiceStdin() bool {
	n := 0
	for _, name := range slices.Concat(o.Target, o.Related, o.Items) {
		if name == batch.Stdin {
			n++
		}
	}
	return n > 1
}

// write writes the forecast to the file or to standard output.
func (o *forecastFlags) write(ctx context.Context, c *console, r *batch.Result) (err error) {
	w := c.stdout
	if o.out != "" && o.out != batch.Stdin {
		f, err := os.Create(o.out)
		if err != nil {
			return err
		}
		w = f
		defer func(f *os.File) {
			err = errors.Join(err, f.Close())
			if err != nil {
				_ = os.Remove(f.Name()) // half a forecast looks like a whole one
			}
		}(f)
	}
	table, err := o.table(w, r)
	if err != nil {
		return err
	}
	for s, err := range r.Series(ctx) {
		if err != nil {
			return err
		}
		if err := table.Add(s); err != nil {
			return err
		}
	}
	return table.Close()
}

func (o *forecastFlags) table(w io.Writer, r *batch.Result) (batch.Writer, error) {
	name := strings.ToLower(o.out)
	switch {
	case strings.HasSuffix(name, ".parquet"):
		return batch.NewParquet(w, r.Manifest), nil
	case o.json || strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".jsonl"):
		return batch.NewJSON(w, r.Manifest), nil
	}
	return batch.NewCSV(w, r.Manifest)
}

// progress shows how far the work is, on a terminal only.
type progress struct {
	c     *console
	live  bool
	clock clock.Clock
	shown time.Time
}

func (p *progress) report(stage string, done, total int64) {
	now := p.clock.Now()
	if !p.live || total == 0 || now.Sub(p.shown) < 50*time.Millisecond && done < total {
		return
	}
	p.shown = now
	fmt.Fprintf(p.c.stderr, "\r\x1b[K%-12s %s %3d %%", stage, bar(float64(done)/float64(total)), done*100/total)
}

func (p *progress) clear() {
	if !p.shown.IsZero() {
		fmt.Fprint(p.c.stderr, "\r\x1b[K")
	}
}
