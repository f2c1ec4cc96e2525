package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/demo"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store"
)

const listJobs = 100_000

// A division is a way in which jobs are divided among datasets. Each has a region
// of its own, so that one database holds both.
type division struct {
	name     string
	region   string
	datasets int
	dataset  func(job int) int // of the i-th oldest job
}

var divisions = []division{
	{"20 datasets", "us-east-1", 20, func(job int) int { return job % 20 }},
	// As bad as it gets: 50,000 jobs to step over, and 999 datasets to look at.
	{"the newer half in one of 1000 datasets", "eu-west-1", 1000, func(job int) int {
		if job > listJobs/2 {
			return 7
		}
		return job * 7919 % 1000
	}},
}

// list measures ListDatasetImportJobs over many jobs, which are written straight
// into the store.
func list(ctx context.Context, b *bench) (rows []row, err error) {
	if err := b.once(ctx, seedJobs); err != nil {
		return nil, err
	}
	if b.database == "" { // the server does this when it starts; how far it is counts for no figure
		if _, err := os.ReadFile(b.file()); err != nil {
			return nil, err
		}
	}
	s, err := b.serve(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	type filter map[string]string
	is := func(key, value string) filter { return filter{"Condition": "IS", "Key": key, "Value": value} }
	not := func(key, value string) filter { return filter{"Condition": "IS_NOT", "Key": key, "Value": value} }
	for _, d := range divisions {
		one := d.arn(7)
		for _, tc := range []struct {
			what    string
			size    int
			filters []filter
		}{
			{"all, pages of 100", 100, nil},
			{"all, pages of 10", 10, nil},
			{"one dataset", 100, []filter{is("DatasetArn", one)}},
			{"all but one dataset", 100, []filter{not("DatasetArn", one)}},
			{"failed (1 in 100)", 100, []filter{is("Status", "CREATE_FAILED")}},
			{"not active", 100, []filter{not("Status", "ACTIVE")}},
			{"failed of one dataset", 100, []filter{is("DatasetArn", one), is("Status", "CREATE_FAILED")}},
			{"failed of all but one dataset", 100, []filter{not("DatasetArn", one), is("Status", "CREATE_FAILED")}},
			{"not active of all but one dataset", 100, []filter{not("DatasetArn", one), not("Status", "ACTIVE")}},
			{"a state that no job has", 100, []filter{is("Status", "CREATE_STOPPED")}},
		} {
			used := s.cpu()
			in := map[string]any{"MaxResults": tc.size, "Filters": tc.filters}
			times, err := s.pages(ctx, d.region, in, 1200)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", tc.what, err)
			}
			rows = append(rows, row{
				fmt.Sprintf("%d jobs, %s: %s", listJobs, d.name, tc.what),
				fmt.Sprintf("%s, %d µs of the server's CPU each", spread(times), (s.cpu()-used).Microseconds()/int64(len(times))), "p99 10 ms",
			})
			if times, err = s.pages(ctx, d.region, in, 1); err != nil {
				return nil, fmt.Errorf("%s: %w", tc.what, err)
			}
			rows = append(rows, row{"the first page of these", spread(times), "p99 10 ms"})
		}
	}
	return rows, nil
}

var nextToken = regexp.MustCompile(`"NextToken":"([^"]+)"`)

// pages follows the tokens of one question, up to a number of pages, and
// measures every page; a question of few pages is asked several times.
func (s *server) pages(ctx context.Context, region string, in map[string]any, most int) (times []time.Duration, err error) {
	t := *s
	t.sign = demo.Signer(keyID, keySecret, region, clock.System{})
	l, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	for len(times) < 200 {
		delete(in, "NextToken")
		for range most {
			r, err := t.request(ctx, "ListDatasetImportJobs", in)
			if err != nil {
				return nil, err
			}
			body, took, err := l.send(r)
			if err != nil {
				return nil, err
			}
			times = append(times, took)
			next := nextToken.FindSubmatch(body)
			if next == nil {
				break
			}
			in["NextToken"] = string(next[1])
		}
	}
	return times, nil
}

func (d division) arn(dataset int) string {
	return fmt.Sprintf("arn:aws:forecast:%s:%s:%s/dataset_%03d", d.region, account, resource.KindDataset, dataset)
}

// seedJobs writes datasets with import jobs.
func seedJobs(ctx context.Context, db *store.DB, _ string) error {
	for _, d := range divisions {
		err := db.Update(ctx, func(tx resource.Tx) error {
			for i := range d.datasets {
				r := active(resource.Row{Kind: resource.KindDataset, Name: fmt.Sprintf("dataset_%03d", i), ARN: d.arn(i)})
				r.Region = d.region
				r.Spec = text(resource.DatasetSpec{Domain: "CUSTOM", Type: resource.TargetTimeSeries, Frequency: "D"})
				if err := tx.Insert(ctx, r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for first := 0; first < listJobs; first += 10_000 {
			err := db.Update(ctx, func(tx resource.Tx) error {
				for i := first; i < first+10_000; i++ {
					if err := tx.Insert(ctx, d.job(i)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// job is the i-th job; one in a hundred has failed.
func (d division) job(i int) resource.Row {
	dataset := d.arn(d.dataset(i))
	name := fmt.Sprintf("job_%06d", i)
	r := active(resource.Row{
		Kind: resource.KindImportJob, Parent: dataset, Scope: dataset, Name: name,
		ARN:     fmt.Sprintf("arn:aws:forecast:%s:%s:%s/dataset_%03d/%s", d.region, account, resource.KindImportJob, d.dataset(i), name),
		Created: time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC),
	})
	r.Region = d.region
	spec := resource.ImportJobSpec{Dataset: dataset, Source: resource.Location{Path: "s3://bucket/key.csv", RoleARN: "arn:aws:iam::000000000000:role/r"}}
	r.Spec = text(spec)
	r.Result = `{}`
	if i%100 == 99 {
		r.Status, r.Message = resource.CreateFailed, "the benchmark made it fail"
	}
	return r
}
