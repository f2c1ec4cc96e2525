package f32

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkGemm runs the products of a network that trains: forward, backward
// to the input and to the weights, and inference of one row.
func BenchmarkGemm(b *testing.B) {
	for _, s := range []struct {
		transA  bool
		m, n, k int
	}{
		{false, 128, 320, 131},
		{false, 128, 320, 320},
		{false, 768, 128, 128},
		{false, 768, 30, 128},
		{false, 768, 128, 30},
		{true, 320, 320, 128},
		{true, 128, 128, 768},
		{true, 128, 30, 768},
		{false, 1, 320, 320},
		{false, 2, 320, 320},
		{false, 2, 128, 320},
		{false, 2, 320, 131},
		{false, 18, 128, 128},
		{false, 36, 128, 128},
		{false, 64, 160, 104},
		{false, 512, 512, 512},
	} {
		r := rand.New(rand.NewPCG(1, 1))
		x, y, z := normals(r, s.m*s.k), normals(r, s.k*s.n), make([]float32, s.m*s.n)
		lda := s.k
		if s.transA {
			lda = s.m
		}
		b.Run(fmt.Sprintf("%dx%dx%d/%t", s.m, s.n, s.k, s.transA), func(b *testing.B) {
			for b.Loop() {
				Gemm(s.transA, s.m, s.n, s.k, x, lda, y, s.n, z, s.n, false)
			}
			b.ReportMetric(2*float64(s.m)*float64(s.n)*float64(s.k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

func BenchmarkVector(b *testing.B) {
	for name, f := range map[string]func(dst, x []float32){
		"Add": Add, "ReLU": ReLU, "Exp": Exp, "Softplus": Softplus, "Asinh": Asinh,
	} {
		x, y := normals(rand.New(rand.NewPCG(1, 1)), 1000), make([]float32, 1000)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f(y, x)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/element")
		})
	}
}
