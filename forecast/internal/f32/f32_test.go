package f32

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func normals(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// firstDifference compares by bits, so that 0 is not -0; -1 means none.
func firstDifference(a, b []float32) int {
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return i
		}
	}
	return -1
}

// TestFMA compares with exact sums, on random operands and on those for which
// rounding to float64 first goes wrong: c plus or minus half its last bit times
// (1+d)·(1-d) = 1-d², which float64 cannot hold.
func TestFMA(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	random := func() float32 { return math.Float32frombits(0x3f800000 | r.Uint32()>>9) }
	wrong := 0
	for i := range 200_000 {
		a, b, c := random(), random(), random()
		if i%2 == 0 {
			c *= float32(math.Ldexp(1, r.IntN(70)-35))
		} else {
			d := float32(math.Ldexp(1, -15-r.IntN(8)))
			a, b = (1+d)*0x1p-24, 1-d
		}
		if r.IntN(2) == 0 {
			a = -a
		}
		if r.IntN(2) == 0 {
			b, c = -b, -c
		}
		exact := new(big.Float).SetPrec(400).SetFloat64(float64(a) * float64(b))
		exact.Add(exact, new(big.Float).SetFloat64(float64(c)))
		want, _ := exact.Float32()
		if got := fma(a, b, c); got != want {
			t.Fatalf("fma(%x, %x, %x) = %x, want %x", a, b, c, got, want)
		}
		if float32(float64(a)*float64(b)+float64(c)) != want {
			wrong++
		}
	}
	if wrong < 1000 {
		t.Errorf("rounding twice went wrong for %d operands only", wrong)
	}
}

// gemmCase is one product of random shape, strides and form.
type gemmCase struct {
	transA, acc            bool
	m, n, k, lda, ldb, ldc int
	a, b, c                []float32
	before                 []float32
	rowsA, colsA           int
}

func randomCase(r *rand.Rand, limit int) *gemmCase {
	g := &gemmCase{transA: r.IntN(2) == 0, acc: r.IntN(2) == 0, m: r.IntN(limit), n: r.IntN(limit), k: r.IntN(limit)}
	if r.IntN(8) == 0 {
		g.k += blockK
	}
	if r.IntN(4) == 0 {
		g.m = r.IntN(4)
	}
	g.rowsA, g.colsA = g.m, g.k
	if g.transA {
		g.rowsA, g.colsA = g.k, g.m
	}
	pad := func() int { return r.IntN(2) * r.IntN(9) }
	g.lda, g.ldb, g.ldc = g.colsA+pad(), g.n+pad(), g.n+pad()
	g.a, g.b, g.c = normals(r, g.rowsA*g.lda), normals(r, g.k*g.ldb), normals(r, g.m*g.ldc)
	g.before = append([]float32(nil), g.c...)
	return g
}

func (g *gemmCase) run(c []float32) {
	Gemm(g.transA, g.m, g.n, g.k, g.a, g.lda, g.b, g.ldb, c, g.ldc, g.acc)
}

func (g *gemmCase) String() string {
	return fmt.Sprintf("%dx%dx%d strides %d %d %d transA %t acc %t", g.m, g.n, g.k, g.lda, g.ldb, g.ldc, g.transA, g.acc)
}

// TestGemm compares random products with sums in float64, and what lies between
// the rows with what lay there before.
func TestGemm(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		g := randomCase(r, 60)
		g.run(g.c)
		for i := range g.c {
			row, col := i/g.ldc, i%g.ldc
			if col >= g.n {
				if g.c[i] != g.before[i] {
					t.Fatalf("%v: wrote beside the matrix", g)
				}
				continue
			}
			want, size := 0., 1.
			if g.acc {
				want = float64(g.before[i])
			}
			for l := range g.k {
				a := g.a[min(row*g.lda+l, len(g.a)-1)]
				if g.transA {
					a = g.a[l*g.lda+row]
				}
				p := float64(a) * float64(g.b[l*g.ldb+col])
				want += p
				size += math.Abs(p)
			}
			if math.Abs(float64(g.c[i])-want) > 2e-7*math.Sqrt(float64(g.k+1))*size {
				t.Fatalf("%v: C[%d,%d] = %g, want %g", g, row, col, g.c[i], want)
			}
		}
	}
}

// TestBits holds results to what they were: the same on all processors.
func TestBits(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	numbers := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.Uint32()>>8)*0x1p-22 - 2
		}
		return x
	}
	h := fnv.New64a()
	for i := range 20 {
		m, n, k := 1+i, 3*i+1, 20+17*i
		a, b, c := numbers(m*k), numbers(k*n), numbers(m*n)
		Gemm(false, m, n, k, a, k, b, n, c, n, true)
		Gemm(true, m, n, k, a, m, b, n, c, n, true)
		Exp(b, b)
		Softplus(b, b)
		Asinh(a, a)
		for _, v := range [][]float32{a, b, c} {
			if err := binary.Write(h, binary.LittleEndian, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, want := h.Sum64(), uint64(0x48b13ada2a1af0a4); got != want {
		t.Errorf("hash %#x, want %#x", got, want)
	}
}

func TestGemmPanics(t *testing.T) {
	x := make([]float32, 12)
	for _, c := range []struct {
		name string
		run  func()
	}{
		{"A short", func() { Gemm(false, 4, 1, 4, x, 4, x, 1, x, 1, false) }},
		{"B short", func() { Gemm(false, 1, 4, 4, x, 4, x, 4, x, 4, false) }},
		{"C short", func() { Gemm(false, 4, 4, 1, x, 1, x, 4, x, 4, false) }},
		{"stride below columns", func() { Gemm(false, 2, 2, 2, x, 1, x, 2, x, 2, false) }},
		{"Gram with C short", func() { Gram(4, 3, x, x) }},
		{"Add", func() { Add(x, x[1:]) }},
		{"AddBias", func() { AddBias(x, x[:5]) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("did not panic")
				}
			}()
			c.run()
		})
	}
}

// TestFunctions compares with float64 over the range each is for.
func TestFunctions(t *testing.T) {
	for _, f := range []struct {
		name      string
		run       func(dst, x []float32)
		want      func(float64) float64
		from, to  float64
		tolerance float64
	}{
		{"Exp", Exp, math.Exp, -87, 87, 2e-7},
		{"Softplus", Softplus, func(x float64) float64 { return math.Log1p(math.Exp(-math.Abs(x))) + max(x, 0) }, -87, 87, 5e-7},
		{"Softplus near 0", Softplus, func(x float64) float64 { return math.Log1p(math.Exp(x)) }, -3, 3, 5e-7},
		{"Asinh", Asinh, math.Asinh, -1e6, 1e6, 5e-7},
		{"Asinh near 0", Asinh, math.Asinh, -3, 3, 5e-7},
		{"Asinh nearer", Asinh, math.Asinh, -1e-3, 1e-3, 5e-7},
	} {
		t.Run(f.name, func(t *testing.T) {
			const n = 20_001
			x, y := make([]float32, n), make([]float32, n)
			for i := range x {
				x[i] = float32(f.from + (f.to-f.from)*float64(i)/(n-1))
			}
			f.run(y, x)
			worst := 0.
			for i := range x {
				want := f.want(float64(x[i]))
				e := math.Abs(float64(y[i]) - want)
				if want != 0 {
					e /= math.Abs(want)
				}
				if worst = max(worst, e); e > f.tolerance || math.IsNaN(e) {
					t.Fatalf("%s(%g) = %g, want %g", f.name, x[i], y[i], want)
				}
			}
			t.Logf("worst relative error %.2g", worst)
		})
	}
	y := []float32{0}
	if Asinh(y, []float32{float32(math.Copysign(0, -1))}); math.Float32bits(y[0]) != signBit {
		t.Errorf("Asinh(-0) = %g", y[0])
	}
}

func TestElementwise(t *testing.T) {
	x := []float32{1, -2, 3, 4, 5, -6}
	AddBias(x, []float32{10, 20, 30})
	equal(t, "AddBias", x, 11, 18, 33, 14, 25, 24)
	sum := []float32{1, 1, 1}
	ColSum(sum, x)
	equal(t, "ColSum", sum, 26, 44, 58)
	y := make([]float32, 6)
	Transpose(y, x, 2, 3)
	equal(t, "Transpose", y, 11, 14, 18, 25, 33, 24)
	Scale(.5, y)
	equal(t, "Scale", y, 5.5, 7, 9, 12.5, 16.5, 12)
	Axpy(2, []float32{1, 2, 3, 4, 5, 6}, y)
	equal(t, "Axpy", y, 7.5, 11, 15, 20.5, 26.5, 24)
	ReLU(y, []float32{-1, 0, 2, 3, float32(math.Copysign(0, -1)), float32(math.Inf(-1))})
	equal(t, "ReLU", y, 0, 0, 2, 3, 0, 0)
	ReLUGrad(y, []float32{9, 8, 7, -6, 5, 4}, y)
	equal(t, "ReLUGrad", y, 0, 0, 7, -6, 0, 0)
	ReLU(y, []float32{float32(math.NaN()), 0, 0, 0, 0, 0})
	if y[0] == y[0] {
		t.Error("ReLU hides NaN")
	}
}

func equal(t *testing.T, name string, got []float32, want ...float32) {
	t.Helper()
	if i := firstDifference(got, want); i >= 0 {
		t.Errorf("%s = %v, want %v", name, got, want)
	}
}

// TestTranspose turns matrices of several squares and what is left of them.
func TestTranspose(t *testing.T) {
	for _, c := range []struct{ rows, cols int }{{1, 40}, {40, 1}, {16, 32}, {17, 47}, {50, 33}, {37, 37}} {
		x, y := make([]float32, c.rows*c.cols), make([]float32, c.rows*c.cols)
		for i := range x {
			x[i] = float32(i)
		}
		Transpose(y, x, c.rows, c.cols)
		for i := range x {
			if got := y[i%c.cols*c.rows+i/c.cols]; got != x[i] {
				t.Fatalf("%d by %d: element %d is %v", c.rows, c.cols, i, got)
			}
		}
	}
}

// TestGram compares products of a matrix by its transpose with those of Gemm, bit by
// bit.
func TestGram(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for range 100 {
		n, k := r.IntN(90), r.IntN(90)
		if r.IntN(8) == 0 {
			k += blockK
		}
		a := normals(r, n*k)
		turned, got, want := make([]float32, n*k), normals(r, n*n), make([]float32, n*n)
		Transpose(turned, a, n, k)
		Gemm(false, n, n, k, a, k, turned, n, want, n, false)
		Gram(n, k, a, got)
		if i := firstDifference(got, want); i >= 0 {
			t.Fatalf("%d rows, %d columns: C[%d,%d] = %g, want %g", n, k, i/n, i%n, got[i], want[i])
		}
	}
}
