// Package resource is the domain: the kinds of things the service keeps, their
// names, ARNs, states, parents and rules. It declares the [Store] it needs and
// knows neither the protocol in front of it nor the database and the workers
// behind it.
//
// One Create call writes the row and enqueues its task in one transaction, so
// nothing acknowledged is ever lost and nothing runs that was not acknowledged.
package resource

import "time"

// Kind says what a resource is. Its text is the type part of the ARN.
type Kind string

// The kinds of resources (contract 2.1).
const (
	KindDataset              Kind = "dataset"
	KindDatasetGroup         Kind = "dataset-group"
	KindImportJob            Kind = "dataset-import-job"
	KindPredictor            Kind = "predictor"
	KindBacktestExport       Kind = "predictor-backtest-export-job"
	KindForecast             Kind = "forecast"
	KindForecastExport       Kind = "forecast-export-job"
	KindExplainability       Kind = "explainability"
	KindExplainabilityExport Kind = "explainability-export"
	KindMonitor              Kind = "monitor"
	KindWhatIfAnalysis       Kind = "what-if-analysis"
	KindWhatIfForecast       Kind = "what-if-forecast"
	KindWhatIfForecastExport Kind = "what-if-forecast-export"
)

// Row is one resource as a [Store] keeps it. What is special to a kind stands
// in Spec (what the caller asked for, never changed by a worker) and in Result
// (what the work produced), both JSON of the types in spec.go.
type Row struct {
	ARN     string
	Kind    Kind
	Account string
	Region  string
	Name    string // as given by the caller
	Scope   string // names are unique per account, region, kind and scope, without case; "" or the ARN of the parent (contract 2.2)
	Parent  string // ARN of the parent in the tree of contract 2.3, "" for a root
	Group   string // ARN of the dataset group it belongs to, "" for datasets, groups and import jobs
	Status  Status
	Message string
	Created time.Time // UTC, microseconds
	// Modified is the time of the last change of state. What a caller sees as
	// LastModificationTime is derived from it and the state (contract 2.5).
	Modified time.Time
	// RemainingMinutes is the estimate of a running job, nil when none is known.
	RemainingMinutes *int64
	Spec             string
	Result           string
}

// Tag is a label of a resource.
type Tag struct{ Key, Value string }

// Caller is who asks: the owner of the access key that signed the request and
// the region of its credential scope.
type Caller struct {
	Partition string // "aws", "aws-cn", "aws-us-gov"
	Account   string // 12 digits
	Region    string
	AccessKey string
}
