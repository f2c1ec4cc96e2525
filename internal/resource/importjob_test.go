package resource_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/resource"
)

func TestCreateImportJobInput(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	daily, hourly, items := e.dataset("daily", targetSpec()), targetSpec(), e.dataset("items", itemSpec())
	hourly.Frequency = "1H"
	hour := e.dataset("hourly", hourly)
	geo := targetSpec()
	geo.Attributes = append(geo.Attributes, resource.Attribute{Name: "place", Type: "geolocation"})
	place := e.dataset("place", geo)
	sealed := targetSpec()
	sealed.Encryption = &resource.Encryption{RoleARN: role, KMSKeyARN: key}
	seal := e.dataset("sealed", sealed)

	tests := []struct {
		name    string
		dataset string
		change  func(*resource.ImportJobSpec)
		kind    resource.ErrorKind // "": accepted
		words   []string
	}{
		{"plain", daily, func(*resource.ImportJobSpec) {}, "", nil},
		{"day format", daily, func(s *resource.ImportJobSpec) { s.TimestampFormat = "yyyy-MM-dd" }, "", nil},
		{"time format for days", daily, func(s *resource.ImportJobSpec) { s.TimestampFormat = "yyyy-MM-dd HH:mm:ss" }, "", nil},
		{"hh", hour, func(s *resource.ImportJobSpec) { s.TimestampFormat = "yyyy-MM-dd hh:mm:ss" }, "", nil},
		{"day format for hours", hour, func(s *resource.ImportJobSpec) { s.TimestampFormat = "yyyy-MM-dd" }, resource.InvalidInput, []string{"yyyy-MM-dd", "1H"}},
		{"other format", daily, func(s *resource.ImportJobSpec) { s.TimestampFormat = "dd.MM.yyyy" }, resource.InvalidInput, []string{"TimestampFormat", "dd.MM.yyyy"}},
		{"day format for items", items, func(s *resource.ImportJobSpec) { s.TimestampFormat = "yyyy-MM-dd" }, "", nil},
		{"legacy zone", daily, func(s *resource.ImportJobSpec) { s.TimeZone = "EST" }, "", nil},
		{"zone", daily, func(s *resource.ImportJobSpec) { s.TimeZone = "America/Argentina/Buenos_Aires" }, "", nil},
		{"no zone", daily, func(s *resource.ImportJobSpec) { s.TimeZone = "Mars/Olympus" }, resource.InvalidInput, []string{"TimeZone", "Mars/Olympus"}},
		{"the machine's zone", daily, func(s *resource.ImportJobSpec) { s.TimeZone = "Local" }, resource.InvalidInput, []string{"Local"}},
		{"parquet", daily, func(s *resource.ImportJobSpec) { s.Format = "PARQUET" }, "", nil},
		{"format", daily, func(s *resource.ImportJobSpec) { s.Format = "csv" }, resource.InvalidInput, []string{"Format", "'csv'"}},
		{"mode", daily, func(s *resource.ImportJobSpec) { s.ImportMode = "HALF" }, resource.InvalidInput, []string{"ImportMode", "HALF"}},
		{"incremental", daily, func(s *resource.ImportJobSpec) { s.ImportMode = "INCREMENTAL" }, "", nil},
		{"geolocation", place, func(s *resource.ImportJobSpec) { s.GeolocationFormat = "LAT_LONG" }, "", nil},
		{"postal code", place, func(s *resource.ImportJobSpec) { s.GeolocationFormat, s.GeolocationZone = "CC_POSTALCODE", true }, "", nil},
		{"no geolocation format", place, func(*resource.ImportJobSpec) {}, resource.InvalidInput, []string{"GeolocationFormat", "'place'"}},
		{"geolocation format", place, func(s *resource.ImportJobSpec) { s.GeolocationFormat = "UTM" }, resource.InvalidInput, []string{"UTM", "LAT_LONG"}},
		{"needless geolocation format", daily, func(s *resource.ImportJobSpec) { s.GeolocationFormat = "LAT_LONG" }, resource.InvalidInput, []string{"geolocation"}},
		{"zone by geolocation", daily, func(s *resource.ImportJobSpec) { s.GeolocationZone = true }, resource.InvalidInput, []string{"UseGeolocationForTimeZone"}},
		{"two zones", place, func(s *resource.ImportJobSpec) {
			s.GeolocationFormat, s.GeolocationZone, s.TimeZone = "LAT_LONG", true, "UTC"
		}, resource.InvalidInput, []string{"exclude"}},
		{"key", seal, func(s *resource.ImportJobSpec) { s.Source.KMSKeyARN = key }, "", nil},
		{"no key", seal, func(*resource.ImportJobSpec) {}, resource.InvalidInput, []string{"KMSKeyArn", key}},
		{"other key", seal, func(s *resource.ImportJobSpec) { s.Source.KMSKeyARN = key + "2" }, resource.InvalidInput, []string{key + "2"}},
		{"role of another account", daily, func(s *resource.ImportJobSpec) { s.Source.RoleARN = "arn:aws:iam::999999999999:role/x" }, resource.InvalidInput, []string{"RoleArn", "999999999999"}},
		{"a user is no role", daily, func(s *resource.ImportJobSpec) { s.Source.RoleARN = "arn:aws:iam::123456789012:user/x" }, resource.InvalidInput, []string{"RoleArn"}},
		{"role with a path", daily, func(s *resource.ImportJobSpec) { s.Source.RoleARN = "arn:aws-cn:iam::123456789012:role/a/b-c_d" }, "", nil},
		{"no dataset", prefix + "dataset/nope", func(*resource.ImportJobSpec) {}, resource.NotFound, []string{"No resource found " + prefix + "dataset/nope"}},
		{"not a dataset", prefix + "forecast/x", func(*resource.ImportJobSpec) {}, resource.InvalidInput, []string{"a forecast", "a dataset"}},
		{"unknown kind", prefix + "banana/x", func(*resource.ImportJobSpec) {}, resource.InvalidInput, []string{"banana"}},
		{"another account", "arn:aws:forecast:eu-west-1:999999999999:dataset/daily", func(*resource.ImportJobSpec) {}, resource.NotFound, nil},
		{"another region", "arn:aws:forecast:us-east-1:123456789012:dataset/daily", func(*resource.ImportJobSpec) {}, resource.NotFound, nil},
		{"another partition", "arn:aws-cn:forecast:eu-west-1:123456789012:dataset/daily", func(*resource.ImportJobSpec) {}, resource.NotFound, nil},
		{"input before existence", prefix + "dataset/nope", func(s *resource.ImportJobSpec) { s.Format = "X" }, resource.InvalidInput, nil},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			spec := importSpec(tt.dataset)
			tt.change(&spec)
			arn, err := e.CreateImportJob(t.Context(), me, "job"+string(rune('a'+i/26))+string(rune('a'+i%26)), spec, nil)
			if tt.kind != "" {
				want(t, err, tt.kind, tt.words...)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			e.fail(arn, "enough") // the dataset is free again
		})
	}
}

func TestImportLifecycle(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t)
	ds := e.dataset("sales", targetSpec())

	job := e.importJob("one", ds)
	if job != prefix+"dataset-import-job/sales/one" {
		t.Errorf("got the ARN %s", job)
	}
	e.status(job, resource.CreatePending)
	e.status(ds, resource.UpdatePending)
	row := e.row(job)
	if got := row.LastModified(e.Now()); !got.Equal(row.Created) {
		t.Errorf("CREATE_PENDING: modified %s, want the creation %s", got, row.Created)
	}
	if now := e.Now(); !e.row(ds).LastModified(now).Equal(now) {
		t.Error("a dataset whose import is pending is not modified now")
	}
	_, err := e.CreateImportJob(ctx, me, "two", importSpec(ds), nil)
	want(t, err, resource.InUse, ds, "UPDATE_PENDING")
	_, err = e.CreateImportJob(ctx, me, "one", importSpec(ds), nil)
	want(t, err, resource.AlreadyExists, "A dataset import job already exists with the arn: "+job)

	e.begin(job)
	e.begin(job) // a later attempt
	e.status(job, resource.CreateInProgress)
	e.status(ds, resource.UpdateInProgress)
	if now := e.Now(); !e.row(job).LastModified(now).Equal(now) {
		t.Error("a running job is not modified now")
	}
	e.update(func(ctx context.Context, tx resource.Tx) error {
		return resource.Estimate(ctx, tx, job, 90*time.Second)
	})
	if got := e.row(job).RemainingMinutes; got == nil || *got != 2 {
		t.Errorf("90 seconds are estimated as %v minutes, want 2", got)
	}
	e.finish(job, resource.ImportJobResult{Prefix: "p1", DataSize: 1})
	e.status(job, resource.Active)
	e.status(ds, resource.Active)
	row = e.row(job)
	if row.RemainingMinutes != nil || row.LastModified(e.Now()).Equal(e.Now()) || !row.Modified.After(row.Created) {
		t.Errorf("a finished job: %+v", row)
	}
	inForce := func(want ...string) {
		t.Helper()
		data, err := resource.DecodeResult[resource.DatasetResult](e.row(ds))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range data.Imports {
			got = append(got, r.Prefix)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("data in force (want, got):\n%s", diff)
		}
	}
	inForce("p1")

	add := importSpec(ds)
	add.ImportMode = resource.ImportIncremental
	more := e.ok(e.CreateImportJob(ctx, me, "more", add, nil))
	e.finish(more, resource.ImportJobResult{Prefix: "p2"})
	inForce("p1", "p2")

	bad := e.importJob("bad", ds)
	e.begin(bad)
	e.fail(bad, "line 3: no")
	e.status(bad, resource.CreateFailed)
	e.status(ds, resource.UpdateFailed)
	if got := e.row(bad).Message; got != "line 3: no" {
		t.Errorf("the message is %q", got)
	}
	inForce("p1", "p2")

	full := e.importJob("full", ds) // also from UPDATE_FAILED
	e.finish(full, resource.ImportJobResult{Prefix: "p3"})
	e.status(ds, resource.Active)
	inForce("p3")
	if spec, err := resource.DecodeSpec[resource.ImportJobSpec](e.row(full)); err != nil || spec.ImportMode != "FULL" {
		t.Errorf("the mode is %q (%v), want FULL", spec.ImportMode, err)
	}

	// Deletion: what is in force stays with the dataset, the rest is freed.
	free := func(arn string, want ...string) {
		t.Helper()
		if err := e.Delete(ctx, me, "DatasetImportJobArn", arn, resource.KindImportJob); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, e.purge(arn)); diff != "" {
			t.Errorf("freed with %s (want, got):\n%s", arn, diff)
		}
		e.gone(arn)
	}
	free(full)
	inForce("p3")
	free(job, "p1")
	free(bad)
	next := e.importJob("next", ds)
	e.finish(next, resource.ImportJobResult{Prefix: "p4"}) // p3 belongs to nobody now
	inForce("p4")
	free(more, "p3", "p2")
	free(next)
	if err := e.Delete(ctx, me, "DatasetArn", ds, resource.KindDataset); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"p4"}, e.purge(ds)); diff != "" {
		t.Errorf("freed with the dataset:\n%s", diff)
	}
}

// Files that a running training may be reading are not freed under it.
func TestFilesInUseAreKept(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t)
	ds := e.filled("sales", targetSpec())
	first := prefix + "dataset-import-job/sales/first"
	group := e.group("group", ds)
	p := e.ok(e.CreatePredictor(ctx, me, etsRequest("p", group)))
	e.begin(p)
	second := e.importJob("second", ds)
	e.finish(second, resource.ImportJobResult{Prefix: "second"})
	if err := e.Delete(ctx, me, "DatasetImportJobArn", first, resource.KindImportJob); err != nil {
		t.Fatal(err)
	}
	if held := e.purge(first); held != nil {
		t.Errorf("freed %q while a predictor is trained on it", held)
	}
	e.finish(p, resource.PredictorResult{})
	third := e.importJob("third", ds)
	e.finish(third, resource.ImportJobResult{Prefix: "third"})
	if err := e.Delete(ctx, me, "DatasetImportJobArn", second, resource.KindImportJob); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"sales/first", "second"}, e.purge(second)); diff != "" {
		t.Errorf("freed later (want, got):\n%s", diff)
	}
}

func TestImportQuotas(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := newEnv(t, withAWSQuotas)
	var last string
	for _, n := range []string{"a", "b", "c", "d"} {
		last = e.dataset(n, targetSpec())
		_, err := e.CreateImportJob(ctx, me, "job", importSpec(last), nil)
		if n == "d" {
			want(t, err, resource.LimitExceeded, "Quota limit of 3 concurrently creating dataset import jobs has been reached")
		} else if err != nil {
			t.Fatal(err)
		}
	}
	e.status(last, resource.Active) // a refused job leaves no trace
}
