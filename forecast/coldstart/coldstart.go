// Package coldstart forecasts items that have no history by the items that
// have one.
//
// Nothing is known of a new item but its attributes. So its value at a step is
// taken for that of an item drawn at random among those most like it: with F_i
// the predictive distribution of item i,
//
//	F(y) = Σ F_i(y)/n    mean = Σ mean_i/n    over the n items most like it
//
// the linear opinion pool (M. Stone, The opinion pool, Ann. Math. Stat. 32,
// 1961). Its width holds how uncertain the forecast of each item is and how far
// the items differ in scale, which is most of what is not known of a new one;
// averaging quantiles in its place would leave the second part out.
//
// The items most like it are those that share the most attributes with it.
// Where fewer than [MinAlike] share as many, those that share one less join
// them, and so on.
package coldstart

import (
	"encoding/binary"
	"slices"
	"strings"
	"sync"

	"github.com/almanac-forecast/almanac/forecast"
)

// MinAlike is the number of items below which less similar ones are asked too:
// the extremes of eight distributions are a fair guess of the outer tenths.
const MinAlike = 8

// atoms is the number of equally likely values that stand for one item's
// distribution at a step.
const atoms = 20

// Levels returns the levels at which the forecasts of known items are needed:
// the middles of equally likely slices.
func Levels() []float64 {
	levels := make([]float64, atoms)
	for i := range levels {
		levels[i] = (float64(i) + 0.5) / atoms
	}
	return levels
}

// An Item is one that has a history.
type Item struct {
	// Attributes are texts that describe the item, the same ones in the same
	// order for all; an empty text is unknown. Case does not matter.
	Attributes []string
	// Forecast has the levels of [Levels].
	Forecast forecast.Forecast
}

// A Group is the items that new ones are compared with. It is safe for
// concurrent use.
type Group struct {
	items []Item
	mu    sync.Mutex
	made  map[string]forecast.Forecast // by the items pooled
}

// New returns a group of at least one item. It keeps the items.
func New(items []Item) *Group {
	if len(items) == 0 {
		panic("coldstart: a group of no items")
	}
	return &Group{items: items, made: map[string]forecast.Forecast{}}
}

// Forecast gives the forecast of a new item with some attributes, at strictly
// ascending levels, for the horizon of the group's forecasts. Callers share
// what it returns and must not change it; all calls have the same levels.
func (g *Group) Forecast(attributes []string, levels []float64) forecast.Forecast {
	members := g.alike(attributes)
	key := make([]byte, 0, 2*len(members))
	for _, i := range members {
		key = binary.AppendUvarint(key, uint64(i))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	f, ok := g.made[string(key)]
	if !ok {
		f = g.pool(members, levels)
		g.made[string(key)] = f
	}
	return f
}

// alike returns the places of the items most like the attributes, ascending.
func (g *Group) alike(attributes []string) []int {
	shared := make([]int, len(g.items))
	count := make([]int, len(attributes)+1) // items by the number of shared attributes
	for i, item := range g.items {
		for k, a := range item.Attributes {
			if k < len(attributes) && a != "" && strings.EqualFold(a, attributes[k]) {
				shared[i]++
			}
		}
		count[shared[i]]++
	}
	least, have := len(attributes), count[len(attributes)]
	for least > 0 && have < MinAlike {
		least--
		have += count[least]
	}
	members := make([]int, 0, have)
	for i, n := range shared {
		if n >= least {
			members = append(members, i)
		}
	}
	return members
}

// pool mixes the distributions of some items.
func (g *Group) pool(members []int, levels []float64) forecast.Forecast {
	horizon := g.items[members[0]].Forecast.Horizon()
	out := forecast.New(levels, horizon)
	values := make([]float64, 0, atoms*len(members))
	for t := range horizon {
		values = values[:0]
		for _, i := range members {
			f := g.items[i].Forecast
			for _, q := range f.Quantiles {
				values = append(values, q[t])
			}
			out.Mean[t] += f.Mean[t] / float64(len(members))
		}
		slices.Sort(values)
		for l, p := range levels {
			out.Quantiles[l][t] = at(values, p)
		}
	}
	return out
}

// at returns the quantile of equally likely values in ascending order, each
// standing for the middle of its slice.
func at(values []float64, level float64) float64 {
	place := level*float64(len(values)) - 0.5
	i := min(max(int(place), 0), len(values)-1)
	if place <= float64(i) || i == len(values)-1 {
		return values[i]
	}
	w := place - float64(i)
	return (1-w)*values[i] + w*values[i+1]
}
