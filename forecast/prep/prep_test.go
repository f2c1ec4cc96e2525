package prep

import (
	"bufio"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/almanac-forecast/almanac/forecast/calendar"
)

// TestScripts runs the readable cases of testdata/*.test.
func TestScripts(t *testing.T) {
	file, err := os.Open("testdata/fill.test")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var (
		values []float64
		future int
		fill   Filling
		cases  int
	)
	scan := bufio.NewScanner(file)
	for line := 1; scan.Scan(); line++ {
		words := strings.Fields(scan.Text())
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		switch words[0] {
		case "load":
			values, _, future = readSeries(t, line, words[1:])
		case "fill":
			fill = readFilling(t, line, words[1:])
		case "want":
			cases++
			want, wantData, _ := readSeries(t, line, words[1:])
			got, data := fill.Apply(values, future)
			if diff := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("line %d: values:\n%s", line, diff)
			}
			if diff := cmp.Diff(wantData, data, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("line %d: data:\n%s", line, diff)
			}
		default:
			t.Fatalf("line %d: unknown word %q", line, words[0])
		}
	}
	if err := scan.Err(); err != nil || cases == 0 {
		t.Fatalf("%d cases read, %v", cases, err)
	}
}

func readSeries(t *testing.T, line int, words []string) (values []float64, data []bool, future int) {
	t.Helper()
	cut := -1
	for _, w := range words {
		number, filled := strings.CutSuffix(w, "*")
		switch w {
		case "|":
			cut = len(values)
			continue
		case "_":
			values, data = append(values, math.NaN()), append(data, false)
			continue
		}
		v, err := strconv.ParseFloat(number, 64)
		if err != nil {
			t.Fatalf("line %d: %v", line, err)
		}
		values, data = append(values, v), append(data, !filled)
	}
	if cut >= 0 {
		future = len(values) - cut
	}
	return values, data, future
}

func readFilling(t *testing.T, line int, words []string) (f Filling) {
	t.Helper()
	regions := map[string]*Fill{"front": &f.Front, "middle": &f.Middle, "back": &f.Back, "future": &f.Future}
	for _, w := range words {
		region, method, _ := strings.Cut(w, "=")
		name, constant, _ := strings.Cut(method, ":")
		m, err := ParseMethod(name)
		if err != nil || regions[region] == nil {
			t.Fatalf("line %d: %q: %v", line, w, err)
		}
		regions[region].Method = m
		if m == Value {
			if regions[region].Value, err = strconv.ParseFloat(constant, 64); err != nil {
				t.Fatalf("line %d: %v", line, err)
			}
		}
	}
	return f
}

// TestRollingWindow checks that exactly 64 observations count, gaps left out.
func TestRollingWindow(t *testing.T) {
	values := []float64{1e9} // one too far back
	for range 64 {
		values = append(values, 2, math.NaN())
	}
	values = append(values, math.NaN())
	got, _ := Filling{Back: Fill{Method: Mean}}.Apply(values, 0)
	if last := got[len(got)-1]; last != 2 {
		t.Errorf("mean of the 64 latest is %v, want 2", last)
	}
	values[0], values[1] = 1e9, math.NaN() // now the 64th
	got, _ = Filling{Back: Fill{Method: Maximum}}.Apply(values, 0)
	if last := got[len(got)-1]; last != 1e9 {
		t.Errorf("maximum of the 64 latest is %v, want 1e9", last)
	}
}

// TestFillKeepsObservations checks on random series that filling changes only
// what was missing and leaves its argument alone.
func TestFillKeepsObservations(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		values := make([]float64, rnd.IntN(40))
		for i := range values {
			values[i] = math.NaN()
			if rnd.IntN(3) > 0 {
				values[i] = math.Round(rnd.NormFloat64() * 10)
			}
		}
		before := append([]float64(nil), values...)
		pick := func() Fill { return Fill{Method(rnd.IntN(len(methods))), 3} }
		got, data := Filling{pick(), pick(), pick(), pick()}.Apply(values, rnd.IntN(len(values)+1))
		if diff := cmp.Diff(before, values, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("argument changed: %s", diff)
		}
		for i, v := range values {
			if !math.IsNaN(v) && (got[i] != v || !data[i]) {
				t.Fatalf("observation %d of %v became %v, data %v", i, v, got[i], data[i])
			}
			if math.IsNaN(got[i]) && data[i] {
				t.Fatalf("missing value %d counts as data", i)
			}
		}
	}
}

func hourly(tb testing.TB) calendar.Grid {
	tb.Helper()
	f, err := calendar.ParseFrequency("H")
	if err != nil {
		tb.Fatal(err)
	}
	return calendar.Grid{Frequency: f}
}

// TestAggregate holds the developer guide's example: one row at 1:00, two in the
// hour of 2, none in the hour of 3.
func TestAggregate(t *testing.T) {
	nan := math.NaN()
	hour := func(h, m int64) int64 { return h*3600 + m*60 }
	times := []int64{hour(1, 0), hour(2, 45), hour(2, 20), hour(2, 20), hour(4, 0), hour(5, 0), hour(9, 0)}
	values := []float64{100, 20, 50, 8, 120, nan, 7}
	for how, want := range map[Aggregation][]float64{
		Sum: {100, 78, nan, 120, nan}, Avg: {100, 26, nan, 120, nan}, First: {100, 50, nan, 120, nan},
		Min: {100, 8, nan, 120, nan}, Max: {100, 50, nan, 120, nan},
	} {
		got := Aggregate(times, values, hourly(t), 1, 5, how)
		if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s: %s", how, diff)
		}
		if again, err := ParseAggregation(how.String()); err != nil || again != how {
			t.Errorf("ParseAggregation(%s) = %v, %v", how, again, err)
		}
	}
	if _, err := ParseAggregation("median"); !errors.Is(err, ErrName) {
		t.Errorf("ParseAggregation(median) = %v", err)
	}
	if _, err := ParseMethod("Zero"); !errors.Is(err, ErrName) {
		t.Errorf("ParseMethod(Zero) = %v", err)
	}
}

func TestAlign(t *testing.T) {
	nan := math.NaN()
	g := hourly(t)
	got, err := Align([]int64{3600, 7200, 7200, 14400, 0}, []float64{1, 2, 3, nan, 9}, g, 1, 4)
	if diff := cmp.Diff([]float64{1, 3, nan, nan}, got, cmpopts.EquateNaNs()); diff != "" || err != nil {
		t.Errorf("Align: %v %s", err, diff)
	}
	var off *OffGridError
	if _, err = Align([]int64{3600, 7201}, []float64{1, 2}, g, 1, 4); !errors.As(err, &off) || off.Time != 7201 || off.Bin != 7200 {
		t.Errorf("Align off the grid: %v", err)
	}
	if Missing([]float64{1, nan}) != 1 || Missing([]float64{1}) != -1 {
		t.Error("Missing")
	}
}
