package job_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/job"
	"github.com/almanac-forecast/almanac/internal/pipeline"
	"github.com/almanac-forecast/almanac/internal/queue"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/result"
)

// trained is a world with an ACTIVE predictor of 6 items in two stores.
type trained struct {
	*world
	dataset, imported, group, predictor string
}

func train(t *testing.T, o options) trained {
	t.Helper()
	w := trained{world: start(t, o)}
	w.put(t, "in/sales.csv", shop(6))
	w.dataset = w.world.dataset(t, "sales", targetSpec)
	w.imported = w.importJob(t, w.dataset, "first", "s3://data/in/sales.csv")
	w.wait(t, w.imported, resource.Active)
	w.group = w.world.group(t, "shop", w.dataset)
	w.predictor = w.world.predictor(t, "model", w.group)
	w.wait(t, w.predictor, resource.Active)
	return w
}

func TestWholePath(t *testing.T) {
	w := train(t, options{})
	row, _ := w.row(t, w.imported)
	imported := decode[resource.ImportJobResult](t, row.Result)
	if imported.Rows != 720 || imported.Fields["store"].CountDistinct != 2 || imported.DataSize != float64(len(shop(6)))/(1<<30) {
		t.Errorf("import: %+v", imported)
	}
	if row, _ := w.row(t, w.dataset); row.Status != resource.Active {
		t.Errorf("the dataset is %s", row.Status)
	}

	row, _ = w.row(t, w.predictor)
	model := decode[resource.PredictorResult](t, row.Result)
	if len(model.Windows) != 1 || model.Windows[0].Items != 12 || model.Summary.WAPE == nil || len(model.Summary.WQL) != 2 || model.Naive == nil {
		t.Errorf("predictor: %+v", model)
	}
	if want := time.Date(2024, 2, 23, 0, 0, 0, 0, time.UTC).Unix(); model.Windows[0].Start != want || model.Windows[0].End != want+7*86400 {
		t.Errorf("window %+v, want start %d", model.Windows[0], want)
	}
	if diff := cmp.Diff([]string{w.imported}, model.ImportJobs); diff != "" {
		t.Errorf("import jobs (-want +got):\n%s", diff)
	}

	forecast := w.forecast(t, "spring", w.predictor)
	row = w.wait(t, forecast, resource.Active)
	made := decode[resource.ForecastResult](t, row.Result)
	if made.Series != 12 {
		t.Errorf("forecast: %+v", made)
	}
	s, err := result.NewReader(w.storage.Own(), pipeline.Partition).Query(t.Context(), made.Prefix, result.Key{ID: "item_004", Dims: []string{"s1"}})
	if err != nil || len(s.Values) != 3 || len(s.Values[0]) != 7 {
		t.Fatalf("query: %+v, %v", s, err)
	}

	export := w.export(t, "spring_out", forecast, "s3://data/out")
	row = w.wait(t, export, resource.Active)
	stem := "out/spring_out_" + row.Created.UTC().Format("2006-01-02T15-04-05Z") + "_part"
	objects := w.userObjects(t, "out/")
	parts := objects[stem+"0.csv"] + objects[stem+"1.csv"]
	if _, ok := objects["out/_SUCCESS"]; !ok || len(objects) != 4 || strings.Count(parts, "item_id,date,store,p10,p50,mean\n") != 2 || strings.Count(parts, "\n") != 2+12*7 {
		t.Errorf("exported %v:\n%.300s", strings.Join(sortedKeys(objects), " "), parts)
	}
	if !strings.Contains(parts, "item_004,2024-03-01T00:00:00Z,s1,") {
		t.Error("the export lacks the first step of item_004 in s1")
	}
}

func sortedKeys(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

func TestDeleteFreesFiles(t *testing.T) {
	w := train(t, options{})
	forecast := w.forecast(t, "spring", w.predictor)
	w.wait(t, forecast, resource.Active)
	export := w.export(t, "out", forecast, "s3://data/out/")
	w.wait(t, export, resource.Active)
	gone := func(arn string) {
		t.Helper()
		if err := w.service.Delete(t.Context(), caller, "Arn", arn, resource.AllKinds()...); err != nil {
			t.Fatal(err)
		}
		w.wait(t, arn, "")
	}
	gone(export)
	if len(w.userObjects(t, "out/")) != 4 {
		t.Error("deleting an export touched the user's bucket")
	}
	gone(forecast)
	for key := range w.own(t) {
		if strings.Contains(key, "/forecast/") {
			t.Errorf("%s was not freed", key)
		}
	}
	gone(w.predictor)
	gone(w.imported)
	if len(w.own(t)) == 0 {
		t.Error("deleting the import took the data from its dataset")
	}
	if err := w.service.Delete(t.Context(), caller, "Arn", w.group, resource.KindDatasetGroup); err != nil {
		t.Fatal(err)
	}
	gone(w.dataset)
	if left := w.own(t); len(left) > 0 {
		t.Errorf("not freed: %v", sortedKeys(left))
	}
}

// TestFailures checks that what the caller can mend ends CREATE_FAILED with the
// reason, leaves no files, and that earlier data stay in force.
func TestFailures(t *testing.T) {
	w := train(t, options{})
	before := w.own(t)
	w.put(t, "bad/sales.csv", "a,s,2024-01-01,1\na,s,2024-01-02,one\n")
	w.put(t, "empty/nothing.csv", "")
	w.put(t, "items.csv", "item_000,red\n")
	forecast := w.forecast(t, "spring", w.predictor)
	w.wait(t, forecast, resource.Active)
	maps.Copy(before, w.own(t))
	items := w.world.dataset(t, "items", itemSpec)
	w.wait(t, w.importJob(t, items, "first", "s3://data/items.csv"), resource.Active)
	described := w.world.group(t, "described", w.dataset, items)
	maps.Copy(before, w.own(t))
	long := 16
	for name, tt := range map[string]struct {
		create func() string
		want   []string
	}{
		"bad row": {
			func() string { return w.importJob(t, w.dataset, "bad_row", "s3://data/bad/sales.csv") },
			[]string{"s3://data/bad/sales.csv:2", "target_value", `"one"`},
		},
		"empty folder": {
			func() string { return w.importJob(t, w.dataset, "empty_folder", "s3://data/empty/") },
			[]string{"No records were ingested", "s3://data/empty/"},
		},
		"no object": {
			func() string { return w.importJob(t, w.dataset, "no_object", "s3://data/none.csv") },
			[]string{"No records were ingested", "s3://data/none.csv"},
		},
		"no bucket": {
			func() string { return w.importJob(t, w.dataset, "no_bucket", "s3://elsewhere/none.csv") },
			[]string{"s3://elsewhere", "bucket does not exist"},
		},
		"horizon": {
			func() string {
				return w.world.predictor(t, "far", w.group, func(r *resource.AutoPredictorRequest) { r.Horizon = &long })
			},
			[]string{"horizon of 16", "60 time points", "at most 15"},
		},
		"metadata": {
			func() string { return w.world.predictor(t, "described", described) },
			[]string{"A total of 5 items are missing from the ITEM_METADATA dataset."},
		},
		"export": {
			func() string { return w.export(t, "nowhere", forecast, "s3://elsewhere/out") },
			[]string{"s3://elsewhere/out", "bucket does not exist"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			arn := tt.create()
			row := w.waitFailed(t, arn)
			for _, want := range tt.want {
				if !strings.Contains(row.Message, want) {
					t.Errorf("message %q lacks %q", row.Message, want)
				}
			}
			if row.Kind == resource.KindImportJob {
				w.wait(t, w.dataset, resource.UpdateFailed)
			}
			if after := w.own(t); !maps.Equal(before, after) {
				t.Errorf("files changed: %d before, %d after", len(before), len(after))
			}
		})
	}
	w.wait(t, w.forecast(t, "still", w.predictor), resource.Active) // on the data of the first import
}

func (w *world) waitFailed(t *testing.T, arn string) resource.Row {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		row, _ := w.row(t, arn)
		switch {
		case row.Status == resource.CreateFailed:
			return row
		case row.Status == resource.Active:
			t.Fatalf("%s is ACTIVE, want CREATE_FAILED", arn)
		case time.Now().After(deadline):
			t.Fatalf("%s is %s, want CREATE_FAILED", arn, row.Status)
		}
		time.Sleep(5 * time.Millisecond) // between two looks at the state
	}
}

// gate is a bucket whose writers wait until it opens, or until their context ends.
type gate struct {
	blob.Bucket
	entered chan struct{} // one for each writer that waits
	open    chan struct{}
}

func (g *gate) NewWriter(ctx context.Context, key string) (blob.Writer, error) {
	select {
	case g.entered <- struct{}{}:
	default:
	}
	select {
	case <-g.open:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	return g.Bucket.NewWriter(ctx, key)
}

// TestStop stops each kind of job in the middle.
func TestStop(t *testing.T) {
	g := &gate{entered: make(chan struct{}, 100), open: make(chan struct{})}
	var shut bool // whether writers wait; changed only while nothing runs
	w := train(t, options{wrap: func(b blob.Bucket) blob.Bucket {
		return switched{b, &gate{Bucket: b, entered: g.entered, open: g.open}, &shut}
	}})
	forecast := w.forecast(t, "spring", w.predictor)
	w.wait(t, forecast, resource.Active)
	before := w.own(t)
	shut = true
	for name, create := range map[string]func() string{
		"import":   func() string { return w.importJob(t, w.dataset, "second", "s3://data/in/") },
		"train":    func() string { return w.world.predictor(t, "second", w.group) },
		"forecast": func() string { return w.forecast(t, "second", w.predictor) },
		"export":   func() string { return w.export(t, "second", forecast, "s3://data/out") },
	} {
		t.Run(name, func(t *testing.T) {
			arn := create()
			<-g.entered
			if err := w.service.Stop(t.Context(), caller, arn); err != nil {
				t.Fatal(err)
			}
			w.wait(t, arn, resource.CreateStopped)
			for len(g.entered) > 0 {
				<-g.entered
			}
			if after := w.own(t); !maps.Equal(before, after) {
				t.Errorf("files changed: %v", cmp.Diff(before, after))
			}
			if row, _ := w.row(t, w.dataset); row.Status != resource.Active {
				t.Errorf("the dataset is %s", row.Status)
			}
		})
	}
}

// switched is one of two buckets.
type switched struct {
	blob.Bucket
	other blob.Bucket
	shut  *bool
}

func (s switched) NewWriter(ctx context.Context, key string) (blob.Writer, error) {
	if *s.shut {
		return s.other.NewWriter(ctx, key)
	}
	return s.Bucket.NewWriter(ctx, key)
}

// TestSelector forecasts only the series of a list.
func TestSelector(t *testing.T) {
	w := train(t, options{})
	attributes := []resource.Attribute{{Name: "store", Type: "string"}, {Name: "item_id", Type: "string"}}
	for name, tt := range map[string]struct {
		text    string
		series  int
		message string
	}{
		"header":  {"store,item_id\nS0,Item_001\ns1,ITEM_003\nS0,unknown\n", 2, ""},
		"none":    {"S0,unknown\n", 0, "None of the 1 time series"},
		"columns": {"S0,Item_001,more\n", 0, "store,item_id"},
		"empty":   {"store,item_id\n", 0, "names no time series"},
		"PARQUET": {columnar(t), 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w.put(t, "list/"+name+".csv", tt.text)
			format := "CSV"
			if name == "PARQUET" {
				format = name
			}
			arn := must[string](t)(w.service.CreateForecast(t.Context(), caller, resource.ForecastRequest{
				Name: name, Predictor: w.predictor,
				Selector: &resource.SelectorRequest{Source: &resource.Location{Path: "s3://data/list/" + name + ".csv", RoleARN: role}, Attributes: attributes, Format: format},
			}))
			if tt.message != "" {
				if row := w.waitFailed(t, arn); !strings.Contains(row.Message, tt.message) {
					t.Errorf("message %q lacks %q", row.Message, tt.message)
				}
				return
			}
			row := w.wait(t, arn, resource.Active)
			if got := decode[resource.ForecastResult](t, row.Result); got.Series != tt.series {
				t.Errorf("%d series, want %d", got.Series, tt.series)
			}
		})
	}
}

// columnar is a list of two series as a Parquet file.
func columnar(t *testing.T) string {
	t.Helper()
	type row struct {
		Item  string `parquet:"item_id"`
		Store string `parquet:"store"`
	}
	var buf bytes.Buffer
	if err := parquet.Write(&buf, []row{{"item_002", "S1"}, {"unknown", "S1"}}); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// TestLegacyPredictor trains the ETS algorithm with the evaluation asked for.
func TestLegacyPredictor(t *testing.T) {
	w := train(t, options{})
	windows, offset := 2, 10
	arn := must[string](t)(w.service.CreatePredictor(t.Context(), caller, resource.PredictorRequest{
		Name: "legacy", Group: w.group, Algorithm: "arn:aws:forecast:::algorithm/ETS", Horizon: 7, Frequency: "1D",
		Windows: &windows, Offset: &offset, Dimensions: []string{"store"},
	}))
	row := w.wait(t, arn, resource.Active)
	got := decode[resource.PredictorResult](t, row.Result)
	end := time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	for i, back := range []int{20, 10} {
		if want := end.AddDate(0, 0, -back).Unix(); got.Windows[i].Start != want || got.Windows[i].End != want+7*86400 {
			t.Errorf("window %d: %+v, want start %d", i, got.Windows[i], want)
		}
	}
	if got.Models["ets"] == 0 {
		t.Errorf("models %v", got.Models)
	}
}

// TestRetry checks that a fault of the machine is tried again, and that the
// resource fails with its text when it does not go away.
func TestRetry(t *testing.T) {
	t.Parallel() // it waits most of its time
	failures := 1
	o := options{attempts: 2, run: func(ctx context.Context, w *job.Workers, run *queue.Run) error {
		if run.Task().Kind == resource.TaskImport && run.Attempt() <= failures {
			return fmt.Errorf("disk %d is broken", run.Attempt())
		}
		return w.Do(ctx, run)
	}}
	w := start(t, o)
	w.put(t, "in/sales.csv", shop(1))
	arn := w.importJob(t, w.dataset(t, "sales", targetSpec), "first", "s3://data/in/sales.csv")
	w.wait(t, arn, resource.Active)

	failures = 100
	row := w.waitFailed(t, w.importJob(t, w.dataset(t, "more", targetSpec), "first", "s3://data/in/sales.csv"))
	if !strings.Contains(row.Message, "given up") || !strings.Contains(row.Message, "is broken") {
		t.Errorf("message %q", row.Message)
	}
}

// TestStaleTask checks that a task made before its resource was created does
// nothing: it belongs to an earlier resource of the name.
func TestStaleTask(t *testing.T) {
	w := start(t, options{})
	w.put(t, "sales.csv", shop(2))
	arn := w.importJob(t, w.dataset(t, "sales", targetSpec), "first", "s3://data/sales.csv")
	before := w.wait(t, arn, resource.Active)
	run := &staleRun{task: resource.Task{ID: "00000000000000000000000000", Kind: resource.TaskImport, Resource: arn}, store: w.db}
	if err := w.workers.Do(t.Context(), run); err != nil || !run.completed {
		t.Fatalf("error %v, completed %v", err, run.completed)
	}
	after, _ := w.row(t, arn)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the resource changed: %s", diff)
	}
}

// staleRun runs a task outside the queue.
type staleRun struct {
	task      resource.Task
	store     resource.Store
	completed bool
}

func (r *staleRun) Task() resource.Task { return r.task }
func (*staleRun) Attempt() int          { return 1 }
func (*staleRun) Steps() resource.Steps { return nil }
func (r *staleRun) Update(ctx context.Context, f func(resource.Tx) error) error {
	return r.store.Update(ctx, f)
}

func (r *staleRun) Complete(ctx context.Context, f func(resource.Tx) error) error {
	r.completed = true
	return r.store.Update(ctx, f)
}
