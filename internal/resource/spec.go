package resource

// Attribute is a column of a dataset's schema; Type is one of string, integer,
// float, timestamp, geolocation.
type Attribute struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Encryption is the key a caller wants used. It is echoed and passed on.
type Encryption struct {
	RoleARN   string `json:"role_arn"`
	KMSKeyARN string `json:"kms_key_arn"`
}

// Location is a place in a bucket and the role that may use it.
type Location struct {
	Path      string `json:"path"` // s3://bucket/key
	RoleARN   string `json:"role_arn,omitempty"`
	KMSKeyARN string `json:"kms_key_arn,omitempty"`
}

// Dataset types (contract 3).
const (
	TargetTimeSeries  = "TARGET_TIME_SERIES"
	RelatedTimeSeries = "RELATED_TIME_SERIES"
	ItemMetadata      = "ITEM_METADATA"
)

// DatasetSpec is what CreateDataset asked for.
type DatasetSpec struct {
	Domain     string      `json:"domain"`
	Type       string      `json:"type"` // TargetTimeSeries, ...
	Frequency  string      `json:"frequency,omitempty"`
	Attributes []Attribute `json:"attributes"`
	Encryption *Encryption `json:"encryption,omitempty"`
}

// DatasetResult is the data in force: the latest full import and the
// incremental ones after it, oldest first.
type DatasetResult struct {
	Imports []ImportRef `json:"imports,omitempty"`
	// Retired are replaced imports: their files may be freed once nothing reads
	// them any more (see [Holdings]).
	Retired []ImportRef `json:"retired,omitempty"`
}

// ImportRef points at the files one import wrote.
type ImportRef struct {
	JobARN string `json:"job_arn"`
	Prefix string `json:"prefix"` // key prefix in the service's own bucket; holds manifest.json
}

// DatasetGroupSpec is what CreateDatasetGroup asked for, with the datasets of the last update.
type DatasetGroupSpec struct {
	Domain   string   `json:"domain"`
	Datasets []string `json:"datasets"`
}

// Import modes (contract 4).
const (
	ImportFull        = "FULL"
	ImportIncremental = "INCREMENTAL"
)

// ImportJobSpec is what CreateDatasetImportJob asked for.
type ImportJobSpec struct {
	Dataset           string   `json:"dataset"`
	Source            Location `json:"source"`
	Format            string   `json:"format,omitempty"` // CSV, PARQUET, "" when not given
	ImportMode        string   `json:"import_mode,omitempty"`
	TimestampFormat   string   `json:"timestamp_format,omitempty"`
	TimeZone          string   `json:"time_zone,omitempty"`
	GeolocationZone   bool     `json:"use_geolocation_for_time_zone"`
	GeolocationFormat string   `json:"geolocation_format,omitempty"`
}

// ImportJobResult is what an import found.
type ImportJobResult struct {
	Prefix    string                     `json:"prefix"`
	DataSize  float64                    `json:"data_size"` // bytes of the source objects / 2^30
	Rows      int64                      `json:"rows"`
	Blank     int64                      `json:"blank,omitempty"`     // blank lines skipped
	Duplicate int64                      `json:"duplicate,omitempty"` // rows whose key and time were already there
	Fields    map[string]FieldStatistics `json:"fields"`
	// Held are the prefixes to free with the job, decided by [BeginDelete].
	Held []string `json:"held,omitempty"`
}

// FieldStatistics describes one column. Members that do not apply to its type are nil.
type FieldStatistics struct {
	Count         int64    `json:"count"` // non-null values (contract 8.1, 41)
	CountDistinct int64    `json:"count_distinct"`
	CountNull     int64    `json:"count_null"`
	CountNaN      *int64   `json:"count_nan,omitempty"`
	Min           *string  `json:"min,omitempty"`
	Max           *string  `json:"max,omitempty"`
	Avg           *float64 `json:"avg,omitempty"`
	Stddev        *float64 `json:"stddev,omitempty"`
}

// AttributeConfig is how one attribute is aggregated and filled.
type AttributeConfig struct {
	Name            string            `json:"name"`
	Transformations map[string]string `json:"transformations"`
}

// AdditionalDataset is "holiday" or "weather" with its configuration.
type AdditionalDataset struct {
	Name          string              `json:"name"`
	Value         string              `json:"value,omitempty"`         // legacy form
	Configuration map[string][]string `json:"configuration,omitempty"` // auto form
}

// Boundary is a TimeAlignmentBoundary; exactly one member is set.
type Boundary struct {
	Month      string `json:"month,omitempty"`
	DayOfMonth *int   `json:"day_of_month,omitempty"`
	DayOfWeek  string `json:"day_of_week,omitempty"`
	Hour       *int   `json:"hour,omitempty"`
}

// Evaluation says how a predictor is backtested.
type Evaluation struct {
	Windows int `json:"windows"`
	Offset  int `json:"offset"`
}

// PredictorSpec is what CreatePredictor or CreateAutoPredictor asked for, with
// the defaults filled in. A retrained predictor holds the copied settings.
type PredictorSpec struct {
	Auto               bool                `json:"auto"`
	Algorithm          string              `json:"algorithm,omitempty"` // ARN, "" for auto predictors
	Horizon            int                 `json:"horizon"`
	ForecastTypes      []string            `json:"forecast_types"` // normalised: "0.1", "mean"
	ForecastTypesGiven bool                `json:"forecast_types_given,omitempty"`
	Frequency          string              `json:"frequency"` // as given
	Dimensions         []string            `json:"dimensions,omitempty"`
	Attributes         []AttributeConfig   `json:"attributes,omitempty"` // effective, defaults added
	Additional         []AdditionalDataset `json:"additional,omitempty"`
	Metric             string              `json:"metric,omitempty"`
	Boundary           *Boundary           `json:"boundary,omitempty"`
	Evaluation         Evaluation          `json:"evaluation"`
	TrainingParameters map[string]string   `json:"training_parameters,omitempty"` // as given
	Reference          string              `json:"reference,omitempty"`           // ARN of the predictor it was made from
	Explain            bool                `json:"explain,omitempty"`
	Monitor            string              `json:"monitor,omitempty"`
	Encryption         *Encryption         `json:"encryption,omitempty"`
	// Raw holds further members of the request, echoed by Describe as they came.
	Raw map[string]any `json:"raw,omitempty"`
}

// PredictorResult is what training produced.
type PredictorResult struct {
	Prefix     string            `json:"prefix"` // key prefix of the model files
	ImportJobs []string          `json:"import_jobs"`
	Parameters map[string]string `json:"parameters,omitempty"` // effective TrainingParameters
	Windows    []WindowMetrics   `json:"windows"`              // oldest first
	Summary    Metrics           `json:"summary"`
	Models     map[string]int    `json:"models,omitempty"` // series per chosen model
	Naive      *Metrics          `json:"naive,omitempty"`  // seasonal naive on the same windows
	Skipped    int               `json:"skipped,omitempty"`
	// Unrelated are those of Skipped that have no related time series.
	Unrelated int `json:"unrelated,omitempty"`
	// Unused says of each attribute of the related time series that no model
	// looks at why.
	Unused map[string]string `json:"unused,omitempty"`
}

// WindowMetrics is the accuracy in one backtest window; Start and End are epoch seconds, End exclusive.
type WindowMetrics struct {
	Start   int64   `json:"start"`
	End     int64   `json:"end"`
	Items   int     `json:"items"`
	Metrics Metrics `json:"metrics"`
}

// Metrics holds accuracy figures; nil means undefined.
type Metrics struct {
	WQL        map[string]float64 `json:"wql"` // by normalised quantile, "0.1"
	AverageWQL *float64           `json:"average_wql,omitempty"`
	WAPE       *float64           `json:"wape,omitempty"`
	RMSE       *float64           `json:"rmse,omitempty"`
	MASE       *float64           `json:"mase,omitempty"`
	MAPE       *float64           `json:"mape,omitempty"`
}

// SeriesSelector restricts a forecast to the series listed in a file.
type SeriesSelector struct {
	Source     Location    `json:"source"`
	Attributes []Attribute `json:"attributes"`
	Format     string      `json:"format,omitempty"`
}

// ForecastSpec is what CreateForecast asked for.
type ForecastSpec struct {
	Predictor     string          `json:"predictor"`
	ForecastTypes []string        `json:"forecast_types"` // effective, normalised
	Selector      *SeriesSelector `json:"selector,omitempty"`
	Auto          bool            `json:"auto,omitempty"` // the predictor is an auto predictor
}

// ForecastResult is what a forecast produced.
type ForecastResult struct {
	Prefix  string `json:"prefix"` // key prefix of the forecast files; holds manifest.json
	Series  int    `json:"series"`
	Skipped int    `json:"skipped,omitempty"`
}

// ForecastExportSpec is what CreateForecastExportJob asked for.
type ForecastExportSpec struct {
	Forecast    string   `json:"forecast"`
	Destination Location `json:"destination"`
	Format      string   `json:"format,omitempty"`
}
