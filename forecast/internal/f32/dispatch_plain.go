//go:build purego || !amd64

package f32

func (t *tile) flat() { t.genericFlat() }

func pack(to *panel, b []float32, ldb, rows, cols int) { genericPack(to, b, ldb, rows, cols) }

func turnSquare(dst []float32, ldd int, src []float32, lds int) {
	genericTurn(dst, ldd, src, lds, side, side)
}

func combine(a float32, dst []float32, b float32, x []float32) { genericCombine(a, dst, b, x) }
func approach(dst []float32, a float32, x []float32)           { genericApproach(dst, a, x) }

func add(dst, x []float32)             { genericAdd(dst, x) }
func axpy(a float32, x, dst []float32) { genericAxpy(a, x, dst) }
func relu(dst, x []float32)            { genericReLU(dst, x) }
func reluGrad(dst, grad, y []float32)  { genericReLUGrad(dst, grad, y) }
func exp(dst, x []float32)             { genericExp(dst, x) }
func softplus(dst, x []float32)        { genericSoftplus(dst, x) }
func asinh(dst, x []float32)           { genericAsinh(dst, x) }
