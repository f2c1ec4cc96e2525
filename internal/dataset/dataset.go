// Package dataset brings customers' files into the service: CSV and Parquet in,
// columnar files sorted by series and time out, and readers over those files.
//
// An import runs in two passes. The first cuts the source into blocks at line
// ends, parses the blocks on all workers, and appends each row as a small binary
// record to one of P spill buffers, chosen by a hash of the lower-cased
// identifier. The second takes one such partition after the other, groups its
// records by series with a counting sort, orders each series by time and writes
// it as Parquet. Memory is bounded by the buffers and by the partitions in work,
// not by the data, and the bytes written depend on the source and the options
// alone: not on the number of workers, nor on an earlier attempt.
//
// docs/formats/dataset.md describes the files.
package dataset

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// The roles of a dataset.
const (
	TargetTimeSeries  = "TARGET_TIME_SERIES"
	RelatedTimeSeries = "RELATED_TIME_SERIES"
	ItemMetadata      = "ITEM_METADATA"
)

// The types of an attribute.
const (
	TypeString      = "string"
	TypeInteger     = "integer"
	TypeFloat       = "float"
	TypeTimestamp   = "timestamp"
	TypeGeolocation = "geolocation"
)

// Attribute is a column of a dataset: its name and one of the types above.
type Attribute struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Schema says what the columns of a dataset are. [NewSchema] fills it in from
// the attributes; the order of Attributes is the order of the columns in CSV
// files unless Options.Columns says otherwise.
type Schema struct {
	Role       string      `json:"role"`
	Attributes []Attribute `json:"attributes"`
	ID         string      `json:"id"`               // the identifier
	Time       string      `json:"time,omitempty"`   // "" for item metadata
	Target     string      `json:"target,omitempty"` // target time series only
	// Dimensions are the attributes that name a series together with the
	// identifier: all other attributes of a target time series, the
	// non-numeric ones of a related time series.
	Dimensions []string `json:"dimensions,omitempty"`
	Features   []string `json:"features,omitempty"` // numeric attributes of related time series
	Statics    []string `json:"statics,omitempty"`  // columns of item metadata besides the identifier
}

// NewSchema sorts the attributes of a dataset into their roles. id and target
// are the names of the domain's identifier and target; target is ignored unless
// the role is [TargetTimeSeries].
func NewSchema(role, id, target string, attributes []Attribute) (Schema, error) {
	s := Schema{Role: role, Attributes: slices.Clone(attributes)}
	for _, a := range attributes {
		numeric := a.Type == TypeInteger || a.Type == TypeFloat
		switch {
		case strings.EqualFold(a.Name, id):
			s.ID = a.Name
		case role == ItemMetadata:
			s.Statics = append(s.Statics, a.Name)
		case a.Type == TypeTimestamp:
			if s.Time != "" {
				return Schema{}, fmt.Errorf("the schema has two timestamps, %s and %s", s.Time, a.Name)
			}
			s.Time = a.Name
		case role == TargetTimeSeries && strings.EqualFold(a.Name, target):
			s.Target = a.Name
		case role == RelatedTimeSeries && numeric:
			s.Features = append(s.Features, a.Name)
		default:
			s.Dimensions = append(s.Dimensions, a.Name)
		}
	}
	return s, s.check(id, target)
}

func (s Schema) check(id, target string) error {
	switch s.Role {
	case TargetTimeSeries, RelatedTimeSeries, ItemMetadata:
	default:
		return fmt.Errorf("unknown dataset type %q", s.Role)
	}
	if s.ID == "" {
		return fmt.Errorf("the schema has no identifier %q", id)
	}
	if s.Role != ItemMetadata && s.Time == "" {
		return errors.New("the schema has no attribute of type timestamp")
	}
	if s.Role == TargetTimeSeries && s.Target == "" {
		return fmt.Errorf("the schema has no target %q", target)
	}
	return nil
}

// Values lists the numeric columns of a series in the order of [Series].Values:
// the target, or the features.
func (s Schema) Values() []string {
	if s.Role == TargetTimeSeries {
		return []string{s.Target}
	}
	return s.Features
}

// The formats of source files.
const (
	FormatCSV     = "CSV"
	FormatParquet = "PARQUET"
)

// TimeAny is a TimestampFormat of the command line: dates with or without a
// time, with a blank or a T between them, seconds and a zero offset optional.
const TimeAny = "any"

// Options say how an import reads its source and what it may use.
type Options struct {
	Format string // FormatCSV or FormatParquet; "" goes by the file's extension, CSV when that says nothing
	// TimestampFormat is yyyy-MM-dd, yyyy-MM-dd HH:mm:ss (the default; hh is
	// read as HH) or TimeAny.
	TimestampFormat string
	// GeolocationFormat is LAT_LONG or CC_POSTALCODE; "" leaves cells of type geolocation unchecked.
	GeolocationFormat string
	// Columns gives, for each attribute of the schema, the index of its column
	// in CSV files; nil is the order of the schema. -1 for the identifier means
	// that files have none and every row belongs to the series named ConstantID.
	Columns    []int
	ConstantID string
	// HeaderID is a further name, besides that in the schema, by which the
	// identifier's cell gives a header away.
	HeaderID string
	// Names gives, for each attribute of the schema, the name of its column in
	// Parquet files; nil is the names of the schema.
	Names []string

	MaxProblems int    // problems described in a BadInput, default 10
	Workers     int    // default GOMAXPROCS
	TempDir     string // folder of the spill files, default os.TempDir
	Memory      int64  // bytes the import aims to stay under besides the Go runtime's own, default 256 MiB
	Limits      Limits
	// Partitions forces the number of partitions, a power of two; 0 chooses by the size of the source.
	Partitions int
	blockSize  int // tests make it small
}

// Limits bound what one import takes; zero is no limit.
type Limits struct {
	Objects int
	Bytes   int64
	Rows    int64
}

// ServiceLimits are the limits of the service that Almanac stands in for: 10,000
// files, 30 GB, three thousand million rows.
var ServiceLimits = Limits{Objects: 10_000, Bytes: 30 << 30, Rows: 3_000_000_000}

func (o Options) withDefaults() Options {
	if o.TimestampFormat == "" {
		o.TimestampFormat = "yyyy-MM-dd HH:mm:ss"
	}
	if o.MaxProblems == 0 {
		o.MaxProblems = 10
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Memory == 0 {
		o.Memory = 256 << 20
	}
	if o.blockSize == 0 {
		o.blockSize = 1 << 20
	}
	return o
}

// Source is the files to import, all in one bucket.
type Source struct {
	Bucket  blob.Bucket
	Objects []blob.Object
	// Path is what the caller asked for, Names the full name of an object;
	// both are for messages. Nil Names is the key itself.
	Path  string
	Names func(key string) string
}

func (s Source) name(key string) string {
	if s.Names == nil {
		return key
	}
	return s.Names(key)
}

func (s Source) path() string {
	switch {
	case s.Path != "":
		return s.Path
	case len(s.Objects) > 0:
		return s.name(s.Objects[0].Key)
	}
	return "the given path"
}

// Summary is what an import found and where it put it.
type Summary struct {
	Totals
	Manifest Manifest
}

// Totals is what an import counted in its source.
type Totals struct {
	Rows      int64 `json:"rows"`
	Blank     int64 `json:"blank"`     // lines without a character, skipped
	Headers   int64 `json:"headers"`   // first rows taken for headers and skipped
	Duplicate int64 `json:"duplicate"` // rows whose key and time an earlier row of the import has
	Bytes     int64 `json:"bytes"`     // size of the source objects
	// Fields describes each attribute by name.
	Fields map[string]FieldStatistics `json:"fields"`
}

// FieldStatistics describes one column of the source. Members that do not apply
// to its type are nil.
type FieldStatistics struct {
	Count         int64    `json:"count"` // non-null values
	CountDistinct int64    `json:"count_distinct"`
	CountNull     int64    `json:"count_null"`
	CountNaN      *int64   `json:"count_nan,omitempty"`
	Min           *string  `json:"min,omitempty"`
	Max           *string  `json:"max,omitempty"`
	Avg           *float64 `json:"avg,omitempty"`
	Stddev        *float64 `json:"stddev,omitempty"` // of the sample (n-1)
}
