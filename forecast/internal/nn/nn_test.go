package nn

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestEach(t *testing.T) {
	for _, threads := range []int{0, 1, 2, 7, 100} {
		var calls [50]atomic.Int32
		Each(threads, len(calls), func(i int) { calls[i].Add(1) })
		for i := range calls {
			if n := calls[i].Load(); n != 1 {
				t.Errorf("%d threads: %d was called %d times", threads, i, n)
			}
		}
	}
}

// TestAdamW compares two updates of one parameter with the equations, worked
// out in float64.
func TestAdamW(t *testing.T) {
	a := AdamW{First: 0.9, Second: 0.98, Decay: 0.1, Average: 0.999}
	s := NewState([]float32{2})
	p, mean, m, v := 2., 2., 0., 0.
	for i, g := range []float64{0.5, -3} {
		const rate, scale = 0.01, 0.5
		a.Update(1, s, []float32{float32(g)}, scale, rate)
		n := float64(i + 1)
		m = 0.9*m + 0.1*g*scale
		v = 0.98*v + 0.02*g*scale*g*scale
		p = p - rate*0.1*p - rate*(m/(1-math.Pow(0.9, n)))/(math.Sqrt(v/(1-math.Pow(0.98, n)))+1e-8)
		k := (n + 1) / (n + 20)
		mean = k*mean + (1-k)*p
		for _, c := range []struct {
			name string
			got  float32
			want float64
		}{{"parameter", s.Params[0], p}, {"average", s.Mean[0], mean}, {"first moment", s.First[0], m}, {"second moment", s.Second[0], v}} {
			if math.Abs(float64(c.got)-c.want) > 1e-6*math.Abs(c.want) {
				t.Errorf("update %d: %s = %g, want %g", i, c.name, c.got, c.want)
			}
		}
	}
}

// TestAdamWFindsMinimum trains a regression whose answer is known.
func TestAdamWFindsMinimum(t *testing.T) {
	want := []float32{3, -2, 0.5}
	s := NewState(make([]float32, 3))
	a := AdamW{First: 0.9, Second: 0.98, Average: 0.99}
	schedule := Schedule{Peak: 0.1, Last: 0.01, WarmUp: 10, Updates: 600}
	r := rand.New(rand.NewPCG(1, 1))
	g := NewGradients(1, 4, 3)
	for range schedule.Updates {
		sum, norm := g.Compute(func(_ int, d []float32) {
			x := [3]float32{1, float32(r.NormFloat64()), float32(r.NormFloat64())}
			e := float32(0)
			for i := range x {
				e += x[i] * (s.Params[i] - want[i])
			}
			for i := range x {
				d[i] += e * x[i]
			}
		})
		a.Update(1, s, sum, Clip(norm, 1), schedule.Rate(s.Updates))
	}
	for i := range want {
		if math.Abs(float64(s.Mean[i]-want[i])) > 0.01 {
			t.Errorf("parameter %d = %g, want %g", i, s.Mean[i], want[i])
		}
	}
}

// TestThreads holds sums and updates to the same bits on any number of threads.
func TestThreads(t *testing.T) {
	const n = 3*chunk + 17
	train := func(threads int) *State {
		r := rand.New(rand.NewPCG(7, 7))
		start := make([]float32, n)
		for i := range start {
			start[i] = float32(r.NormFloat64())
		}
		s, g := NewState(start), NewGradients(threads, 8, n)
		m := Muon{
			AdamW:    AdamW{First: 0.9, Second: 0.98, Decay: 1e-3, Average: 0.999},
			Momentum: 0.95, Matrices: []Matrix{{From: 10, Rows: 40, Cols: 90}, {From: 4000, Rows: 150, Cols: 200}},
		}
		for step := range 3 {
			sum, norm := g.Compute(func(shard int, d []float32) {
				r := rand.New(rand.NewPCG(uint64(step), uint64(shard)))
				for i := range d {
					d[i] += float32(r.NormFloat64()) * s.Params[i]
				}
			})
			m.Update(threads, s, sum, Clip(norm, 1), 0.01)
			m.AdamW.Update(threads, s, sum, Clip(norm, 1), 0.01)
		}
		return s
	}
	want := train(1)
	for _, threads := range []int{2, 5} {
		got := train(threads)
		if !slices.Equal(got.Params, want.Params) || !slices.Equal(got.Mean, want.Mean) {
			t.Errorf("%d threads give other parameters than one", threads)
		}
	}
}

func TestClip(t *testing.T) {
	g := NewGradients(1, 2, 3)
	sum, norm := g.Compute(func(shard int, d []float32) { d[shard] += float32(3 + shard) })
	if norm != 5 || sum[0] != 3 || sum[1] != 4 {
		t.Errorf("sum %v, norm %g; want 3, 4 and 5", sum, norm)
	}
	if c := Clip(5, 1); c != 0.2 {
		t.Errorf("Clip(5, 1) = %g", c)
	}
	if c := Clip(0.5, 1); c != 1 {
		t.Errorf("Clip(0.5, 1) = %g", c)
	}
}

func TestSchedule(t *testing.T) {
	s := Schedule{Peak: 2, Last: 0.1, WarmUp: 4, Updates: 1000}
	for _, c := range []struct {
		update uint64
		want   float64
	}{{0, 0.5}, {1, 1}, {3, 2}, {500, 1.1}, {1000, 0.2}, {2000, 0.2}} {
		if got := s.Rate(c.update); math.Abs(got-c.want) > 1e-3 {
			t.Errorf("rate of update %d = %g, want %g", c.update, got, c.want)
		}
	}
}

// TestMuon looks at the singular values of an update, and at the rule for what
// is no matrix.
func TestMuon(t *testing.T) {
	for _, c := range []struct{ rows, cols int }{{7, 19}, {19, 7}, {16, 16}, {90, 200}} {
		r := rand.New(rand.NewPCG(3, 4))
		n := c.rows*c.cols + 5
		s := NewState(make([]float32, n))
		g := make([]float32, n)
		for i := range g {
			g[i] = float32(r.NormFloat64())
		}
		m := Muon{
			AdamW:    AdamW{First: 0.9, Second: 0.98, Average: 0.999},
			Momentum: 0.95, Matrices: []Matrix{{From: 2, Rows: c.rows, Cols: c.cols}},
		}
		const rate = 0.01
		m.Update(2, s, g, 1, rate)
		var svd mat.SVD
		w := mat.NewDense(c.rows, c.cols, nil)
		for i := range c.rows * c.cols {
			w.Set(i/c.cols, i%c.cols, float64(s.Params[2+i]))
		}
		if !svd.Factorize(w, mat.SVDNone) {
			t.Fatal("no singular values")
		}
		for _, v := range svd.Values(nil) {
			if v /= rate * rootMeanSquare * math.Sqrt(float64(max(c.rows, c.cols))); v < 0.6 || v > 1.3 {
				t.Errorf("%d by %d: singular value %g, want about 1", c.rows, c.cols, v)
			}
		}
		for _, i := range []int{0, 1, n - 3, n - 2, n - 1} { // AdamW's first step is the rate
			if got, want := float64(s.Params[i]), -math.Copysign(rate, float64(g[i])); math.Abs(got-want) > 1e-6 {
				t.Errorf("%d by %d: parameter %d moved by %g, want %g", c.rows, c.cols, i, got, want)
			}
		}
	}
}
