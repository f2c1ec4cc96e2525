package pipeline

import (
	"cmp"
	"context"
	"hash/fnv"
	"iter"
	"slices"
	"strings"

	"github.com/almanac-forecast/almanac/internal/dataset"
	"github.com/almanac-forecast/almanac/internal/result"
)

// rows are the rows of one series as the data have them, not yet in bins.
type rows struct {
	key    result.Key
	times  []int64
	values []float64
	// related is the series beside it, nil where there is none. Several series
	// may share one, and nobody changes it.
	related *dataset.Series
}

// rowsSeq is a sequence of series that ends after its first error.
type rowsSeq = iter.Seq2[rows, error]

// projection picks the requested dimensions out of those of a dataset.
type projection struct {
	picks []int // places in the dataset's dimensions
	whole bool  // all of them, in their order
}

func project(d *dataset.Data, dimensions []string) (projection, error) {
	have := d.Schema().Dimensions
	p := projection{picks: make([]int, len(dimensions)), whole: len(have) == len(dimensions)}
	for i, name := range dimensions {
		p.picks[i] = slices.IndexFunc(have, func(h string) bool { return strings.EqualFold(h, name) })
		if p.picks[i] < 0 {
			return p, unusable("The forecast dimension %q is not an attribute of the %s dataset, whose dimensions are %q.", name, d.Schema().Role, have)
		}
		p.whole = p.whole && p.picks[i] == i
	}
	return p, nil
}

func (p projection) of(dims []string) []string {
	out := make([]string, len(p.picks))
	for i, at := range p.picks {
		out[i] = dims[at]
	}
	return out
}

// read returns the series of a partition with the requested dimensions, in the
// order of their keys. Rows of series that differ only in other dimensions
// become one series.
func (p projection) read(ctx context.Context, d *dataset.Data, part, of int) iter.Seq2[rows, error] {
	if p.whole {
		return func(yield func(rows, error) bool) {
			for s, err := range d.Partition(ctx, part, of) {
				if err != nil {
					yield(rows{}, err)
					return
				}
				if !yield(rows{key: result.Key{ID: s.ID, Dims: s.Dims}, times: s.Times, values: s.Values[0]}, nil) {
					return
				}
			}
		}
	}
	return p.readGrouped(ctx, d, part, of)
}

func (p projection) readGrouped(ctx context.Context, d *dataset.Data, part, of int) iter.Seq2[rows, error] {
	return func(yield func(rows, error) bool) {
		item := map[string]*rows{} // of the item being read, by projected key
		last := ""
		flush := func() bool {
			for _, r := range slices.SortedFunc(mapValues(item), func(a, b *rows) int {
				return slices.CompareFunc(a.key.Dims, b.key.Dims, compareFold)
			}) {
				if !yield(*r, nil) {
					return false
				}
			}
			clear(item)
			return true
		}
		for s, err := range d.Partition(ctx, part, of) {
			if err != nil {
				yield(rows{}, err)
				return
			}
			if id := strings.ToLower(s.ID); id != last {
				if !flush() {
					return
				}
				last = id
			}
			key := result.Key{ID: s.ID, Dims: p.of(s.Dims)}
			r := item[fold(key)]
			if r == nil {
				r = &rows{key: key}
				item[fold(key)] = r
			}
			r.times = append(r.times, s.Times...)
			r.values = append(r.values, s.Values[0]...)
		}
		flush()
	}
}

func mapValues[K comparable, V any](m map[K]V) iter.Seq[V] {
	return func(yield func(V) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

func compareFold(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) }

// fold makes one string of a key, as it is compared: without case. The
// separator cannot be part of an identifier that came from a file.
func fold(k result.Key) string {
	return foldKey(k.ID, k.Dims)
}

func foldKey(id string, dims []string) string {
	var b strings.Builder
	b.WriteString(strings.ToLower(id))
	for _, d := range dims {
		b.WriteByte(0)
		b.WriteString(strings.ToLower(d))
	}
	return b.String()
}

// Partition tells in which of n partitions, a power of two, an item lies. It is
// what a result.Reader has to be given.
func Partition(id string, n int) int { return int(dataset.Hash(id) & uint64(n-1)) }

// display is the key as it is written.
func (p Plan) display(k result.Key) result.Key {
	if p.KeepCase {
		return k
	}
	dims := make([]string, len(k.Dims))
	for i, d := range k.Dims {
		dims[i] = strings.ToLower(d)
	}
	return result.Key{ID: strings.ToLower(k.ID), Dims: dims}
}

// seed derives the seed of one series from its key, so that it does not depend
// on which other series there are.
func (p Plan) seed(k result.Key) uint64 {
	h := fnv.New64a()
	h.Write([]byte(fold(k)))
	x := h.Sum64() ^ p.Seed*0x9e3779b97f4a7c15
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9 // finish as splitmix64 does: FNV leaves the upper bits of short texts alike
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
