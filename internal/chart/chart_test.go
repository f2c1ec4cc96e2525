package chart_test

import (
	"flag"
	"math"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/chart"
)

var update = flag.Bool("update", false, "write the golden files anew")

func fan(history, horizon int) chart.Fan {
	f := chart.Fan{Title: "coffee-01", Legend: "p10–p90"}
	for i := range history + horizon {
		f.Times = append(f.Times, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i))
		v := 100 + 20*math.Sin(float64(i)*2*math.Pi/28)
		if i < history {
			f.History = append(f.History, v)
			continue
		}
		w := 5 + float64(i-history)
		f.Lower, f.Median, f.Upper = append(f.Lower, v-w), append(f.Median, v), append(f.Upper, v+w)
	}
	return f
}

func TestDrawGolden(t *testing.T) {
	got := fan(60, 14).Draw(80, 14)
	const path = "testdata/fan.golden"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Error(d)
	}
}

// TestDrawFits draws every awkward size and checks that no line is too wide.
func TestDrawFits(t *testing.T) {
	for _, history := range []int{0, 1, 5, 59, 60, 500} {
		for _, horizon := range []int{1, 2, 30, 400} {
			for _, width := range []int{0, 40, 41, 80, 200} {
				for line := range strings.Lines(fan(history, horizon).Draw(width, 12)) {
					if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > max(width, 40) {
						t.Fatalf("history %d, horizon %d: %d characters in %d: %q", history, horizon, n, width, line)
					}
				}
			}
		}
	}
}

func TestDrawOdd(t *testing.T) {
	nan := math.NaN()
	for name, f := range map[string]chart.Fan{
		"Empty":    {},
		"Constant": {History: []float64{5, 5, 5}, Lower: []float64{5}, Median: []float64{5}, Upper: []float64{5}},
		"Missing":  {History: []float64{nan, nan, 1}, Lower: []float64{0}, Median: []float64{1}, Upper: []float64{2}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := f.Draw(60, 10); !strings.Contains(got, "╰") {
				t.Errorf("no axis in\n%s", got)
			}
		})
	}
}

func TestTable(t *testing.T) {
	got := chart.Table([]string{"metric", "ours", "naïve"}, [][]string{{"wQL[0.1]", "0.05", "0.1"}, {"WAPE", "1", "12.5"}})
	want := "metric    ours  naïve\n────────  ────  ─────\nwQL[0.1]  0.05    0.1\nWAPE         1   12.5\n"
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 1234567: "1,234,567", -1234: "-1,234", 0.12345: "0.1235", 12.345: "12.35", 123.45: "123.5", 1e-6: "1e-06"} {
		if got := chart.Number(v); got != want {
			t.Errorf("Number(%v) = %s, want %s", v, got, want)
		}
	}
}
