package main

import (
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/forecast/calendar"
)

// benchCase is a line of cases.csv.
type benchCase struct {
	name, frequency              string
	horizon, windows, maseSeason int
	zeros                        bool // a missing row is a zero
	seasons                      []int
}

func splitComma(text string) []string { return strings.Split(text, ",") }

// readCases returns the named cases, or all.
func readCases(path string, names []string) ([]benchCase, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []benchCase
	for _, r := range rows[1:] {
		c := benchCase{name: r[0], frequency: r[1], zeros: r[8] == "zero"}
		for i, v := range []*int{&c.horizon, &c.windows, &c.maseSeason} {
			if *v, err = strconv.Atoi(r[2+i]); err != nil && r[2+i] != "" {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
		}
		f, err := calendar.ParseFrequency(c.frequency)
		if err != nil {
			return nil, err
		}
		c.seasons = calendar.Seasons(f)
		if f == (calendar.Frequency{N: 1, Unit: calendar.Day}) && c.maseSeason == 5 {
			c.seasons = []int{5} // business days, one after the other
		}
		if len(names) == 0 || slices.Contains(names, c.name) {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no case of %s is named %v", path, names)
	}
	return out, nil
}

// A window is the steps cut to end−1 of an item.
type window struct{ cut, end int }

// An item is one series with what came after it.
type item struct {
	key, names []string
	times      []int64
	values     []float64 // NaN where missing
	windows    []window
}

// nonNegative tells whether the history shows no negative value.
func (c benchCase) nonNegative(it item) bool {
	for _, v := range it.values[:it.windows[0].cut] {
		if v < 0 {
			return false
		}
	}
	return true
}

// row is one observation.
type row struct {
	when  int64
	value float64
}

// read returns the items of a case that have something to be compared with.
func (c benchCase) read(data string) ([]item, error) {
	folder := filepath.Join(data, c.name)
	train, _, names, err := readRows(filepath.Join(folder, "train.csv.gz"))
	if err != nil {
		return nil, err
	}
	test, testKeys, _, err := readRows(filepath.Join(folder, "test.csv.gz"))
	if err != nil {
		return nil, err
	}
	step := map[string]int64{"D": 86400, "H": 3600, "30min": 1800}[c.frequency]
	first := int64(math.MaxInt64)
	for _, rows := range test {
		first = min(first, rows[0].when)
	}
	var out []item
	for _, key := range testKeys {
		before, after := train[key], test[key]
		it := item{key: strings.Split(key, "\x00"), names: names}
		cut := len(before)
		if step == 0 {
			for _, r := range append(slices.Clone(before), after...) {
				it.times, it.values = append(it.times, r.when), append(it.values, r.value)
			}
		} else {
			begin := first
			if cut > 0 {
				begin = before[0].when
			}
			cut = int((first - begin) / step)
			it.times, it.values = c.regular(append(slices.Clone(before), after...), begin, step, cut+c.horizon*c.windows)
		}
		for k := range c.windows {
			from := cut + k*c.horizon
			if to := min(from+c.horizon, len(it.values)); from < to {
				it.windows = append(it.windows, window{from, to})
			}
		}
		out = append(out, it)
	}
	return out, nil
}

// regular puts rows on n steps from a begin.
func (c benchCase) regular(rows []row, begin, step int64, n int) (times []int64, values []float64) {
	times, values = make([]int64, n), make([]float64, n)
	for i := range times {
		times[i] = begin + int64(i)*step
		values[i] = math.NaN()
		if c.zeros {
			values[i] = 0
		}
	}
	for _, r := range rows {
		if i := (r.when - begin) / step; i >= 0 && i < int64(n) {
			values[i] = r.value
		}
	}
	return times, values
}

// readRows reads observations by key, which is the columns other than time and
// value, and the keys in the order of their first row.
func readRows(path string) (rows map[string][]row, keys, names []string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, nil, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, nil, nil, err
	}
	lines, err := csv.NewReader(unzipped).ReadAll()
	if err != nil {
		return nil, nil, nil, err
	}
	rows = map[string][]row{}
	head := lines[0]
	for _, name := range head {
		if name != "timestamp" && name != "target_value" {
			names = append(names, name)
		}
	}
	for _, line := range lines[1:] {
		var r row
		var key []string
		r.value = math.NaN()
		for i, text := range line {
			switch head[i] {
			case "timestamp":
				if r.when, err = parseTime(text); err != nil {
					return nil, nil, nil, err
				}
			case "target_value":
				if text != "" {
					if r.value, err = strconv.ParseFloat(text, 64); err != nil {
						return nil, nil, nil, err
					}
				}
			default:
				key = append(key, text)
			}
		}
		k := strings.Join(key, "\x00")
		if _, known := rows[k]; !known {
			keys = append(keys, k)
		}
		rows[k] = append(rows[k], r)
	}
	for _, r := range rows {
		slices.SortStableFunc(r, func(a, b row) int { return int(a.when - b.when) })
	}
	return rows, keys, names, nil
}

func parseTime(text string) (int64, error) {
	layout := time.DateOnly
	if len(text) > len(layout) {
		layout = time.DateTime
	}
	t, err := time.Parse(layout, strings.Replace(text, "T", " ", 1))
	return t.Unix(), err
}

// inside moves the windows to before the test steps: one that ends where the
// first one began, and earlier ones, each so many steps before the next. A third of
// a horizon is enough to compare settings; what share of values an interval holds is
// known from windows far apart alone, as those of a few days succeed or fail together.
// Windows with four values or fewer before them are left out, and items that have no other.
func inside(items []item, horizon int, o options) []item {
	var out []item
	apart := cmp.Or(o.apart, (horizon+2)/3)
	for _, it := range items {
		end := it.windows[0].cut
		it.values, it.times, it.windows = it.values[:end], it.times[:end], nil
		for k := o.origins - 1; k >= 0; k-- {
			if cut := end - horizon - k*apart; cut > 4 {
				it.windows = append(it.windows, window{cut, cut + horizon})
			}
		}
		if len(it.windows) > 0 {
			out = append(out, it)
		}
	}
	return out
}
