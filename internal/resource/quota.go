package resource

import (
	"context"
	"fmt"
)

// Quotas limits what one account may have in one region. The zero value of a
// field, or a kind that is not listed, is no limit.
type Quotas struct {
	Parallel     map[Kind]int // resources in CREATE_PENDING or CREATE_IN_PROGRESS
	ParallelAuto int          // the same for auto predictors, which are counted apart
	Total        map[Kind]int
	TotalAuto    int
	StopsPerKind int
}

// maxTags is the number of tags a resource may have; it always holds.
const maxTags = 50

// AWSQuotas returns the defaults of the original service (contract 2.10).
func AWSQuotas() Quotas {
	return Quotas{
		Parallel: map[Kind]int{
			KindImportJob: 3, KindPredictor: 3, KindBacktestExport: 3, KindForecast: 3, KindForecastExport: 3,
			KindExplainability: 3, KindExplainabilityExport: 3, KindWhatIfAnalysis: 3, KindWhatIfForecast: 3, KindWhatIfForecastExport: 3,
		},
		ParallelAuto: 3,
		Total: map[Kind]int{
			KindDataset: 1500, KindDatasetGroup: 500, KindImportJob: 1000, KindPredictor: 500, KindBacktestExport: 1000,
			KindForecast: 100, KindForecastExport: 1000, KindExplainability: 1000, KindExplainabilityExport: 1000,
			KindWhatIfAnalysis: 500, KindWhatIfForecast: 100, KindWhatIfForecastExport: 1000,
		},
		TotalAuto:    500,
		StopsPerKind: 3,
	}
}

// QuotasNamed returns the quotas of a preset: "none" or "aws".
func QuotasNamed(name string) (Quotas, error) {
	switch name {
	case "", "none":
		return Quotas{}, nil
	case "aws":
		return AWSQuotas(), nil
	default:
		return Quotas{}, fmt.Errorf("unknown quotas %q: use none or aws", name)
	}
}

// check returns LimitExceeded when one more resource of the kind is too many.
func (q Quotas) check(ctx context.Context, r Reader, c Caller, kind Kind) error {
	if limit := q.Parallel[kind]; limit > 0 {
		n, err := r.Count(ctx, c.Account, c.Region, kind, CreatePending, CreateInProgress)
		if err != nil {
			return fmt.Errorf("count the %s being created: %w", kind.Plural(), err)
		}
		if n >= limit {
			return tooManyAtOnce(limit, kind.Plural())
		}
	}
	if limit := q.Total[kind]; limit > 0 {
		n, err := r.Count(ctx, c.Account, c.Region, kind)
		if err != nil {
			return fmt.Errorf("count the %s: %w", kind.Plural(), err)
		}
		if n >= limit {
			return tooMany(limit, kind)
		}
	}
	return nil
}

// checkPredictors is check for predictors, of which the two sorts are counted apart.
func (q Quotas) checkPredictors(ctx context.Context, r Reader, c Caller, auto bool) error {
	parallel, total, plural := q.Parallel[KindPredictor], q.Total[KindPredictor], KindPredictor.Plural()
	if auto {
		parallel, total, plural = q.ParallelAuto, q.TotalAuto, "auto predictors"
	}
	if parallel == 0 && total == 0 {
		return nil
	}
	rows, err := r.Find(ctx, Query{Account: c.Account, Region: c.Region, Kind: KindPredictor})
	if err != nil {
		return fmt.Errorf("count the %s: %w", plural, err)
	}
	var running, all int
	for _, row := range rows {
		spec, err := DecodeSpec[PredictorSpec](row)
		if err != nil {
			return err
		}
		if spec.Auto != auto {
			continue
		}
		all++
		if row.Status == CreatePending || row.Status == CreateInProgress {
			running++
		}
	}
	if parallel > 0 && running >= parallel {
		return tooManyAtOnce(parallel, plural)
	}
	if total > 0 && all >= total {
		return Errorf(LimitExceeded, "Quota limit of %d %s has been reached", total, plural)
	}
	return nil
}

// The texts are recorded; clients look for "concurrently" and "dataset import jobs" in them.

func tooManyAtOnce(limit int, plural string) *Error {
	return Errorf(LimitExceeded, "Quota limit of %d concurrently creating %s has been reached", limit, plural)
}

func tooMany(limit int, kind Kind) *Error {
	if kind == KindForecastExport {
		return Errorf(LimitExceeded, "Quota limit of %d of total number of forecast exports has been reached", limit)
	}
	return Errorf(LimitExceeded, "Quota limit of %d %s has been reached", limit, kind.Plural())
}
