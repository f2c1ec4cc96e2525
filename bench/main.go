// Command bench measures the figures of docs/benchmarks.md and prints them as a
// table. `make bench` runs it on the built binary.
//
//	go run ./bench                       # all of them
//	go run ./bench start query           # some
//	go run ./bench -keep DIR list query  # with the data of an earlier run, if there are any
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/internal/chart"
)

// A row is one line of the table.
type row struct{ what, figure, target string }

// A part is one benchmark.
type part struct {
	name string
	run  func(ctx context.Context, b *bench) ([]row, error)
}

// parts are the benchmarks in the order in which they run.
var parts = []part{
	{"start", start},
	{"list", list},
	{"query", query},
	{"import", ingest},
}

// bench is what a part needs to know.
type bench struct {
	binary   string
	dir      string
	setup    bool   // only make the data
	database string // of PostgreSQL, "" for the file in the data folder
}

// data is the data folder of the server that is measured.
func (b *bench) data() string { return filepath.Join(b.dir, "data") }

// file is the database of SQLite.
func (b *bench) file() string { return filepath.Join(b.data(), "almanac.db") }

// errSetup ends a part whose data are made when no more is wanted.
var errSetup = errors.New("only the data were wanted")

func main() {
	runtime.GOMAXPROCS(1) // the server shares the cores, and the load must not crowd it out
	binary := flag.String("binary", "bin/almanac", "`FILE` to measure")
	keep := flag.String("keep", "", "`DIR` in which data are kept for the next run; default: a temporary one")
	setup := flag.Bool("setup", false, "make the data and measure nothing; for -keep")
	database := flag.String("database", "", "`URL` of an empty PostgreSQL database to use, or of one that an earlier run filled, for one part")
	flag.Parse()
	if err := run(context.Background(), bench{binary: *binary, dir: *keep, setup: *setup, database: *database}, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, b bench, names []string) (err error) {
	for _, name := range names {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			return fmt.Errorf("unknown part %q", name)
		}
	}
	if b.binary, err = filepath.Abs(b.binary); err != nil {
		return err
	}
	if _, err := os.Stat(b.binary); err != nil {
		return fmt.Errorf("%w; run it from the repository's root after `make build`", err)
	}
	var rows [][]string
	for _, p := range parts {
		if len(names) > 0 && !slices.Contains(names, p.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s …\n", p.name)
		found, err := measure(ctx, b, p)
		if err != nil && !errors.Is(err, errSetup) {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		for _, r := range found {
			rows = append(rows, []string{p.name, r.what, r.figure, r.target})
		}
	}
	fmt.Print(chart.Table([]string{"part", "what", "figure", "target"}, rows))
	return nil
}

// measure runs one part in a folder of its own.
func measure(ctx context.Context, b bench, p part) ([]row, error) {
	if b.dir != "" {
		b.dir = filepath.Join(b.dir, p.name)
		return p.run(ctx, &b)
	}
	dir, err := os.MkdirTemp("", "almanac-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b.dir = dir
	return p.run(ctx, &b)
}

// ingest runs the benchmark of imports, which is a command of its own because
// its peak memory must be its own.
func ingest(ctx context.Context, b *bench) ([]row, error) {
	cmd := exec.CommandContext(ctx, "go", "run", "./bench/ingest", "-dir", b.dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var rows []row
	for line := range strings.Lines(string(out)) {
		if text := strings.TrimSpace(line); text != "" {
			rows = append(rows, row{what: "1 GB", figure: text, target: "100 MB per core-second, peak 600 MB"})
		}
	}
	return rows, nil
}

// percentile returns the p-th percentile of durations, which it sorts.
func percentile(d []time.Duration, p float64) time.Duration {
	slices.Sort(d)
	return d[min(len(d)-1, int(p/100*float64(len(d))))]
}

// spread describes durations in milliseconds.
func spread(d []time.Duration) string {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return fmt.Sprintf("p50 %.2f ms, p99 %.2f ms, max %.2f ms (n=%d)", ms(percentile(d, 50)), ms(percentile(d, 99)), ms(percentile(d, 100)), len(d))
}
