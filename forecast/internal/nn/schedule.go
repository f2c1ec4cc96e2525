package nn

import "math"

// A Schedule is how the rate of learning goes: up in a line from zero, then down
// along half a cosine from Peak to Peak·Last.
type Schedule struct {
	Peak, Last      float64
	WarmUp, Updates uint64
}

// Rate returns the rate of the update with the given number, from 0.
func (s Schedule) Rate(update uint64) float64 {
	part := min(1, float64(update)/float64(s.Updates))
	rate := s.Peak * (s.Last + (1-s.Last)*(1+math.Cos(math.Pi*part))/2)
	if s.WarmUp > 0 {
		rate *= min(1, float64(update+1)/float64(s.WarmUp))
	}
	return rate
}
