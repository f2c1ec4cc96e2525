package ridge

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/almanac-forecast/almanac/forecast/internal/cycle"
)

// A config is what is chosen by errors on the latest part of the series.
type config struct {
	kind    transform
	lags    int     // how many latest values enter
	width   int     // how many of them make up the level
	season  int     // number of seasons in the profile; 0: none
	penalty float64 // in units of the lags' mean square; 0: the prior alone
	half    float64 // number of origins after which a weight is half, in parts of the series; 0: equal weights
}

// a solution is a config with its coefficients.
type solution struct {
	config
	profile cycle.Profile
	coef    [][]float64 // [step][lag], of values less the level
}

// prior returns what the coefficients are drawn to, [step][lag]. With a profile
// it is nothing: the level stays what it is. Without, it is the mean of the same
// phase in the cycles of the longest season within the lags.
func (c config) prior(ahead int, seasons []int) [][]float64 {
	m := 0
	for _, s := range seasons {
		if s <= c.lags {
			m = s
		}
	}
	out := make([][]float64, ahead)
	for k := range out {
		out[k] = make([]float64, c.lags)
		if c.season > 0 || m == 0 {
			continue
		}
		cycles := c.lags / m
		for j := range cycles {
			out[k][j*m+m-1-k%m] = 1 / float64(cycles)
		}
	}
	return out
}

// A team is one solution or several of one transform, whose forecasts are averaged.
type team []solution

// predict writes the averages of the members' forecasts.
func (m team) predict(x []float64, t int, dst []float64) {
	if len(m) == 1 {
		m[0].predict(x, t, dst)
		return
	}
	clear(dst)
	one := make([]float64, len(dst))
	for i := range m {
		m[i].predict(x, t, one)
		floats.AddScaled(dst, 1/float64(len(m)), one)
	}
}

// lags is how many values the team looks at.
func (m team) lags() int {
	most := 0
	for i := range m {
		most = max(most, m[i].lags)
	}
	return most
}

// predict writes the forecasts of x's next steps from origin t, as far as dst
// reaches, on the transformed scale. Beyond the steps that have coefficients it
// goes on from its own forecasts.
func (s *solution) predict(x []float64, t int, dst []float64) {
	window := make([]float64, s.lags, s.lags+len(dst))
	for i := range window {
		at := t - s.lags + 1 + i
		window[i] = x[at] - s.profile.At(at)
	}
	reversed := make([]float64, s.lags)
	for done := 0; done < len(dst); {
		level := 0.0
		for _, v := range window[len(window)-s.width:] {
			level += v / float64(s.width)
		}
		for i := range reversed {
			reversed[i] = window[len(window)-1-i] - level
		}
		block := min(len(s.coef), len(dst)-done)
		for k := range block {
			v := level + floats.Dot(s.coef[k], reversed)
			dst[done+k] = v + s.profile.At(t+1+done+k)
			window = append(window, v)
		}
		done += block
	}
}

// A search finds the team with the smallest absolute errors.
type search struct {
	d       *data
	ahead   int
	cut     int // the length of the part that coefficients come from
	origins []int
	views   [transforms][]float64
	found   []candidate
	best    team
	loss    float64
}

// A candidate is the best penalty of a choice of lags and profile.
type candidate struct {
	solution
	loss float64
}

var penalties = []float64{0, 0.0003, 0.003, 0.03, 0.3}

const (
	// maxOrigins is how many origins teams are compared at.
	maxOrigins = 160
	// maxTeam is the number of members at most, and closeBy how much larger than the
	// smallest a member's own loss may be.
	maxTeam = 3
	closeBy = 1.15
	// maxLags bounds the work of a solution.
	maxLags = 800
)

func newSearch(d *data, ahead int) *search {
	n := len(d.y)
	hold := max(n/4, min(n/2, 2*ahead))
	s := &search{d: d, ahead: ahead, cut: n - hold, loss: math.Inf(1)}
	s.origins = d.back(s.cut-1, hold/maxOrigins)
	return s
}

// back returns origins from the last but one value to the first, the latest first,
// as far apart as step or a little farther, so that they meet every phase of the
// shortest season.
func (d *data) back(first, step int) []int {
	step = max(1, step)
	if len(d.seasons) > 0 {
		for step > 1 && gcd(step, d.seasons[0]) > 1 {
			step++
		}
	}
	var out []int
	for t := len(d.y) - 2; t >= first; t -= step {
		out = append(out, t)
	}
	return out
}

func gcd(a, b int) int {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}

func (s *search) view(k transform) []float64 {
	if s.views[k] == nil {
		s.views[k] = s.d.through(k)
	}
	return s.views[k]
}

// solve estimates a config's coefficients from the first end values, for all
// penalties at once.
func (s *search) solve(c config, end int, penalties []float64) []solution {
	x := s.view(c.kind)
	if c.lags+2*s.ahead > end || c.lags < 1 {
		return nil
	}
	p := cycle.NewProfile(x[:end], s.d.seasons[:c.season])
	keep := 1.0
	if c.half > 0 {
		keep = math.Exp2(-1 / (c.half * float64(len(x))))
	}
	prior := c.prior(s.ahead, s.d.seasons)
	var out []solution
	var g gram
	for _, penalty := range penalties {
		c.penalty = penalty
		if penalty == 0 {
			out = append(out, solution{c, p, prior})
			continue
		}
		if g.sums == nil {
			g = newGram(p.Without(x[:end]), end, s.ahead, c.lags, keep)
			g.centre(c.width)
		}
		if coef, ok := g.solve(penalty*g.power(), prior); ok {
			out = append(out, solution{c, p, coef})
		}
	}
	return out
}

// again solves a team's configs with other settings, from the first end values.
func (s *search) again(m team, change func(*config), end int) (team, bool) {
	var out team
	for _, one := range m {
		c := one.config
		change(&c)
		got := s.solve(c, end, []float64{c.penalty})
		if len(got) == 0 {
			return nil, false
		}
		out = append(out, got[0])
	}
	return out, true
}

// score returns the mean absolute error at the origins, on the data's scale.
func (s *search) score(m team) float64 {
	sum, n := 0.0, 0.0
	kind := m[0].kind
	s.errors(m, s.origins, func(_, t int, at float64) {
		sum += math.Abs(s.d.y[t] - kind.invert(at))
		n++
	})
	if n == 0 || math.IsNaN(sum) {
		return math.Inf(1)
	}
	return sum / n
}

// errors calls back with step, time and forecast of everything that can be compared
// from origins.
func (s *search) errors(m team, origins []int, each func(k, t int, forecast float64)) {
	x, lags := s.view(m[0].kind), m.lags()
	dst := make([]float64, s.ahead)
	for _, t := range origins {
		if t-lags+1 < 0 {
			continue
		}
		steps := dst[:min(s.ahead, len(x)-1-t)]
		m.predict(x, t, steps)
		for k, v := range steps {
			if s.d.seen[t+1+k] {
				each(k, t+1+k, v)
			}
		}
	}
}

// offer makes a team the best if its loss is the smallest.
func (s *search) offer(m team) {
	if loss := s.score(m); loss < s.loss {
		s.best, s.loss = m, loss
	}
}

// run decides lags, profile and penalty of each member, then who is in the team,
// then what the members have in common.
func (s *search) run(ctx context.Context) error {
	if err := s.single(ctx); err != nil || len(s.found) == 0 {
		return err
	}
	slices.SortStableFunc(s.found, func(a, b candidate) int { return cmp.Compare(a.loss, b.loss) })
	var all team
	for _, c := range s.found[:min(maxTeam, len(s.found))] {
		if c.loss > closeBy*s.found[0].loss {
			break
		}
		all = append(all, c.solution)
		s.offer(slices.Clone(all))
	}
	chosen := s.best
	for k := identity + 1; k < transforms; k++ {
		if !s.d.admits(k) {
			continue
		}
		if m, ok := s.again(chosen, func(c *config) { c.kind = k }, s.cut); ok {
			s.offer(m)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if m, ok := s.again(s.best, func(c *config) { c.half = fading }, s.cut); ok {
		s.offer(m)
	}
	return ctx.Err()
}

// fading is the share of the series over which weights halve, if they do.
const fading = 0.25

// single finds the best penalty of every choice of lags and profile.
func (s *search) single(ctx context.Context) error {
	for _, lags := range s.lagChoices() {
		for profile := range len(s.d.seasons) + 1 {
			if err := ctx.Err(); err != nil {
				return err
			}
			c := config{lags: lags, width: s.width(lags), season: profile}
			best := candidate{loss: math.Inf(1)}
			for _, got := range s.solve(c, s.cut, penalties) {
				if loss := s.score(team{got}); loss < best.loss {
					best = candidate{got, loss}
				}
			}
			if !math.IsInf(best.loss, 1) {
				s.found = append(s.found, best)
			}
		}
	}
	return nil
}

// width is over how many lags the level is formed: the longest season that fits.
func (s *search) width(lags int) int {
	w := min(lags, 4)
	for _, m := range s.d.seasons {
		if m <= lags {
			w = m
		}
	}
	return w
}

// lagChoices are one and two cycles of each season, and a few steps alone.
func (s *search) lagChoices() []int {
	if len(s.d.seasons) == 0 {
		return []int{4, 12}
	}
	var out []int
	if len(s.d.seasons) == 1 { // weeks: a few values say as much as a year of them
		out = append(out, 4, 12)
	}
	for _, m := range s.d.seasons {
		for _, lags := range []int{m, 2 * m} {
			if lags >= 4 && lags <= maxLags && 3*lags <= s.cut {
				out = append(out, lags)
			}
		}
	}
	return out
}
