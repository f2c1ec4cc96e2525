package simulate_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/almanac-forecast/almanac/forecast/zeroshot/simulate"
)

// recorded is what TestVersions has found.
var recorded = map[uint32]string{simulate.General: "b51805c84197d08a", simulate.Slow: "ac427a24bf164744"}

// sum returns a number that stands for the windows' bytes.
func sum(windows []simulate.Window) uint64 {
	h := fnv.New64a()
	var b []byte
	for _, w := range windows {
		b = binary.LittleEndian.AppendUint64(b[:0], uint64(w.Season+1000*w.Long))
		b = append(b, w.Family...)
		for _, v := range append(w.Values, w.Target...) {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		h.Write(b)
	}
	return h.Sum64()
}

// A block depends on the seed and its number only, not on what a generator
// made before.
func TestDeterminism(t *testing.T) {
	var a, b simulate.Generator
	want := sum(a.Block(5, 1))
	for i := range uint64(5) {
		b.Block(6, i)
	}
	if got := sum(b.Block(5, 1)); got != want {
		t.Errorf("the same block again sums to %x, want %x", got, want)
	}
	for _, other := range [][2]uint64{{5, 2}, {6, 1}, {1, 5}} {
		if sum(b.Block(other[0], other[1])) == want {
			t.Errorf("block %v is equal to block 1 of seed 5", other)
		}
	}
}

// Weights name the version of the simulator that made them; its blocks never
// change. Other bytes are a new version.
func TestVersions(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the bytes are recorded on amd64; other processors fuse operations")
	}
	for version, want := range recorded {
		var all uint64
		for _, season := range simulate.Seasons(version) {
			g := simulate.Generator{Version: version, Season: season}
			all = all*31 + sum(g.Block(1, 1))
		}
		if got := strconv.FormatUint(all, 16); got != want {
			t.Errorf("blocks of version %d sum to %q, want %q: if they had to change, they are a new version", version, got, want)
		}
	}
}

// check returns what is wrong with a window.
func check(w simulate.Window) error {
	n := 0
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range w.Values {
		if math.IsInf(v, 0) || math.Abs(v) > 1e15 {
			return fmt.Errorf("a value is %v", v)
		}
		if !math.IsNaN(v) {
			n++
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	for _, v := range w.Target {
		if math.IsNaN(v) || math.Abs(v) > 1e15 {
			return fmt.Errorf("a step of the target is %v", v)
		}
	}
	switch {
	case n < 5:
		return fmt.Errorf("%d values are there, want at least 5", n)
	case lo == hi:
		return fmt.Errorf("all values are %v", lo)
	case math.IsNaN(w.Values[len(w.Values)-1]):
		return errors.New("the last value is missing")
	}
	return nil
}

// Every length of season has blocks of the promised size and shape.
func TestSeasons(t *testing.T) {
	for version := range recorded {
		for _, season := range simulate.Seasons(version) {
			testSeason(t, simulate.Generator{Version: version, Season: season})
		}
	}
}

func testSeason(t *testing.T, g simulate.Generator) {
	t.Helper()
	season := g.Season
	gaps, windows, families := 0, 0, map[string]bool{}
	for block := range uint64(2) {
		for _, w := range g.Block(2, block) {
			if err := check(w); err != nil {
				t.Fatalf("season %d, family %s: %v", season, w.Family, err)
			}
			if w.Season != season || w.Long != 0 && w.Long <= season {
				t.Fatalf("seasons %d and %d, want %d", w.Season, w.Long, season)
			}
			families[w.Family] = true
			windows++
			if slices.ContainsFunc(w.Values, math.IsNaN) {
				gaps++
			}
		}
	}
	if windows != 2*simulate.Size {
		t.Errorf("season %d: %d windows, want %d", season, windows, 2*simulate.Size)
	}
	if part := float64(gaps) / float64(windows); part < .05 || part > .25 {
		t.Errorf("season %d: %.0f %% of the windows have gaps, want up to 20 %%", season, 100*part)
	}
	if len(families) < 5 {
		t.Errorf("season %d: families %v only", season, families)
	}
}

// What is left out does not appear, and the others' series stay as they are.
func TestWithout(t *testing.T) {
	for _, name := range simulate.Families() {
		g := simulate.Generator{Without: []string{name}, Season: 12}
		for _, w := range g.Block(1, 0) {
			if w.Family == name {
				t.Fatalf("family %s appears where it is left out", name)
			}
		}
	}
	for _, without := range [][]string{{"nonsense"}, simulate.Families()} {
		g := simulate.Generator{Without: without}
		if err := g.Check(); err == nil {
			t.Errorf("leaving out %v is no error", without)
		}
	}
}

// Whatever seed: sound windows.
func FuzzBlock(f *testing.F) {
	for i := range uint64(20) {
		f.Add(i*0x9e3779b97f4a7c15, i)
	}
	f.Fuzz(func(t *testing.T, seed, block uint64) {
		for version := range recorded {
			g := simulate.Generator{Version: version}
			for i, w := range g.Block(seed, block) {
				if err := check(w); err != nil {
					t.Fatalf("version %d, window %d, season %d, family %s: %v", version, i, w.Season, w.Family, err)
				}
			}
		}
	})
}
