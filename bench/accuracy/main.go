// Command accuracy forecasts the benchmark cases with the models of the library.
//
//	go run ./bench/accuracy -model ets,theta m3_monthly hospital
//
// prints figures of its own, for working on a model, and their geometric means
// over those of the seasonal naive forecast; -inside keeps the test steps out of
// it, with -origins windows of each series, -apart steps apart. -out writes the forecasts in the form
// that the independent scorer reads.
//
//	go run ./bench/accuracy -weights zs.bin [-inside -origins 3]
//
// does so for the zero-shot forecaster with the weights of a file.
//
//	go run ./bench/accuracy -table docs/benchmarks.md
//
// runs every model in a process of its own on every window of every case, has
// the independent scorer judge the forecasts, and writes its table into the
// file, between the lines that mark its place.
//
// The data are a folder with cases.csv and one folder per case with train.csv.gz
// and test.csv.gz; the scorer is a Python script that knows the same layout.
// Without names all cases run.
package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/auto"
	"github.com/almanac-forecast/almanac/forecast/ensemble"
	"github.com/almanac-forecast/almanac/forecast/metric"
	"github.com/almanac-forecast/almanac/forecast/zeroshot"
)

var levels = []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}

func main() {
	data := flag.String("data", cmp.Or(os.Getenv("ALMANAC_BENCH_DATA"), "../shared/data"), "folder of the benchmark data")
	model := flag.String("model", "ets", "model, or models separated by commas; a+b combines a and b with equal weights, a+b|c the combination of a and b with c, half each")
	out := flag.String("out", "", "folder for the forecasts; none are written without it")
	threads := flag.Int("threads", runtime.GOMAXPROCS(0), "series fitted at once")
	inside := flag.Bool("inside", false, "leave the test steps out: the last steps of the training part are forecast instead, which is what settings may be chosen by")
	origins := flag.Int("origins", 1, "windows of each series with -inside")
	apart := flag.Int("apart", 0, "steps between the windows of -inside; 0 for a third of a horizon")
	weights := flag.String("weights", "", "file of weights for the model zeroshot, which is then the only one unless -model is given")
	limit := flag.Int("series", 0, "only the first so many series of a case")
	windows := flag.Int("windows", 0, "only the first so many windows of each series")
	cost := flag.String("cost", "", "file for what the run cost, as JSON; of one case and model")
	t := table{}
	flag.StringVar(&t.file, "table", "", "Markdown file whose table gets the figures: of all models and cases unless -model and cases are given; other lines stay")
	flag.StringVar(&t.scorer, "scorer", "", "the scorer's script (default: bench/score.py beside the data)")
	flag.StringVar(&t.work, "work", "bench/out/accuracy", "folder for forecasts and costs behind the table")
	flag.DurationVar(&t.limit, "limit", 20*time.Minute, "time after which a model is given up on a case")
	flag.BoolVar(&t.keep, "keep", false, "take what is in the work folder already and run the rest")
	flag.Parse()
	var err error
	if t.file != "" {
		t.data, t.threads, t.models = *data, *threads, nil
		flag.Visit(func(f *flag.Flag) {
			if f.Name == "model" {
				t.models = splitComma(*model)
			}
		})
		err = t.run(context.Background(), flag.Args())
	} else {
		o := options{threads: *threads, limit: *limit, windows: *windows, cost: *cost}
		if *inside {
			o.origins, o.apart = *origins, *apart
		}
		if err = o.read(*weights); err == nil {
			err = run(*data, o.names(*model), *out, o, flag.Args())
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "accuracy:", err)
		os.Exit(1)
	}
}

// options are flags.
type options struct {
	threads        int
	limit, windows int // series, and windows of each; 0 for all
	origins        int // windows before the test steps; 0 for the test steps
	apart          int // steps between them; 0 for a third of the horizon
	cost           string
	weights        *zeroshot.Weights // nil for those that the library holds
}

// read takes the weights of a file, unless there is none.
func (o *options) read(file string) error {
	if file == "" {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	o.weights, err = zeroshot.Read(strings.TrimSuffix(filepath.Base(file), ".bin"), data)
	return err
}

// names returns the models to run.
func (o *options) names(model string) []string {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "model" })
	if o.weights != nil && !given {
		return []string{zeroshot.Model{}.Name()}
	}
	return splitComma(model)
}

// lookup returns a model by its name.
func (o *options) lookup(name string, horizon int) (forecast.Model, error) {
	if m := (zeroshot.Model{Weights: o.weights}); o.weights != nil && name == m.Name() {
		return m, nil
	}
	parts := strings.Split(name, "|")
	if len(parts) == 1 {
		parts = strings.Split(name, "+")
	}
	if len(parts) == 1 {
		return auto.Lookup(name, horizon)
	}
	c := combination{name: name}
	for _, part := range parts {
		m, err := o.lookup(part, horizon)
		if err != nil {
			return nil, err
		}
		c.Members = append(c.Members, m)
	}
	return c, nil
}

// A combination is an ensemble with a name that tells its members.
type combination struct {
	ensemble.Ensemble

	name string
}

// Name implements forecast.Model.
func (c combination) Name() string { return c.name }

func run(data string, models []string, out string, o options, names []string) error {
	cases, err := readCases(filepath.Join(data, "cases.csv"), names)
	if err != nil {
		return err
	}
	fmt.Println("| case | model | series | MASE | sMAPE | WQL9 | wQL .1 | wQL .5 | wQL .9 | P10-P90 | largest / data | fallbacks | CPU s per series | MASE / naive | WQL9 / naive |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	all := summary{}
	for _, c := range cases {
		for _, name := range models {
			m, err := o.lookup(name, c.horizon)
			if err != nil {
				return err
			}
			items, err := c.read(data)
			if err != nil {
				return fmt.Errorf("reading %s: %w", c.name, err)
			}
			if o.limit > 0 {
				items = items[:min(o.limit, len(items))]
			}
			if o.origins > 0 {
				items = inside(items, c.horizon, o)
			}
			if o.windows > 0 {
				for i, it := range items {
					items[i].windows = it.windows[:min(o.windows, len(it.windows))]
				}
			}
			ratio, err := runCase(c, m, items, out, o)
			if err != nil {
				return fmt.Errorf("case %s with %s: %w", c.name, name, err)
			}
			all.add(name, ratio)
		}
	}
	all.print(models)
	return nil
}

// runCase forecasts every window of every item, prints a line and writes a file.
func runCase(c benchCase, m forecast.Model, items []item, out string, o options) (ratios, error) {
	before := cpu()
	results := make([][]forecast.Forecast, len(items))
	fallbacks := make([]int, len(items))
	errs := make([]error, len(items))
	var group sync.WaitGroup
	slots := make(chan struct{}, max(1, o.threads))
	for i, it := range items {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			results[i], fallbacks[i], errs[i] = it.forecast(m, c)
		})
	}
	group.Wait()
	for i, err := range errs {
		if err != nil {
			return ratios{}, fmt.Errorf("item %v: %w", items[i].key, err)
		}
	}
	spent := cpu() - before
	ratio := score(c, m.Name(), items, results, fallbacks, spent)
	if o.cost != "" {
		if err := writeCost(o.cost, len(items), fallbacks, spent); err != nil {
			return ratio, err
		}
	}
	if out == "" {
		return ratio, nil
	}
	return ratio, write(filepath.Join(out, filepath.Base(c.name)+"_"+m.Name()+".csv"), items, results)
}

func (it item) forecast(m forecast.Model, c benchCase) (out []forecast.Forecast, fallbacks int, err error) {
	ctx := context.Background()
	for _, w := range it.windows {
		fitted, err := m.Fit(ctx, forecast.Series{Values: it.values[:w.cut], Seasons: c.seasons, NonNegative: c.nonNegative(it)}, 1)
		if err != nil {
			return nil, 0, err
		}
		if fitted.Info().Fallback != "" {
			fallbacks++
		}
		f, err := fitted.Forecast(ctx, w.end-w.cut, levels)
		if err != nil {
			return nil, 0, err
		}
		out = append(out, f)
	}
	return out, fallbacks, nil
}

// score prints the figures of a case and returns those over the naive forecast's.
func score(c benchCase, model string, items []item, results [][]forecast.Forecast, fallbacks []int, spent time.Duration) ratios {
	sum := metric.NewAccumulator(levels)
	var mase, smape, scaled, windows, largest, fallen, inside float64
	for i, it := range items {
		fallen += float64(fallbacks[i])
		for k, f := range results[i] {
			w := it.windows[k]
			history, actual := it.values[:w.cut], it.values[w.cut:w.end]
			if len(history) == 0 {
				continue
			}
			median := f.Quantile(0.5)
			sum.Add(metric.Item{Actual: actual, Mean: f.Mean, Quantiles: f.Quantiles, Scale: math.NaN()})
			abs, sym, n := 0.0, 0.0, 0.0
			for t, y := range actual {
				if math.IsNaN(y) {
					continue
				}
				e := math.Abs(y - median[t])
				if f.Quantiles[0][t] <= y && y <= f.Quantiles[len(levels)-1][t] {
					inside++
				}
				abs, n = abs+e, n+1
				if y != 0 || median[t] != 0 {
					sym += 200 * e / (math.Abs(y) + math.Abs(median[t]))
				}
			}
			if n == 0 {
				continue
			}
			smape, windows = smape+sym/n, windows+1
			if scale := seasonalScale(history, c.maseSeason); scale > 0 {
				mase, scaled = mase+abs/n/scale, scaled+1
			}
			span := forecast.SpanOf(history)
			top := max(math.Abs(span.Max), math.Abs(span.Min))
			for _, q := range f.Quantiles {
				for _, v := range q {
					if top > 0 {
						largest = max(largest, math.Abs(v)/top)
					}
				}
			}
		}
	}
	s := sum.Scores()
	naiveMASE, naiveWQL := naive(c, items)
	r := ratios{c.name, mase / scaled / naiveMASE, s.AverageWQL / naiveWQL}
	fmt.Printf("| %s | %s | %d | %.4f | %.3f | %.4f | %.4f | %.4f | %.4f | %.3f | %.2g | %.0f | %.5f | %.3f | %.3f |\n",
		c.name, model, len(items), mase/scaled, smape/windows, s.AverageWQL, s.WQL[0], s.WQL[4], s.WQL[8],
		inside/float64(s.Points), largest, fallen, spent.Seconds()/float64(len(items)), r.mase, r.wql)
	return r
}

// seasonalScale is the denominator of MASE as published figures have it: without
// a fallback to season 1.
func seasonalScale(history []float64, m int) float64 {
	if len(history) <= m {
		return math.NaN()
	}
	sum, n := 0.0, 0.0
	for t := m; t < len(history); t++ {
		if d := math.Abs(history[t] - history[t-m]); !math.IsNaN(d) {
			sum, n = sum+d, n+1
		}
	}
	return sum / n
}

func write(path string, items []item, results [][]forecast.Forecast) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := file.Close(); err == nil {
			err = e
		}
	}()
	w := csv.NewWriter(file)
	head := append(append([]string(nil), items[0].names...), "timestamp", "mean")
	for _, p := range levels {
		head = append(head, "p"+strconv.Itoa(int(math.Round(100*p))))
	}
	if err := w.Write(head); err != nil {
		return err
	}
	text := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	for i, it := range items {
		for k, f := range results[i] {
			for t := range f.Mean {
				when := it.times[it.windows[k].cut+t]
				row := append(append([]string(nil), it.key...), time.Unix(when, 0).UTC().Format(time.DateTime), text(f.Mean[t]))
				for _, q := range f.Quantiles {
					row = append(row, text(q[t]))
				}
				if err := w.Write(row); err != nil {
					return err
				}
			}
		}
	}
	w.Flush()
	return w.Error()
}

// cpu returns the processor time of this process.
func cpu() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
