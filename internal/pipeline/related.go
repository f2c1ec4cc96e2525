package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/almanac-forecast/almanac/forecast/prep"
	"github.com/almanac-forecast/almanac/internal/dataset"
)

// keySet holds the series of a related dataset in one partition.
type keySet struct {
	dims []string // dimensions of the related dataset
	keys map[string]struct{}
}

// relatedKeys returns the keys of the related series of a partition, nil when
// there is no related dataset.
func relatedKeys(ctx context.Context, d *dataset.Data, part, of int) (*keySet, error) {
	if d == nil {
		return nil, nil
	}
	set := &keySet{dims: d.Schema().Dimensions, keys: map[string]struct{}{}}
	for s, err := range d.Partition(ctx, part, of) {
		if err != nil {
			return nil, err
		}
		set.keys[foldKey(s.ID, s.Dims)] = struct{}{}
	}
	return set, nil
}

// wants returns whether a series of the target, with these dimensions, has a
// related series; nil when every series is wanted. A related dataset without
// one of the dimensions holds for all its values.
func (k *keySet) wants(dimensions []string) func(rows) bool {
	if k == nil {
		return nil
	}
	pick := k.place(dimensions)
	return func(r rows) bool {
		_, ok := k.keys[pick(r)]
		return ok
	}
}

// place returns the key of the related series of a target series.
func (k *keySet) place(dimensions []string) func(rows) string {
	at := make([]int, len(k.dims))
	for i, name := range k.dims {
		at[i] = slices.IndexFunc(dimensions, func(d string) bool { return strings.EqualFold(d, name) })
	}
	return func(r rows) string {
		dims := make([]string, len(at))
		for i, from := range at {
			if from >= 0 {
				dims[i] = r.key.Dims[from]
			}
		}
		return foldKey(r.key.ID, dims)
	}
}

// filter passes on the series that are wanted and calls skip for the others.
func filter(in iter.Seq2[rows, error], wanted func(rows) bool, skip func()) iter.Seq2[rows, error] {
	if wanted == nil {
		return in
	}
	return func(yield func(rows, error) bool) {
		for r, err := range in {
			if err == nil && !wanted(r) {
				skip()
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// validateOnce checks the related series and the item metadata against the
// target, unless an earlier attempt has.
func validateOnce(ctx context.Context, in Inputs, plan Plan, s span, done *steps) error {
	const step = "validate"
	if in.Related == nil && in.Items == nil {
		return nil
	}
	if _, ok := done.done[step]; ok {
		return nil
	}
	v := &validation{plan: plan, span: s}
	if in.Related != nil {
		v.features = make([]featureCheck, len(in.Related.Schema().Features))
	}
	of := in.Target.Partitions()
	for i := range of {
		if err := v.partition(ctx, in, i, of); err != nil {
			return err
		}
	}
	if err := v.verdict(in); err != nil {
		return err
	}
	return done.finish(ctx, step, nil)
}

// validation collects what is wrong with the inputs beside the target
// (contract 5.4, 5.5).
type validation struct {
	plan Plan
	span span

	missing  int // items of the target without metadata
	late     finding
	offGrid  finding
	features []featureCheck
}

// finding is one kind of fault: the first case and how many there are.
type finding struct {
	first string
	count int
}

func (f *finding) add(format string, args ...any) {
	if f.count == 0 {
		f.first = fmt.Sprintf(format, args...)
	}
	f.count++
}

// featureCheck is what was seen of one related feature.
type featureCheck struct {
	forward bool    // some series has a value after the end of the target
	gap     finding // within the history
	short   finding // within the horizon; counts for forward-looking features
}

func (v *validation) partition(ctx context.Context, in Inputs, i, of int) error {
	starts, items, err := v.targets(ctx, in, i, of)
	if err != nil {
		return err
	}
	if in.Items != nil {
		for s, err := range in.Items.Partition(ctx, i, of) {
			if err != nil {
				return err
			}
			delete(items, strings.ToLower(s.ID))
		}
		v.missing += len(items)
	}
	if in.Related == nil {
		return nil
	}
	for s, err := range in.Related.Partition(ctx, i, of) {
		if err != nil {
			return err
		}
		if start, ok := starts[foldKey(s.ID, s.Dims)]; ok {
			v.related(in.Related.Schema(), s, start)
		}
	}
	return nil
}

// targets returns the first bin of the target by the key of the related series
// that belongs to it, and the items.
func (v *validation) targets(ctx context.Context, in Inputs, i, of int) (starts map[string]int, items map[string]struct{}, err error) {
	p, err := project(in.Target, v.plan.Dimensions)
	if err != nil {
		return nil, nil, err
	}
	place := func(r rows) string { return fold(r.key) }
	if in.Related != nil {
		place = (&keySet{dims: in.Related.Schema().Dimensions}).place(v.plan.Dimensions)
	}
	starts, items = map[string]int{}, map[string]struct{}{}
	for r, err := range p.read(ctx, in.Target, i, of) {
		if err != nil {
			return nil, nil, err
		}
		items[strings.ToLower(r.key.ID)] = struct{}{}
		if len(r.times) == 0 {
			continue
		}
		bin := v.span.grid.Index(slices.Min(r.times))
		if old, ok := starts[place(r)]; !ok || bin < old {
			starts[place(r)] = bin
		}
	}
	return starts, items, nil
}

// related checks one related series whose target begins at bin start.
func (v *validation) related(schema dataset.Schema, s dataset.Series, start int) {
	if len(s.Times) == 0 {
		return
	}
	name := describeKey(schema, s)
	first := v.span.grid.Index(slices.Min(s.Times))
	if first > start {
		v.late.add("that of %s starts at %s and its target at %s", name, v.span.start(first), v.span.start(start))
		return
	}
	count := v.span.count - first + v.plan.Horizon
	for i, feature := range schema.Features {
		c := &v.features[i]
		values, err := prep.Align(s.Times, s.Values[i], v.span.grid, first, count)
		if off := (*prep.OffGridError)(nil); errors.As(err, &off) {
			v.offGrid.add("that of %s has the timestamp %s", name, stamp(off.Time))
			return
		}
		end := v.span.count - first
		c.forward = c.forward || hasValue(values[end:])
		filled, _ := v.plan.Related[feature].Apply(values, v.plan.Horizon)
		if at := prep.Missing(filled[start-first : end]); at >= 0 {
			c.gap.add("that of %s has none at %s", name, v.span.start(start+at))
		}
		if at := prep.Missing(filled[end:]); at >= 0 {
			c.short.add("that of %s has none at %s", name, v.span.start(v.span.count+at))
		}
	}
}

func hasValue(values []float64) bool {
	return slices.ContainsFunc(values, func(v float64) bool { return !math.IsNaN(v) })
}

// describeKey names a series in a message.
func describeKey(schema dataset.Schema, s dataset.Series) string {
	parts := []string{fmt.Sprintf("%s %q", schema.ID, s.ID)}
	for i, d := range s.Dims {
		parts = append(parts, fmt.Sprintf("%s %q", schema.Dimensions[i], d))
	}
	return strings.Join(parts, ", ")
}

// verdict returns the first kind of fault as a sentence.
func (v *validation) verdict(in Inputs) error {
	switch {
	case v.missing > 0:
		return unusable("Items found in the TARGET_TIME_SERIES dataset are missing from the ITEM_METADATA dataset. "+
			"A total of %d items are missing from the ITEM_METADATA dataset.", v.missing)
	case v.offGrid.count > 0:
		return unusable("The timestamps of the RELATED_TIME_SERIES dataset do not fit the forecast frequency %s: %s, which does not start a time interval. "+
			"This concerns %d related time series. Related time series are never aggregated, so each timestamp has to be the start of an interval.",
			v.plan.Frequency, v.offGrid.first, v.offGrid.count)
	case v.late.count > 0:
		return unusable("Related time series must start on or before the start of their target time series, but %s. "+
			"A total of %d related time series start too late.", v.late.first, v.late.count)
	}
	for i, c := range v.features {
		name := in.Related.Schema().Features[i]
		if c.gap.count > 0 {
			return unusable("The attribute %s of the RELATED_TIME_SERIES dataset has missing values between the start of the target time series and its end at %s: %s. "+
				"A total of %d related time series have such gaps. Import the missing rows, or choose a middlefill and backfill for %s.",
				name, v.span.start(v.span.count-1), c.gap.first, c.gap.count, name)
		}
		if c.forward && c.short.count > 0 {
			return unusable("The attribute %s of the RELATED_TIME_SERIES dataset reaches beyond the end of the target time series for some items, so it must have values for the whole "+
				"forecast horizon, up to %s, for all of them, but %s. A total of %d related time series are too short. Import the missing rows, or choose a futurefill for %s.",
				name, v.span.start(v.span.count+v.plan.Horizon-1), c.short.first, c.short.count, name)
		}
	}
	return nil
}
