package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/almanac-forecast/almanac/forecast/prep"
	"github.com/almanac-forecast/almanac/internal/dataset"
)

// filter passes on the series that are wanted; all where wanted is nil.
func filter(in rowsSeq, wanted func(rows) bool) rowsSeq {
	if wanted == nil {
		return in
	}
	return func(yield func(rows, error) bool) {
		for r, err := range in {
			if err == nil && !wanted(r) {
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// validateOnce checks the related series and the item metadata against the
// target, unless an earlier attempt has. It returns the features of the related
// series.
func validateOnce(ctx context.Context, in Inputs, t *trainer, done *steps) (features []Feature, err error) {
	const step = "inputs checked"
	if in.Related == nil && in.Items == nil {
		return nil, nil
	}
	if found, err := done.get(step, &features); found || err != nil {
		return features, err
	}
	v := &validation{plan: t.plan, span: t.span}
	if in.Related != nil {
		v.features = make([]featureCheck, len(in.Related.Schema().Features))
	}
	of := in.Target.Partitions()
	for i := range of {
		if err := v.partition(ctx, in, i, of); err != nil {
			return nil, err
		}
	}
	if err := v.verdict(in); err != nil {
		return nil, err
	}
	if in.Related != nil {
		features = t.plan.features(t.model, in.Related.Schema(), t.span, v.forward())
	}
	return features, done.finish(ctx, step, features)
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
		place = relatedKey(in.Related.Schema().Dimensions, v.plan.Dimensions)
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
	for i, feature := range schema.Features {
		c := &v.features[i]
		_, values, filled, err := v.plan.column(v.span, &s, i, feature)
		if off := (*prep.OffGridError)(nil); errors.As(err, &off) {
			v.offGrid.add("that of %s has the timestamp %s", name, stamp(off.Time))
			return
		}
		end := v.span.count - first
		c.forward = c.forward || hasValue(values[end:])
		if at := prep.Missing(filled[start-first : end]); at >= 0 {
			c.gap.add("that of %s has none at %s", name, v.span.start(start+at))
		}
		if at := prep.Missing(filled[end:]); at >= 0 {
			c.short.add("that of %s has none at %s", name, v.span.start(v.span.count+at))
		}
	}
}

// forward tells which features are forward-looking.
func (v *validation) forward() []bool {
	out := make([]bool, len(v.features))
	for i, c := range v.features {
		out[i] = c.forward
	}
	return out
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
				"A total of %d related time series have such gaps. Import the missing rows, or choose a middlefill and backfill for %s (--related-fill on the command line).",
				name, v.span.start(v.span.count-1), c.gap.first, c.gap.count, name)
		}
		if c.forward && c.short.count > 0 {
			return unusable("The attribute %s of the RELATED_TIME_SERIES dataset reaches beyond the end of the target time series for some items, so it must have values for the whole "+
				"forecast horizon, up to %s, for all of them, but %s. A total of %d related time series are too short. Import the missing rows, or choose a futurefill for %s (--related-fill on the command line).",
				name, v.span.start(v.span.count+v.plan.Horizon-1), c.short.first, c.short.count, name)
		}
	}
	return nil
}
