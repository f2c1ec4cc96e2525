//go:build !purego

package f32

import "golang.org/x/sys/cpu"

// assembly says whether it runs; tests turn it off.
var assembly = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// masks holds eight lanes that are on and eight that are off: the eight that
// begin at 8-n have the first n on.
var masks = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1}

func (t *tile) compute() {
	switch {
	case !assembly:
		t.generic()
	case t.cols == tileCols:
		tile6x16(t)
	case t.cols > 8:
		left, right := t.split(8)
		left.compute()
		right.compute()
	default:
		tile6x8(t, &masks[8-t.cols])
	}
}

func (t *tile) flat() {
	if assembly {
		tile2x32(t)
		return
	}
	t.genericFlat()
}

func pack(to *panel, b []float32, ldb, rows, cols int) {
	if assembly && cols == tileCols {
		packAVX2(to, b, ldb, rows)
		return
	}
	genericPack(to, b, ldb, rows, cols)
}

func add(dst, x []float32) {
	if assembly {
		addAVX2(dst, x)
		return
	}
	genericAdd(dst, x)
}

func axpy(a float32, x, dst []float32) {
	if assembly {
		axpyAVX2(a, x, dst)
		return
	}
	genericAxpy(a, x, dst)
}

func combine(a float32, dst []float32, b float32, x []float32) {
	if assembly {
		combineAVX2(a, dst, b, x)
		return
	}
	genericCombine(a, dst, b, x)
}

func approach(dst []float32, a float32, x []float32) {
	if assembly {
		approachAVX2(dst, a, x)
		return
	}
	genericApproach(dst, a, x)
}

func turnSquare(dst []float32, ldd int, src []float32, lds int) {
	if assembly {
		turnAVX2(dst, ldd, src, lds)
		return
	}
	genericTurn(dst, ldd, src, lds, side, side)
}

func relu(dst, x []float32) {
	if assembly {
		reluAVX2(dst, x)
		return
	}
	genericReLU(dst, x)
}

func reluGrad(dst, grad, y []float32) {
	if assembly {
		reluGradAVX2(dst, grad, y)
		return
	}
	genericReLUGrad(dst, grad, y)
}

func exp(dst, x []float32) {
	if assembly {
		expAVX2(dst, x)
		return
	}
	genericExp(dst, x)
}

func softplus(dst, x []float32) {
	if assembly {
		softplusAVX2(dst, x)
		return
	}
	genericSoftplus(dst, x)
}

func asinh(dst, x []float32) {
	if assembly {
		asinhAVX2(dst, x)
		return
	}
	genericAsinh(dst, x)
}

// tile6x16 computes a tile of 16 columns, six rows at a time.
//
//go:noescape
func tile6x16(t *tile)

// tile2x32 computes a flat tile.
//
//go:noescape
func tile2x32(t *tile)

// tile6x8 computes a tile of at most 8 columns, those that the mask has on.
//
//go:noescape
func tile6x8(t *tile, mask *int32)

// packAVX2 copies rows of 16 columns.
//
//go:noescape
func packAVX2(to *panel, b []float32, ldb, rows int)

//go:noescape
func addAVX2(dst, x []float32)

//go:noescape
func axpyAVX2(a float32, x, dst []float32)

//go:noescape
func combineAVX2(a float32, dst []float32, b float32, x []float32)

//go:noescape
func approachAVX2(dst []float32, a float32, x []float32)

// turnAVX2 writes the transpose of a square of src into dst.
//
//go:noescape
func turnAVX2(dst []float32, ldd int, src []float32, lds int)

//go:noescape
func reluAVX2(dst, x []float32)

//go:noescape
func reluGradAVX2(dst, grad, y []float32)

//go:noescape
func expAVX2(dst, x []float32)

//go:noescape
func softplusAVX2(dst, x []float32)

//go:noescape
func asinhAVX2(dst, x []float32)
