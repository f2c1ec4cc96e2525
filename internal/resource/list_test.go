package resource_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/almanac-forecast/almanac/internal/resource"
)

func is(key, value string) resource.KeyFilter { return resource.KeyFilter{Key: key, Value: value} }

func isNot(key, value string) resource.KeyFilter {
	return resource.KeyFilter{Key: key, Not: true, Value: value}
}

func TestListImportJobs(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t)
	a, b := e.dataset("a", targetSpec()), e.dataset("b", targetSpec())
	var newest []string
	for i := range 7 { // a0 a1 a2 ... on a; every third fails; b gets one in the middle
		job := e.importJob(fmt.Sprintf("a%d", i), a)
		if i%3 == 0 {
			e.begin(job)
			e.fail(job, "no")
		} else {
			e.finish(job, resource.ImportJobResult{})
		}
		newest = append([]string{fmt.Sprintf("a%d", i)}, newest...)
		if i == 3 {
			e.importJob("b", b)
			newest = append([]string{"b"}, newest...)
		}
	}
	foreign := resource.Caller{Partition: "aws", Account: account, Region: "us-east-1"}
	fds, err := e.CreateDataset(ctx, foreign, "a", targetSpec(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.CreateImportJob(ctx, foreign, "far", importSpec(fds), nil); err != nil {
		t.Fatal(err)
	}

	all := func(limit int, filters ...resource.KeyFilter) []string {
		t.Helper()
		out := []string{}
		req := resource.ListRequest{Kind: resource.KindImportJob, Filters: filters, Limit: limit}
		for pages := 0; ; pages++ {
			page, err := e.List(ctx, me, req)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Rows) > limit && limit > 0 {
				t.Fatalf("a page of %d, want at most %d", len(page.Rows), limit)
			}
			out = append(out, names(page.Rows)...)
			if page.Next == nil {
				return out
			}
			if len(page.Rows) == 0 || pages > 20 {
				t.Fatal("an empty page leads on")
			}
			req.After = page.Next
		}
	}
	only := func(keep func(string) bool) []string {
		out := []string{}
		for _, n := range newest {
			if keep(n) {
				out = append(out, n)
			}
		}
		return out
	}
	onA := func(n string) bool { return n != "b" }
	failed := func(n string) bool { return n == "a0" || n == "a3" || n == "a6" }
	for _, tt := range []struct {
		name    string
		filters []resource.KeyFilter
		want    []string
	}{
		{"all", nil, newest},
		{"dataset", []resource.KeyFilter{is("DatasetArn", a)}, only(onA)},
		{"not the dataset", []resource.KeyFilter{isNot("DatasetArn", a)}, []string{"b"}},
		{"status", []resource.KeyFilter{is("Status", "CREATE_FAILED")}, only(failed)},
		{"not the status", []resource.KeyFilter{isNot("Status", "CREATE_FAILED")}, only(func(n string) bool { return !failed(n) })},
		{"both", []resource.KeyFilter{is("DatasetArn", a), is("Status", "ACTIVE")}, only(func(n string) bool { return onA(n) && !failed(n) })},
		{"both negated", []resource.KeyFilter{isNot("DatasetArn", a), isNot("Status", "ACTIVE")}, []string{"b"}},
		{"key twice", []resource.KeyFilter{is("Status", "ACTIVE"), is("Status", "CREATE_FAILED")}, []string{}},
		{"key twice negated", []resource.KeyFilter{isNot("Status", "ACTIVE"), isNot("Status", "CREATE_FAILED")}, []string{"b"}},
		{"dataset twice", []resource.KeyFilter{is("DatasetArn", a), is("DatasetArn", b)}, []string{}},
		{"unknown status", []resource.KeyFilter{is("Status", "SLEEPING")}, []string{}},
		{"not an unknown status", []resource.KeyFilter{isNot("Status", "SLEEPING")}, newest},
		{"case matters", []resource.KeyFilter{is("Status", "active")}, []string{}},
		{"no ARN", []resource.KeyFilter{is("DatasetArn", "banana")}, []string{}},
		{"not no ARN", []resource.KeyFilter{isNot("DatasetArn", "banana")}, newest},
		{"dataset elsewhere", []resource.KeyFilter{is("DatasetArn", fds)}, []string{}},
		{"part of the ARN", []resource.KeyFilter{is("DatasetArn", a[:len(a)-1])}, []string{}},
	} {
		for _, limit := range []int{0, 1, 2, 3, 7, 8, 100} {
			sameStrings(t, fmt.Sprintf("%s in pages of %d", tt.name, limit), all(limit, tt.filters...), tt.want)
		}
	}

	// Rows that come and go between pages are neither doubled nor do they hide others.
	page, err := e.List(ctx, me, resource.ListRequest{Kind: resource.KindImportJob, Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	last := page.Rows[2].ARN
	if err := e.Delete(ctx, me, "DatasetImportJobArn", last, resource.KindImportJob); err != nil {
		t.Fatal(err)
	}
	e.purge(last)
	e.importJob("later", a)
	rest, err := e.List(ctx, me, resource.ListRequest{Kind: resource.KindImportJob, After: page.Next})
	if err != nil {
		t.Fatal(err)
	}
	sameStrings(t, "the rest", names(rest.Rows), newest[3:])
}

// Resources made in the same microsecond are ordered by their ARNs.
func TestListTies(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t, func(c *resource.Config) { c.Clock = &frozen{} })
	wanted := []string{}
	for _, n := range []string{"b", "e", "a", "d", "c"} {
		e.dataset(n, targetSpec())
		wanted = append(wanted, n)
	}
	slices.Sort(wanted)
	slices.Reverse(wanted)
	got := []string{}
	for after := (*resource.Cursor)(nil); ; {
		page, err := e.List(ctx, me, resource.ListRequest{Kind: resource.KindDataset, Limit: 2, After: after})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, names(page.Rows)...)
		if after = page.Next; after == nil {
			break
		}
	}
	sameStrings(t, "order", got, wanted)
}

func TestListKeys(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := newChain(t)
	type keys = []string
	for kind, valid := range map[resource.Kind]keys{
		resource.KindDataset:              {},
		resource.KindDatasetGroup:         {},
		resource.KindImportJob:            {"DatasetArn", "Status"},
		resource.KindPredictor:            {"DatasetGroupArn", "Status"},
		resource.KindBacktestExport:       {"PredictorArn", "Status"},
		resource.KindForecast:             {"DatasetGroupArn", "PredictorArn", "Status"},
		resource.KindForecastExport:       {"ForecastArn", "Status"},
		resource.KindExplainability:       {"ResourceArn", "Status"},
		resource.KindExplainabilityExport: {"ResourceArn", "Status", "ExplainabilityArn"},
		resource.KindMonitor:              {"Status", "ResourceArn"},
		resource.KindWhatIfAnalysis:       {"WhatIfAnalysisArn", "Status", "ForecastArn"},
		resource.KindWhatIfForecast:       {"WhatIfForecastArn", "Status", "WhatIfAnalysisArn"},
		resource.KindWhatIfForecastExport: {"WhatIfForecastExportArn", "Status", "WhatIfForecastArn"},
	} {
		for _, key := range []string{"DatasetArn", "DatasetGroupArn", "PredictorArn", "ForecastArn", "ResourceArn", "ExplainabilityArn", "WhatIfAnalysisArn", "WhatIfForecastArn", "WhatIfForecastExportArn", "Status", "status", "Name"} {
			_, err := c.List(ctx, me, resource.ListRequest{Kind: kind, Filters: []resource.KeyFilter{is(key, "x")}})
			if slices.Contains(valid, key) {
				if err != nil {
					t.Errorf("%s by %s: %v", kind, key, err)
				}
				continue
			}
			want(t, err, resource.InvalidInput, append([]string{"'" + key + "'"}, valid...)...)
		}
	}
	for _, tt := range []struct {
		kind   resource.Kind
		filter resource.KeyFilter
		want   []string
	}{
		{resource.KindPredictor, is("DatasetGroupArn", c.group), []string{"p"}},
		{resource.KindPredictor, isNot("DatasetGroupArn", c.group), []string{}},
		{resource.KindPredictor, isNot("DatasetGroupArn", "no ARN"), []string{"p"}},
		{resource.KindPredictor, isNot("DatasetGroupArn", c.group+"x"), []string{"p"}},
		{resource.KindForecast, is("DatasetGroupArn", c.group), []string{"f"}},
		{resource.KindForecast, is("PredictorArn", c.predictor), []string{"f"}},
		{resource.KindForecast, is("PredictorArn", c.group), []string{}},
		{resource.KindForecastExport, is("ForecastArn", c.forecast), []string{"x"}},
		{resource.KindForecastExport, is("Status", "ACTIVE"), []string{"x"}},
		{resource.KindMonitor, is("Status", "ACTIVE"), []string{}},
	} {
		page, err := c.List(ctx, me, resource.ListRequest{Kind: tt.kind, Filters: []resource.KeyFilter{tt.filter}})
		if err != nil {
			t.Fatal(err)
		}
		sameStrings(t, fmt.Sprint(tt.kind, tt.filter), names(page.Rows), tt.want)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t)
	arn := e.ok(e.CreateDataset(ctx, me, "d", targetSpec(), []resource.Tag{{Key: "b", Value: "1"}, {Key: "a", Value: ""}}))
	check := func(want ...resource.Tag) {
		t.Helper()
		got, err := e.Tags(ctx, me, arn)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	check(resource.Tag{Key: "a"}, resource.Tag{Key: "b", Value: "1"})
	if err := e.Tag(ctx, me, arn, []resource.Tag{{Key: "b", Value: "2"}, {Key: "c", Value: "3"}}); err != nil {
		t.Fatal(err)
	}
	check(resource.Tag{Key: "a"}, resource.Tag{Key: "b", Value: "2"}, resource.Tag{Key: "c", Value: "3"})
	if err := e.Untag(ctx, me, arn, []string{"a", "nope", "B"}); err != nil {
		t.Fatal(err)
	}
	check(resource.Tag{Key: "b", Value: "2"}, resource.Tag{Key: "c", Value: "3"})
	modified := e.row(arn).Modified
	if !modified.Equal(e.row(arn).Created) {
		t.Error("tags are no modification")
	}

	many := make([]resource.Tag, 48)
	for i := range many {
		many[i] = resource.Tag{Key: fmt.Sprintf("t%02d", i)}
	}
	if err := e.Tag(ctx, me, arn, many); err != nil {
		t.Fatal(err)
	}
	want(t, e.Tag(ctx, me, arn, []resource.Tag{{Key: "one more"}}), resource.LimitExceeded, "50", "51")
	if err := e.Tag(ctx, me, arn, many[:3]); err != nil {
		t.Errorf("overwriting at the limit: %v", err)
	}
	_, err := e.CreateDataset(ctx, me, "e", targetSpec(), slices.Concat(many, []resource.Tag{{Key: "x"}, {Key: "y"}, {Key: "z"}}))
	want(t, err, resource.LimitExceeded, "50", "51")
	want(t, e.Tag(ctx, me, arn, []resource.Tag{{Key: "Aws:x"}}), resource.InvalidInput, "Aws:x")
	want(t, e.Tag(ctx, me, arn, []resource.Tag{{Key: "x"}, {Key: "x"}}), resource.InvalidInput, "more than once")

	missing := prefix + "monitor/m_1"
	want(t, e.Tag(ctx, me, missing, nil), resource.NotFound, "No resource found "+missing)
	want(t, e.Untag(ctx, me, missing, nil), resource.NotFound)
	_, err = e.Tags(ctx, me, missing)
	want(t, err, resource.NotFound)
	algorithm := "arn:aws:forecast:::algorithm/ETS"
	want(t, e.Tag(ctx, me, algorithm, nil), resource.InvalidInput, "algorithm")
	want(t, e.Untag(ctx, me, algorithm, nil), resource.InvalidInput)
	_, err = e.Tags(ctx, me, algorithm)
	want(t, err, resource.InvalidInput)
	_, err = e.Tags(ctx, me, "arn:aws:forecast:x:y:z")
	want(t, err, resource.InvalidInput)

	if err := e.Delete(ctx, me, "DatasetArn", arn, resource.KindDataset); err != nil {
		t.Fatal(err)
	}
	e.purge(arn)
	arn = e.dataset("d", targetSpec()) // the name is free and the tags are gone
	check()
}
