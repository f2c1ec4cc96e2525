package dataset

import (
	"context"
	"encoding/binary"
	"math"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// Most numbers of the trade are decimals with a few places: counts, prices,
// amounts. As whole numbers of the last place they take a third of the room that
// their floats take after compression, and a tenth of the time. A column of a data
// file is stored so when each of its values comes back to the bit; its pages hold
// differences of neighbours, packed to the bits that they need.

const (
	mostPlaces = 6
	// mostUnits bounds the whole numbers. Below 2⁵⁰ a float times a power of ten,
	// rounded twice on the way, is still nearest to the whole number it stands for.
	mostUnits = 1 << 50
)

// A numberForm says how a column of numbers is stored.
type numberForm struct {
	places int  // of decimals; -1 for floats
	gaps   bool // some decimals are missing
}

// formOf finds decimals: the least number of places k for which every value v that
// is not an empty cell is n/10ᵏ, correctly rounded, with a whole n below mostUnits.
// Floats have it that there is none up to mostPlaces; they hold literal NaNs too.
//
// A value that is n/10ᵏ is also 10n/10ᵏ⁺¹, the same quotient rounded the same
// way, so that values before the one which raises k need not be looked at again,
// unless they become too large.
func formOf(column []uint64, integer bool) numberForm {
	floats, form := numberForm{places: -1}, numberForm{}
	empty, unit, largest := emptyCell(integer), 1.0, 0.0
	for _, bits := range column {
		if bits == empty {
			form.gaps = true
			continue
		}
		v := toFloat(bits, integer)
		if math.IsNaN(v) {
			return floats
		}
		for math.Float64bits(nearest(v*unit)/unit) != math.Float64bits(v) {
			if form.places++; form.places > mostPlaces {
				return floats
			}
			unit = pow10[form.places]
		}
		largest = max(largest, math.Abs(v))
	}
	if largest*unit >= mostUnits {
		return floats
	}
	return form
}

// nearest rounds a number below 2⁵¹ to the nearest whole one: in the sum no bit is
// left for a fraction. 0 has no sign then.
func nearest(f float64) float64 {
	const shift = 3 << 51
	return f + shift - shift
}

// toUnits is the whole number n for which v is n/unit.
func toUnits(v, unit float64) int64 { return int64(nearest(v * unit)) }

// node is the column of a schema.
func (f numberForm) node() parquet.Node {
	if f.places < 0 {
		return parquet.Leaf(parquet.DoubleType)
	}
	node := parquet.Encoded(parquet.Decimal(f.places, 18, parquet.Int64Type), &parquet.DeltaBinaryPacked)
	if f.gaps {
		return parquet.Optional(node)
	}
	return node
}

// decimals writes decimals of the given form.
func (c *chunk) decimals(ctx context.Context, column []uint64, integer bool, form numberForm) error {
	var room [pageRows]int64
	empty, unit := emptyCell(integer), pow10[form.places]
	for page := range slices.Chunk(column, pageRows) {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		n := 0
		if form.gaps {
			c.file.levels = presence(c.file.levels[:0], page, empty)
		}
		for _, bits := range page {
			if !form.gaps || bits != empty {
				room[n] = toUnits(toFloat(bits, integer), unit)
				n++
			}
		}
		if err := c.integers(room[:n], len(page)); err != nil {
			return err
		}
	}
	c.file.levels = c.file.levels[:0]
	return nil
}

// presence appends the definition levels of a page, 1 for each value that is there:
// one run of bits, packed (https://parquet.apache.org/docs/file-format/data-pages/encodings/).
func presence(levels []byte, page []uint64, empty uint64) []byte {
	groups := (len(page) + 7) / 8
	levels = binary.AppendUvarint(levels, uint64(groups)<<1|1)
	for group := range slices.Chunk(page, 8) {
		var there byte
		for i, bits := range group {
			if bits != empty {
				there |= 1 << i
			}
		}
		levels = append(levels, there)
	}
	return levels
}

// unitOf is the power of ten that the numbers of a column are multiples of one
// divided by; 0 for a column of floats.
func unitOf(node parquet.Node) float64 {
	if t := node.Type().LogicalType(); t != nil && node.Type().Kind() == parquet.Int64 {
		if d, ok := t.Value.(*format.DecimalType); ok && d.Scale >= 0 && int(d.Scale) < len(pow10) {
			return pow10[d.Scale]
		}
	}
	return 0
}
