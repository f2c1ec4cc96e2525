package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store"
)

const (
	listDatasets = 20
	listJobs     = 100_000
)

// list measures ListDatasetImportJobs over many jobs, which are written straight
// into the store.
func list(ctx context.Context, b *bench) ([]row, error) {
	data := filepath.Join(b.dir, "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	datasets, err := seed(ctx, filepath.Join(data, "almanac.db"))
	if err != nil {
		return nil, err
	}
	s, err := b.serve(ctx, data)
	if err != nil {
		return nil, err
	}
	type filter map[string]string
	is := func(key, value string) filter { return filter{"Condition": "IS", "Key": key, "Value": value} }
	not := func(key, value string) filter { return filter{"Condition": "IS_NOT", "Key": key, "Value": value} }
	var rows []row
	for _, tc := range []struct {
		what    string
		size    int
		filters []filter
	}{
		{"all, pages of 100", 100, nil},
		{"all, pages of 10", 10, nil},
		{"one dataset", 100, []filter{is("DatasetArn", datasets[7])}},
		{"all but one dataset", 100, []filter{not("DatasetArn", datasets[7])}},
		{"failed (1 in 100)", 100, []filter{is("Status", "CREATE_FAILED")}},
		{"not active", 100, []filter{not("Status", "ACTIVE")}},
		{"failed of one dataset", 100, []filter{is("DatasetArn", datasets[7]), is("Status", "CREATE_FAILED")}},
		{"a state that no job has", 100, []filter{is("Status", "CREATE_STOPPED")}},
	} {
		times, err := pages(ctx, s, map[string]any{"MaxResults": tc.size, "Filters": tc.filters})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", tc.what, err), s.stop())
		}
		rows = append(rows, row{fmt.Sprintf("%d jobs: %s", listJobs, tc.what), spread(times), "p99 10 ms"})
	}
	return rows, s.stop()
}

// pages follows the tokens of one question, up to a bound, and measures every
// page; a question of few pages is asked several times.
func pages(ctx context.Context, s *server, in map[string]any) ([]time.Duration, error) {
	var times []time.Duration
	for len(times) < 200 {
		delete(in, "NextToken")
		for len(times) < 1000 {
			var out struct {
				NextToken         string
				DatasetImportJobs []struct{ DatasetImportJobArn string }
			}
			began := time.Now()
			if err := s.client.Call(ctx, "ListDatasetImportJobs", in, &out); err != nil {
				return nil, err
			}
			times = append(times, time.Since(began))
			if out.NextToken == "" {
				break
			}
			in["NextToken"] = out.NextToken
		}
	}
	return times, nil
}

// seed writes datasets with import jobs and returns the ARNs of the datasets.
func seed(ctx context.Context, path string) (datasets []string, err error) {
	db, err := store.Open(ctx, path, clock.System{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Migrate(ctx); err != nil {
		return nil, err
	}
	db.SetEnqueuer(func(context.Context, *sql.Tx, resource.Task, time.Time) (int64, error) {
		return 0, errors.New("nothing is to be done")
	})
	arn := func(kind resource.Kind, name string) string {
		return fmt.Sprintf("arn:aws:forecast:us-east-1:000000000000:%s/%s", kind, name)
	}
	began := time.Now().UTC().Add(-listJobs * time.Second).Truncate(time.Microsecond)
	base := resource.Row{Account: "000000000000", Region: "us-east-1", Status: resource.Active}
	for i := range listDatasets {
		name := fmt.Sprintf("dataset_%02d", i)
		r := base
		r.Kind, r.Name, r.ARN, r.Created, r.Modified = resource.KindDataset, name, arn(resource.KindDataset, name), began, began
		if r.Spec, err = json.Marshal(resource.DatasetSpec{Domain: "CUSTOM", Type: resource.TargetTimeSeries, Frequency: "D"}); err != nil {
			return nil, err
		}
		datasets = append(datasets, r.ARN)
		if err := db.Update(ctx, func(tx resource.Tx) error { return tx.Insert(ctx, r) }); err != nil {
			return nil, err
		}
	}
	for first := 0; first < listJobs; first += 1000 {
		err := db.Update(ctx, func(tx resource.Tx) error {
			for i := first; i < first+1000; i++ {
				if err := tx.Insert(ctx, importJob(base, datasets[i%listDatasets], i, began)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return datasets, nil
}

// importJob is the i-th job; one in a hundred has failed.
func importJob(r resource.Row, dataset string, i int, began time.Time) resource.Row {
	r.Kind, r.Parent, r.Scope = resource.KindImportJob, dataset, dataset
	r.Name = fmt.Sprintf("job_%06d", i)
	r.ARN = fmt.Sprintf("arn:aws:forecast:us-east-1:000000000000:%s/%s/%s", resource.KindImportJob, dataset[len(dataset)-len("dataset_00"):], r.Name)
	r.Created = began.Add(time.Duration(i) * time.Second)
	r.Modified = r.Created
	spec := resource.ImportJobSpec{Dataset: dataset, Source: resource.Location{Path: "s3://bucket/key.csv", RoleARN: "arn:aws:iam::000000000000:role/r"}}
	r.Spec, _ = json.Marshal(spec) // a struct of texts
	r.Result = json.RawMessage(`{}`)
	if i%100 == 99 {
		r.Status, r.Message = resource.CreateFailed, "the benchmark made it fail"
	}
	return r
}
