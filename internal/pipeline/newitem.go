package pipeline

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/almanac-forecast/almanac/forecast/coldstart"
	"github.com/almanac-forecast/almanac/internal/dataset"
	"github.com/almanac-forecast/almanac/internal/result"
)

// Items that are only in the metadata, and series without a single value, have
// no history to fit a model to. They are forecast by the items most like them
// (contract 5.6, package coldstart).

// sampleSize is how many series the new ones are compared with: enough that the
// outer tenths of their scales are known to a few per cent.
const sampleSize = 512

// metadata are the items of a partition by folded identifier, nil when there
// are none.
type metadata map[string]metadataItem

type metadataItem struct {
	id         string
	attributes []string
}

func readMetadata(ctx context.Context, d *dataset.Data, part, of int) (metadata, error) {
	if d == nil {
		return nil, nil
	}
	m := metadata{}
	for s, err := range d.Partition(ctx, part, of) {
		if err != nil {
			return nil, err
		}
		m[dataset.Fold(s.ID)] = metadataItem{s.ID, s.Strings}
	}
	return m, nil
}

// newKeys returns the keys of series that the target lacks, in the order of the
// target's: one for each item of the metadata that has no series. With forecast
// dimensions these are the combinations that the item's related series have.
func (f *forecaster) newKeys(ctx context.Context, w *work, i int, items metadata) ([]result.Key, error) {
	if f.plan.Fixed || len(items) == 0 {
		return nil, nil
	}
	missing := maps.Clone(items)
	for r, err := range w.project.read(ctx, w.in.Target, i, w.of) {
		if err != nil {
			return nil, err
		}
		delete(missing, dataset.Fold(r.key.ID))
	}
	var keys []result.Key
	if len(f.plan.Dimensions) > 0 {
		var err error
		if keys, err = f.relatedTo(ctx, w, i, missing); err != nil {
			return nil, err
		}
	} else {
		for _, item := range missing {
			keys = append(keys, result.Key{ID: item.id})
		}
	}
	slices.SortFunc(keys, compareKeys)
	return slices.CompactFunc(keys, func(a, b result.Key) bool { return compareKeys(a, b) == 0 }), nil
}

// relatedTo returns the keys of the related series of some items, none where
// the related series do not have all forecast dimensions.
func (f *forecaster) relatedTo(ctx context.Context, w *work, i int, items metadata) ([]result.Key, error) {
	if w.in.Related == nil || !covers(w.in.Related.Schema().Dimensions, f.plan.Dimensions) {
		return nil, nil
	}
	related, err := project(w.in.Related, f.plan.Dimensions)
	if err != nil {
		return nil, err
	}
	var keys []result.Key
	for s, err := range w.in.Related.Partition(ctx, i, w.of) {
		if err != nil {
			return nil, err
		}
		if _, ok := items[dataset.Fold(s.ID)]; ok {
			keys = append(keys, result.Key{ID: s.ID, Dims: related.of(s.Dims)})
		}
	}
	return keys, nil
}

// covers tells whether all names are among some others. Case does not matter.
func covers(have, names []string) bool {
	for _, n := range names {
		if !slices.ContainsFunc(have, func(h string) bool { return strings.EqualFold(h, n) }) {
			return false
		}
	}
	return true
}

// compareKeys orders series as datasets do.
func compareKeys(a, b result.Key) int {
	if c := compareFold(a.ID, b.ID); c != 0 {
		return c
	}
	return slices.CompareFunc(a.Dims, b.Dims, compareFold)
}

// withKeys puts series without rows among others, in their order.
func withKeys(in rowsSeq, keys []result.Key) rowsSeq {
	return func(yield func(rows, error) bool) {
		rest := keys
		for r, err := range in {
			for err == nil && len(rest) > 0 && compareKeys(rest[0], r.key) < 0 {
				if !yield(rows{key: rest[0]}, nil) {
					return
				}
				rest = rest[1:]
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
		for _, k := range rest {
			if !yield(rows{key: k}, nil) {
				return
			}
		}
	}
}

// sampled is a series with a model, for the sample.
type sampled struct {
	rows       rows
	state      []byte
	attributes []string
	order      uint64
}

// group forecasts a sample of the series that have a model: those with the
// smallest hashes of the first partitions, which hold items at random. It is
// nil when there is none.
func (f *forecaster) group(ctx context.Context, w *work) (*coldstart.Group, error) {
	var sample []sampled
	for i := 0; i < w.of && len(sample) < sampleSize; i++ {
		more, err := f.samplePart(ctx, w, i)
		if err != nil {
			return nil, err
		}
		sample = smallest(append(sample, more...))
	}
	var items []coldstart.Item
	for _, s := range sample {
		y, ok, err := f.forecast(ctx, s.rows, s.state, coldstart.Levels())
		if err != nil {
			return nil, err
		}
		if ok {
			items = append(items, coldstart.Item{Attributes: s.attributes, Forecast: y})
		}
	}
	if len(items) == 0 {
		return nil, nil
	}
	return coldstart.New(items), nil
}

// smallest keeps the series of a sample with the smallest hashes, in their order.
func smallest(sample []sampled) []sampled {
	slices.SortFunc(sample, func(a, b sampled) int { return cmp.Compare(a.order, b.order) })
	return sample[:min(len(sample), sampleSize)]
}

// samplePart returns the sample of one partition.
func (f *forecaster) samplePart(ctx context.Context, w *work, i int) ([]sampled, error) {
	states, err := f.states(ctx, w, i)
	if err != nil {
		return nil, err
	}
	items, err := readMetadata(ctx, w.in.Items, i, w.of)
	if err != nil {
		return nil, err
	}
	var sample []sampled
	series := f.plan.beside(ctx, w.project.read(ctx, w.in.Target, i, w.of), w.in.Related, i, w.of, func() {})
	for r, err := range series {
		if err != nil {
			return nil, err
		}
		if state := states[fold(r.key)]; state != nil {
			sample = append(sample, sampled{r, state, items[dataset.Fold(r.key.ID)].attributes, f.plan.seed(r.key)})
		}
		if len(sample) >= 2*sampleSize { // so that few are held
			sample = smallest(sample)
		}
	}
	return smallest(sample), nil
}
