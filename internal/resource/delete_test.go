package resource_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/resource"
)

// chain makes one of everything.
type chain struct {
	*env
	dataset, job, group, predictor, forecast, export string
}

func newChain(t *testing.T) chain {
	t.Helper()
	e := newEnv(t)
	c := chain{env: e}
	c.dataset = e.filled("d", targetSpec())
	c.job = prefix + "dataset-import-job/d/first"
	c.group = e.group("g", c.dataset)
	c.predictor = e.env().predictor("p", c.group)
	c.forecast = e.env().forecast("f", c.predictor)
	c.export = e.env().export("x", c.forecast)
	e.finish(c.export, struct{}{})
	return c
}

// env returns the env itself, whose methods the fields of chain hide.
func (e *env) env() *env { return e }

func kindOf(arn string) resource.Kind {
	p, _ := resource.ParseARN(arn)
	return p.Kind
}

func (c chain) del(arn string) error {
	return c.Delete(c.t.Context(), me, "Arn", arn, kindOf(arn))
}

func TestDeleteFromTheLeaves(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	want(t, c.del(c.forecast), resource.InUse, c.forecast, c.export)
	want(t, c.del(c.predictor), resource.InUse, c.forecast)
	want(t, c.del(c.group), resource.InUse, c.predictor)
	want(t, c.del(c.dataset), resource.InUse, c.job)
	if err := c.del(c.job); err != nil {
		t.Fatal(err)
	}
	want(t, c.del(c.dataset), resource.InUse, c.predictor, c.group) // a predictor lives on it
	for _, arn := range []string{c.export, c.forecast, c.predictor} {
		if err := c.del(arn); err != nil {
			t.Fatal(err)
		}
		c.status(arn, resource.DeletePending)
		if row := c.row(arn); !row.LastModified(c.Now()).Equal(row.Modified) {
			t.Error("DELETE_PENDING is modified when the deletion was accepted")
		}
		if err := c.del(arn); err != nil {
			t.Errorf("deleting twice: %v", err)
		}
		held := c.purge(arn)
		if arn == c.forecast {
			if diff := cmp.Diff([]string{"forecasts/f"}, held); diff != "" {
				t.Errorf("freed:\n%s", diff)
			}
		}
		c.gone(arn)
		want(t, c.del(arn), resource.NotFound, "No resource found "+arn)
	}
	if err := c.del(c.group); err != nil {
		t.Fatal(err)
	}
	c.gone(c.group) // at once
	if err := c.del(c.dataset); err != nil {
		t.Fatal(err)
	}
	c.purge(c.job)
	c.purge(c.dataset)
	c.gone(c.dataset)
}

// Contract 8.1, 40: what is being deleted does not block its parent, which
// goes after it.
func TestDeleteParentsEarly(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	for _, arn := range []string{c.export, c.forecast, c.predictor, c.group, c.job, c.dataset} {
		if err := c.del(arn); err != nil {
			t.Fatalf("%s: %v", arn, err)
		}
		c.status(arn, resource.DeletePending)
	}
	err := c.try(func(ctx context.Context, tx resource.Tx) error {
		return tx.Insert(ctx, resource.Row{ARN: "x", Kind: resource.KindForecast, Account: account, Region: region, Name: "f", Status: resource.CreatePending})
	})
	if !errors.Is(err, resource.ErrRowExists) {
		t.Errorf("the name of a resource that is being deleted was free: %v", err)
	}
	for _, arn := range []string{c.export, c.forecast, c.predictor} {
		c.purge(arn)
		c.gone(arn)
	}
	c.gone(c.group)
	c.purge(c.job)
	c.purge(c.dataset)
}

func TestDeleteFailed(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	for _, arn := range []string{c.export, c.forecast, c.predictor, c.group} {
		if err := c.del(arn); err != nil {
			t.Fatal(err)
		}
	}
	c.fail(c.export, "the disk is full")
	for _, arn := range []string{c.export, c.forecast, c.predictor, c.group} {
		c.status(arn, resource.DeleteFailed)
	}
	want(t, c.del(c.forecast), resource.InUse, c.export, "DELETE_FAILED")
	for _, arn := range []string{c.export, c.forecast, c.predictor, c.group} { // once more
		if err := c.del(arn); err != nil {
			t.Fatal(err)
		}
		if c.row(arn).Message != "" {
			t.Errorf("%s keeps the message of the first try", arn)
		}
	}
	for _, arn := range []string{c.export, c.forecast, c.predictor} {
		c.purge(arn)
	}
	c.gone(c.group)
}

func TestDeleteStates(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t)
	ds := e.dataset("d", targetSpec())
	group := e.group("g", ds)
	job := e.importJob("j", ds)
	want(t, e.Delete(ctx, me, "DatasetImportJobArn", job, resource.KindImportJob), resource.InUse, job, "CREATE_PENDING")
	e.begin(job)
	want(t, e.Delete(ctx, me, "DatasetImportJobArn", job, resource.KindImportJob), resource.InUse, "CREATE_IN_PROGRESS")
	want(t, e.Delete(ctx, me, "DatasetArn", ds, resource.KindDataset), resource.InUse, ds, "UPDATE_IN_PROGRESS")
	want(t, e.DeleteTree(ctx, me, ds), resource.InUse, "UPDATE_IN_PROGRESS")
	want(t, e.Delete(ctx, me, "DatasetArn", job, resource.KindDataset), resource.InvalidInput, "DatasetArn", "a dataset import job")
	want(t, e.Delete(ctx, me, "DatasetArn", "arn:aws:forecast:eu-west-1:999999999999:dataset/d", resource.KindDataset), resource.NotFound)
	e.fail(job, "no")
	if err := e.Delete(ctx, me, "DatasetImportJobArn", job, resource.KindImportJob); err != nil {
		t.Error(err)
	}
	if err := e.Delete(ctx, me, "DatasetGroupArn", group, resource.KindDatasetGroup); err != nil {
		t.Error(err)
	}
	e.gone(group)
	if err := e.Delete(ctx, me, "DatasetArn", ds, resource.KindDataset); err != nil { // from UPDATE_FAILED
		t.Error(err)
	}
}

func TestDeleteTree(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := newChain(t)
	second := c.env.predictor("second", c.group)
	running := c.ok(c.CreateForecast(ctx, me, resource.ForecastRequest{Name: "running", Predictor: second}))
	want(t, c.DeleteTree(ctx, me, c.group), resource.InUse, running, "CREATE_PENDING")
	for _, arn := range []string{c.export, c.forecast, c.predictor, c.group} {
		if s := c.row(arn).Status; s != resource.Active {
			t.Errorf("%s is %s after a refused deletion", arn, s)
		}
	}
	want(t, c.DeleteTree(ctx, me, c.dataset), resource.InUse, c.dataset)
	c.fail(running, "no")
	if err := c.DeleteTree(ctx, me, c.group); err != nil {
		t.Fatal(err)
	}
	if err := c.DeleteTree(ctx, me, c.group); err != nil {
		t.Errorf("again: %v", err)
	}
	for _, arn := range []string{c.export, c.forecast, c.predictor, second, running, c.group} {
		c.status(arn, resource.DeletePending)
	}
	for _, arn := range []string{c.export, running, second, c.forecast, c.predictor} {
		c.purge(arn)
	}
	c.gone(c.group)
	c.status(c.dataset, resource.Active)
	if err := c.DeleteTree(ctx, me, c.dataset); err != nil {
		t.Fatal(err)
	}
	c.purge(c.job)
	c.purge(c.dataset)
	want(t, c.DeleteTree(ctx, me, c.dataset), resource.NotFound)
	want(t, c.DeleteTree(ctx, me, "arn:aws:forecast:::algorithm/ETS"), resource.InvalidInput, "algorithm")
	empty := c.env.group("empty")
	if err := c.DeleteTree(ctx, me, empty); err != nil {
		t.Fatal(err)
	}
	c.gone(empty)
}

func TestStop(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t)
	ds := e.filled("d", targetSpec())
	want(t, e.Stop(ctx, me, ds), resource.InvalidInput, "a dataset")
	want(t, e.Stop(ctx, me, e.group("g", ds)), resource.InvalidInput, "a dataset group")
	want(t, e.Stop(ctx, me, prefix+"forecast/nope"), resource.NotFound)
	want(t, e.Stop(ctx, me, prefix+"dataset-import-job/d/first"), resource.InvalidInput, "ACTIVE")

	// Not begun: stopped at once.
	job := e.importJob("waits", ds)
	if err := e.Stop(ctx, me, job); err != nil {
		t.Fatal(err)
	}
	e.status(job, resource.CreateStopped)
	e.status(ds, resource.Active)
	want(t, e.Stop(ctx, me, job), resource.InvalidInput, "CREATE_STOPPED")
	err := e.try(func(ctx context.Context, tx resource.Tx) error {
		_, err := resource.Begin(ctx, tx, e.Now(), job)
		return err
	})
	if !errors.Is(err, resource.ErrNotWanted) {
		t.Errorf("beginning a stopped job: got %v, want ErrNotWanted", err)
	}

	// Running: stopping until the worker is done.
	job = e.importJob("runs", ds)
	e.begin(job)
	if err := e.Stop(ctx, me, job); err != nil {
		t.Fatal(err)
	}
	e.status(job, resource.CreateStopping)
	e.status(ds, resource.UpdateInProgress)
	if now := e.Now(); !e.row(job).LastModified(now).Equal(now) {
		t.Error("CREATE_STOPPING is not modified now")
	}
	if err := e.Stop(ctx, me, job); err != nil {
		t.Errorf("stopping twice: %v", err)
	}
	want(t, e.Delete(ctx, me, "DatasetImportJobArn", job, resource.KindImportJob), resource.InUse, "CREATE_STOPPING")
	for what, f := range map[string]func(ctx context.Context, tx resource.Tx) error{
		"Begin": func(ctx context.Context, tx resource.Tx) error {
			_, err := resource.Begin(ctx, tx, e.Now(), job)
			return err
		},
		"Estimate": func(ctx context.Context, tx resource.Tx) error { return resource.Estimate(ctx, tx, job, 0) },
		"Activate": func(ctx context.Context, tx resource.Tx) error {
			return resource.Activate(ctx, tx, e.Now(), job, nil)
		},
	} {
		if err := e.try(f); !errors.Is(err, resource.ErrNotWanted) {
			t.Errorf("%s of a stopping job: got %v, want ErrNotWanted", what, err)
		}
	}
	e.fail(job, "the read was cut off") // the worker's error on the way out
	e.status(job, resource.CreateStopped)
	e.status(ds, resource.Active)
	row := e.row(job)
	if row.Message != "" || !row.LastModified(e.Now()).Equal(row.Modified) {
		t.Errorf("a stopped job: %+v", row)
	}
	if err := e.Delete(ctx, me, "DatasetImportJobArn", job, resource.KindImportJob); err != nil {
		t.Errorf("a stopped job cannot be deleted: %v", err)
	}
	want(t, e.Stop(ctx, me, job), resource.InvalidInput, "DELETE_PENDING")

	p := e.ok(e.CreatePredictor(ctx, me, etsRequest("p", prefix+"dataset-group/g")))
	e.begin(p)
	if err := e.Stop(ctx, me, p); err != nil {
		t.Fatal(err)
	}
	e.update(func(ctx context.Context, tx resource.Tx) error { return resource.Stopped(ctx, tx, e.Now(), p) })
	e.status(p, resource.CreateStopped)
	_, err = e.CreateForecast(ctx, me, resource.ForecastRequest{Name: "f", Predictor: p})
	want(t, err, resource.InvalidInput, "CREATE_STOPPED")

	want(t, e.Resume(ctx, me, p), resource.InvalidInput, "a monitor")
	want(t, e.Resume(ctx, me, prefix+"monitor/m_1"), resource.NotFound)
}

func TestStopQuota(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t, func(c *resource.Config) { c.Quotas = resource.Quotas{StopsPerKind: 3} })
	for _, n := range []string{"a", "b", "c", "d"} {
		job := e.importJob("job", e.dataset(n, targetSpec()))
		e.begin(job)
		err := e.Stop(ctx, me, job)
		if n != "d" && err != nil {
			t.Fatal(err)
		}
		if n == "d" {
			want(t, err, resource.LimitExceeded, "concurrently")
		}
	}
}
