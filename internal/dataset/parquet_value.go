package dataset

import (
	"math"
	"math/big"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// A cell is a value of a Parquet file on its way into a batch.
type cell struct {
	value  parquet.Value
	bits   uint64 // of a numeric attribute
	second int64  // of a timestamp
	text   []byte // of a key; good until the next cell
}

// decoder returns the function that turns values of a Parquet column into those
// of attribute i; nil when the types do not fit.
func decoder(l *layout, i int, leaf parquet.LeafColumn) func(*cell) string {
	if leaf.MaxRepetitionLevel > 0 {
		return nil
	}
	c := &l.columns[i]
	switch {
	case i == l.time:
		return timeDecoder(l.format, leaf.Node.Type())
	case c.number >= 0:
		return numberDecoder(c, leaf.Node.Type())
	}
	return textDecoder(leaf.Node.Type())
}

func textDecoder(t parquet.Type) func(*cell) string {
	if t.Kind() == parquet.ByteArray && !isDecimal(t) {
		return func(c *cell) string {
			if !c.value.IsNull() {
				c.text = append(c.text, c.value.ByteArray()...)
			}
			return ""
		}
	}
	if !isWhole(t) {
		return nil
	}
	return func(c *cell) string {
		if !c.value.IsNull() {
			c.text = strconv.AppendInt(c.text, c.value.Int64(), 10)
		}
		return ""
	}
}

// isWhole is true for columns of plain integers.
func isWhole(t parquet.Type) bool {
	if t.Kind() != parquet.Int32 && t.Kind() != parquet.Int64 {
		return false
	}
	l := logical(t)
	_, ok := l.(*format.IntType)
	return ok || l == nil
}

// numberDecoder also writes the number as text, for numeric attributes that are
// part of a key.
func numberDecoder(column *column, t parquet.Type) func(*cell) string {
	float := floatOf(t)
	if float == nil {
		return nil
	}
	null, nan := nullFloat, nanFloat
	if column.integer {
		null, nan = nullInteger, nanInteger
	}
	whole := isWhole(t)
	return func(c *cell) string {
		if c.value.IsNull() {
			c.bits = null
			return ""
		}
		if whole && column.integer {
			n := c.value.Int64()
			c.text = strconv.AppendInt(c.text, n, 10)
			if c.bits = uint64(n); n <= math.MinInt64+1 {
				return string(c.text) + " " + integerSize
			}
			return ""
		}
		f := float(c.value) + 0 // -0 is 0
		c.text = strconv.AppendFloat(c.text, f, 'g', -1, 64)
		switch {
		case f != f:
			c.bits = nan
		case math.IsInf(f, 0):
			return string(c.text) + " " + notFinite
		case !column.integer:
			c.bits = math.Float64bits(f)
		case f != math.Trunc(f):
			return string(c.text) + " " + notInteger
		case math.Abs(f) >= 1<<63:
			return string(c.text) + " " + integerSize
		default:
			c.bits = uint64(int64(f))
		}
		return ""
	}
}

func isDecimal(t parquet.Type) bool {
	_, ok := logical(t).(*format.DecimalType)
	return ok
}

// logical is the logical type, nil if there is none.
func logical(t parquet.Type) format.LogicalTypeValue {
	if l := t.LogicalType(); l != nil {
		return l.Value
	}
	return nil
}

// floatOf returns the function that reads a value of a numeric column; nil if
// the column is not numeric.
func floatOf(t parquet.Type) func(parquet.Value) float64 {
	scale := 1.0
	switch l := logical(t).(type) {
	case nil, *format.IntType:
	case *format.DecimalType:
		scale = math.Pow10(int(l.Scale))
	default:
		return nil // a date, a time, a text
	}
	switch t.Kind() {
	case parquet.Double:
		return parquet.Value.Double
	case parquet.Float:
		return func(v parquet.Value) float64 { return float64(v.Float()) }
	case parquet.Int32, parquet.Int64:
		return func(v parquet.Value) float64 { return float64(v.Int64()) / scale }
	case parquet.ByteArray, parquet.FixedLenByteArray:
		if !isDecimal(t) {
			return nil
		}
		return func(v parquet.Value) float64 { return bigDecimal(v.ByteArray(), scale) }
	case parquet.Boolean, parquet.Int96:
	}
	return nil
}

// bigDecimal reads a big-endian two's complement integer.
func bigDecimal(b []byte, scale float64) float64 {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	f, _ := new(big.Float).SetInt(n).Float64()
	return f / scale
}

func timeDecoder(f timeFormat, t parquet.Type) func(*cell) string {
	if t.Kind() == parquet.Int96 {
		return required(func(v parquet.Value) int64 { w := v.Int96(); return int96Seconds(w[:]) })
	}
	switch l := logical(t).(type) {
	case *format.DateType:
		return required(func(v parquet.Value) int64 { return 86400 * int64(v.Int32()) })
	case *format.TimestampType:
		unit := unitsPerSecond(l.Unit)
		return required(func(v parquet.Value) int64 { return floorDiv(v.Int64(), unit) })
	case nil, *format.StringType:
	default:
		return nil
	}
	if t.Kind() != parquet.ByteArray {
		return nil
	}
	parser := timeParser{format: f}
	return func(c *cell) (reason string) {
		if c.value.IsNull() {
			return "is empty"
		}
		p := parser // workers must not share its memory
		if c.second, reason = p.parse(c.value.ByteArray()); reason != "" {
			reason = cellReason(c.value.ByteArray(), reason)
		}
		return reason
	}
}

func required(read func(parquet.Value) int64) func(*cell) string {
	return func(c *cell) string {
		if c.value.IsNull() {
			return "is empty"
		}
		c.second = read(c.value)
		return ""
	}
}

func unitsPerSecond(u format.TimeUnit) int64 {
	switch u.Value.(type) {
	case *format.MilliSeconds:
		return 1e3
	case *format.MicroSeconds:
		return 1e6
	}
	return 1e9
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// int96Seconds reads the timestamps of older Spark versions: nanoseconds of the
// day, then the Julian day.
func int96Seconds(words []uint32) int64 {
	const julian1970 = 2440588
	nanos := uint64(words[1])<<32 | uint64(words[0])
	return (int64(words[2])-julian1970)*86400 + int64(nanos/1e9)
}
