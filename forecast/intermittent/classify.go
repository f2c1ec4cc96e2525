package intermittent

import "math"

// A Class says what a demand series is like.
type Class string

// The classes of Syntetos, Boylan and Croston (2005): by the mean interval
// between demands and the squared coefficient of variation of their sizes.
const (
	Smooth       Class = "smooth"       // demand often, sizes alike
	Erratic      Class = "erratic"      // demand often, sizes differ
	Intermittent Class = "intermittent" // demand seldom, sizes alike
	Lumpy        Class = "lumpy"        // demand seldom, sizes differ
	Silent       Class = "silent"       // no demand at all
)

// The borders between the classes, figure 5 of the paper.
const (
	longInterval = 1.32
	highSpread   = 0.49
)

// Classify tells the class of a series. NaN is missing.
func Classify(values []float64) Class {
	var steps, demands int
	var sum, squares float64
	for _, v := range values {
		if math.IsNaN(v) {
			continue
		}
		steps++
		if v != 0 {
			demands++
			sum += v
			squares += v * v
		}
	}
	if demands == 0 {
		return Silent
	}
	mean := sum / float64(demands)
	spread := max(0, squares/float64(demands)/(mean*mean)-1)
	seldom := float64(steps)/float64(demands) >= longInterval
	switch {
	case seldom && spread >= highSpread:
		return Lumpy
	case seldom:
		return Intermittent
	case spread >= highSpread:
		return Erratic
	}
	return Smooth
}
