package metric

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var nan = math.NaN()

// TestByHand holds figures small enough to compute on paper.
func TestByHand(t *testing.T) {
	levels := []float64{0.1, 0.5, 0.9}
	it := Item{
		Actual:    []float64{10, 0, nan, 20},
		Mean:      []float64{12, 1, 5, 16},
		Quantiles: [][]float64{{8, 0, 0, 21}, {10, 1, 0, 16}, {11, 2, 0, 19}},
		Scale:     7,
	}
	want := Scores{
		Levels: levels,
		// level 0.1: 0.1·2 + 0 + 0.9·1; level 0.5: 0 + 0.5·1 + 0.5·4; level 0.9: 0.1·1 + 0.1·2 + 0.9·1
		WQL:    []float64{2 * 1.1 / 30, 2 * 2.5 / 30, 2 * 1.2 / 30},
		WAPE:   7.0 / 30,
		RMSE:   math.Sqrt((4.0 + 1 + 16) / 3),
		MAPE:   (0.2 + 0.2) / 3, // the zero is counted but adds nothing
		MASE:   1.0 / 3,
		Below:  []float64{2.0 / 3, 2.0 / 3, 2.0 / 3},
		Items:  1,
		Points: 3,
	}
	want.AverageWQL = (want.WQL[0] + want.WQL[1] + want.WQL[2]) / 3
	if diff := cmp.Diff(want, Of(levels, it), cmpopts.EquateApprox(1e-15, 0)); diff != "" {
		t.Error(diff)
	}
}

// TestMedianIsWAPE is an identity that the service's printed results keep to
// the last digit: where mean and median are one forecast, wQL(0.5) is WAPE.
func TestMedianIsWAPE(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	a := NewAccumulator([]float64{0.5})
	for range 50 {
		it := Item{Scale: nan}
		for range 24 {
			it.Actual = append(it.Actual, rnd.NormFloat64()*20)
			it.Mean = append(it.Mean, rnd.NormFloat64()*20)
		}
		it.Quantiles = [][]float64{it.Mean}
		one := Of([]float64{0.5}, it)
		if one.WQL[0] != one.WAPE {
			t.Fatalf("wQL(0.5) = %v, WAPE = %v", one.WQL[0], one.WAPE)
		}
		a.Add(it)
	}
	if s := a.Scores(); math.Abs(s.WQL[0]-s.WAPE) > 1e-14 || !math.IsNaN(s.MASE) {
		t.Errorf("wQL(0.5) = %v, WAPE = %v, MASE = %v", s.WQL[0], s.WAPE, s.MASE)
	}
}

// TestRecordedScale holds an item-day the service printed: one sale in 24 hours
// has a MAPE of |e|/24, and the scale of its own hours is 2/23.
func TestRecordedScale(t *testing.T) {
	actual := make([]float64, 24)
	actual[7] = 1
	mean := make([]float64, 24)
	mean[7] = 1 + 1.0159
	s := Of(nil, Item{Actual: actual, Mean: mean, Scale: Scale(actual, 1)})
	if math.Abs(s.MAPE-0.04233) > 5e-6 {
		t.Errorf("MAPE = %v, printed 0.04233", s.MAPE)
	}
	if got := Scale(actual, 1); math.Abs(got-2.0/23) > 1e-15 {
		t.Errorf("Scale = %v, want 2/23", got)
	}
	if !math.IsNaN(s.AverageWQL) {
		t.Errorf("average wQL without levels is %v", s.AverageWQL)
	}
}

func TestZeroActuals(t *testing.T) {
	zero := []float64{0, 0}
	s := Of([]float64{0.9}, Item{Actual: zero, Mean: []float64{1, 0}, Quantiles: [][]float64{{1, 2}}, Scale: 0})
	if math.Abs(s.WQL[0]-2*0.1*3) > 1e-15 || s.WAPE != 1 || s.MAPE != 0 || !math.IsNaN(s.MASE) {
		t.Errorf("all-zero item: %+v", s)
	}
	s = Of(nil, Item{Actual: zero, Mean: zero, Scale: 0})
	if s.MASE != 0 || s.WAPE != 0 {
		t.Errorf("all-zero item without error: %+v", s)
	}
	s = Of(nil, Item{Actual: []float64{nan}, Mean: []float64{1}, Scale: 1})
	if s.Items != 0 || !math.IsNaN(s.WAPE) || !math.IsNaN(s.RMSE) || !math.IsNaN(s.MAPE) {
		t.Errorf("item without a step to compare: %+v", s)
	}
}

func TestScale(t *testing.T) {
	for _, c := range []struct {
		history []float64
		season  int
		want    float64
	}{
		{[]float64{1, 2, 4, 8}, 1, 7.0 / 3},
		{[]float64{1, 2, 4, 8}, 2, 4.5},
		{[]float64{1, 2, 4, 8}, 4, 7.0 / 3}, // too short for the season
		{[]float64{1, nan, 4, 8}, 1, 4},
		{[]float64{1, nan, 4}, 1, nan},
		{[]float64{5}, 1, nan},
		{nil, 12, nan},
	} {
		if got := Scale(c.history, c.season); !cmp.Equal(got, c.want, cmpopts.EquateNaNs(), cmpopts.EquateApprox(1e-15, 0)) {
			t.Errorf("Scale(%v, %d) = %v, want %v", c.history, c.season, got, c.want)
		}
	}
}

// TestMerge checks that parts merged in order give the figures of one pass and
// that merging nothing changes nothing.
func TestMerge(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	levels := []float64{0.1, 0.9}
	whole, merged := NewAccumulator(levels), NewAccumulator(levels)
	merged.Merge(NewAccumulator(levels))
	for range 30 {
		it := Item{Scale: rnd.Float64()}
		it.Quantiles = make([][]float64, 2)
		for range 5 {
			it.Actual = append(it.Actual, rnd.NormFloat64())
			it.Mean = append(it.Mean, rnd.NormFloat64())
			it.Quantiles[0] = append(it.Quantiles[0], rnd.NormFloat64())
			it.Quantiles[1] = append(it.Quantiles[1], rnd.NormFloat64())
		}
		whole.Add(it)
		part := NewAccumulator(levels)
		part.Add(it)
		merged.Merge(part)
	}
	if diff := cmp.Diff(whole.Scores(), merged.Scores(), cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Error(diff)
	}
}

// TestSummary checks the plain mean over windows, RMSE included, as recorded.
func TestSummary(t *testing.T) {
	a := Scores{Levels: []float64{0.5}, WQL: []float64{0.1}, Below: []float64{0.5}, AverageWQL: 0.1, WAPE: 0.2, RMSE: 3, MAPE: nan, MASE: 1, Items: 4, Points: 8}
	b := Scores{Levels: []float64{0.5}, WQL: []float64{0.3}, Below: []float64{1}, AverageWQL: 0.3, WAPE: 0.4, RMSE: 5, MAPE: 0.5, MASE: nan, Items: 5, Points: 9}
	want := Scores{Levels: []float64{0.5}, WQL: []float64{0.2}, Below: []float64{0.75}, AverageWQL: 0.2, WAPE: 0.3, RMSE: 4, MAPE: 0.5, MASE: 1, Items: 5, Points: 17}
	if diff := cmp.Diff(want, Summary([]Scores{a, b}), cmpopts.EquateApprox(1e-15, 0)); diff != "" {
		t.Error(diff)
	}
	if s := Summary(nil); !math.IsNaN(s.WAPE) {
		t.Errorf("summary of nothing: %+v", s)
	}
}
