// Package chart draws forecasts and tables as text, for terminals.
package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Fan is a series with what is expected to follow it: a median and a band
// around it. History may hold NaN where nothing was observed; Lower, Median and
// Upper have one value per step of the forecast.
type Fan struct {
	Title   string
	Times   []time.Time // of the history, then of the forecast
	History []float64
	Lower   []float64
	Median  []float64
	Upper   []float64
	// Legend names the band, such as "p10–p90".
	Legend string
}

// minimum sizes below which a chart could not be read.
const (
	minWidth  = 40
	minHeight = 6
)

// The marks of a chart.
const (
	markHistory = '•'
	markMedian  = '━'
	markBand    = '░'
	markNow     = '┊'
)

// Draw returns the fan drawn into a box of the given width and height in
// characters, axis and legend included. What is too long for it loses its
// oldest history; where that would not leave enough of it, a column shows the
// mean of several steps and the widest band.
func (f Fan) Draw(width, height int) string {
	width, height = max(width, minWidth), max(height, minHeight)
	low, high := f.bounds()
	ticks, labelWidth := scale(low, high, height-3)
	columns := width - labelWidth - 2
	f = f.recent(columns)
	history, horizon := f.split(columns)

	grid := make([][]rune, len(ticks))
	for r := range grid {
		grid[r] = []rune(strings.Repeat(" ", columns))
	}
	row := func(v float64) int {
		r := int(math.Round((high - v) / (high - low) * float64(len(ticks)-1)))
		return min(max(r, 0), len(ticks)-1)
	}
	for c := range history {
		if v := mean(bucket(f.History, c, history)); !math.IsNaN(v) {
			grid[row(v)][c] = markHistory
		}
	}
	for r := range grid {
		if history < columns {
			grid[r][history] = markNow
		}
	}
	for c := range horizon {
		x := history + 1 + c
		if x >= columns {
			break
		}
		top, bottom := row(largest(bucket(f.Upper, c, horizon))), row(smallest(bucket(f.Lower, c, horizon)))
		for r := top; r <= bottom; r++ {
			grid[r][x] = markBand
		}
		grid[row(mean(bucket(f.Median, c, horizon)))][x] = markMedian
	}

	var b strings.Builder
	if f.Title != "" {
		b.WriteString(f.Title + "\n")
	}
	for r, line := range grid {
		fmt.Fprintf(&b, "%*s ┤%s\n", labelWidth, ticks[r], strings.TrimRight(string(line), " "))
	}
	b.WriteString(f.axis(labelWidth, columns, history))
	fmt.Fprintf(&b, "%*s  %c history  %c median  %c %s\n", labelWidth, "", markHistory, markMedian, markBand, f.Legend)
	return b.String()
}

// bounds are the least and the largest value drawn, a little apart if equal.
func (f Fan) bounds() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, values := range [][]float64{f.History, f.Lower, f.Median, f.Upper} {
		for _, v := range values {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	if low > high {
		return 0, 1
	}
	if low == high {
		margin := math.Max(math.Abs(low)*0.1, 1)
		return low - margin, high + margin
	}
	return low, high
}

// recent drops the oldest history that a chart of one step per column has no
// room for, if what remains is at least a third of the columns.
func (f Fan) recent(columns int) Fan {
	room := columns - 1 - len(f.Median)
	extra := len(f.History) - room
	if extra <= 0 || room < columns/3 {
		return f
	}
	f.History = f.History[extra:]
	f.Times = f.Times[min(extra, len(f.Times)):]
	return f
}

// split divides the columns between history and forecast, one column in
// between, so that a step is as wide on both sides when there is room.
func (f Fan) split(columns int) (history, horizon int) {
	h, n := len(f.History), len(f.Median)
	if h+n+1 <= columns {
		return h, n
	}
	horizon = (columns - 1) * n / max(h+n, 1)
	horizon = min(n, max(horizon, (columns-1)/4))
	return min(h, columns-1-horizon), horizon
}

// axis draws the line below the chart with the first time, the time of the
// first forecast and the last time.
func (f Fan) axis(labelWidth, columns, history int) string {
	line := []rune(strings.Repeat("─", columns))
	if history < columns {
		line[history] = '┴'
	}
	axis := fmt.Sprintf("%*s ╰%s\n", labelWidth, "", string(line))
	if len(f.Times) == 0 {
		return axis
	}
	layout := time.DateOnly
	if last := f.Times[len(f.Times)-1]; last.Sub(f.Times[0]) < 72*time.Hour {
		layout = "01-02 15:04"
	}
	labels := []rune(strings.Repeat(" ", columns))
	put := func(at int, t time.Time) {
		text := []rune(t.Format(layout))
		at = max(0, min(at, columns-len(text)))
		copy(labels[at:], text)
	}
	put(0, f.Times[0])
	if n := len(f.History); n < len(f.Times) && history > len(layout)+1 && history+1+len(layout) < columns-len(layout) {
		put(history+1, f.Times[n])
	}
	put(columns, f.Times[len(f.Times)-1])
	return axis + fmt.Sprintf("%*s  %s\n", labelWidth, "", strings.TrimRight(string(labels), " "))
}

// scale labels the rows of a chart from high to low; every other row is blank.
func scale(low, high float64, rows int) (labels []string, width int) {
	rows = max(rows, 3)
	labels = make([]string, rows)
	step := (high - low) / float64(rows-1)
	for r := range labels {
		if r%2 == 0 || r == rows-1 {
			labels[r] = Number(high - float64(r)*step)
			width = max(width, utf8.RuneCountInString(labels[r]))
		}
	}
	return labels, width
}

// Number prints a value with about four significant digits and thousands separators.
func Number(v float64) string {
	a := math.Abs(v)
	switch {
	case math.IsNaN(v):
		return "–"
	case a >= 1e9 || (a > 0 && a < 1e-4):
		return fmt.Sprintf("%.3g", v)
	case a >= 1000:
		return thousands(fmt.Sprintf("%.0f", v))
	case a >= 100:
		return fmt.Sprintf("%.1f", v)
	case a >= 10:
		return fmt.Sprintf("%.2f", v)
	default:
		return fmt.Sprintf("%.4g", v)
	}
}

// Count prints a whole number with thousands separators.
func Count(n int64) string { return thousands(strconv.FormatInt(n, 10)) }

// Score prints a figure of accuracy with as many decimals as others of its size.
func Score(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "–"
	case a < 10:
		return fmt.Sprintf("%.4f", v)
	case a < 10_000:
		return fmt.Sprintf("%.2f", v)
	}
	return thousands(fmt.Sprintf("%.0f", v))
}

func thousands(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// bucket returns the values that fall into column c of n.
func bucket(values []float64, c, n int) []float64 {
	from, to := c*len(values)/n, (c+1)*len(values)/n
	return values[from:max(to, min(from+1, len(values)))]
}

// mean is the mean of the values that are not NaN, NaN if there are none.
func mean(values []float64) float64 {
	sum, n := 0.0, 0
	for _, v := range values {
		if !math.IsNaN(v) {
			sum += v
			n++
		}
	}
	return sum / float64(n)
}

func largest(values []float64) float64 {
	m := math.Inf(-1)
	for _, v := range values {
		m = max(m, v)
	}
	return m
}

func smallest(values []float64) float64 {
	m := math.Inf(1)
	for _, v := range values {
		m = min(m, v)
	}
	return m
}
