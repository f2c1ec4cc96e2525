package f32

import "fmt"

const (
	tileRows = 6  // rows of C that are computed together
	tileCols = 16 // columns of C that are computed together, and side
	flatRows = 2  // the same for few rows, where reading B is what takes time
	flatCols = 32
	blockK   = 384 // products summed before the next panel of B: 24 kB, within the smallest first-level cache
	// From so many rows on, copying a panel of B so that it lies together in
	// the cache costs less than its strided reads do.
	packRows = 48
)

// Gemm computes C = op(A)·B, or C += op(A)·B when acc, for row-major matrices:
// op(A), which is A or its transpose when transA, has m rows and k columns, B
// has k and n, C has m and n; lda, ldb and ldc are the distances between the
// starts of rows. Each element of C begins as zero, or as itself when acc, and
// adds its k products in order, each by one fused multiply-add.
func Gemm(transA bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, acc bool) {
	if m == 0 || n == 0 {
		return
	}
	rows, cols := m, k
	if transA {
		rows, cols = k, m
	}
	check("A", rows, cols, lda, len(a))
	check("B", k, n, ldb, len(b))
	check("C", m, n, ldc, len(c))
	if k == 0 {
		if !acc {
			for i := range m {
				clear(c[i*ldc:][:n])
			}
		}
		return
	}
	p := product{m: m, n: n, a: a, rowA: lda, colA: 1, b: b, ldb: ldb, c: c, ldc: ldc}
	if transA {
		p.rowA, p.colA = 1, lda
	}
	p.blocks(k, acc)
}

// Gram computes C = A·Aᵀ, where A has n rows and k columns, with the bits that Gemm
// would give it. Sums run in the same order on both sides of the diagonal, so one
// side is copied: little more than half the work.
func Gram(n, k int, a, c []float32) {
	check("A", n, k, k, len(a))
	check("C", n, n, n, len(c))
	if k == 0 {
		clear(c[:n*n])
		return
	}
	p := product{m: n, n: n, upper: true, a: a, rowA: k, colA: 1, b: a, ldb: k, transB: true, c: c, ldc: n}
	p.blocks(k, false)
	mirror(c, n)
}

// check panics unless a matrix of the given shape fits into a slice.
func check(name string, rows, cols, stride, length int) {
	if rows < 0 || cols < 0 || stride < cols || rows > 0 && cols > 0 && (rows-1)*stride+cols > length {
		panic(fmt.Sprintf("f32: %s of %d rows and %d columns, %d apart, in a slice of %d", name, rows, cols, stride, length))
	}
}

// A product is a Gemm under way: the products from, ..., from+k-1 of all sums.
type product struct {
	m, n, from, k int
	a             []float32
	rowA, colA    int // what to go in a for the next row and column of op(A)
	b, c          []float32
	ldb, ldc      int
	transB        bool // b holds the transpose of B
	upper         bool // only what is on the diagonal or right of it counts
	acc           bool
}

// blocks adds all k products, a block at a time.
func (p *product) blocks(k int, acc bool) {
	for from := 0; from < k; from += blockK {
		p.from, p.k = from, min(blockK, k-from)
		p.acc = acc || from > 0
		p.block()
	}
}

// block adds the block's products to all of C, panel by panel of columns.
func (p *product) block() {
	if p.transB || p.m >= packRows && p.ldb > tileCols {
		p.packed()
		return
	}
	j, b := 0, p.b[p.from*p.ldb:]
	if p.m <= flatRows {
		for ; j+flatCols <= p.n; j += flatCols {
			t := p.tile(j, flatCols, b[j:], p.ldb)
			t.flat()
		}
	}
	for ; j < p.n; j += tileCols {
		t := p.tile(j, tileCols, b[j:], p.ldb)
		t.compute()
	}
}

// packed is block with each panel of B copied first.
func (p *product) packed() {
	var buf panel
	for j := 0; j < p.n; j += tileCols {
		p.pack(&buf, j)
		t := p.tile(j, tileCols, buf[:], tileCols)
		t.compute()
	}
}

// tile returns the part of C of so many columns from j on, fewer at the end. The
// products' part of B begins at b.
func (p *product) tile(j, cols int, b []float32, ldb int) tile {
	cols = min(cols, p.n-j)
	t := tile{
		rows: p.m, cols: cols, k: p.k, a: p.a[p.from*p.colA:], rowA: p.rowA, colA: p.colA,
		b: b, ldb: ldb, c: p.c[j:], ldc: p.ldc, acc: p.acc,
	}
	if p.upper {
		t.rows = j + cols
	}
	return t
}

// panel holds columns of B, rows one after the other; what lies beyond the
// columns is not read.
type panel [blockK * tileCols]float32

// pack copies the columns of B from j on.
func (p *product) pack(to *panel, j int) {
	cols := min(tileCols, p.n-j)
	if !p.transB {
		pack(to, p.b[p.from*p.ldb+j:], p.ldb, p.k, cols)
		return
	}
	for l := 0; l < p.k; l += side {
		turn(to[l*tileCols:], tileCols, p.b[j*p.ldb+p.from+l:], p.ldb, cols, min(side, p.k-l))
	}
}

// genericPack copies the given number of rows and columns of b.
func genericPack(to *panel, b []float32, ldb, rows, cols int) {
	for i := range rows {
		copy(to[i*tileCols:], b[i*ldb:][:cols])
	}
}

// A tile is a part of C of at most tileCols columns, which is computed tileRows rows
// at a time in registers, or of flatRows by flatCols. The slices begin at its first
// elements.
type tile struct {
	rows, cols, k int
	a             []float32
	rowA, colA    int
	b             []float32
	ldb           int
	c             []float32
	ldc           int
	acc           bool
}

// split returns the tile's first columns and the rest.
func (t *tile) split(cols int) (left, right tile) {
	left, right = *t, *t
	left.cols, right.cols = cols, t.cols-cols
	right.b, right.c = t.b[cols:], t.c[cols:]
	return left, right
}

// genericFlat computes a flat tile as two others.
func (t *tile) genericFlat() {
	left, right := t.split(tileCols)
	left.compute()
	right.compute()
}

// generic computes a tile in plain Go.
func (t *tile) generic() {
	for i := range t.rows {
		var sum [tileCols]float32
		row := t.c[i*t.ldc:][:t.cols]
		if t.acc {
			copy(sum[:], row)
		}
		for l := range t.k {
			genericAxpy(t.a[i*t.rowA+l*t.colA], t.b[l*t.ldb:][:t.cols], sum[:])
		}
		copy(row, sum[:])
	}
}
