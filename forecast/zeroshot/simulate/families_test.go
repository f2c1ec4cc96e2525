package simulate

import (
	"math"
	"testing"
	"time"
)

// Easter of some years, from the tables of the church.
func TestEaster(t *testing.T) {
	for _, day := range []string{"1961-04-02", "1981-04-19", "2000-04-23", "2008-03-23", "2011-04-24", "2024-03-31", "2025-04-20", "2038-04-25"} {
		want, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		// 59 days are before 1 March in the model's year, leap or not.
		days := int(want.Sub(time.Date(want.Year(), 3, 1, 0, 0, 0, 0, time.UTC)).Hours()/24) + 59
		if got := easter(want.Year()); got != days {
			t.Errorf("Easter of %d is %d days after 1 January, want %d", want.Year(), got, days)
		}
	}
}

// What span adds sums to the days between, in steps that hold a day, a week,
// or an hour; a step of a month counts as a week does.
func TestSpan(t *testing.T) {
	for _, c := range []struct{ days, want float64 }{{1, 10.5}, {7, 1.5}, {1. / 24, 252}, {7. / 5, 7.5}} {
		m := testMaker(1)
		m.z = make([]float64, 3000)
		m.span(20.25, 30.75, c.days, 2)
		sum := 0.0
		for _, z := range m.z {
			sum += z
		}
		if math.Abs(sum-2*c.want) > 1e-9 {
			t.Errorf("steps of %v days get %v in all, want %v", c.days, sum, 2*c.want)
		}
	}
}

// A drift keeps its standard deviation, in steps of any length, within four
// standard errors of that of its memory.
func TestDrift(t *testing.T) {
	s := stream{5}
	d := drift{20, 3}
	for _, steps := range []float64{1, 4} {
		const n = 200_000
		x, square := d.start(&s), 0.0
		for range n {
			x = d.next(&s, x, steps)
			square += x * x / n
		}
		if independent := n * steps / d.memory / 2; math.Abs(square/9-1) > 4*math.Sqrt(2/independent) {
			t.Errorf("steps of %v: the variance is %v, want 9", steps, square)
		}
	}
}

// Effects on the path add to it and leave it finite, at every season.
func TestPathEffects(t *testing.T) {
	for _, e := range effects {
		changed := 0
		for seed := range uint64(100) {
			for i := range versions[General] {
				m := testMaker(seed)
				m.prior = &versions[General][i]
				m.whole = make([]float64, 400)
				m.z = m.whole
				e.make(m)
				lo, _, hi := bounds(m.z)
				if lo != hi {
					changed++
				}
				if math.IsNaN(lo+hi) || math.IsInf(hi-lo, 0) || hi-lo > 1e4 {
					t.Fatalf("%s, season %d, seed %d: from %v to %v", e.name, versions[General][i].Season, seed, lo, hi)
				}
			}
		}
		if changed < 300 {
			t.Errorf("%s changes %d paths of 1,300", e.name, changed)
		}
	}
}
