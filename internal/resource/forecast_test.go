package resource_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/resource"
)

func TestCreateForecast(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t)
	withStores := targetSpec()
	withStores.Attributes = append(withStores.Attributes, attributes("store:string")...)
	group := e.filledGroup("g", withStores)
	req := etsRequest("p", group)
	req.ForecastTypes, req.Dimensions = []string{"0.2", "mean"}, []string{"store"}
	p := e.ok(e.CreatePredictor(ctx, me, req))
	ask := func(name string, change func(*resource.ForecastRequest)) (string, error) {
		r := resource.ForecastRequest{Name: name, Predictor: p}
		if change != nil {
			change(&r)
		}
		return e.CreateForecast(ctx, me, r)
	}
	_, err := ask("f", nil)
	want(t, err, resource.InUse, p, "CREATE_PENDING")
	e.finish(p, resource.PredictorResult{})

	f := e.ok(ask("f", nil))
	if f != prefix+"forecast/f" {
		t.Errorf("got the ARN %s", f)
	}
	spec, err := resource.DecodeSpec[resource.ForecastSpec](e.row(f))
	if diff := cmp.Diff(resource.ForecastSpec{Predictor: p, ForecastTypes: []string{"0.2", "mean"}}, spec); diff != "" || err != nil {
		t.Errorf("spec (want, got):\n%s %v", diff, err)
	}
	if row := e.row(f); row.Parent != p || row.Group != group {
		t.Errorf("got %+v", row)
	}
	_, err = ask("f", nil)
	want(t, err, resource.AlreadyExists, "A forecast already exists with the arn: "+f)

	selector := func(s resource.SelectorRequest) func(*resource.ForecastRequest) {
		return func(r *resource.ForecastRequest) { r.Selector = &s }
	}
	source := &resource.Location{Path: "s3://b/list.csv", RoleARN: role}
	full := attributes("item_id:string store:string")
	for name, tt := range map[string]struct {
		change func(*resource.ForecastRequest)
		kind   resource.ErrorKind
		words  []string
	}{
		"types": {func(r *resource.ForecastRequest) { r.ForecastTypes = []string{"0.75", "0.05"} }, "", nil},
		"six types": {func(r *resource.ForecastRequest) {
			r.ForecastTypes = []string{"0.1", "0.2", "0.3", "0.4", "0.5", "0.6"}
		}, resource.InvalidInput, []string{"6"}},
		"selector":    {selector(resource.SelectorRequest{Source: source, Attributes: full, Format: "CSV"}), "", nil},
		"no source":   {selector(resource.SelectorRequest{Attributes: full}), resource.InvalidInput, []string{"DataSource"}},
		"no schema":   {selector(resource.SelectorRequest{Source: source}), resource.InvalidInput, []string{"Schema"}},
		"less":        {selector(resource.SelectorRequest{Source: source, Attributes: full[:1]}), resource.InvalidInput, []string{"'store'"}},
		"more":        {selector(resource.SelectorRequest{Source: source, Attributes: attributes("item_id:string store:string city:string")}), resource.InvalidInput, []string{"'city'"}},
		"twice":       {selector(resource.SelectorRequest{Source: source, Attributes: attributes("item_id:string store:string store:string")}), resource.InvalidInput, []string{"'store'"}},
		"format":      {selector(resource.SelectorRequest{Source: source, Attributes: full, Format: "XLS"}), resource.InvalidInput, []string{"XLS"}},
		"role":        {selector(resource.SelectorRequest{Source: &resource.Location{RoleARN: "me"}, Attributes: full}), resource.InvalidInput, []string{"RoleArn"}},
		"no p":        {func(r *resource.ForecastRequest) { r.Predictor = prefix + "predictor/nope" }, resource.NotFound, nil},
		"a group":     {func(r *resource.ForecastRequest) { r.Predictor = group }, resource.InvalidInput, []string{"a predictor"}},
		"tags":        {func(r *resource.ForecastRequest) { r.Tags = []resource.Tag{{Key: "aws:a"}} }, resource.InvalidInput, []string{"aws:a"}},
		"tagged well": {func(r *resource.ForecastRequest) { r.Tags = []resource.Tag{{Key: "a", Value: "b"}} }, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			arn, err := ask("f_"+string(name[0])+string(name[len(name)-1]), tt.change)
			if tt.kind != "" {
				want(t, err, tt.kind, tt.words...)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			e.status(arn, resource.CreatePending)
		})
	}

	job := e.importJob("again", prefix+"dataset/g_a")
	_, err = ask("late", nil)
	want(t, err, resource.InUse, prefix+"dataset/g_a", "UPDATE_PENDING")
	e.fail(job, "no")

	bad := e.ok(e.CreatePredictor(ctx, me, etsRequest("bad", group)))
	e.fail(bad, "no")
	_, err = ask("late", func(r *resource.ForecastRequest) { r.Predictor = bad })
	want(t, err, resource.InvalidInput, bad, "CREATE_FAILED")
	_, err = ask("f", func(r *resource.ForecastRequest) { r.Predictor = bad })
	want(t, err, resource.InvalidInput) // before the name
}

func TestForecastExport(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t)
	p := e.predictor("p", e.filledGroup("g", targetSpec()))
	f := e.ok(e.CreateForecast(ctx, me, resource.ForecastRequest{Name: "f", Predictor: p}))
	_, err := e.CreateForecastExport(ctx, me, "x", exportSpec(f), nil)
	want(t, err, resource.InUse, f, "CREATE_PENDING")
	e.finish(f, resource.ForecastResult{})
	x := e.export("x", f)
	if x != prefix+"forecast-export-job/f/x" {
		t.Errorf("got the ARN %s", x)
	}
	_, err = e.CreateForecastExport(ctx, me, "x", exportSpec(f), nil)
	want(t, err, resource.AlreadyExists, "A forecast export job already exists with the arn: "+x)
	other := e.forecast("other", p)
	if got := e.export("x", other); got != prefix+"forecast-export-job/other/x" {
		t.Errorf("a name of another forecast: got %s", got)
	}
	bad := exportSpec(f)
	bad.Format = "parquet"
	_, err = e.CreateForecastExport(ctx, me, "y", bad, nil)
	want(t, err, resource.InvalidInput, "'parquet'")
	bad = exportSpec(f)
	bad.Destination.RoleARN = "arn:aws:iam::1:role/x"
	_, err = e.CreateForecastExport(ctx, me, "y", bad, nil)
	want(t, err, resource.InvalidInput, "Destination.S3Config.RoleArn")
	_, err = e.CreateForecastExport(ctx, me, "y", exportSpec(prefix+"forecast/nope"), nil)
	want(t, err, resource.NotFound)
	_, err = e.CreateForecastExport(ctx, me, "y", exportSpec(p), nil)
	want(t, err, resource.InvalidInput, "a forecast")
	failed := e.ok(e.CreateForecast(ctx, me, resource.ForecastRequest{Name: "failed", Predictor: p}))
	e.fail(failed, "no")
	_, err = e.CreateForecastExport(ctx, me, "y", exportSpec(failed), nil)
	want(t, err, resource.InvalidInput, "CREATE_FAILED")
}

func TestQuery(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t)
	spec := resource.DatasetSpec{Domain: "METRICS", Type: resource.TargetTimeSeries, Frequency: "D", Attributes: attributes("metric_name:string timestamp:timestamp metric_value:float node:string rack:string")}
	ds := e.filled("m", spec)
	group := e.ok(e.CreateDatasetGroup(ctx, me, "g", resource.DatasetGroupSpec{Domain: "METRICS", Datasets: []string{ds}}, nil))
	req := etsRequest("p", group)
	req.Dimensions = []string{"node"}
	p := e.ok(e.CreatePredictor(ctx, me, req))
	e.finish(p, resource.PredictorResult{})
	f := e.ok(e.CreateForecast(ctx, me, resource.ForecastRequest{Name: "f", Predictor: p}))
	good := map[string]string{"metric_name": "CPU", "node": "Web-1"}
	_, err := e.Query(ctx, me, f, good, "", "")
	want(t, err, resource.InUse, f)
	e.finish(f, resource.ForecastResult{Prefix: "x"})

	day := time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		start, end string
		from, to   *time.Time
	}{
		{"", "", nil, nil},
		{"2024-01-02T00:00:00", "2024-01-02T03:04:05Z", &day, new(time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC))},
		{"2024-01-02", "", &day, nil},
		{"", "2024-01-02T00:00:00.000Z", nil, &day},
	} {
		q, err := e.Query(ctx, me, f, good, tt.start, tt.end)
		if err != nil {
			t.Errorf("%q to %q: %v", tt.start, tt.end, err)
			continue
		}
		if diff := cmp.Diff(map[string]string{"metric_name": "cpu", "node": "web-1"}, q.Key); diff != "" {
			t.Errorf("key:\n%s", diff)
		}
		if diff := cmp.Diff([]*time.Time{tt.from, tt.to}, []*time.Time{q.Start, q.End}); diff != "" {
			t.Errorf("%q to %q:\n%s", tt.start, tt.end, diff)
		}
	}
	for _, tt := range []struct {
		filters    map[string]string
		start, end string
		words      []string
	}{
		{map[string]string{"metric_name": "a"}, "", "", []string{"'node'", "missing"}},
		{map[string]string{"node": "a"}, "", "", []string{"'metric_name'"}},
		{map[string]string{"metric_name": "a", "node": "b", "rack": "c"}, "", "", []string{"'rack'", "metric_name, node"}},
		{map[string]string{"item_id": "a", "node": "b"}, "", "", []string{"'item_id'"}},
		{good, "yesterday", "", []string{"StartDate", "yesterday"}},
		{good, "", "2024-13-01T00:00:00", []string{"EndDate"}},
		{good, "2024-01-02T00:00:01", "2024-01-02T00:00:00", []string{"after"}},
	} {
		_, err := e.Query(ctx, me, f, tt.filters, tt.start, tt.end)
		want(t, err, resource.InvalidInput, tt.words...)
	}
	_, err = e.Query(ctx, me, prefix+"forecast/nope", good, "", "")
	want(t, err, resource.NotFound)
	_, err = e.Query(ctx, me, p, good, "", "")
	want(t, err, resource.InvalidInput, "a forecast")
	failed := e.ok(e.CreateForecast(ctx, me, resource.ForecastRequest{Name: "failed", Predictor: p}))
	e.fail(failed, "no")
	_, err = e.Query(ctx, me, failed, good, "", "")
	want(t, err, resource.InvalidInput, "CREATE_FAILED")
}

// TestQueryAfterDelete: what one server remembers of a forecast must not outlive
// it, whichever server deleted it, and must not pass to a later one of its name.
func TestQueryAfterDelete(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t)
	other := resource.NewService(resource.Config{Store: e.store, Clock: e.clock})
	spec := resource.DatasetSpec{Domain: "METRICS", Type: resource.TargetTimeSeries, Frequency: "D", Attributes: attributes("metric_name:string timestamp:timestamp metric_value:float node:string")}
	group := e.ok(e.CreateDatasetGroup(ctx, me, "g", resource.DatasetGroupSpec{Domain: "METRICS", Datasets: []string{e.filled("m", spec)}}, nil))
	forecast := func(predictor string, dimensions ...string) string {
		req := etsRequest(predictor, group)
		req.Dimensions = dimensions
		p := e.ok(e.CreatePredictor(ctx, me, req))
		e.finish(p, resource.PredictorResult{})
		f := e.ok(e.CreateForecast(ctx, me, resource.ForecastRequest{Name: "f", Predictor: p}))
		e.finish(f, resource.ForecastResult{Prefix: predictor})
		return f
	}
	both := func(f string, filters map[string]string, check func(q resource.SeriesQuery, err error)) {
		t.Helper()
		for _, s := range []*resource.Service{e.Service, other, e.Service, other} {
			check(s.Query(ctx, me, f, filters, "", ""))
		}
	}
	found := func(prefix string) func(resource.SeriesQuery, error) {
		return func(q resource.SeriesQuery, err error) {
			t.Helper()
			if err != nil || !strings.Contains(q.Forecast.Result, prefix) {
				t.Errorf("got %s, %v, want the forecast of %s", q.Forecast.Result, err, prefix)
			}
		}
	}
	fails := func(kind resource.ErrorKind) func(resource.SeriesQuery, error) {
		return func(_ resource.SeriesQuery, err error) {
			t.Helper()
			want(t, err, kind)
		}
	}
	byNode := map[string]string{"metric_name": "cpu", "node": "1"}
	f := forecast("p1", "node")
	both(f, byNode, found("p1"))
	if err := e.Delete(ctx, me, "ForecastArn", f, resource.KindForecast); err != nil {
		t.Fatal(err)
	}
	both(f, byNode, fails(resource.InUse))
	e.purge(f)
	both(f, byNode, fails(resource.NotFound))
	if again := forecast("p2"); again != f {
		t.Fatalf("the second forecast is %s, want %s again", again, f)
	}
	both(f, byNode, fails(resource.InvalidInput))
	both(f, map[string]string{"metric_name": "cpu"}, found("p2"))
}
