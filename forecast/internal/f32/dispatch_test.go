//go:build !purego && (amd64 || arm64)

package f32

import (
	"math"
	"math/rand/v2"
	"testing"
)

// generic runs f in plain Go.
func generic(f func()) {
	defer func(was bool) { assembly = was }(assembly)
	assembly = false
	f()
}

// TestAssembly holds the assembly to the bits of plain Go, on random shapes,
// strides and tails.
func TestAssembly(t *testing.T) {
	if !assembly {
		t.Skip("this processor lacks what the assembly needs")
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 400 {
		g := randomCase(r, 50)
		want := append([]float32(nil), g.before...)
		g.run(g.c)
		generic(func() { g.run(want) })
		if i := firstDifference(g.c, want); i >= 0 {
			t.Fatalf("%v: C[%d,%d] = %g, in plain Go %g", g, i/g.ldc, i%g.ldc, g.c[i], want[i])
		}
	}
	for name, f := range map[string]func(dst, x, y []float32){
		"Add":      func(dst, x, _ []float32) { Add(dst, x) },
		"Axpy":     func(dst, x, _ []float32) { Axpy(-1.7, x, dst) },
		"Combine":  func(dst, x, _ []float32) { Combine(0.95, dst, -1.7, x) },
		"Approach": func(dst, x, _ []float32) { Approach(dst, 0.3, x) },
		"ReLU":     func(dst, x, _ []float32) { ReLU(dst, x) },
		"ReLUGrad": ReLUGrad,
		"Exp":      func(dst, x, _ []float32) { Exp(dst, x) },
		"Softplus": func(dst, x, _ []float32) { Softplus(dst, x) },
		"Asinh":    func(dst, x, _ []float32) { Asinh(dst, x) },
	} {
		for n := range 70 {
			x, y, got := normals(r, n), normals(r, n), normals(r, n+1)
			for i := range x {
				x[i] *= float32(math.Pow(10, float64(i%5-2)))
				if i%3 == 0 {
					y[i] = 0
				}
			}
			want := append([]float32(nil), got...)
			f(got[:n], x, y)
			generic(func() { f(want[:n], x, y) })
			if i := firstDifference(got, want); i >= 0 {
				t.Fatalf("%s of %d: element %d is %g, in plain Go %g", name, n, i, got[i], want[i])
			}
		}
	}
}
