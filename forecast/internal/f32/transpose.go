package f32

// side is that of the squares that are transposed one by one: a row of a square
// fills a line of the cache, which is read and written once.
const side = 16

// Transpose writes the transpose of src, of the given shape, into dst.
func Transpose(dst, src []float32, rows, cols int) {
	sameLength("Transpose", rows*cols, len(src))
	sameLength("Transpose", len(src), len(dst))
	for i := 0; i < rows; i += side {
		for j := 0; j < cols; j += side {
			turn(dst[j*rows+i:], rows, src[i*cols+j:], cols, min(side, rows-i), min(side, cols-j))
		}
	}
}

// turn writes the transpose of the first rows and columns of src, whose rows are
// lds apart, into dst, whose rows are ldd apart. At most a square is turned.
func turn(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	if rows == side && cols == side {
		turnSquare(dst[:(side-1)*ldd+side], ldd, src[:(side-1)*lds+side], lds)
		return
	}
	genericTurn(dst, ldd, src, lds, rows, cols)
}

// genericTurn is turn in plain Go.
func genericTurn(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	for j := range cols {
		to := dst[j*ldd:][:rows]
		from := src[j:]
		for i := range to {
			to[i] = from[i*lds]
		}
	}
}

// mirror copies what is right of the diagonal of a square matrix of n rows to what
// is left of it.
func mirror(x []float32, n int) {
	for i := 0; i < n; i += side {
		for j := 0; j < i; j += side {
			turn(x[i*n+j:], n, x[j*n+i:], n, side, min(side, n-i))
		}
		for k := i; k < min(n, i+side); k++ {
			for j := i; j < k; j++ {
				x[k*n+j] = x[j*n+k]
			}
		}
	}
}
