// Command bench measures the figures of docs/benchmarks.md and prints them as a
// table. `make bench` runs it on the built binary.
//
//	go run ./bench                 # all of them
//	go run ./bench start query     # some
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

// bench is what all parts share.
type bench struct {
	binary string
	dir    string // temporary
}

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, names []string) (err error) {
	for _, name := range names {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			return fmt.Errorf("unknown part %q", name)
		}
	}
	binary, err := filepath.Abs("bin/almanac")
	if err != nil {
		return err
	}
	if _, err := os.Stat(binary); err != nil {
		return fmt.Errorf("%w; run it from the repository's root after `make build`", err)
	}
	var rows [][]string
	for _, p := range parts {
		if len(names) > 0 && !slices.Contains(names, p.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s …\n", p.name)
		found, err := measure(ctx, binary, p)
		if err != nil {
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
func measure(ctx context.Context, binary string, p part) ([]row, error) {
	dir, err := os.MkdirTemp("", "almanac-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	return p.run(ctx, &bench{binary: binary, dir: dir})
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
