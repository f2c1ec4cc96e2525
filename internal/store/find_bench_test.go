//go:build unix

package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store"
	"github.com/almanac-forecast/almanac/internal/store/pgtest"
	"github.com/almanac-forecast/almanac/internal/store/storetest"
)

// TestFindSpeed measures how long a page of import jobs takes, whatever the
// filters, the place in the list and the way in which the jobs are spread over
// datasets and states. ALMANAC_BENCH_JOBS sets the number of jobs (the table in
// docs/benchmarks.md has 100000); without it a small table is measured and
// nothing is required.
//
//	ALMANAC_BENCH_JOBS=100000 go test -run TestFindSpeed -v ./internal/store
func TestFindSpeed(t *testing.T) {
	n, times, limit := 300, 4, time.Duration(0)
	if s := os.Getenv("ALMANAC_BENCH_JOBS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatalf("ALMANAC_BENCH_JOBS: %v", err)
		}
		times, limit = 200, 10*time.Millisecond
	}
	for _, spread := range []struct {
		name   string
		parent func(rng *rand.Rand, i, n int) int
	}{
		{"even", func(rng *rand.Rand, _, _ int) int { return rng.IntN(50) }},
		{"one dataset has nearly all", func(rng *rand.Rand, _, n int) int { return max(0, rng.IntN(n)-n+50) }},
		{"thousand datasets", func(rng *rand.Rand, _, _ int) int { return rng.IntN(1000) }},
		// As bad as it gets: 50,000 jobs to step over and 999 datasets to look at.
		{"the newer half belongs to one", func(rng *rand.Rand, i, n int) int {
			if i > n/2 {
				return 0
			}
			return rng.IntN(1000)
		}},
	} {
		t.Run(spread.name, func(t *testing.T) {
			rows := jobs(n, spread.parent)
			t.Run("SQLite", func(t *testing.T) {
				findSpeed(t, storetest.OpenAt(t, filepath.Join(t.TempDir(), "almanac.db"), clock.System{}), rows, times, limit)
			})
			t.Run("PostgreSQL", func(t *testing.T) {
				findSpeed(t, storetest.OpenAt(t, pgtest.URL(t), clock.System{}), rows, times, limit)
			})
		})
	}
}

func jobs(n int, parent func(rng *rand.Rand, i, n int) int) []resource.Row {
	rng := rand.New(rand.NewPCG(5, 6))
	states := []resource.Status{resource.CreateFailed, resource.CreateStopped, resource.CreateInProgress, resource.CreatePending}
	rows := make([]resource.Row, n)
	for i := range rows {
		row := storetest.Row(resource.KindImportJob, i)
		row.Parent = datasetARN(parent(rng, i, n))
		row.Scope = row.Parent
		row.Status = resource.Active
		if k := rng.IntN(1000); k < 10*len(states) { // 96 % are ACTIVE
			row.Status = states[k/10]
		}
		row.Spec = fmt.Sprintf(`{"dataset":%q,"source":{"path":"s3://bucket/some/folder/%06d.csv","role_arn":"arn:aws:iam::123456789012:role/reader"},"format":"CSV"}`, row.Parent, i)
		row.Result = `{"prefix":"datasets/01K","data_size":0.01,"rows":123456,"fields":{"item_id":{"count":123456,"count_distinct":1000,"count_null":0}}}`
		rows[i] = row
	}
	return rows
}

func datasetARN(n int) string {
	return fmt.Sprintf("arn:aws:forecast:us-west-2:123456789012:dataset/some_longer_dataset_name_%04d", n)
}

func findSpeed(t *testing.T, db *store.DB, rows []resource.Row, n int, limit time.Duration) {
	t.Helper()
	ctx := t.Context()
	for chunk := range slices.Chunk(rows, 10000) {
		err := db.Update(ctx, func(tx resource.Tx) error {
			for _, r := range chunk {
				if err := tx.Insert(ctx, r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	is := func(c resource.Column, v string) resource.Filter { return resource.Filter{Column: c, Value: v} }
	not := func(c resource.Column, v string) resource.Filter {
		return resource.Filter{Column: c, Value: v, Not: true}
	}
	const status, parent = resource.ColumnStatus, resource.ColumnParent
	one := datasetARN(0)
	for _, filters := range [][]resource.Filter{
		nil,
		{is(status, "ACTIVE")},
		{is(status, "CREATE_FAILED")},
		{is(status, "DELETE_FAILED")},
		{not(status, "ACTIVE")},
		{not(status, "CREATE_FAILED")},
		{is(parent, one)},
		{not(parent, one)},
		{not(parent, datasetARN(1))},
		{is(parent, one), is(status, "ACTIVE")},
		{is(parent, one), not(status, "ACTIVE")},
		{not(parent, one), is(status, "ACTIVE")},
		{not(parent, one), is(status, "CREATE_FAILED")},
		{not(parent, one), not(status, "ACTIVE")},
		{not(parent, one), not(status, "CREATE_FAILED")},
		{not(parent, one), not(parent, datasetARN(2)), not(status, "ACTIVE"), not(status, "CREATE_STOPPED")},
	} {
		before := cpuTime(t)
		times := findTimes(t, db, filters, rows, n)
		cpu := (cpuTime(t) - before) / time.Duration(len(times))
		slices.Sort(times)
		p50, p99 := times[len(times)/2], times[len(times)*99/100]
		t.Logf("p50 %8v  p99 %8v  CPU of this process %8v  %s", p50.Round(time.Microsecond), p99.Round(time.Microsecond),
			cpu.Round(time.Microsecond), describe(filters))
		if limit > 0 && p99 > limit {
			t.Errorf("p99 of a page is %v, want at most %v: %s", p99, limit, describe(filters))
		}
	}
}

// findTimes reads pages of 100 and one more, as the service does, from places
// all over the list.
func findTimes(t *testing.T, db *store.DB, filters []resource.Filter, rows []resource.Row, n int) []time.Duration {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 8))
	ctx := t.Context()
	times := make([]time.Duration, n)
	for i := range times {
		q := resource.Query{
			Account: "123456789012", Region: "us-west-2", Kind: resource.KindImportJob, Filters: filters, Limit: 101, Brief: true,
		}
		if i%4 > 0 {
			at := rows[rng.IntN(len(rows))]
			q.After = &resource.Cursor{CreatedMicros: at.Created.UnixMicro(), ARN: at.ARN}
		}
		began := time.Now()
		err := db.View(ctx, func(r resource.Reader) error {
			_, err := r.Find(ctx, q)
			return err
		})
		times[i] = time.Since(began)
		if err != nil {
			t.Fatal(err)
		}
	}
	return times
}

// cpuTime tells more than the clock on a machine that is busy with other things.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func describe(filters []resource.Filter) string {
	var s strings.Builder
	for _, f := range filters {
		op := " IS "
		if f.Not {
			op = " IS NOT "
		}
		v := f.Value
		if f.Column == resource.ColumnParent {
			v = v[len(v)-4:]
		}
		s.WriteString(string(f.Column) + op + v + "; ")
	}
	if s.Len() == 0 {
		return "no filter"
	}
	return s.String()
}
