package zeroshot

import (
	"slices"

	"github.com/almanac-forecast/almanac/forecast/internal/state"
)

// maxSeason is the longest season that is shown as one: half-hours of a week.
const maxSeason = 336

// partners are the long seasons that the network always sees beside a short one,
// listed or not, since it was trained so: the week of a day, the year of a week.
// Where a series does not have them, or not long enough, their inputs say so.
var partners = map[int]int{24: 168, 48: 336, 96: 672, 7: 364, 5: 261}

// A view is one way to look at a series.
type view struct{ season, long int }

// views returns the ways to look at a series of n values: by its shortest
// season, if n is at least one, and by each longer one that has passed twice.
func views(seasons []int, n int) []view {
	seasons = slices.Clone(seasons)
	slices.Sort(seasons)
	var out []view
	for _, m := range slices.Compact(seasons) {
		if m < 2 || m > maxSeason || m > n || len(out) > 0 && 2*m > n {
			continue
		}
		out = append(out, view{m, partners[m]})
	}
	if len(out) == 0 {
		return []view{{season: 1}}
	}
	return out
}

// shown is a view with what it counts.
type shown struct {
	view
	share float64
}

// fits tells whether a series of n values can be viewed so.
func fits(given []shown, n int) bool {
	return len(given) > 0 && !slices.ContainsFunc(given, func(g shown) bool { return g.season > max(n, 1) })
}

// readShown reads views off a saved model.
func readShown(r *state.Reader) []shown {
	n := r.Int()
	if n < 1 || n > maxSeason {
		r.Fail("%d views", n)
		return nil
	}
	out := make([]shown, n)
	for i := range out {
		m, share := r.Int(), r.Float()
		if m < 1 || m > maxSeason || i > 0 && m <= out[i-1].season || share < 0 || share > 1 {
			r.Fail("season %d counting %g", m, share)
			return nil
		}
		out[i] = shown{view{m, partners[m]}, share}
	}
	return out
}
