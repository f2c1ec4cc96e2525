package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/job"
	"github.com/almanac-forecast/almanac/internal/queue"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store"
)

var caller = resource.Caller{Partition: "aws", Account: "000000000000", Region: "eu-west-1", AccessKey: "test"}

const role = "arn:aws:iam::000000000000:role/forecast"

// world is a service without its wire: database, buckets, workers.
type world struct {
	db      *store.DB
	storage *blob.Storage
	service *resource.Service
	workers *job.Workers
	queue   *queue.Queue
}

// options say how a world is made.
type options struct {
	url  string // of the database; "" is SQLite in the folder
	wrap func(blob.Bucket) blob.Bucket
	// attempts is after how many failures a task is given up; 0 is the default.
	attempts int
	run      func(context.Context, *job.Workers, *queue.Run) error // what handlers do; nil is Do
}

// open makes a world over a folder. Close it with close.
func open(ctx context.Context, dir string, o options) (*world, error) {
	if o.url == "" {
		o.url = filepath.Join(dir, "almanac.db")
	}
	c := clock.System{}
	db, err := store.Open(ctx, o.url, c)
	if err != nil {
		return nil, err
	}
	w := &world{db: db}
	if err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if w.storage, err = blob.Open(ctx, blob.Config{Root: dir}); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	own, access := w.storage.Own(), blob.Access(w.storage)
	if o.wrap != nil {
		own, access = o.wrap(own), wrapped{access, o.wrap}
	}
	temp := filepath.Join(dir, "temp")
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return nil, err
	}
	w.service = resource.NewService(resource.Config{Store: db, Clock: c})
	w.workers = job.New(job.Config{
		Own: own, Access: access, Clock: c, Logger: slog.New(slog.DiscardHandler), Threads: 2, TempDir: temp, Partitions: 2,
	})
	handlers := w.workers.Handlers()
	if o.run != nil {
		for kind := range handlers {
			handlers[kind] = func(ctx context.Context, run *queue.Run) error { return o.run(ctx, w.workers, run) }
		}
	}
	w.queue, err = queue.New(db, queue.Config{ //nolint:contextcheck // the queue has its own
		MaxAttempts: o.attempts, Workers: 2, Lease: time.Second, Watch: 50 * time.Millisecond, Backoff: 50 * time.Millisecond, Exhausted: w.workers.GiveUp,
	}, handlers)
	return w, err
}

func (w *world) close(ctx context.Context) error {
	return errors.Join(w.queue.Stop(ctx), w.db.Close())
}

// wrapped opens users' buckets behind a wrapper.
type wrapped struct {
	blob.Access
	wrap func(blob.Bucket) blob.Bucket
}

func (a wrapped) Open(ctx context.Context, l blob.Location) (blob.Bucket, string, error) {
	b, key, err := a.Access.Open(ctx, l)
	if err != nil {
		return nil, "", err
	}
	return a.wrap(b), key, nil
}

// start makes a world in a fresh folder and starts its queue.
func start(t *testing.T, o options) *world {
	t.Helper()
	w, err := open(t.Context(), t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.queue.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	w.bucket(t, "data")
	return w
}

func (w *world) bucket(t *testing.T, name string) {
	t.Helper()
	if err := w.storage.Folders().Create(name); err != nil && !errors.Is(err, blob.ErrExists) {
		t.Fatal(err)
	}
}

// put writes an object into the bucket "data".
func (w *world) put(t *testing.T, key, text string) {
	t.Helper()
	b, _, err := w.storage.Open(t.Context(), blob.Location{Path: "s3://data"})
	if err != nil {
		t.Fatal(err)
	}
	if err := blob.WriteAll(t.Context(), b, key, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// userObjects returns what lies in the bucket "data" below a prefix.
func (w *world) userObjects(t *testing.T, prefix string) map[string]string {
	t.Helper()
	b, _, err := w.storage.Open(t.Context(), blob.Location{Path: "s3://data"})
	if err != nil {
		t.Fatal(err)
	}
	return dump(t, b, prefix)
}

func dump(t *testing.T, b blob.Bucket, prefix string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := b.List(t.Context(), prefix, func(o blob.Object) error {
		text, err := blob.ReadAll(t.Context(), b, o.Key)
		out[o.Key] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var attemptOf = regexp.MustCompile(`attempt-[0-9]+/`)

// own returns the service's own objects with the attempts taken off the keys
// and out of the manifests: what must be the same however often work was interrupted.
func (w *world) own(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for key, text := range dump(t, w.storage.Own(), "") {
		name := attemptOf.ReplaceAllString(key, "")
		if _, ok := out[name]; ok {
			t.Errorf("%s was left behind beside another attempt's", key)
		}
		if strings.HasSuffix(key, ".json") {
			text = attemptOf.ReplaceAllString(text, "")
		}
		out[name] = text
	}
	return out
}

// row returns a row, with ok false when it is gone.
func (w *world) row(t *testing.T, arn string) (row resource.Row, ok bool) {
	t.Helper()
	err := w.db.View(t.Context(), func(r resource.Reader) (err error) {
		row, err = r.Get(t.Context(), arn)
		return err
	})
	if err != nil && !errors.Is(err, resource.ErrNoRow) {
		t.Fatal(err)
	}
	return row, err == nil
}

// wait waits until the resource is in one of the states ("" is gone).
func (w *world) wait(t *testing.T, arn string, states ...resource.Status) resource.Row {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		row, ok := w.row(t, arn)
		for _, s := range states {
			if row.Status == s || s == "" && !ok {
				return row
			}
		}
		if row.Status == resource.CreateFailed || row.Status == resource.DeleteFailed {
			t.Fatalf("%s is %s: %s", arn, row.Status, row.Message)
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is %s after a minute, want %v", arn, row.Status, states)
		}
		time.Sleep(5 * time.Millisecond) // between two looks at the state
	}
}

// must returns the value of a call that may not fail: must[T](t)(f()).
func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

var (
	targetSpec = resource.DatasetSpec{Domain: "CUSTOM", Type: resource.TargetTimeSeries, Frequency: "D", Attributes: []resource.Attribute{
		{Name: "item_id", Type: "string"}, {Name: "store", Type: "string"}, {Name: "timestamp", Type: "timestamp"}, {Name: "target_value", Type: "float"},
	}}
	itemSpec = resource.DatasetSpec{Domain: "CUSTOM", Type: resource.ItemMetadata, Attributes: []resource.Attribute{
		{Name: "item_id", Type: "string"}, {Name: "color", Type: "string"},
	}}
)

// shop is the sales of n items in two stores on 60 days.
func shop(n int) string {
	var text strings.Builder
	day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		for d := range 60 {
			for s := range 2 {
				fmt.Fprintf(&text, "Item_%03d,S%d,%s,%d\n", i, s, day.AddDate(0, 0, d).Format(time.DateOnly), 10*i+(d*d*(i+3)+s)%11+d%7)
			}
		}
	}
	return text.String()
}

func (w *world) dataset(t *testing.T, name string, spec resource.DatasetSpec) string {
	t.Helper()
	return must[string](t)(w.service.CreateDataset(t.Context(), caller, name, spec, nil))
}

func (w *world) importJob(t *testing.T, dataset, name, path string) string {
	t.Helper()
	spec := resource.ImportJobSpec{Dataset: dataset, Source: resource.Location{Path: path, RoleARN: role}, TimestampFormat: "yyyy-MM-dd"}
	return must[string](t)(w.service.CreateImportJob(t.Context(), caller, name, spec, nil))
}

func (w *world) group(t *testing.T, name string, datasets ...string) string {
	t.Helper()
	return must[string](t)(w.service.CreateDatasetGroup(t.Context(), caller, name, resource.DatasetGroupSpec{Domain: "CUSTOM", Datasets: datasets}, nil))
}

func (w *world) predictor(t *testing.T, name, group string, change ...func(*resource.AutoPredictorRequest)) string {
	t.Helper()
	horizon := 7
	req := resource.AutoPredictorRequest{
		Name: name, Group: group, Horizon: &horizon, Frequency: "D", Dimensions: []string{"store"}, ForecastTypes: []string{"0.1", "0.5", "mean"},
	}
	for _, f := range change {
		f(&req)
	}
	return must[string](t)(w.service.CreateAutoPredictor(t.Context(), caller, req))
}

func (w *world) forecast(t *testing.T, name, predictor string) string {
	t.Helper()
	return must[string](t)(w.service.CreateForecast(t.Context(), caller, resource.ForecastRequest{Name: name, Predictor: predictor}))
}

func (w *world) export(t *testing.T, name, forecast, path string) string {
	t.Helper()
	spec := resource.ForecastExportSpec{Forecast: forecast, Destination: resource.Location{Path: path, RoleARN: role}}
	return must[string](t)(w.service.CreateForecastExport(t.Context(), caller, name, spec, nil))
}

func decode[T any](t *testing.T, data string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(data), &v); err != nil {
		t.Fatal(err)
	}
	return v
}
