package path

import (
	"context"
	"math"
	"testing"

	"github.com/almanac-forecast/almanac/forecast"
)

// walk is a fitted random walk: step t is N(0, t). Its processes are what the
// test says.
type walk struct {
	forecast.Fitted
	processes []Process
}

func (w walk) Processes(int) []Process { return w.processes }

func (walk) Forecast(_ context.Context, horizon int, levels []float64) (forecast.Forecast, error) {
	f := forecast.New(levels, horizon)
	for i, p := range levels {
		for t := range horizon {
			f.Quantiles[i][t] = math.Sqrt(float64(t+1)) * forecast.NormalQuantile(p)
		}
	}
	return f, nil
}

// TestDraw wants the paths of a random walk: independent increments of variance one.
func TestDraw(t *testing.T) {
	const horizon, count = 8, 20000
	got, err := Draw(context.Background(), walk{processes: []Process{{1, []float64{1, 1, 1, 1, 1, 1, 1, 1}}}}, Size{horizon, count, 5})
	if err != nil {
		t.Fatal(err)
	}
	var squares, products float64
	for _, p := range got {
		for h := 1; h < horizon; h++ {
			squares += (p[h] - p[h-1]) * (p[h] - p[h-1])
			products += (p[h] - p[h-1]) * p[h-1]
		}
	}
	n := float64(count * (horizon - 1))
	if v := squares / n; math.Abs(v-1) > 0.02 {
		t.Errorf("variance of the increments %.4f, want 1", v)
	}
	if c := products / n; math.Abs(c) > 0.03 {
		t.Errorf("increments vary with the level by %.4f, want 0", c)
	}
}

// TestDraw_Shares draws from each process as often as its share says: one has
// the same score at every step, the other alternates.
func TestDraw_Shares(t *testing.T) {
	const count = 5000
	mixed := []Process{{0.3, []float64{1, 1e9}}, {0.7, []float64{1, -1e9}}}
	got, err := Draw(context.Background(), walk{processes: mixed}, Size{2, count, 6})
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	for _, p := range got {
		if p[0]*p[1] > 0 {
			same++
		}
	}
	if share := float64(same) / count; math.Abs(share-0.3) > 0.03 {
		t.Errorf("share %.3f, want 0.3", share)
	}
}
