package sample_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/almanac-forecast/almanac/internal/sample"
)

func TestMakeIsDeterministic(t *testing.T) {
	var a, b, c bytes.Buffer
	for _, w := range []struct {
		to  *bytes.Buffer
		cfg sample.Config
	}{{&a, sample.Config{}}, {&b, sample.Config{Seed: 1}}, {&c, sample.Config{Seed: 2}}} {
		if err := sample.WriteCSV(w.to, sample.Make(w.cfg)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same seed made different data")
	}
	if bytes.Equal(a.Bytes(), c.Bytes()) {
		t.Error("another seed made the same data")
	}
	if got, want := strings.Count(a.String(), "\n"), 1+40*730; got != want {
		t.Errorf("%d lines, want %d", got, want)
	}
}

// TestShape checks that the series have what the demonstration promises.
func TestShape(t *testing.T) {
	intermittent := 0
	for _, s := range sample.Make(sample.Config{}) {
		zeros, sum := 0, 0.0
		var week [7]float64
		for t, v := range s.Values {
			if v == 0 {
				zeros++
			}
			sum += v
			week[int(s.Start.AddDate(0, 0, t).Weekday())] += v
			if v < 0 || v != math.Trunc(v) {
				panic("not a count")
			}
		}
		if zeros > len(s.Values)/2 {
			intermittent++
			continue
		}
		if strings.HasPrefix(s.ID, "ice-cream") && week[6] < 1.3*week[1] {
			t.Errorf("%s sells %v on Saturdays and %v on Mondays", s.ID, week[6], week[1])
		}
		if sum/float64(len(s.Values)) < 3 {
			t.Errorf("%s sells next to nothing", s.ID)
		}
	}
	if intermittent != 8 {
		t.Errorf("%d intermittent items, want 8", intermittent)
	}
}
