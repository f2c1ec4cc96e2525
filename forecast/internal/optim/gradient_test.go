package optim

import (
	"math"
	"testing"
)

// rosenbrock is the extended function of Rosenbrock (1960): minimum 0 at ones.
type rosenbrock struct{ x []float64 }

func (r *rosenbrock) Value(x []float64) float64 {
	r.x = append(r.x[:0], x...)
	sum := 0.0
	for i := 0; i+1 < len(x); i++ {
		a, b := 1-x[i], x[i+1]-x[i]*x[i]
		sum += a*a + 100*b*b
	}
	return sum
}

func (r *rosenbrock) Gradient(g []float64) {
	clear(g)
	for i := 0; i+1 < len(r.x); i++ {
		a, b := 1-r.x[i], r.x[i+1]-r.x[i]*r.x[i]
		g[i] += -2*a - 400*b*r.x[i]
		g[i+1] += 200 * b
	}
}

// walled is a bowl with a wall beyond which there is no value.
type walled struct{ x float64 }

func (w *walled) Value(x []float64) float64 {
	w.x = x[0]
	if x[0] > 1.5 {
		return math.Inf(1)
	}
	return (x[0] - 1) * (x[0] - 1)
}

func (w *walled) Gradient(g []float64) { g[0] = 2 * (w.x - 1) }

func TestMinimizer(t *testing.T) {
	var m Minimizer
	for _, n := range []int{10, 2, 5} { // memory is used again for other sizes
		x := make([]float64, n)
		for i := range x {
			x[i] = -1.2
		}
		if v := m.Minimize(&rosenbrock{}, x, Settings{Iterations: 1000, Tolerance: 1e-14}); v > 1e-8 {
			t.Errorf("rosenbrock of %d variables: %v at %v", n, v, x)
		}
	}
	x := []float64{-40}
	if v := m.Minimize(&walled{}, x, Settings{Tolerance: 1e-12}); math.Abs(x[0]-1) > 1e-5 {
		t.Errorf("walled: %v at %v", v, x)
	}
	x = []float64{2}
	if v := m.Minimize(&walled{}, x, Settings{}); !math.IsInf(v, 1) || x[0] != 2 {
		t.Errorf("start without a value: %v at %v", v, x)
	}
	if v := m.Minimize(&rosenbrock{}, nil, Settings{}); v != 0 {
		t.Errorf("no variables: %v", v)
	}
	x = []float64{-1.2, 1}
	calls := 0
	m.Minimize(&rosenbrock{}, x, Settings{Stop: func(_, _ float64) bool { calls++; return calls == 3 }})
	if calls != 3 {
		t.Errorf("Stop was asked %d times", calls)
	}
}

func TestMinimizerDoesNotAllocate(t *testing.T) {
	var m Minimizer
	r := &rosenbrock{x: make([]float64, 6)}
	x := make([]float64, 6)
	m.Minimize(r, x, Settings{})
	if n := testing.AllocsPerRun(10, func() {
		clear(x)
		m.Minimize(r, x, Settings{})
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
