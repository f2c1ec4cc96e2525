package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/auto"
	"github.com/almanac-forecast/almanac/forecast/prep"
	"github.com/almanac-forecast/almanac/internal/dataset"
)

// The features of related time series become the regressors of the models
// (contract 5.4): aligned to the bins of the target, filled by the rules of the
// plan, from the first value of the target to the end of the horizon. The models
// here use what is known ahead; a feature that ends with the target is left out,
// and [Feature] says so.

// Feature is a column of the related time series.
type Feature struct {
	Name string `json:"name"`
	// Unused is empty, or the reason why no model looks at the feature: the end
	// of a sentence that begins with its name and "is not used:".
	Unused string `json:"unused,omitempty"`
}

// features decides which columns the models get. forward tells of each whether
// some series has a value after the end of the target.
func (p Plan) features(m forecast.Model, schema dataset.Schema, s span, forward []bool) []Feature {
	var out []Feature
	for i, name := range schema.Features {
		f := Feature{Name: name}
		switch {
		case !auto.UsesRegressors(m):
			f.Unused = fmt.Sprintf("the model %s does not look at related time series", m.Name())
		case slices.ContainsFunc(p.Dimensions, func(d string) bool { return strings.EqualFold(d, name) }):
			f.Unused = "it is a forecast dimension"
		case !forward[i]:
			f.Unused = fmt.Sprintf("it has no value after the end of the target time series at %s, and models use only what is known for the whole horizon", s.start(s.count-1))
		}
		out = append(out, f)
	}
	return out
}

// regressors makes the regressors of one training or forecast.
type regressors struct {
	plan  Plan
	span  span
	names []string // of the features used, in the order in which models get them
	at    []int    // their places in the related series
}

// newRegressors takes the features that are used. d may be nil where there are none.
func newRegressors(p Plan, s span, d *dataset.Data, features []Feature) (regressors, error) {
	r := regressors{plan: p, span: s}
	for _, f := range features {
		if f.Unused != "" {
			continue
		}
		at := -1
		if d != nil {
			at = slices.Index(d.Schema().Features, f.Name)
		}
		if at < 0 {
			return r, unusable("The predictor was trained with the attribute %s of a RELATED_TIME_SERIES dataset, and the data have none. "+
				"Import it, or train a new predictor.", f.Name)
		}
		r.names, r.at = append(r.names, f.Name), append(r.at, at)
	}
	return r, nil
}

// of returns the regressors of a series whose first value is in bin first,
// [regressor][bin], to the end of the horizon.
func (r regressors) of(s rows, first int) ([][]float64, error) {
	if len(r.names) == 0 || s.related == nil || len(s.related.Times) == 0 {
		return nil, nil
	}
	out := make([][]float64, len(r.names))
	for i, name := range r.names {
		start, _, filled, err := r.plan.column(r.span, s.related, r.at[i], name)
		if off := (*prep.OffGridError)(nil); errors.As(err, &off) {
			return nil, unusable("The related time series of %q has the timestamp %s, which does not start a time interval of the forecast frequency %s.",
				s.key.ID, stamp(off.Time), r.plan.Frequency)
		}
		if err != nil {
			return nil, err
		}
		bin := first
		if start <= first {
			filled = filled[first-start:]
			bin = first + prep.Missing(filled)
		}
		if bin >= first {
			return nil, unusable("The attribute %s of the RELATED_TIME_SERIES dataset, which the predictor uses, must have values from the start of the target time series to the end of "+
				"the forecast horizon at %s, but that of %q has none at %s. Import the missing rows, or train with a filling method for %s.",
				name, r.span.start(r.span.count+r.plan.Horizon-1), s.key.ID, r.span.start(bin), name)
		}
		out[i] = filled
	}
	return out, nil
}

// column puts one feature of a related series on the grid, from the bin of its
// first row to the end of the horizon: as the data have it, and filled.
func (p Plan) column(s span, related *dataset.Series, at int, name string) (first int, values, filled []float64, err error) {
	first = s.grid.Index(slices.Min(related.Times))
	if values, err = prep.Align(related.Times, related.Values[at], s.grid, first, max(0, s.count+p.Horizon-first)); err != nil {
		return first, nil, nil, err
	}
	filled, _ = p.Related[name].Apply(values, min(p.Horizon, len(values)))
	return first, values, filled, nil
}

// beside puts its related series beside each series of a partition. A series
// that has none is passed over, and skip is called; without a related dataset
// all are passed on. Both datasets come in the order of their items, so that no
// more than the related series of one item are held.
func (p Plan) beside(ctx context.Context, in rowsSeq, d *dataset.Data, i, of int, skip func()) rowsSeq {
	if d == nil {
		return in
	}
	place := relatedKey(d.Schema().Dimensions, p.Dimensions)
	return func(yield func(rows, error) bool) {
		next, stop := iter.Pull2(d.Partition(ctx, i, of))
		defer stop()
		item := relatedItem{next: next, series: map[string]*dataset.Series{}}
		for r, err := range in {
			if err == nil {
				err = item.seek(dataset.Fold(r.key.ID))
			}
			if err != nil {
				yield(rows{}, err)
				return
			}
			if r.related = item.series[place(r)]; r.related == nil {
				skip()
				continue
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// relatedKey returns what finds the key of the related series of a target
// series. A related dataset without one of the dimensions holds for all its values.
func relatedKey(related, dimensions []string) func(rows) string {
	at := make([]int, len(related))
	for i, name := range related {
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

// relatedItem is the related series of one item, by key, and the first of the next.
type relatedItem struct {
	next   func() (dataset.Series, error, bool)
	id     string // folded
	series map[string]*dataset.Series
	ahead  *dataset.Series // nil before the first and after the last
	begun  bool
}

// seek reads on to an item; items are asked for in their order.
func (r *relatedItem) seek(id string) error {
	if r.begun && id == r.id {
		return nil
	}
	if !r.begun {
		r.begun = true
		if err := r.advance(); err != nil {
			return err
		}
	}
	r.id = id
	clear(r.series)
	for r.ahead != nil && dataset.Fold(r.ahead.ID) <= id {
		if dataset.Fold(r.ahead.ID) == id {
			r.series[foldKey(r.ahead.ID, r.ahead.Dims)] = r.ahead
		}
		if err := r.advance(); err != nil {
			return err
		}
	}
	return nil
}

func (r *relatedItem) advance() error {
	s, err, ok := r.next()
	if err != nil {
		return err
	}
	if r.ahead = nil; ok {
		r.ahead = &s
	}
	return nil
}

func hasValue(values []float64) bool {
	return slices.ContainsFunc(values, func(v float64) bool { return !math.IsNaN(v) })
}
