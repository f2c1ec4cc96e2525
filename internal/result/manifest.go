// Package result keeps forecasts: it writes one file per partition of the
// series, answers questions about one item with two small range reads however
// many items there are, and writes forecasts out as CSV and Parquet.
//
// A forecast is a prefix in the service's own bucket that holds one file per
// partition and manifest.json, written last. All of them are written once and
// never changed, so a reader may keep what it has read for as long as it likes.
// docs/formats/forecast.md describes the bytes.
package result

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// Version is the version of the files this package writes.
const Version = 1

// ManifestName is the last part of the key of a manifest.
const ManifestName = "manifest.json"

// MaxSteps and MaxTypes bound what one file may hold, so that a damaged file
// cannot make a reader ask for absurd amounts of memory.
const (
	MaxSteps = 100_000
	MaxTypes = 1_000
)

// ErrNoSeries says that a forecast holds no series with the key asked for.
var ErrNoSeries = errors.New("result: the forecast has no such series")

// ErrDamaged says that a file is not what was written: cut short, changed, or
// not a forecast file at all.
var ErrDamaged = errors.New("result: the forecast file is damaged")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Key names a series: the item and the values of the forecast dimensions in
// the order of [Manifest.Dimensions].
type Key struct {
	ID   string
	Dims []string
}

// fold returns the key as it is compared: without case.
func (k Key) fold() Key {
	dims := make([]string, len(k.Dims))
	for i, d := range k.Dims {
		dims[i] = strings.ToLower(d)
	}
	return Key{ID: strings.ToLower(k.ID), Dims: dims}
}

// Equal reports whether both keys name the same series; case does not matter.
func (k Key) Equal(l Key) bool {
	a, b := k.fold(), l.fold()
	return a.ID == b.ID && slices.Equal(a.Dims, b.Dims)
}

// Manifest says what a forecast consists of.
type Manifest struct {
	Version    int      `json:"version"`
	ID         string   `json:"id"`                   // name of the identifier, "item_id"
	Dimensions []string `json:"dimensions,omitempty"` // names of the forecast dimensions
	Types      []string `json:"types"`                // forecast types, normalised: "0.1", "mean"
	Frequency  string   `json:"frequency"`
	Times      []int64  `json:"times"` // label of each step, epoch seconds of the local time read as UTC
	Series     int64    `json:"series"`
	Skipped    int64    `json:"skipped,omitempty"` // series of the data without a forecast
	Parts      []Part   `json:"parts"`             // by partition
}

// Part is one file of a forecast.
type Part struct {
	Key     string `json:"key"`     // relative to the prefix of the manifest, or absolute when it starts with "/"
	Series  int64  `json:"series"`  // records in the file
	Bytes   int64  `json:"bytes"`   // length of the file
	Index   int64  `json:"index"`   // offset of the first index block
	Buckets int64  `json:"buckets"` // number of index blocks, a power of two; 0 in a file without records
}

// Label returns the name of a forecast type in answers and columns: "p10" for
// "0.1", "p1" for "0.01", "mean" for "mean".
func Label(forecastType string) string {
	level, err := strconv.ParseFloat(forecastType, 64)
	if err != nil {
		return forecastType
	}
	return "p" + strconv.FormatFloat(roundPercent(level*100), 'f', -1, 64)
}

// roundPercent takes away the last digits of 100·0.29 = 28.999999999999996.
func roundPercent(p float64) float64 {
	q, err := strconv.ParseFloat(strconv.FormatFloat(p, 'g', 12, 64), 64)
	if err != nil {
		return p
	}
	return q
}

// WriteManifest writes m under the prefix, which makes the forecast readable.
func WriteManifest(ctx context.Context, b blob.Bucket, prefix string, m Manifest) error {
	m.Version = Version
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("result: encoding a manifest: %w", err)
	}
	if err := blob.WriteAll(ctx, b, join(prefix, ManifestName), append(text, '\n')); err != nil {
		return fmt.Errorf("result: writing a manifest: %w", err)
	}
	return nil
}

// ReadManifest reads the manifest under the prefix and checks that it makes sense.
func ReadManifest(ctx context.Context, b blob.Bucket, prefix string) (*Manifest, error) {
	key := join(prefix, ManifestName)
	text, err := blob.ReadAll(ctx, b, key)
	if err != nil {
		return nil, fmt.Errorf("result: reading a manifest: %w", err)
	}
	m := new(Manifest)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, key, err)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, key, err)
	}
	return m, nil
}

func (m *Manifest) check() error {
	switch n := len(m.Parts); {
	case m.Version != Version:
		return fmt.Errorf("version %d, this program reads version %d", m.Version, Version)
	case len(m.Types) == 0 || len(m.Types) > MaxTypes:
		return fmt.Errorf("%d forecast types", len(m.Types))
	case len(m.Times) == 0 || len(m.Times) > MaxSteps:
		return fmt.Errorf("%d steps", len(m.Times))
	case n == 0 || n&(n-1) != 0:
		return fmt.Errorf("%d parts, want a power of two", n)
	}
	for i, p := range m.Parts {
		if p.Index < headerSize || p.Buckets < 0 || p.Buckets&(p.Buckets-1) != 0 || p.Bytes < p.Index+p.Buckets*blockSize {
			return fmt.Errorf("part %d is impossible: %+v", i, p)
		}
	}
	return nil
}

// path returns the key of a part's file.
func (p Part) path(prefix string) string {
	if abs, ok := strings.CutPrefix(p.Key, "/"); ok {
		return abs
	}
	return join(prefix, p.Key)
}

func join(prefix, name string) string {
	if prefix == "" || strings.HasSuffix(prefix, "/") {
		return prefix + name
	}
	return prefix + "/" + name
}
