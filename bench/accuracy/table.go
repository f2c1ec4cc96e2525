package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/almanac-forecast/almanac/forecast/auto"
)

// A table is the run of all models over all cases.
type table struct {
	file, data, scorer, work string
	models                   []string
	threads                  int
	limit                    time.Duration
	keep                     bool
}

// cost is what a process has spent on a case.
type cost struct {
	Series    int     `json:"series"`
	Fallbacks int     `json:"fallbacks"`
	CPU       float64 `json:"cpu_s"`
	Peak      int64   `json:"peak_kb"`
}

// figures are the scorer's, by its names.
type figures map[string]float64

// run fills the table.
func (t table) run(ctx context.Context, names []string) error {
	cases, err := readCases(filepath.Join(t.data, "cases.csv"), names)
	if err != nil {
		return err
	}
	t.scorer = cmp.Or(t.scorer, filepath.Join(t.data, "..", "bench", "score.py"))
	if err := t.checkScorer(ctx); err != nil {
		return err
	}
	if len(t.models) == 0 {
		t.models = modelNames()
	}
	if err := os.MkdirAll(t.work, 0o755); err != nil {
		return err
	}
	for _, c := range cases {
		lines, err := t.runCase(ctx, c)
		if err != nil {
			return fmt.Errorf("case %s: %w", c.name, err)
		}
		fmt.Print(lines)
		if err := t.put(lines); err != nil {
			return err
		}
	}
	return nil
}

func modelNames() []string {
	var names []string
	for _, m := range auto.Models(1) {
		names = append(names, m.Name())
	}
	return names
}

const head = "| case | model | MASE | sMAPE | WQL9 | wQL .1 | wQL .5 | wQL .9 | P10–P90 | largest quantile | CPU s per series | peak MB |\n" +
	"|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"

// put writes lines into the table. Lines of other cases and models stay.
func (t table) put(lines string) error {
	cases, err := readCases(filepath.Join(t.data, "cases.csv"), nil)
	if err != nil {
		return err
	}
	file, err := os.ReadFile(t.file)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(file), begin)
	old, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return fmt.Errorf("%s has no place for the table: a line %q and a line %q", t.file, strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	rows := map[string]string{} // by "case | model"
	for line := range strings.Lines(strings.TrimPrefix(old, head) + lines) {
		if cells := strings.SplitN(line, " | ", 3); len(cells) == 3 {
			rows[strings.TrimPrefix(cells[0], "| ")+" | "+cells[1]] = line
		}
	}
	var text strings.Builder
	for _, c := range cases {
		for _, m := range modelNames() {
			text.WriteString(rows[c.name+" | "+m])
		}
	}
	return os.WriteFile(t.file, []byte(before+begin+head+text.String()+end+after), 0o644)
}

// checkScorer has the scorer reproduce the seasonal naive figures of cases.csv.
func (t table) checkScorer(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "python3", t.scorer, "--naive", t.data).CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("WRONG")) {
		return fmt.Errorf("the scorer %s does not reproduce the seasonal naive figures: %w\n%s", t.scorer, err, out)
	}
	return nil
}

// runCase returns the lines of a case.
func (t table) runCase(ctx context.Context, c benchCase) (string, error) {
	costs := make([]cost, len(t.models))
	failed := make([]error, len(t.models))
	files := make([]string, len(t.models))
	for i, model := range t.models {
		files[i] = t.path(c, model, ".csv")
		if costs[i], failed[i] = t.forecast(ctx, c, model); failed[i] != nil {
			fmt.Fprintf(os.Stderr, "accuracy: %s with %s: %v\n", c.name, model, failed[i])
			files[i] = ""
		}
	}
	scored, err := t.score(ctx, c, files)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for i, model := range t.models {
		if failed[i] != nil {
			fmt.Fprintf(&text, "| %s | %s | %v |\n", c.name, model, failed[i])
			continue
		}
		f, spent := scored[i], costs[i]
		fmt.Fprintf(&text, "| %s | %s | %.4f | %.2f | %.4f | %.4f | %.4f | %.4f | %.3f | %.4g | %.4f | %d |\n", c.name, model,
			f["MASE"], f["sMAPE"], f["WQL9"], f["wQL10"], f["wQL50"], f["wQL90"], f["cover"], f["largest"],
			spent.CPU/float64(spent.Series), spent.Peak>>10)
	}
	return text.String(), nil
}

func (t table) path(c benchCase, model, suffix string) string {
	return filepath.Join(t.work, strings.ReplaceAll(c.name, "/", "+"), filepath.Base(c.name)+"_"+model+suffix)
}

// forecast runs one model on one case in a process of its own.
func (t table) forecast(ctx context.Context, c benchCase, model string) (cost, error) {
	account := t.path(c, model, ".json")
	if !t.keep || !exists(account) {
		self, err := os.Executable()
		if err != nil {
			return cost{}, err
		}
		ctx, cancel := context.WithTimeout(ctx, t.limit)
		defer cancel()
		cmd := exec.CommandContext(ctx, self, "-data", t.data, "-model", model, "-threads", strconv.Itoa(t.threads),
			"-out", filepath.Dir(account), "-cost", account, c.name)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			if ctx.Err() != nil {
				return cost{}, fmt.Errorf("not done after %v", t.limit)
			}
			return cost{}, err
		}
	}
	text, err := os.ReadFile(account)
	if err != nil {
		return cost{}, err
	}
	var spent cost
	return spent, json.Unmarshal(text, &spent)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// judge is the scorer run over many forecasts of one case, reading the case once.
const judge = `
import csv, functools, json, os, sys
sys.path.insert(0, os.path.dirname(sys.argv[1]))
import score
data, name = sys.argv[2:4]
case = next(c for c in csv.DictReader(open(os.path.join(data, "cases.csv"))) if c["case"] == name)
read = score.read
score.read = functools.lru_cache(2)(read)
for path in sys.argv[4:]:
    print(json.dumps(score.score(case, data, read(path)) if path else {}))
`

// score has the scorer judge the forecasts of a case; an empty path gets none.
func (t table) score(ctx context.Context, c benchCase, files []string) ([]figures, error) {
	cmd := exec.CommandContext(ctx, "python3", append([]string{"-c", judge, t.scorer, t.data, c.name}, files...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("scoring: %w", err)
	}
	var all []figures
	for line := range bytes.Lines(out) {
		// NaN is how Python writes a figure that there is none of; JSON has no word for it.
		line = bytes.ReplaceAll(line, []byte(": NaN"), []byte(": -1"))
		var answer map[string]any
		if err := json.Unmarshal(line, &answer); err != nil {
			return nil, fmt.Errorf("the scorer's answer: %w", err)
		}
		f := figures{}
		for name, v := range answer {
			if number, ok := v.(float64); ok {
				f[name] = number
			}
		}
		all = append(all, f)
	}
	if len(all) != len(files) {
		return nil, fmt.Errorf("the scorer gave %d answers for %d forecasts", len(all), len(files))
	}
	return all, nil
}

// begin and end mark the table's place in the file.
const (
	begin = "<!-- accuracy: begin, written by make bench-accuracy -->\n"
	end   = "<!-- accuracy: end -->\n"
)

// writeCost writes what this process has spent.
func writeCost(path string, series int, fallbacks []int, spent time.Duration) error {
	fallen := 0
	for _, n := range fallbacks {
		fallen += n
	}
	c := cost{Series: series, Fallbacks: fallen, CPU: math.Round(spent.Seconds()*1e4) / 1e4, Peak: peak()}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// peak returns the most memory this process has held, in KiB.
func peak() int64 {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0
	}
	kib := use.Maxrss
	if slices.Contains([]string{"darwin", "ios"}, runtime.GOOS) {
		kib >>= 10 // bytes there
	}
	return kib
}
