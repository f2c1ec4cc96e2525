package f32

import "fmt"

const (
	tileRows = 6  // rows of C that one tile computes together
	tileCols = 16 // columns of C that one tile computes together
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
	for from := 0; from < k; from += blockK {
		p.from, p.k = from, min(blockK, k-from)
		p.acc = acc || from > 0
		p.block()
	}
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
	acc           bool
}

// block adds the block's products to all of C, panel by panel of columns.
func (p *product) block() {
	if p.m >= packRows && p.ldb > tileCols {
		p.packed()
		return
	}
	j := 0
	if p.m <= flatRows {
		for ; j+flatCols <= p.n; j += flatCols {
			t := p.tile(j, flatCols)
			t.flat()
		}
	}
	for ; j < p.n; j += tileCols {
		p.columns(j, p.b[p.from*p.ldb+j:], p.ldb)
	}
}

// tile returns the first tile of the given columns of C. It reads B in place.
func (p *product) tile(j, cols int) tile {
	return tile{
		rows: min(tileRows, p.m), cols: cols, k: p.k,
		a: p.a[p.from*p.colA:], rowA: p.rowA, colA: p.colA,
		b: p.b[p.from*p.ldb+j:], ldb: p.ldb, c: p.c[j:], ldc: p.ldc, acc: p.acc,
	}
}

// panel holds columns of B, rows one after the other; what lies beyond the
// columns is not read.
type panel [blockK * tileCols]float32

// genericPack copies the given number of rows and columns of b.
func genericPack(to *panel, b []float32, ldb, rows, cols int) {
	for i := range rows {
		copy(to[i*tileCols:], b[i*ldb:][:cols])
	}
}

// packed is block with each panel of B copied first.
func (p *product) packed() {
	var buf panel
	for j := 0; j < p.n; j += tileCols {
		pack(&buf, p.b[p.from*p.ldb+j:], p.ldb, p.k, min(tileCols, p.n-j))
		p.columns(j, buf[:], tileCols)
	}
}

// columns adds to the tileCols columns of C from j on, fewer at the end. The
// products' part of B begins at b.
func (p *product) columns(j int, b []float32, ldb int) {
	t := p.tile(j, min(tileCols, p.n-j))
	t.b, t.ldb = b, ldb
	for i := 0; i < p.m; i += tileRows {
		t.rows = min(tileRows, p.m-i)
		t.a = p.a[i*p.rowA+p.from*p.colA:]
		t.c = p.c[i*p.ldc+j:]
		t.compute()
	}
}

// A tile is the part of C that is computed in registers: at most tileRows by
// tileCols elements, or flatRows by flatCols. The slices begin at its first
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
