//go:build !purego

package f32

// assembly says whether it runs, as every processor of the
// architecture can; tests turn it off.
var assembly = true

func (t *tile) compute() {
	if !assembly {
		t.generic()
		return
	}
	for i := 0; i < t.rows; i += tileRows {
		rows := *t
		rows.rows, rows.a, rows.c = min(tileRows, t.rows-i), t.a[i*t.rowA:], t.c[i*t.ldc:]
		if t.cols == tileCols {
			tile6x16(&rows)
		} else {
			rows.padded()
		}
	}
}

// padded computes at most tileRows rows of fewer columns by whole ones of copies.
func (t *tile) padded() {
	var b panel
	var c [tileRows * tileCols]float32
	genericPack(&b, t.b, t.ldb, t.k, t.cols)
	for i := range t.rows {
		copy(c[i*tileCols:], t.c[i*t.ldc:][:t.cols])
	}
	whole := *t
	whole.b, whole.ldb, whole.c, whole.ldc = b[:], tileCols, c[:], tileCols
	tile6x16(&whole)
	for i := range t.rows {
		copy(t.c[i*t.ldc:][:t.cols], c[i*tileCols:])
	}
}

// tile6x16 computes at most six rows of 16 columns.
//
//go:noescape
func tile6x16(t *tile)
