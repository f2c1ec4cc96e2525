package resource

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// DefaultPage is the number of resources a List returns when the caller does not say.
const DefaultPage = 100

// KeyFilter is one filter of a List request: Key IS (or IS_NOT) Value.
type KeyFilter struct {
	Key   string
	Not   bool
	Value string
}

// ListRequest asks for a page of the resources of a kind, newest first.
type ListRequest struct {
	Kind    Kind
	Filters []KeyFilter
	After   *Cursor
	Limit   int // 0: DefaultPage
}

// Page is one page of a List. Its rows are brief (see [Query]). Next is where the following one starts, nil on the last.
type Page struct {
	Rows []Row
	Next *Cursor
}

// filterKey says which column a filter key looks at.
type filterKey struct {
	key    string
	column Column
}

// filterKeys holds the keys of contract 1.8, documented ones first. Kinds
// without an entry take no filters.
var filterKeys = map[Kind][]filterKey{
	KindImportJob:            {{"DatasetArn", ColumnParent}, {"Status", ColumnStatus}},
	KindPredictor:            {{"DatasetGroupArn", ColumnGroup}, {"Status", ColumnStatus}},
	KindBacktestExport:       {{"PredictorArn", ColumnParent}, {"Status", ColumnStatus}},
	KindForecast:             {{"DatasetGroupArn", ColumnGroup}, {"PredictorArn", ColumnParent}, {"Status", ColumnStatus}},
	KindForecastExport:       {{"ForecastArn", ColumnParent}, {"Status", ColumnStatus}},
	KindExplainability:       {{"ResourceArn", ColumnParent}, {"Status", ColumnStatus}},
	KindExplainabilityExport: {{"ResourceArn", ColumnParent}, {"Status", ColumnStatus}, {"ExplainabilityArn", ColumnParent}},
	KindMonitor:              {{"Status", ColumnStatus}, {"ResourceArn", ColumnParent}},
	KindWhatIfAnalysis:       {{"WhatIfAnalysisArn", ColumnARN}, {"Status", ColumnStatus}, {"ForecastArn", ColumnParent}},
	KindWhatIfForecast:       {{"WhatIfForecastArn", ColumnARN}, {"Status", ColumnStatus}, {"WhatIfAnalysisArn", ColumnParent}},
	KindWhatIfForecastExport: {{"WhatIfForecastExportArn", ColumnARN}, {"Status", ColumnStatus}, {"WhatIfForecastArn", ColumnParent}},
}

// List returns a page of the caller's resources of a kind.
func (s *Service) List(ctx context.Context, c Caller, req ListRequest) (Page, error) {
	filters, err := columnFilters(c, req.Kind, req.Filters)
	if err != nil {
		return Page{}, err
	}
	limit := req.Limit
	if limit <= 0 {
		limit = DefaultPage
	}
	q := Query{
		Account: c.Account, Region: c.Region, Kind: req.Kind,
		Filters: filters, After: req.After, Limit: limit + 1, // one more tells whether there is a next page
		Brief: true,
	}
	var page Page
	err = s.store.View(ctx, func(r Reader) error {
		rows, err := r.Find(ctx, q)
		if err != nil {
			return fmt.Errorf("list %s: %w", req.Kind.Plural(), err)
		}
		page = Page{Rows: rows}
		if len(rows) > limit {
			page.Rows = rows[:limit]
			last := page.Rows[limit-1]
			page.Next = &Cursor{CreatedMicros: last.Created.UnixMicro(), ARN: last.ARN}
		}
		return nil
	})
	return page, err
}

// columnFilters turns the filters of a request into those of the store. To
// exclude what is no ARN of the caller's excludes nothing; what is one is long
// enough that a request cannot hold more than the databases take.
func columnFilters(c Caller, kind Kind, filters []KeyFilter) ([]Filter, error) {
	own := ":forecast:" + c.Region + ":" + c.Account + ":"
	keys := filterKeys[kind]
	var out []Filter
	for _, f := range filters {
		i := slices.IndexFunc(keys, func(k filterKey) bool { return k.key == f.Key })
		if i < 0 {
			return nil, unknownKey(kind, f.Key)
		}
		if f.Not && keys[i].column != ColumnStatus && !strings.Contains(f.Value, own) {
			continue
		}
		out = append(out, Filter{Column: keys[i].column, Not: f.Not, Value: f.Value})
	}
	return out, nil
}

func unknownKey(kind Kind, key string) *Error {
	if len(filterKeys[kind]) == 0 {
		return Errorf(InvalidInput, "The filter key '%s' is not valid: %s cannot be filtered", key, kind.Plural())
	}
	var names []string
	for _, k := range filterKeys[kind] {
		names = append(names, k.key)
	}
	return Errorf(InvalidInput, "The filter key '%s' is not valid. Valid keys for %s: %s", key, kind.Plural(), strings.Join(names, ", "))
}
