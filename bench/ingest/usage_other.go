//go:build !unix

package main

import "math"

// Elsewhere neither is measured.
func cpuSeconds() float64 { return math.NaN() }
func peak() float64       { return math.NaN() }
