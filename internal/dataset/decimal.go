package dataset

import (
	"math"

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

// decimalPlaces returns the least k for which every value v is n/10ᵏ, correctly
// rounded, with a whole n below mostUnits; false when there is none up to
// mostPlaces. A missing value is no decimal.
//
// A value that is n/10ᵏ is also 10n/10ᵏ⁺¹, the same quotient rounded the same
// way, so that values before the one which raises k need not be looked at again,
// unless they become too large.
func decimalPlaces(column []uint64, integer bool) (k int, ok bool) {
	unit, largest := 1.0, 0.0
	for _, bits := range column {
		v := toFloat(bits, integer)
		if math.IsNaN(v) {
			return 0, false
		}
		for math.Float64bits(nearest(v*unit)/unit) != math.Float64bits(v) {
			if k++; k > mostPlaces {
				return 0, false
			}
			unit = pow10[k]
		}
		largest = max(largest, math.Abs(v))
	}
	return k, largest*unit < mostUnits
}

// nearest rounds a number below 2⁵¹ to the nearest whole one: in the sum no bit is
// left for a fraction. 0 has no sign then.
func nearest(f float64) float64 {
	const shift = 3 << 51
	return f + shift - shift
}

// toUnits is the whole number n for which v is n/unit.
func toUnits(v, unit float64) int64 { return int64(nearest(v * unit)) }

// decimalNode is a column of decimals with k places.
func decimalNode(k int) parquet.Node {
	return parquet.Encoded(parquet.Decimal(k, 18, parquet.Int64Type), &parquet.DeltaBinaryPacked)
}

// unitOf is the power of ten that the numbers of a column are multiples of one
// divided by; 0 for a column of floats.
func unitOf(node parquet.Node) float64 {
	if t := node.Type().LogicalType(); t != nil {
		if d, ok := t.Value.(*format.DecimalType); ok && d.Scale >= 0 && int(d.Scale) < len(pow10) {
			return pow10[d.Scale]
		}
	}
	return 0
}
