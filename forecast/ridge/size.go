package ridge

import "github.com/almanac-forecast/almanac/forecast/internal/spread"

// Widths follow the size of errors (spread.Track), those of all steps from origins
// close to each other, each error over its scales.
const (
	// halfIn is over how many horizons what is remembered of errors halves.
	halfIn = 2
	// forgotten is after how many halvings errors are left out.
	forgotten = 8
	// dense is from how many origins in a horizon sizes are measured, as far as
	// mostOrigins reach.
	dense       = 4
	mostOrigins = 1000
)

// sizesOf returns the size known at each time of errors over their scales, which
// were made from origins.
func (s *search) sizesOf(all []miss, usual float64, origins []int) []float64 {
	track := spread.NewTrack(len(s.d.y))
	for _, a := range all {
		if usual > 0 {
			track.Add(a.t, a.e/usual)
		}
	}
	apart := 1
	if len(origins) > 1 {
		apart = origins[0] - origins[1]
	}
	return track.Sizes(spread.Memory{Half: float64(halfIn * s.ahead), Density: float64(s.ahead) / float64(apart), Usual: spread.UsualShare})
}

// follow sets the size of now: that of the latest errors of the team in use.
func (w *widths) follow(s *search, m team) {
	n := len(s.d.y)
	origins := s.d.back(max(0, n-1-forgotten*halfIn*s.ahead), s.ahead/dense)
	all := s.misses(m, origins)
	w.relative(all)
	w.late = s.sizesOf(all, w.usual, origins)[n-1]
}
