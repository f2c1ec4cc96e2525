package coldstart_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/coldstart"
)

// normal is an item whose distribution is normal at both steps, with twice the
// deviation at the second.
func normal(mean, sd float64, attributes ...string) coldstart.Item {
	f := forecast.New(coldstart.Levels(), 2)
	for t := range f.Mean {
		f.Mean[t] = mean
		for i, p := range f.Levels {
			f.Quantiles[i][t] = mean + float64(t+1)*sd*forecast.NormalQuantile(p)
		}
	}
	return coldstart.Item{Attributes: attributes, Forecast: f}
}

var levels = []float64{0.1, 0.5, 0.9}

// Nine equal items are one of them.
func TestEqualItems(t *testing.T) {
	var items []coldstart.Item
	for range 9 {
		items = append(items, normal(50, 4))
	}
	got := coldstart.New(items).Forecast(nil, levels)
	for s := range 2 {
		for i, p := range levels {
			want := 50 + float64(s+1)*4*forecast.NormalQuantile(p)
			if math.Abs(got.Quantiles[i][s]-want) > 0.15*float64(s+1) { // of the 20 slices
				t.Errorf("quantile %v of step %d is %v, want %v", p, s, got.Quantiles[i][s], want)
			}
		}
		if math.Abs(got.Mean[s]-50) > 1e-12 {
			t.Errorf("mean of step %d is %v, want 50", s, got.Mean[s])
		}
	}
}

// Items of exact scales 1 to 99 make a uniform distribution, and half of the items
// of each scale ten times as large move the upper quantiles only.
func TestScales(t *testing.T) {
	var items []coldstart.Item
	for i := 1; i < 100; i++ {
		items = append(items, normal(float64(i), 0))
	}
	got := coldstart.New(items).Forecast(nil, levels)
	for i, want := range []float64{10, 50, 90} {
		if math.Abs(got.Quantiles[i][0]-want) > 0.5 {
			t.Errorf("quantile %v is %v, want %v", levels[i], got.Quantiles[i][0], want)
		}
	}
	for i := range 99 {
		items = append(items, normal(float64(1000+i), 0))
	}
	got = coldstart.New(items).Forecast(nil, []float64{0.25, 0.75})
	if q := got.Quantiles; q[0][0] > 51 || q[1][0] < 1040 {
		t.Errorf("the quartiles are %v and %v, want those of each half's middle", q[0][0], q[1][0])
	}
}

func TestAlike(t *testing.T) {
	var items []coldstart.Item
	add := func(n int, mean float64, attributes ...string) {
		for range n {
			items = append(items, normal(mean, 0, attributes...))
		}
	}
	add(10, 1, "shoe", "red")
	add(7, 2, "shoe", "blue")
	add(20, 3, "hat", "red")
	add(5, 4, "", "")
	g := coldstart.New(items)
	for _, tt := range []struct {
		attributes []string
		mean       float64
	}{
		{[]string{"Shoe", "RED"}, 1},
		{[]string{"shoe", "blue"}, (10*1 + 7*2) / 17.0}, // seven are too few: all shoes
		{[]string{"shoe", "green"}, (10*1 + 7*2) / 17.0},
		{[]string{"hat", "green"}, 3},
		{[]string{"coat", "green"}, (10*1 + 7*2 + 20*3 + 5*4) / 42.0},
		{[]string{"", ""}, (10*1 + 7*2 + 20*3 + 5*4) / 42.0}, // unknown is not alike
		{nil, (10*1 + 7*2 + 20*3 + 5*4) / 42.0},
	} {
		if got := g.Forecast(tt.attributes, levels).Mean[0]; math.Abs(got-tt.mean) > 1e-12 {
			t.Errorf("the mean for %q is %v, want %v", tt.attributes, got, tt.mean)
		}
	}
	if diff := cmp.Diff(g.Forecast([]string{"coat", "green"}, levels), g.Forecast(nil, levels)); diff != "" {
		t.Error(diff)
	}
}

func TestEmptyGroup(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a group of no items did not panic")
		}
	}()
	coldstart.New(nil)
}
