package nn

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func normals(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// dot is what the tests differentiate: a sum with given weights, in float64.
func dot(w, y []float32) float64 {
	sum := 0.0
	for i, v := range y {
		sum += float64(w[i]) * float64(v)
	}
	return sum
}

// checkGradient compares a gradient with central differences of f, which reads x.
func checkGradient(t *testing.T, name string, x, gradient []float32, f func() float64) {
	t.Helper()
	const step = 0x1p-8
	for i, was := range x {
		x[i] = was + step
		up := f()
		x[i] = was - step
		down := f()
		x[i] = was
		if want := (up - down) / (2 * step); math.Abs(want-float64(gradient[i])) > 2e-3*(1+math.Abs(want)) {
			t.Errorf("%s %d: gradient %g, differences say %g", name, i, gradient[i], want)
		}
	}
}

func TestDense(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, bias := range []bool{true, false} {
		const n = 7
		d := Dense{In: 5, Out: 9}
		params := normals(r, d.Size())
		if rest := d.Take(params, bias); len(rest) != map[bool]int{true: 0, false: d.Out}[bias] {
			t.Fatalf("%d parameters left", len(rest))
		}
		x, weights, before := normals(r, n*d.In), normals(r, n*d.Out), normals(r, n*d.Out)
		loss := func() float64 {
			y := slices.Clone(before)
			d.Forward(y, x, n)
			return dot(weights, y)
		}
		g := Dense{In: d.In, Out: d.Out}
		gradient := make([]float32, d.Size())
		g.Take(gradient, bias)
		gradient[0] = 1 // Learn adds
		g.Learn(x, weights, n)
		gradient[0]--
		checkGradient(t, "weight", d.W, g.W, loss)
		checkGradient(t, "b", d.B, g.B, loss)
		back := Dense{In: d.In, Out: d.Out, W: make([]float32, len(d.W))}
		back.Transpose(&d)
		dx := make([]float32, len(x))
		back.Back(dx, weights, n, false)
		checkGradient(t, "input", x, dx, loss)
		twice := slices.Clone(dx)
		back.Back(twice, weights, n, true)
		for i := range dx {
			if math.Abs(float64(twice[i]-2*dx[i])) > 1e-5 {
				t.Errorf("Back added %g to %g", twice[i]-dx[i], dx[i])
			}
		}
		// Without b a layer adds to what is there.
		none := make([]float32, n*d.Out)
		d.Forward(none, make([]float32, n*d.In), n)
		sum := slices.Clone(before)
		d.Forward(sum, make([]float32, n*d.In), n)
		if got, want := sum[1]-none[1], map[bool]float32{true: 0, false: before[1]}[bias]; got != want {
			t.Errorf("bias %t: %g is left of what was there, want %g", bias, got, want)
		}
		d.ForwardReLU(sum, x, n)
		if slices.Min(sum) != 0 || slices.Max(sum) <= 0 {
			t.Errorf("positive parts from %g to %g", slices.Min(sum), slices.Max(sum))
		}
	}
}

func TestFan(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, width := range []float32{0.3, -2, 7, -7} {
		const size = 7
		in := normals(r, size+1) // median, distances, width
		in[size] = width
		weights := normals(r, size)
		for i := range weights {
			weights[i] /= float32(math.Exp(max(0, float64(width)))) // keep differences readable
		}
		fan := func() (q, left []float32) {
			left, q = slices.Clone(in), make([]float32, size)
			Fan(q, left[0], left[1:size], (*[1]float32)(left[size:]))
			return q, left
		}
		q, left := fan()
		if !slices.IsSorted(q) || q[size/2] != in[0] {
			t.Errorf("quantiles %v around the median %g", q, in[0])
		}
		d := make([]float32, size+1)
		d[0], d[size] = FanGradient(d[1:size], weights, left[1:size], left[size], width)
		checkGradient(t, "fan's input", in, d, func() float64 {
			q, _ := fan()
			return dot(weights, q)
		})
	}
}

func TestPinball(t *testing.T) {
	levels := []float64{0.1, 0.5, 0.8}
	q := []float32{1, 2, 4}
	// 2/3·(0.1·2 + 0.5·1 + 0.2·1) by hand
	if got := Pinball(make([]float32, 3), q, levels, 3); math.Abs(float64(got)-0.6) > 1e-6 {
		t.Errorf("loss %g, want 0.6", got)
	}
	for _, y := range []float32{0, 1.5, 3, 9} {
		d := make([]float32, 3)
		Pinball(d, q, levels, y)
		checkGradient(t, "quantile", q, d, func() float64 {
			return float64(Pinball(make([]float32, 3), q, levels, y))
		})
	}
}
