package resource_test

import (
	"testing"

	"github.com/almanac-forecast/almanac/internal/resource"
)

// What this version cannot make is checked as if it could, and refused last.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t)
	rich, plain := e.filledGroup("rich", targetSpec(), relatedSpec()), e.filledGroup("plain", targetSpec())
	auto := func(name, group string) string {
		arn := e.ok(e.CreateAutoPredictor(ctx, me, autoRequest(name, group)))
		e.finish(arn, resource.PredictorResult{})
		return arn
	}
	good, poor, legacy := auto("good", rich), auto("poor", plain), e.predictor("legacy", rich)
	running := e.ok(e.CreateAutoPredictor(ctx, me, autoRequest("running", rich)))
	failed := e.ok(e.CreateAutoPredictor(ctx, me, autoRequest("failed", rich)))
	e.fail(failed, "no")
	forecast, poorForecast, legacyForecast := e.forecast("f", good), e.forecast("poor", poor), e.forecast("legacy", legacy)
	early := e.ok(e.CreateForecast(ctx, me, resource.ForecastRequest{Name: "early", Predictor: good}))
	here := resource.Location{Path: "s3://b/x", RoleARN: role}
	bucket := &here
	nobody := resource.Location{Path: "s3://b/x", RoleARN: "nobody"}
	list := attributes("item_id:string")
	const last = "is not available in this version of Almanac yet; see docs/divergences.md"
	const ii, nf, iu = resource.InvalidInput, resource.NotFound, resource.InUse

	backtest := func(p string, l resource.Location, format string) error {
		return e.CreateBacktestExport(ctx, me, p, l, format, nil)
	}
	want(t, backtest(legacy, here, "CSV"), ii, "CreatePredictorBacktestExportJob "+last)
	want(t, backtest(forecast, here, ""), ii, "a predictor")
	want(t, backtest(prefix+"predictor/nope", here, ""), nf)
	want(t, backtest(prefix+"predictor/nope", nobody, ""), ii, "nobody")
	want(t, backtest(legacy, here, "X"), ii, "'X'")
	want(t, backtest(running, here, ""), iu, running)
	want(t, backtest(failed, here, ""), ii, failed)

	monitor := func(p string) error { return e.CreateMonitor(ctx, me, p, nil) }
	want(t, monitor(good), ii, "CreateMonitor "+last)
	want(t, monitor(legacy), ii, "CreatePredictor")
	want(t, monitor(rich), ii, "a predictor")
	want(t, monitor(prefix+"predictor/nope"), nf)
	want(t, monitor(running), iu)

	explain := func(r resource.ExplainabilityRequest) error {
		if r.Series == "" {
			r.Series = "ALL"
		}
		if r.Points == "" {
			r.Points = "ALL"
		}
		return e.CreateExplainability(ctx, me, r)
	}
	type X = resource.ExplainabilityRequest
	for _, x := range []struct {
		req  X
		kind resource.ErrorKind
		word string
	}{
		{X{Resource: good}, ii, last},
		{X{Resource: forecast}, ii, last},
		{X{Resource: forecast, Series: "SPECIFIC", Points: "SPECIFIC", Source: bucket, Attributes: list, Start: "2024-01-01T00:00:00", End: "2024-01-02T00:00:00"}, ii, last},
		{X{Resource: good, Series: "SPECIFIC", Source: bucket, Attributes: list}, ii, "SPECIFIC"},
		{X{Resource: good, Points: "SPECIFIC", Start: "2024-01-01T00:00:00", End: "2024-01-02T00:00:00"}, ii, "SPECIFIC"},
		{X{Resource: forecast, Series: "SPECIFIC"}, ii, "DataSource"},
		{X{Resource: forecast, Series: "SPECIFIC", Source: bucket}, ii, "Schema"},
		{X{Resource: forecast, Source: bucket}, ii, "leave them out"},
		{X{Resource: forecast, Points: "SPECIFIC", Start: "2024-01-01T00:00:00"}, ii, "EndDateTime"},
		{X{Resource: forecast, End: "2024-01-01T00:00:00"}, ii, "leave them out"},
		{X{Resource: forecast, Points: "SPECIFIC", Start: "2024-01-02T00:00:00", End: "2024-01-01T00:00:00"}, ii, "after"},
		{X{Resource: forecast, Points: "SPECIFIC", Start: "2024-02-30T00:00:00", End: "2024-03-01T00:00:00"}, ii, "StartDateTime"},
		{X{Resource: forecast, Series: "SPECIFIC", Source: &nobody, Attributes: list}, ii, "nobody"},
		{X{Resource: poor}, ii, "neither"},
		{X{Resource: poorForecast}, ii, "neither"},
		{X{Resource: legacy}, ii, "CreatePredictor"},
		{X{Resource: legacyForecast}, ii, "CreatePredictor"},
		{X{Resource: running}, iu, "CREATE_PENDING"},
		{X{Resource: failed}, ii, "CREATE_FAILED"},
		{X{Resource: rich}, ii, "a predictor or a forecast"},
		{X{Resource: prefix + "forecast/nope"}, nf, ""},
	} {
		want(t, explain(x.req), x.kind, x.word)
	}
	want(t, e.CreateExplainabilityExport(ctx, me, prefix+"explainability/x", here, "", nil), nf)
	want(t, e.CreateExplainabilityExport(ctx, me, good, here, "", nil), ii, "an explainability")

	analysis := func(f string, sel *resource.SelectorRequest) error {
		return e.CreateWhatIfAnalysis(ctx, me, f, sel, nil)
	}
	want(t, analysis(forecast, nil), ii, last)
	want(t, analysis(forecast, &resource.SelectorRequest{Source: bucket, Attributes: list}), ii, last)
	want(t, analysis(forecast, &resource.SelectorRequest{Source: bucket, Attributes: attributes("sku:string")}), ii, "'sku'")
	want(t, analysis(forecast, &resource.SelectorRequest{}), ii, "DataSource")
	want(t, analysis(poorForecast, nil), ii, "RELATED_TIME_SERIES")
	want(t, analysis(legacyForecast, nil), ii, "CreatePredictor")
	want(t, analysis(early, nil), iu, early)
	want(t, analysis(good, nil), ii, "a forecast")
	want(t, analysis(prefix+"forecast/nope", nil), nf)

	none := prefix + "what-if-analysis/f/a_1"
	change := []resource.Transformation{{Attribute: "price", Operation: "MULTIPLY", Value: 0}}
	replace := &resource.Replacement{Source: here, Attributes: list}
	for _, x := range []struct {
		req  resource.WhatIfForecastRequest
		kind resource.ErrorKind
		word string
	}{
		{resource.WhatIfForecastRequest{Analysis: none, Transformations: change}, nf, none},
		{resource.WhatIfForecastRequest{Analysis: none, Replacement: replace}, nf, none},
		{resource.WhatIfForecastRequest{Analysis: none}, ii, "missing"},
		{resource.WhatIfForecastRequest{Analysis: none, Transformations: change, Replacement: replace}, ii, "exclude"},
		{resource.WhatIfForecastRequest{Analysis: none, Transformations: []resource.Transformation{{Attribute: "price", Operation: "DIVIDE"}}}, ii, "divides by 0"},
		{resource.WhatIfForecastRequest{Analysis: none, Transformations: []resource.Transformation{{}}}, ii, "Action"},
		{resource.WhatIfForecastRequest{Analysis: none, Replacement: &resource.Replacement{Source: here}}, ii, "Attributes"},
		{resource.WhatIfForecastRequest{Analysis: none, Replacement: &resource.Replacement{Source: nobody, Attributes: list}}, ii, "nobody"},
		{resource.WhatIfForecastRequest{Analysis: forecast, Transformations: change}, ii, "a what-if analysis"},
	} {
		want(t, e.CreateWhatIfForecast(ctx, me, x.req), x.kind, x.word)
	}
	want(t, e.CreateWhatIfForecastExport(ctx, me, []string{prefix + "what-if-forecast/f/a/w_1"}, here, "", nil), nf)
	want(t, e.CreateWhatIfForecastExport(ctx, me, []string{forecast}, here, "", nil), ii, "a what-if forecast")
}
