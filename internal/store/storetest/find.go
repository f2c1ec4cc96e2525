package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/resource"
)

// RunFind runs the part of the suite that looks for rows by filters, on an
// empty store.
func RunFind(t *testing.T, s resource.Store) {
	t.Helper()
	testFindFilters(t, s)
}

func testFindPages(t *testing.T, s resource.Store) {
	t.Helper()
	var rows []resource.Row
	for i := range 25 {
		row := Row(resource.KindDataset, i)
		row.Scope, row.Parent, row.Group, row.Message = "arn:s", "arn:p", "arn:g", "a message"
		row.RemainingMinutes, row.Result = new(int64(i)), `{"b":2}`
		rows = append(rows, row)
	}
	insert(t, s, rows...)
	slices.Reverse(rows)
	for _, limit := range []int{0, 1, 7, 25, 100} {
		got := walk(t, s, resource.Query{Account: "123456789012", Region: "us-west-2", Kind: resource.KindDataset, Limit: limit})
		if d := cmp.Diff(rows, got); d != "" {
			t.Errorf("pages of %d (-want +got):\n%s", limit, d)
		}
	}
	for i := range rows {
		rows[i].Scope, rows[i].Parent, rows[i].RemainingMinutes, rows[i].Result = "", "", nil, ""
	}
	got := walk(t, s, resource.Query{Account: "123456789012", Region: "us-west-2", Kind: resource.KindDataset, Limit: 7, Brief: true})
	if d := cmp.Diff(rows, got); d != "" {
		t.Errorf("brief rows (-want +got):\n%s", d)
	}
}

// walk reads page after page.
func walk(t *testing.T, s resource.Store, q resource.Query) (all []resource.Row) {
	t.Helper()
	for {
		var page []resource.Row
		err := s.View(t.Context(), func(r resource.Reader) (err error) {
			page, err = r.Find(t.Context(), q)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page...)
		if q.Limit == 0 || len(page) < q.Limit {
			return all
		}
		last := page[len(page)-1]
		q.After = &resource.Cursor{CreatedMicros: last.Created.UnixMicro(), ARN: last.ARN}
	}
}

// testFindFilters compares every combination of filters with the same done in
// Go over all rows, on a set with long runs of one parent.
func testFindFilters(t *testing.T, s resource.Store) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	rows := filterRows(rng, 500)
	for some := range slices.Chunk(slices.Clone(rows), 8) { // clocks differ a little
		rng.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
		insert(t, s, some...)
	}
	queries := filterQueries()
	for i, q := range queries {
		q.Account, q.Region, q.Kind = "123456789012", "us-west-2", resource.KindImportJob
		limits := []int{0, 100}
		if i%7 == 0 { // many short pages take their time
			limits = append(limits, 7)
		}
		for _, limit := range limits {
			q.Limit = limit
			want := match(rows, q)
			got := walk(t, s, q)
			if d := cmp.Diff(arns(want), arns(got)); d != "" {
				t.Fatalf("query %d, pages of %d, filters %+v (-want +got):\n%s", i, limit, q.Filters, d)
			}
		}
	}
}

// testFindMany excludes more than the databases take in every form of a query.
func testFindMany(t *testing.T, s resource.Store) {
	t.Helper()
	rows := filterRows(rand.New(rand.NewPCG(5, 6)), 400)
	insert(t, s, rows...)
	for _, column := range []resource.Column{resource.ColumnParent, resource.ColumnGroup, resource.ColumnARN} {
		q := resource.Query{Account: "123456789012", Region: "us-west-2", Kind: resource.KindImportJob, Limit: 100}
		for i := range 12_000 {
			q.Filters = append(q.Filters, resource.Filter{Column: column, Not: true, Value: fmt.Sprintf("arn:x%d", i/2)})
		}
		some := map[resource.Column]string{resource.ColumnParent: "arn:p0", resource.ColumnGroup: "arn:g1", resource.ColumnARN: rows[50].ARN}
		q.Filters = append(q.Filters, resource.Filter{Column: column, Not: true, Value: some[column]})
		if d := cmp.Diff(arns(match(rows, q)), arns(walk(t, s, q))); d != "" {
			t.Errorf("12000 of %s (-want +got):\n%s", column, d)
		}
	}
}

func testFindTies(t *testing.T, s resource.Store) {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 4))
	rows := filterRows(rng, 150)
	for i := range rows {
		rows[i].Created = epoch.Add(time.Duration(i/40) * time.Microsecond)
	}
	insert(t, s, rows...)
	for i, q := range filterQueries() {
		q.Account, q.Region, q.Kind, q.Limit = "123456789012", "us-west-2", resource.KindImportJob, 6
		if d := cmp.Diff(arns(match(rows, q)), arns(walk(t, s, q))); d != "" {
			t.Fatalf("query %d, filters %+v (-want +got):\n%s", i, q.Filters, d)
		}
	}
}

func filterRows(rng *rand.Rand, n int) []resource.Row {
	states := []resource.Status{resource.Active, resource.Active, resource.Active, resource.CreateFailed, resource.CreateInProgress}
	rows := make([]resource.Row, n)
	for i := range rows {
		row := Row(resource.KindImportJob, i)
		row.Parent = "arn:p0"
		if i < n/5 || rng.IntN(40) == 0 {
			row.Parent = fmt.Sprintf("arn:p%d", rng.IntN(12))
		}
		row.Scope = row.Parent
		row.Name = fmt.Sprintf("Job%d_%s", i/4, row.ARN[len(row.ARN)-1:])
		row.Group = fmt.Sprintf("arn:g%d", rng.IntN(3))
		row.Status = states[rng.IntN(len(states))]
		rows[i] = row
	}
	return rows
}

func filterQueries() (qs []resource.Query) {
	is := func(c resource.Column, v string) resource.Filter { return resource.Filter{Column: c, Value: v} }
	not := func(c resource.Column, v string) resource.Filter {
		return resource.Filter{Column: c, Value: v, Not: true}
	}
	status := [][]resource.Filter{
		nil,
		{is(resource.ColumnStatus, "ACTIVE")},
		{not(resource.ColumnStatus, "ACTIVE")},
		{not(resource.ColumnStatus, "ACTIVE"), not(resource.ColumnStatus, "CREATE_FAILED")},
		{is(resource.ColumnStatus, "DELETE_FAILED")},
		{not(resource.ColumnStatus, "NO_SUCH_STATE")},
		{is(resource.ColumnStatus, "NO_SUCH_STATE")},
		{is(resource.ColumnStatus, "ACTIVE"), not(resource.ColumnStatus, "ACTIVE")},
	}
	parent := [][]resource.Filter{
		nil,
		{is(resource.ColumnParent, "arn:p0")},
		{not(resource.ColumnParent, "arn:p0")},
		{not(resource.ColumnParent, "arn:p0"), not(resource.ColumnParent, "arn:p3")},
		{not(resource.ColumnParent, "arn:none")},
		{is(resource.ColumnParent, "arn:p1"), is(resource.ColumnParent, "arn:p2")},
		{is(resource.ColumnParent, "arn:p1"), not(resource.ColumnParent, "arn:p2")},
		{is(resource.ColumnParent, "arn:p1"), not(resource.ColumnParent, "arn:p1")},
	}
	rest := [][]resource.Filter{
		nil,
		{is(resource.ColumnGroup, "arn:g1")},
		{not(resource.ColumnGroup, "arn:g1")},
		{is(resource.ColumnName, "JOB3_2")},
		{is(resource.ColumnScope, "arn:p0"), is(resource.ColumnName, "JOB3_2")},
		{not(resource.ColumnName, "JOB3_2")},
		{is(resource.ColumnARN, Row(resource.KindImportJob, 5).ARN)},
		{not(resource.ColumnARN, Row(resource.KindImportJob, 5).ARN)},
	}
	for _, a := range status {
		for _, b := range parent {
			for _, c := range rest {
				qs = append(qs, resource.Query{Filters: slices.Concat(a, b, c)})
			}
		}
	}
	return qs
}

// match is Find without a limit, written so that it cannot be wrong.
func match(rows []resource.Row, q resource.Query) (out []resource.Row) {
	for _, r := range rows {
		ok := r.Kind == q.Kind
		for _, f := range q.Filters {
			v := map[resource.Column]string{
				resource.ColumnStatus: string(r.Status), resource.ColumnParent: r.Parent, resource.ColumnGroup: r.Group,
				resource.ColumnARN: r.ARN, resource.ColumnScope: r.Scope, resource.ColumnName: r.Name,
			}[f.Column]
			same := v == f.Value || f.Column == resource.ColumnName && strings.EqualFold(v, f.Value)
			ok = ok && same != f.Not
		}
		if ok {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b resource.Row) int {
		if c := b.Created.Compare(a.Created); c != 0 {
			return c
		}
		return strings.Compare(b.ARN, a.ARN)
	})
	return out
}

func arns(rows []resource.Row) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.ARN
	}
	return out
}
