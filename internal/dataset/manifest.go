package dataset

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// manifestVersion is the version of the file format written, the highest one read.
// Version 1 had no decimals.
const manifestVersion = 2

// manifestName is the object that makes an import readable; it is written last.
const manifestName = "manifest.json"

// Manifest describes the files of one import.
type Manifest struct {
	Version int    `json:"version"`
	Schema  Schema `json:"schema"`
	// Partitions is a power of two. A series is in the partition
	// Hash(identifier) mod Partitions.
	Partitions int   `json:"partitions"`
	Rows       int64 `json:"rows"`   // kept in the files
	Series     int64 `json:"series"` // distinct keys
	// MinTime and MaxTime are the first and last time in seconds since 1970,
	// the local time read as UTC; 0 for item metadata.
	MinTime int64 `json:"min_time"`
	MaxTime int64 `json:"max_time"`
	// Parts has one entry for each partition.
	Parts []Part `json:"parts"`
	// Totals is what the import counted in its source.
	Totals Totals `json:"totals"`
}

// Part is the files of one partition, keys below the prefix of the import. Both
// are "" for a partition without series; item metadata have no data file.
type Part struct {
	Data      string `json:"data,omitempty"`
	Series    string `json:"series,omitempty"`
	Rows      int64  `json:"rows"`
	Count     int64  `json:"count"`      // series
	DataBytes int64  `json:"data_bytes"` // size of the data file
}

func partNames(p int) (data, series string) {
	return fmt.Sprintf("part-%05d.parquet", p), fmt.Sprintf("series-%05d.parquet", p)
}

// Load reads the manifest of an import.
func Load(ctx context.Context, b blob.Bucket, prefix string) (Manifest, error) {
	body, err := blob.ReadAll(ctx, b, join(prefix, manifestName))
	if err != nil {
		return Manifest{}, fmt.Errorf("read manifest of import: %w", err)
	}
	var m Manifest
	if err := json.Unmarshal(body, &m); err != nil {
		return Manifest{}, fmt.Errorf("read manifest %s: %w", join(prefix, manifestName), err)
	}
	switch {
	case m.Version < 1 || m.Version > manifestVersion:
		return Manifest{}, fmt.Errorf("manifest %s has version %d; this program reads versions 1 to %d", join(prefix, manifestName), m.Version, manifestVersion)
	case m.Partitions < 1 || m.Partitions&(m.Partitions-1) != 0 || len(m.Parts) != m.Partitions:
		return Manifest{}, fmt.Errorf("manifest %s is damaged: %d partitions, %d parts", join(prefix, manifestName), m.Partitions, len(m.Parts))
	}
	return m, nil
}

func (m Manifest) write(ctx context.Context, b blob.Bucket, prefix string) error {
	body, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return fmt.Errorf("encode manifest: %w", err)
	}
	if err := blob.WriteAll(ctx, b, join(prefix, manifestName), append(body, '\n')); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	return nil
}

// join puts a name below a prefix, which may or may not end in a slash.
func join(prefix, name string) string {
	if prefix == "" || prefix[len(prefix)-1] == '/' {
		return prefix + name
	}
	return prefix + "/" + name
}
