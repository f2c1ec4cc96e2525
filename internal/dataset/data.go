package dataset

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// Series is one series of a dataset. It belongs to whoever gets it.
type Series struct {
	ID   string
	Dims []string // in the order of Schema.Dimensions
	// Times are seconds since 1970, the local time read as UTC, ascending. In
	// target time series a time may occur more than once.
	Times []int64
	// Values holds a column for each of Schema.Values, a value for each time;
	// NaN is a missing value.
	Values [][]float64
	// Points counts the rows with a value or a literal NaN in at least one
	// column. An item whose rows are all empty cells is not known (Points 0);
	// a literal NaN makes it known.
	Points int64
	// Strings holds a text for each of Schema.Statics; item metadata only.
	Strings []string
}

// Data reads the files of one or several imports as one dataset: a full import
// and the incremental ones after it. It is safe for concurrent use once KeepCase
// is set.
type Data struct {
	// KeepCase gives identifiers and dimension values as they were first
	// written. Otherwise they come in lower case, as they are compared.
	KeepCase bool

	bucket   blob.Bucket
	schema   Schema
	imports  []imported // oldest first
	minTime  int64
	maxTime  int64
	series   int64
	rows     int64
	greatest int // number of partitions
}

type imported struct {
	Manifest
	prefix string
}

// Open reads the manifests of imports, oldest first, whose files lie below the
// given prefixes.
func Open(ctx context.Context, b blob.Bucket, prefixes []string) (*Data, error) {
	if len(prefixes) == 0 {
		return nil, errors.New("open dataset: it has no imports")
	}
	d := &Data{bucket: b, minTime: math.MaxInt64, maxTime: math.MinInt64}
	for i, prefix := range prefixes {
		m, err := Load(ctx, b, prefix)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			d.schema = m.Schema
		} else if !sameColumns(d.schema, m.Schema) {
			return nil, fmt.Errorf("open dataset: the import at %s has another schema than the one at %s", prefix, prefixes[0])
		}
		d.imports = append(d.imports, imported{m, prefix})
		d.minTime, d.maxTime = min(d.minTime, m.MinTime), max(d.maxTime, m.MaxTime)
		d.series += m.Series
		d.rows += m.Rows
		d.greatest = max(d.greatest, m.Partitions)
	}
	return d, nil
}

func sameColumns(a, b Schema) bool {
	return a.Role == b.Role && a.ID == b.ID && a.Time == b.Time && slices.Equal(a.Dimensions, b.Dimensions) &&
		slices.Equal(a.Values(), b.Values()) && slices.Equal(a.Statics, b.Statics)
}

// Schema is the schema of the dataset.
func (d *Data) Schema() Schema { return d.schema }

// Partitions is the number of partitions that reads with the least work.
func (d *Data) Partitions() int { return d.greatest }

// MinTime is the first time in the dataset, 0 for item metadata.
func (d *Data) MinTime() int64 { return d.minTime }

// MaxTime is the last time in the dataset, 0 for item metadata.
func (d *Data) MaxTime() int64 { return d.maxTime }

// Rows is the number of rows in all imports.
func (d *Data) Rows() int64 { return d.rows }

// Series is the number of series, counted in each import: with incremental
// imports an upper bound.
func (d *Data) Series() int64 { return d.series }

// Partition reads the series whose Hash(identifier) mod of is p, ordered by
// lower-cased identifier and dimensions. of is a power of two; with the same of,
// the partitions of all datasets line up. The rows of all imports are merged by
// time: target time series keep them all, older imports first; in related time
// series and item metadata the newest import wins.
//
// Memory is a few pages for each partition file that is read at once: one for
// each import when of ≥ [Data.Partitions], several when it is smaller.
func (d *Data) Partition(ctx context.Context, p, of int) iter.Seq2[Series, error] {
	return func(yield func(Series, error) bool) {
		if of < 1 || of&(of-1) != 0 || p < 0 || p >= of {
			yield(Series{}, fmt.Errorf("read dataset: %d of %d is not a partition", p, of))
			return
		}
		m := &merger{data: d}
		defer m.close()
		for i, im := range d.imports {
			keep := func(string) bool { return true }
			if of > im.Partitions {
				keep = func(id string) bool { return Hash(id)&uint64(of-1) == uint64(p) }
			}
			for q := p & (min(of, im.Partitions) - 1); q < im.Partitions; q += min(of, im.Partitions) {
				if err := m.open(ctx, i, q, "", keep); err != nil {
					yield(Series{}, err)
					return
				}
			}
		}
		m.run(ctx, yield)
	}
}

// All reads every series, partition by partition.
func (d *Data) All(ctx context.Context) iter.Seq2[Series, error] {
	return func(yield func(Series, error) bool) {
		for p := range d.greatest {
			for s, err := range d.Partition(ctx, p, d.greatest) {
				if !yield(s, err) || err != nil {
					return
				}
			}
		}
	}
}

// Item reads the series with that identifier, whatever their dimensions; case
// does not matter. It reads a few pages, not the partition.
func (d *Data) Item(ctx context.Context, id string) iter.Seq2[Series, error] {
	return func(yield func(Series, error) bool) {
		fold := Fold(id)
		m := &merger{data: d}
		defer m.close()
		for i, im := range d.imports {
			q := int(Hash(id) & uint64(im.Partitions-1))
			if err := m.open(ctx, i, q, fold, func(other string) bool { return other == fold }); err != nil {
				yield(Series{}, err)
				return
			}
		}
		m.run(ctx, yield)
	}
}
