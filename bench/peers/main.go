// Command peers sets the library beside statsforecast: the same series, the same
// horizon, nine quantiles, one thread, one program after the other in one run.
//
//	go run ./bench/peers -python VENV/bin/python -runner statsforecast_run.py
//
// The runner is a script that forecasts a case with a model of statsforecast,
// writes the forecasts and prints what it cost as a line of JSON, compile time
// excluded. Both forecasts are judged by the scorer beside it. The table is
// printed; -file writes it between its marks into a Markdown file. Arguments
// choose pairs by case, model or both (m3_monthly, arima, m3_monthly/arima); the
// file keeps its rows of the others.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A pair is a model of both on a case.
type pair struct {
	ours, theirs, name string
	series             int // the first so many of the case; 0: all
	season             int // theirs, where it is not the case's own
}

// pairs are what is compared. AutoARIMA runs on part of the series, since it
// takes half a second for each, and on weeks without a season, since it does not
// finish with one.
var pairs = []pair{
	{"ets", "AutoETS", "m3_quarterly", 0, 0},
	{"ets", "AutoETS", "m3_monthly", 0, 0},
	{"ets", "AutoETS", "hospital", 0, 0},
	{"ets", "AutoETS", "m4_weekly", 0, 0},
	{"arima", "AutoARIMA", "m3_quarterly", 100, 0},
	{"arima", "AutoARIMA", "m3_monthly", 100, 0},
	{"arima", "AutoARIMA", "hospital", 100, 0},
	{"arima", "AutoARIMA", "m4_weekly", 100, 1},
	{"theta", "DynamicOptimizedTheta", "m3_quarterly", 0, 0},
	{"theta", "DynamicOptimizedTheta", "m3_monthly", 0, 0},
	{"theta", "DynamicOptimizedTheta", "hospital", 0, 0},
	{"theta", "DynamicOptimizedTheta", "m4_weekly", 0, 0},
}

// setup is where things are.
type setup struct{ data, python, runner, scorer, dir, binary string }

// result is one program's share of a pair.
type result struct {
	series           int
	cpu              float64 // seconds per series
	mase, wql, cover float64
	version          string
}

func main() {
	s := setup{}
	flag.StringVar(&s.data, "data", cmp.Or(os.Getenv("ALMANAC_BENCH_DATA"), "../shared/data"), "folder of the benchmark data")
	flag.StringVar(&s.python, "python", "python3", "a Python that has statsforecast")
	flag.StringVar(&s.runner, "runner", "", "the runner's script (default: bench/peers/statsforecast_run.py beside the data)")
	flag.StringVar(&s.scorer, "scorer", "", "the scorer's script (default: bench/score.py beside the data)")
	file := flag.String("file", "", "Markdown file whose table is written anew")
	flag.Parse()
	bench := filepath.Join(s.data, "..", "bench")
	s.runner = cmp.Or(s.runner, filepath.Join(bench, "peers", "statsforecast_run.py"))
	s.scorer = cmp.Or(s.scorer, filepath.Join(bench, "score.py"))
	if err := s.run(context.Background(), *file, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func (s setup) run(ctx context.Context, file string, only []string) (err error) {
	if s.dir, err = os.MkdirTemp("", "peers"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(s.dir) }()
	s.binary = filepath.Join(s.dir, "accuracy")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", s.binary, "./bench/accuracy").CombinedOutput(); err != nil {
		return fmt.Errorf("building bench/accuracy: %w\n%s", err, out)
	}
	var rows []string
	fmt.Print(head)
	for _, p := range pairs {
		if len(only) > 0 && !slices.Contains(only, p.name) && !slices.Contains(only, p.ours) && !slices.Contains(only, p.name+"/"+p.ours) {
			continue
		}
		theirs, err := s.theirs(ctx, p)
		if err != nil {
			return fmt.Errorf("%s on %s: %w", p.theirs, p.name, err)
		}
		ours, err := s.ours(ctx, p)
		if err != nil {
			return fmt.Errorf("%s on %s: %w", p.ours, p.name, err)
		}
		rows = append(rows, p.row(ours, theirs))
		fmt.Print(rows[len(rows)-1])
	}
	if file == "" {
		return nil
	}
	return replace(file, rows)
}

const head = "| case | series | model | MASE | WQL9 | P10–P90 | CPU s per series | statsforecast | MASE | WQL9 | P10–P90 | CPU s per series | ratio |\n" +
	"|---|--:|---|--:|--:|--:|--:|---|--:|--:|--:|--:|--:|\n"

// row is the pair's line of the table.
func (p pair) row(ours, theirs result) string {
	return fmt.Sprintf("| %s | %d | %s | %.4f | %.4f | %.3f | %.5f | %s %s | %.4f | %.4f | %.3f | %.5f | 1/%.1f |\n",
		p.name, ours.series, p.ours, ours.mase, ours.wql, ours.cover, ours.cpu,
		p.theirs, theirs.version, theirs.mase, theirs.wql, theirs.cover, theirs.cpu, theirs.cpu/ours.cpu)
}

// is reports whether a line of the table is the pair's.
func (p pair) is(row string) bool {
	cells := strings.Split(row, " | ")
	return len(cells) > 3 && cells[0] == "| "+p.name && cells[2] == p.ours
}

// theirs runs statsforecast.
func (s setup) theirs(ctx context.Context, p pair) (result, error) {
	path := filepath.Join(s.dir, "theirs.csv")
	args := []string{s.runner, filepath.Join(s.data, p.name), p.theirs, path, "--series", strconv.Itoa(p.series), "--season", strconv.Itoa(p.season)}
	out, err := output(ctx, s.python, args...)
	if err != nil {
		return result{}, err
	}
	var cost struct {
		Series  int     `json:"series"`
		CPU     float64 `json:"cpu_s"`
		Version string  `json:"statsforecast"`
	}
	if err := json.Unmarshal(out, &cost); err != nil {
		return result{}, fmt.Errorf("the runner's answer %q: %w", out, err)
	}
	return s.score(ctx, p, path, result{series: cost.Series, cpu: cost.CPU / float64(cost.Series), version: cost.Version})
}

// ours runs the library on one thread.
func (s setup) ours(ctx context.Context, p pair) (result, error) {
	account := filepath.Join(s.dir, "cost.json")
	args := []string{"-data", s.data, "-model", p.ours, "-threads", "1", "-out", s.dir, "-cost", account, "-series", strconv.Itoa(p.series), p.name}
	if _, err := output(ctx, s.binary, args...); err != nil {
		return result{}, err
	}
	text, err := os.ReadFile(account)
	if err != nil {
		return result{}, err
	}
	var cost struct {
		Series int     `json:"series"`
		CPU    float64 `json:"cpu_s"`
	}
	if err := json.Unmarshal(text, &cost); err != nil {
		return result{}, err
	}
	path := filepath.Join(s.dir, p.name+"_"+p.ours+".csv")
	return s.score(ctx, p, path, result{series: cost.Series, cpu: cost.CPU / float64(cost.Series)})
}

// score has the scorer judge a file of forecasts.
func (s setup) score(ctx context.Context, p pair, path string, r result) (result, error) {
	out, err := output(ctx, s.python, s.scorer, "--partial", filepath.Join(s.data, p.name), path)
	if err != nil {
		return r, err
	}
	var f struct {
		MASE  float64 `json:"MASE"`
		WQL   float64 `json:"WQL9"`
		Cover float64 `json:"cover"`
	}
	// NaN is how Python writes a figure that there is none of.
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(out), ": NaN", ": -1")), &f); err != nil {
		return r, fmt.Errorf("the scorer's answer: %w", err)
	}
	r.mase, r.wql, r.cover = f.MASE, f.WQL, f.Cover
	return r, nil
}

// output runs a command; its error tells what the command complained of.
func output(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", name, err, complaint.String())
	}
	return out, nil
}

// begin and end mark the table's place in the file.
const (
	begin = "<!-- peers: begin, written by go run ./bench/peers -->\n"
	end   = "<!-- peers: end -->\n"
)

// replace puts rows into the table between its marks, in the order of the pairs,
// and keeps the rows that are there of other pairs.
func replace(path string, rows []string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(old), begin)
	table, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return fmt.Errorf("%s has no place for the table: a line %q and a line %q", path, strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	rows = append(rows, strings.SplitAfter(table, "\n")...)
	lines := []string{before, begin, head}
	for _, p := range pairs {
		if i := slices.IndexFunc(rows, p.is); i >= 0 {
			lines = append(lines, rows[i])
		}
	}
	return os.WriteFile(path, []byte(strings.Join(append(lines, end, after), "")), 0o644)
}
