package ridge

import (
	"context"
	"math"

	"gonum.org/v1/gonum/floats"
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
	profile profile
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

// predict writes the forecasts of x's next steps from origin t, as far as dst
// reaches, on the transformed scale. Beyond the steps that have coefficients it
// goes on from its own forecasts.
func (s *solution) predict(x []float64, t int, dst []float64) {
	window := make([]float64, s.lags, s.lags+len(dst))
	for i := range window {
		at := t - s.lags + 1 + i
		window[i] = x[at] - s.profile.at(at)
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
			dst[done+k] = v + s.profile.at(t+1+done+k)
			window = append(window, v)
		}
		done += block
	}
}

// A search finds the config with the smallest absolute errors.
type search struct {
	d       *data
	ahead   int
	cut     int // the length of the part that coefficients come from
	origins []int
	views   [transforms][]float64
	best    solution
	loss    float64
}

var penalties = []float64{0.0003, 0.003, 0.03, 0.3}

// maxOrigins is how many origins configs are compared at.
const maxOrigins = 160

func newSearch(d *data, ahead int) *search {
	n := len(d.y)
	hold := max(n/4, min(n/2, 2*ahead))
	s := &search{d: d, ahead: ahead, cut: n - hold, loss: math.Inf(1)}
	step := max(1, hold/maxOrigins)
	if len(d.seasons) > 0 {
		for step > 1 && gcd(step, d.seasons[0]) > 1 {
			step++ // so that every phase is met
		}
	}
	for t := n - 2; t >= s.cut-1; t -= step {
		s.origins = append(s.origins, t)
	}
	return s
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
	p := newProfile(x[:end], s.d.seasons[:c.season])
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
			g = newGram(p.without(x[:end]), end, s.ahead, c.lags, keep)
			g.centre(c.width)
		}
		if coef, ok := g.solve(penalty*g.power(), prior); ok {
			out = append(out, solution{c, p, coef})
		}
	}
	return out
}

// try compares a config under all penalties with the best so far.
func (s *search) try(ctx context.Context, c config, penalties []float64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, got := range s.solve(c, s.cut, penalties) {
		if loss := s.score(&got); loss < s.loss {
			s.best, s.loss = got, loss
		}
	}
	return nil
}

// score returns the mean absolute error at the origins, on the data's scale.
func (s *search) score(c *solution) float64 {
	sum, n := 0.0, 0.0
	s.errors(c, func(k, t int, at float64) {
		sum += math.Abs(s.d.y[t] - c.kind.invert(at))
		n++
	})
	if n == 0 {
		return math.Inf(1)
	}
	return sum / n
}

// errors calls back with step, time and forecast of everything that can be compared.
func (s *search) errors(c *solution, each func(k, t int, forecast float64)) {
	x := s.view(c.kind)
	dst := make([]float64, s.ahead)
	for _, t := range s.origins {
		if t-c.lags+1 < 0 {
			continue
		}
		steps := dst[:min(s.ahead, len(x)-1-t)]
		c.predict(x, t, steps)
		for k, v := range steps {
			if s.d.seen[t+1+k] {
				each(k, t+1+k, v)
			}
		}
	}
}

// run tries configs one setting after the other.
func (s *search) run(ctx context.Context) error {
	seasons := s.d.seasons
	for _, lags := range s.lagChoices() {
		for profile := range len(seasons) + 1 {
			c := config{lags: lags, width: s.width(lags), season: profile}
			if err := s.try(ctx, c, append([]float64{0}, penalties...)); err != nil {
				return err
			}
		}
	}
	if math.IsInf(s.loss, 1) {
		return nil
	}
	near := []float64{s.best.penalty}
	for k := identity + 1; k < transforms; k++ {
		c := s.best.config
		c.kind = k
		if s.d.admits(k) {
			if err := s.try(ctx, c, near); err != nil {
				return err
			}
		}
	}
	for _, half := range []float64{0.25} {
		c := s.best.config
		c.half = half
		if err := s.try(ctx, c, near); err != nil {
			return err
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

// maxLags bounds the work of a solution.
const maxLags = 800

func (s *search) lagChoices() []int {
	if len(s.d.seasons) == 0 {
		return []int{4, 12}
	}
	var out []int
	for _, m := range s.d.seasons {
		for _, lags := range []int{m, 2 * m} {
			if lags >= 4 && lags <= maxLags && 3*lags <= s.cut {
				out = append(out, lags)
			}
		}
	}
	return out
}
