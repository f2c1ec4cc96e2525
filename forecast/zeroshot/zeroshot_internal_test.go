package zeroshot

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/zeroshot/simulate"
)

var update = flag.Bool("update", false, "write the golden forecasts of weights that have none")

// golden returns 40 series of all kinds.
func golden() []forecast.Series {
	rnd := rand.New(rand.NewPCG(21, 22))
	var out []forecast.Series
	for i := range 40 {
		seasons := [][]int{nil, {4}, {12}, {7, 365}, {24, 168}, {52}, {5}, {48, 336}}[i%8]
		n := []int{5, 17, 60, 200, 900}[i%5]
		s := forecast.Series{Seasons: seasons}
		level := 20 + 100*rnd.Float64()
		for t := range n {
			level *= math.Exp(0.02 * rnd.NormFloat64())
			v := level
			for _, m := range seasons {
				v += 0.2 * level * math.Sin(2*math.Pi*float64(t)/float64(m))
			}
			switch i % 3 {
			case 1:
				v = math.Max(0, math.Round(v/40+rnd.NormFloat64()))
			case 2:
				v -= 60
			}
			if i%4 == 3 && rnd.IntN(10) == 0 {
				v = math.NaN()
			}
			s.Values = append(s.Values, v)
		}
		out = append(out, s)
	}
	return out
}

// TestGolden wants of each version of the weights the numbers that it gave when
// it was shipped: saved models name versions. On other architectures than the
// one they were written on the last bits may differ.
func TestGolden(t *testing.T) {
	for _, v := range shipped() {
		w := v.read()
		if w.name != v.name || w.net.Steps == 0 || w.net.Windows == 0 {
			t.Errorf("weights %q, header %+v", w.name, w.net.Header)
		}
		t.Run(v.name, func(t *testing.T) { compare(t, v.name, forecasts(t, w, how{apart: apart})) })
	}
	t.Run("unbound", func(t *testing.T) {
		w := shipped()[0].read()
		compare(t, w.name+"-unbound", forecasts(t, w, how{apart: math.Inf(1)}))
	})
}

// forecasts returns what models of the golden series say after they were saved
// and loaded.
func forecasts(t *testing.T, w *Weights, h how) [][]float64 {
	t.Helper()
	var out [][]float64
	for i, s := range golden() {
		fitted, err := w.fit(t.Context(), s, h, 1)
		if err != nil {
			t.Fatal(err)
		}
		saved, err := fitted.State()
		if err != nil {
			t.Fatal(err)
		}
		loaded, err := Model{}.Load(saved, s)
		if err != nil {
			t.Fatal(err)
		}
		f, err := loaded.Forecast(t.Context(), 5, []float64{0.01, 0.1, 0.5, 0.9, 0.99})
		if err != nil {
			t.Fatalf("series %d: %v", i, err)
		}
		out = append(out, slices.Concat(slices.Concat(f.Quantiles...), f.Mean))
	}
	return out
}

// TestNewest wants years and quarters forecast by the weights that were trained
// on them, and nothing else.
func TestNewest(t *testing.T) {
	for _, v := range shipped() {
		want := uint32(simulate.General)
		if strings.HasPrefix(v.name, slowPrefix) {
			want = simulate.Slow
		}
		if got := v.read().net.Simulator; got != want {
			t.Errorf("weights %s are of version %d of the simulator, want %d", v.name, got, want)
		}
	}
	for _, c := range []struct {
		seasons []int
		want    string
	}{
		{nil, "zs-slow-0001"},
		{[]int{1}, "zs-slow-0001"},
		{[]int{4}, "zs-slow-0001"},
		{[]int{12}, "zs-0001"},
		{[]int{3, 12}, "zs-0001"},
		{[]int{24, 168}, "zs-0001"},
	} {
		if got := newest(c.seasons).name; got != c.want {
			t.Errorf("seasons %v: weights %s, want %s", c.seasons, got, c.want)
		}
	}
}

func compare(t *testing.T, name string, got [][]float64) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name+".json")
	raw, err := os.ReadFile(path)
	if os.IsNotExist(err) && *update {
		write(t, path, got)
		return
	}
	if err != nil {
		t.Fatalf("%v; a new version gets its file by go test -run Golden -update", err)
	}
	var want [][]float64
	if err := json.Unmarshal(raw, &want); err != nil || len(want) != len(got) {
		t.Fatalf("%d series in %s: %v", len(want), path, err)
	}
	tolerance := 0.0
	if runtime.GOARCH != "amd64" {
		tolerance = 1e-4
	}
	for i := range want {
		scale := slices.Max(want[i]) - slices.Min(want[i])
		for k, v := range want[i] {
			if math.Abs(got[i][k]-v) > tolerance*scale {
				t.Errorf("series %d, number %d is %v, was %v", i, k, got[i][k], v)
			}
		}
	}
}

func write(t *testing.T, path string, got [][]float64) {
	t.Helper()
	lines := make([]string, len(got))
	for i, row := range got {
		line, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = string(line)
	}
	text := "[\n" + strings.Join(lines, ",\n") + "\n]\n"
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestMean wants the mean of a normal distribution exactly, and that of an
// exponential one nearly, from their quantiles.
func TestMean(t *testing.T) {
	w := shipped()[0].read()
	levels := w.net.Shape.Levels
	normal, exponential := 0.0, 0.0
	for i, p := range levels {
		normal += w.mean[i] * (5 + 2*forecast.NormalQuantile(p))
		exponential += w.mean[i] * -math.Log(1-p)
	}
	if math.Abs(normal-5) > 1e-9 {
		t.Errorf("mean of a normal distribution around 5: %v", normal)
	}
	if math.Abs(exponential-1) > 0.02 {
		t.Errorf("mean of an exponential distribution of mean 1: %v", exponential)
	}
}

// TestPoints wants every quantile of a normal distribution, also between and
// beyond the network's levels.
func TestPoints(t *testing.T) {
	w := shipped()[0].read()
	levels := append([]float64{0.001, 0.07, 0.33, 0.995, 0.9999}, w.net.Shape.Levels...)
	slices.Sort(levels)
	for i, p := range w.points(levels) {
		a, b := forecast.NormalQuantile(w.net.Shape.Levels[p.index]), forecast.NormalQuantile(w.net.Shape.Levels[p.index+1])
		if got, want := a+p.share*(b-a), forecast.NormalQuantile(levels[i]); math.Abs(got-want) > 1e-12 {
			t.Errorf("level %v: %v, want %v", levels[i], got, want)
		}
	}
}

func TestViews(t *testing.T) {
	for _, c := range []struct {
		seasons []int
		n       int
		want    []view
	}{
		{nil, 50, []view{{1, 0}}},
		{[]int{1}, 50, []view{{1, 0}}},
		{[]int{12}, 11, []view{{1, 0}}},
		{[]int{12}, 12, []view{{12, 0}}},
		{[]int{7, 365}, 900, []view{{7, 364}}},
		{[]int{5}, 900, []view{{5, 261}}},
		{[]int{168, 24}, 400, []view{{24, 168}, {168, 0}}},
		{[]int{24, 168}, 300, []view{{24, 168}}},
		{[]int{24}, 400, []view{{24, 168}}},
		{[]int{48, 336}, 5000, []view{{48, 336}, {336, 0}}},
		{[]int{96, 672}, 5000, []view{{96, 672}}},
		{[]int{1440}, 5000, []view{{1, 0}}},
	} {
		if got := views(c.seasons, c.n); !slices.Equal(got, c.want) {
			t.Errorf("%v of %d values: %v, want %v", c.seasons, c.n, got, c.want)
		}
	}
}

func TestShares(t *testing.T) {
	equal := []float64{0.5, 0.5}
	for _, c := range []struct{ losses, want []float64 }{
		{[]float64{3, 3}, equal},
		{[]float64{0, 3}, equal},
		{[]float64{math.Pow(3, 1.0/power), 1}, []float64{0.25, 0.75}},
	} {
		got := shares(c.losses, equal)
		if fmt.Sprintf("%.9f", got) != fmt.Sprintf("%.9f", c.want) {
			t.Errorf("losses %v: %v, want %v", c.losses, got, c.want)
		}
	}
}
