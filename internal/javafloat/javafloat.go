// Package javafloat prints floating-point numbers as Java's Double.toString
// does. The service that this program stands in for is written in Java, and
// its numbers, on the wire and in export files, read 1.0E7 where Go would
// write 1e+07.
package javafloat

import (
	"math"
	"slices"
	"strconv"
)

// Append appends f as Double.toString of Java 19 and later prints it: the
// shortest digits that read back as f, at least one on each side of the point;
// plain for 10⁻³ ≤ |f| < 10⁷ and zero, else d.dddE±n without a plus sign.
func Append(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	if a := math.Abs(f); a == 0 || a >= 1e-3 && a < 1e7 {
		return appendPlain(dst, f)
	}
	return appendScientific(dst, f)
}

// String returns what [Append] appends.
func String(f float64) string {
	var buf [32]byte
	return string(Append(buf[:0], f))
}

func appendPlain(dst []byte, f float64) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	if slices.Contains(dst[start:], '.') {
		return dst
	}
	return append(dst, '.', '0')
}

func appendScientific(dst []byte, f float64) []byte {
	var buf [32]byte
	text := shortest(buf[:0], f) // d[.ddd]e±nn
	mantissa, exponent := text, []byte(nil)
	for i, c := range text {
		if c == 'e' {
			mantissa, exponent = text[:i], text[i+1:]
			break
		}
	}
	dst = append(dst, mantissa...)
	if len(mantissa) < 3 { // one digit, and perhaps a sign
		dst = append(dst, '.', '0')
	}
	dst = append(dst, 'E')
	if exponent[0] == '-' {
		dst = append(dst, '-')
	}
	digits := exponent[1:]
	for len(digits) > 1 && digits[0] == '0' {
		digits = digits[1:]
	}
	return append(dst, digits...)
}

// shortest appends f in scientific notation with the fewest digits. Java asks
// for at least two digits and, where several two-digit numbers read back as f,
// takes the nearest: Double.MIN_VALUE is 4.9E-324, not 5E-324.
func shortest(dst []byte, f float64) []byte {
	text := strconv.AppendFloat(dst, f, 'e', -1, 64)
	i := 0
	if text[0] == '-' {
		i = 1
	}
	if text[i+1] != 'e' {
		return text
	}
	two := strconv.AppendFloat(nil, f, 'e', 1, 64)
	if two[i+2] == '0' {
		return text
	}
	if g, err := strconv.ParseFloat(string(two), 64); err != nil || g != f {
		return text
	}
	return append(dst, two...)
}
