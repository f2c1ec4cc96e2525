package resource_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store/storetest" //nolint:depguard // the rules are tested on the real store
)

// ticking is a clock that goes one second on whenever it is asked.
type ticking struct {
	mu  sync.Mutex
	now time.Time
}

func (c *ticking) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Second)
	return c.now
}

func (*ticking) Wait(ctx context.Context, _ time.Duration) error { return context.Cause(ctx) }

const (
	account = "123456789012"
	region  = "eu-west-1"
	role    = "arn:aws:iam::123456789012:role/forecast"
	prefix  = "arn:aws:forecast:eu-west-1:123456789012:"
	key     = "arn:aws:kms:eu-west-1:123456789012:key/one"
)

var me = resource.Caller{Partition: "aws", Account: account, Region: region}

// env is a service over a real database.
type env struct {
	*resource.Service
	t     *testing.T
	ctx   context.Context
	store resource.Store
	clock *ticking
}

func newEnv(t *testing.T, options ...func(*resource.Config)) *env {
	t.Helper()
	db := storetest.Open(t)
	c := &ticking{now: time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)}
	cfg := resource.Config{Store: db, Clock: c}
	for _, o := range options {
		o(&cfg)
	}
	return &env{Service: resource.NewService(cfg), t: t, ctx: t.Context(), store: db, clock: c}
}

func withAWSQuotas(c *resource.Config) { c.Quotas = resource.AWSQuotas() }

// want checks that err is of a kind and its message holds the words.
func want(t *testing.T, err error, kind resource.ErrorKind, words ...string) {
	t.Helper()
	var e *resource.Error
	if !errors.As(err, &e) {
		t.Errorf("got %v, want %s", err, kind)
		return
	}
	if e.Kind != kind {
		t.Errorf("got %v, want %s", err, kind)
	}
	for _, w := range words {
		if !strings.Contains(e.Message, w) {
			t.Errorf("the message %q does not name %q", e.Message, w)
		}
	}
}

// ok fails the test on an error and returns the ARN.
func (e *env) ok(arn string, err error) string {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
	return arn
}

func (e *env) update(f func(ctx context.Context, tx resource.Tx) error) {
	e.t.Helper()
	if err := e.try(f); err != nil {
		e.t.Fatal(err)
	}
}

func (e *env) try(f func(ctx context.Context, tx resource.Tx) error) error {
	return e.store.Update(e.ctx, func(tx resource.Tx) error { return f(e.ctx, tx) })
}

// begin and finish play the worker.
func (e *env) begin(arn string) {
	e.t.Helper()
	e.update(func(ctx context.Context, tx resource.Tx) error {
		_, err := resource.Begin(ctx, tx, e.clock.Now(), arn)
		return err
	})
}

func (e *env) finish(arn string, result any) {
	e.t.Helper()
	e.begin(arn)
	e.update(func(ctx context.Context, tx resource.Tx) error {
		return resource.Activate(ctx, tx, e.clock.Now(), arn, result)
	})
}

func (e *env) fail(arn, message string) {
	e.t.Helper()
	e.update(func(ctx context.Context, tx resource.Tx) error {
		return resource.Fail(ctx, tx, e.clock.Now(), arn, message)
	})
}

// purge plays the worker that deletes, and returns what was freed.
func (e *env) purge(arn string) (held []string) {
	e.t.Helper()
	e.update(func(ctx context.Context, tx resource.Tx) error {
		row, err := resource.BeginDelete(ctx, tx, e.clock.Now(), arn)
		if err != nil {
			return err
		}
		held, err = resource.Held(row)
		return err
	})
	e.update(func(ctx context.Context, tx resource.Tx) error { return resource.Remove(ctx, tx, e.clock.Now(), arn) })
	return held
}

func (e *env) row(arn string) resource.Row {
	e.t.Helper()
	var row resource.Row
	err := e.store.View(e.ctx, func(r resource.Reader) error {
		var err error
		row, err = r.Get(e.ctx, arn)
		return err
	})
	if err != nil {
		e.t.Fatalf("%s: %v", arn, err)
	}
	return row
}

func (e *env) status(arn string, want resource.Status) {
	e.t.Helper()
	if got := e.row(arn).Status; got != want {
		e.t.Errorf("%s is %s, want %s", arn, got, want)
	}
}

func (e *env) gone(arn string) {
	e.t.Helper()
	alive, err := e.Exists(e.ctx, []string{arn})
	if err != nil || alive[arn] {
		e.t.Errorf("%s is still there (%v)", arn, err)
	}
}

// attributes reads "item_id:string timestamp:timestamp ...".
func attributes(text string) []resource.Attribute {
	var out []resource.Attribute
	for f := range strings.FieldsSeq(text) {
		name, typ, _ := strings.Cut(f, ":")
		out = append(out, resource.Attribute{Name: name, Type: typ})
	}
	return out
}

const (
	targetSchema  = "item_id:string timestamp:timestamp target_value:float"
	relatedSchema = "item_id:string timestamp:timestamp price:float"
	itemSchema    = "item_id:string category:string"
)

func targetSpec() resource.DatasetSpec {
	return resource.DatasetSpec{Domain: "CUSTOM", Type: resource.TargetTimeSeries, Frequency: "D", Attributes: attributes(targetSchema)}
}

func relatedSpec() resource.DatasetSpec {
	return resource.DatasetSpec{Domain: "CUSTOM", Type: resource.RelatedTimeSeries, Frequency: "1D", Attributes: attributes(relatedSchema)}
}

func itemSpec() resource.DatasetSpec {
	return resource.DatasetSpec{Domain: "CUSTOM", Type: resource.ItemMetadata, Attributes: attributes(itemSchema)}
}

func (e *env) dataset(name string, spec resource.DatasetSpec) string {
	e.t.Helper()
	return e.ok(e.CreateDataset(e.ctx, me, name, spec, nil))
}

func (e *env) group(name string, datasets ...string) string {
	e.t.Helper()
	return e.ok(e.CreateDatasetGroup(e.ctx, me, name, resource.DatasetGroupSpec{Domain: "CUSTOM", Datasets: datasets}, nil))
}

func importSpec(dataset string) resource.ImportJobSpec {
	return resource.ImportJobSpec{Dataset: dataset, Source: resource.Location{Path: "s3://bucket/data.csv", RoleARN: role}}
}

func (e *env) importJob(name, dataset string) string {
	e.t.Helper()
	return e.ok(e.CreateImportJob(e.ctx, me, name, importSpec(dataset), nil))
}

// filled makes a dataset that has data.
func (e *env) filled(name string, spec resource.DatasetSpec) string {
	e.t.Helper()
	arn := e.dataset(name, spec)
	e.finish(e.importJob("first", arn), resource.ImportJobResult{Prefix: name + "/first"})
	return arn
}

// trained makes a dataset group with data.
func (e *env) filledGroup(name string, datasets ...resource.DatasetSpec) string {
	e.t.Helper()
	var arns []string
	for i, spec := range datasets {
		arns = append(arns, e.filled(name+"_"+string(rune('a'+i)), spec))
	}
	return e.group(name, arns...)
}

func etsRequest(name, group string) resource.PredictorRequest {
	return resource.PredictorRequest{Name: name, Group: group, Algorithm: resource.AlgorithmETS, Horizon: 7, Frequency: "D"}
}

func autoRequest(name, group string) resource.AutoPredictorRequest {
	return resource.AutoPredictorRequest{Name: name, Group: group, HasDataConfig: true, Horizon: new(7), Frequency: "D"}
}

// predictor makes a trained predictor.
func (e *env) predictor(name, group string) string {
	e.t.Helper()
	arn := e.ok(e.CreatePredictor(e.ctx, me, etsRequest(name, group)))
	e.finish(arn, resource.PredictorResult{Prefix: "models/" + name})
	return arn
}

// forecast makes a finished forecast.
func (e *env) forecast(name, predictor string) string {
	e.t.Helper()
	arn := e.ok(e.CreateForecast(e.ctx, me, resource.ForecastRequest{Name: name, Predictor: predictor}))
	e.finish(arn, resource.ForecastResult{Prefix: "forecasts/" + name})
	return arn
}

func exportSpec(forecast string) resource.ForecastExportSpec {
	return resource.ForecastExportSpec{Forecast: forecast, Destination: resource.Location{Path: "s3://bucket/out/", RoleARN: role}}
}

func (e *env) export(name, forecast string) string {
	e.t.Helper()
	return e.ok(e.CreateForecastExport(e.ctx, me, name, exportSpec(forecast), nil))
}

// names returns the names of rows in their order.
func names(rows []resource.Row) []string {
	out := make([]string, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.Name)
	}
	return out
}

func sameStrings(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// frozen is a clock that stands still.
type frozen struct{}

func (*frozen) Now() time.Time { return time.Date(2024, 5, 1, 12, 0, 0, 123456000, time.UTC) }

func (*frozen) Wait(ctx context.Context, _ time.Duration) error { return context.Cause(ctx) }
