package dataset

import (
	"bytes"
	"math"
	"strconv"
)

// Values travel as 64 bits from the parser to the files: of a float64 for float
// columns, of an int64 for integer columns. Two patterns of each stand for an
// empty cell and for a literal NaN; both read as NaN in the end, but only the
// second makes an item known.
var (
	nullFloat = uint64(0x7FF8_0000_0000_0A11) // a quiet NaN with a payload that arithmetic does not make
	nanFloat  = math.Float64bits(math.NaN())
)

const (
	nullInteger = uint64(1) << 63   // math.MinInt64
	nanInteger  = uint64(1)<<63 + 1 // math.MinInt64+1
)

// The reasons why a cell is not a number.
const (
	notNumber   = "is not a number"
	notInteger  = "is not an integer"
	notFinite   = "is not a finite number"
	outOfRange  = "is out of the range of numbers"
	integerSize = "is out of the range of integers"
)

var pow10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// parseFloat reads a decimal number. An integer below 2⁵³ divided by a power of
// ten up to 10²² is correctly rounded, as both are exact; all other spellings go
// to strconv. reason is "" when the cell is good.
func parseFloat(cell []byte) (bits uint64, reason string) {
	var mantissa uint64
	i, digits, point := 0, 0, -1
	negative := false
	if len(cell) > 0 && (cell[0] == '-' || cell[0] == '+') {
		negative = cell[0] == '-'
		i = 1
	}
	for ; i < len(cell); i++ {
		c := cell[i]
		if d := c - '0'; d <= 9 {
			mantissa = mantissa*10 + uint64(d)
			digits++
		} else if c == '.' && point < 0 {
			point = digits
		} else {
			return parseFloatSlow(cell)
		}
	}
	if digits == 0 || digits > 18 || mantissa >= 1<<53 {
		return parseFloatSlow(cell)
	}
	f := float64(mantissa)
	if point >= 0 {
		f /= pow10[digits-point]
	}
	if negative && f != 0 { // -0 is 0
		f = -f
	}
	return math.Float64bits(f), ""
}

func parseFloatSlow(cell []byte) (bits uint64, reason string) {
	cell = bytes.Trim(cell, " \t")
	if len(cell) == 0 {
		return nullFloat, ""
	}
	if isNaN(cell) {
		return nanFloat, ""
	}
	for _, c := range cell {
		// strconv also takes hexadecimal floats, underscores and infinities.
		if c-'0' > 9 && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			if isInfinity(cell) {
				return 0, notFinite
			}
			return 0, notNumber
		}
	}
	f, err := strconv.ParseFloat(string(cell), 64)
	switch {
	case math.IsInf(f, 0):
		return 0, outOfRange
	case err != nil:
		return 0, notNumber
	case f == 0:
		f = 0
	}
	return math.Float64bits(f), ""
}

func isNaN(cell []byte) bool {
	return len(cell) == 3 && cell[0]|0x20 == 'n' && cell[1]|0x20 == 'a' && cell[2]|0x20 == 'n'
}

func isInfinity(cell []byte) bool {
	cell = bytes.TrimLeft(cell, "+-")
	return bytes.EqualFold(cell, []byte("inf")) || bytes.EqualFold(cell, []byte("infinity"))
}

// parseInteger reads an integer. 5.0 and 5E3 are integers too: programs that hold
// a column with gaps as floats write them so.
func parseInteger(cell []byte) (bits uint64, reason string) {
	i, negative := 0, false
	if len(cell) > 0 && (cell[0] == '-' || cell[0] == '+') {
		negative = cell[0] == '-'
		i = 1
	}
	if len(cell) == i || len(cell)-i > 18 {
		return parseIntegerSlow(cell)
	}
	var n int64
	for _, c := range cell[i:] {
		d := c - '0'
		if d > 9 {
			return parseIntegerSlow(cell)
		}
		n = n*10 + int64(d)
	}
	if negative {
		n = -n
	}
	return uint64(n), ""
}

func parseIntegerSlow(cell []byte) (bits uint64, reason string) {
	cell = bytes.Trim(cell, " \t")
	if n, err := strconv.ParseInt(string(cell), 10, 64); err == nil {
		if n <= math.MinInt64+1 {
			return 0, integerSize
		}
		return uint64(n), ""
	}
	bits, reason = parseFloatSlow(cell)
	switch {
	case reason == notNumber:
		return 0, notInteger
	case reason != "":
		return 0, reason
	case bits == nullFloat:
		return nullInteger, ""
	case bits == nanFloat:
		return nanInteger, ""
	}
	f := math.Float64frombits(bits)
	switch {
	case f != math.Trunc(f):
		return 0, notInteger
	case math.Abs(f) >= 1<<63:
		return 0, integerSize
	}
	return uint64(int64(f)), ""
}

// emptyCell is the bits that stand for an empty cell.
func emptyCell(integer bool) uint64 {
	if integer {
		return nullInteger
	}
	return nullFloat
}

// toFloat turns the bits of a numeric column into the value that the files hold.
func toFloat(bits uint64, integer bool) float64 {
	switch {
	case !integer:
		return math.Float64frombits(bits)
	case bits == nullInteger:
		return math.Float64frombits(nullFloat)
	case bits == nanInteger:
		return math.NaN()
	}
	return float64(int64(bits))
}
