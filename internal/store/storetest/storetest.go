// Package storetest is the suite that every implementation of resource.Store
// passes, and the databases that tests of other packages use.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/resource"
)

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

// Row returns a row that a store takes: number n of a kind, created n seconds
// after a fixed time.
func Row(kind resource.Kind, n int) resource.Row {
	name := fmt.Sprintf("thing_%06d", n)
	at := epoch.Add(time.Duration(n) * time.Second)
	return resource.Row{
		ARN:  "arn:aws:forecast:us-west-2:123456789012:" + string(kind) + "/" + name,
		Kind: kind, Account: "123456789012", Region: "us-west-2", Name: name,
		Status: resource.StartState(kind), Created: at, Modified: at, Spec: `{"a":1}`,
	}
}

// Run runs the suite. open returns an empty store that takes tasks.
func Run(t *testing.T, open func(t *testing.T) resource.Store) {
	t.Helper()
	for _, c := range []struct {
		name string
		f    func(*testing.T, resource.Store)
	}{
		{"RoundTrip", testRoundTrip},
		{"Unique", testUnique},
		{"States", testStates},
		{"Missing", testMissing},
		{"Tags", testTags},
		{"Count", testCount},
		{"Rollback", testRollback},
		{"Snapshot", testSnapshot},
		{"Serial", testSerial},
		{"FindPages", testFindPages},
		{"FindFilters", testFindFilters},
		{"FindTies", testFindTies},
		{"FindMany", testFindMany},
		{"Cancelled", testCancelled},
	} {
		t.Run(c.name, func(t *testing.T) { c.f(t, open(t)) })
	}
}

func insert(t *testing.T, s resource.Store, rows ...resource.Row) {
	t.Helper()
	err := s.Update(t.Context(), func(tx resource.Tx) error {
		for _, r := range rows {
			if err := tx.Insert(t.Context(), r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, s resource.Store, arn string) (row resource.Row, err error) {
	t.Helper()
	err = s.View(t.Context(), func(r resource.Reader) error {
		row, err = r.Get(t.Context(), arn)
		return err
	})
	return row, err
}

func testRoundTrip(t *testing.T, s resource.Store) {
	t.Helper()
	row := Row(resource.KindImportJob, 1)
	row.Name, row.Scope, row.Parent, row.Group = "Mixed_Case", "arn:scope", "arn:parent", "arn:group"
	minutes := int64(7)
	row.RemainingMinutes, row.Message = &minutes, "a 'quoted' \"message\" with ü and 日本"
	row.Result = `{"rows": 3}`
	insert(t, s, row)
	for what, read := range map[string]func() (resource.Row, error){
		"in a snapshot": func() (resource.Row, error) { return get(t, s, row.ARN) },
		"alone":         func() (resource.Row, error) { return s.Get(t.Context(), row.ARN) },
	} {
		got, err := read()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(row, got); d != "" {
			t.Errorf("the row, read %s, changed (-put +got):\n%s", what, d)
		}
	}
	if _, err := s.Get(t.Context(), row.ARN+"x"); !errors.Is(err, resource.ErrNoRow) {
		t.Errorf("reading a row that is not there: got %v, want ErrNoRow", err)
	}

	row.Status, row.Message, row.RemainingMinutes = resource.Active, "", nil
	row.Modified = row.Modified.Add(time.Hour + time.Microsecond)
	row.Spec, row.Result = `{"b":2}`, ""
	changed := row
	changed.Name, changed.Parent, changed.Created = "other", "other", epoch.Add(time.Hour) // Save leaves these alone
	if err := s.Update(t.Context(), func(tx resource.Tx) error { return tx.Save(t.Context(), changed) }); err != nil {
		t.Fatal(err)
	}
	got, err := get(t, s, row.ARN)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(row, got); d != "" {
		t.Errorf("the saved row differs (-want +got):\n%s", d)
	}
}

func testUnique(t *testing.T, s resource.Store) {
	t.Helper()
	first := Row(resource.KindImportJob, 1)
	first.Name, first.Scope = "Job", "arn:one"
	insert(t, s, first)
	for _, c := range []struct {
		name   string
		change func(*resource.Row)
		want   error
	}{
		{"same ARN", func(r *resource.Row) { r.ARN, r.Name = first.ARN, "Free" }, resource.ErrRowExists},
		{"same name in other letters", func(r *resource.Row) { r.Name = "jOB" }, resource.ErrRowExists},
		{"other scope", func(r *resource.Row) { r.Scope = "arn:two" }, nil},
		{"other region", func(r *resource.Row) { r.Region = "eu-west-1" }, nil},
		{"other account", func(r *resource.Row) { r.Account = "999999999999" }, nil},
		{"other kind", func(r *resource.Row) { r.Kind = resource.KindForecastExport }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			row := Row(resource.KindImportJob, 2)
			row.ARN += "/" + c.name
			row.Name, row.Scope = "Job", "arn:one"
			c.change(&row)
			err := s.Update(t.Context(), func(tx resource.Tx) error {
				err := tx.Insert(t.Context(), row)
				// The transaction must go on after the refusal.
				if _, e := tx.Get(t.Context(), first.ARN); e != nil {
					t.Errorf("reading after the insert: %v", e)
				}
				return err
			})
			if !errors.Is(err, c.want) {
				t.Errorf("got error %v, want %v", err, c.want)
			}
		})
	}
}

func testStates(t *testing.T, s resource.Store) {
	t.Helper()
	for _, kind := range resource.AllKinds() {
		for i, status := range append(resource.AllStates(), "", "active") {
			row := Row(kind, i)
			row.Status = status
			err := s.Update(t.Context(), func(tx resource.Tx) error { return tx.Insert(t.Context(), row) })
			if want := slices.Contains(resource.States(kind), status); (err == nil) != want {
				t.Errorf("a %s in state %q: got error %v; want it taken: %v", kind, status, err, want)
			}
		}
	}
}

func testMissing(t *testing.T, s resource.Store) {
	t.Helper()
	row := Row(resource.KindDataset, 1)
	if _, err := get(t, s, row.ARN); !errors.Is(err, resource.ErrNoRow) {
		t.Errorf("Get of no row: got %v, want ErrNoRow", err)
	}
	err := s.Update(t.Context(), func(tx resource.Tx) error {
		if err := tx.Save(t.Context(), row); !errors.Is(err, resource.ErrNoRow) {
			t.Errorf("Save of no row: got %v, want ErrNoRow", err)
		}
		if err := tx.Remove(t.Context(), row.ARN); !errors.Is(err, resource.ErrNoRow) {
			t.Errorf("Remove of no row: got %v, want ErrNoRow", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func testTags(t *testing.T, s resource.Store) {
	t.Helper()
	row := Row(resource.KindDataset, 1)
	set := func(put []resource.Tag, drop ...string) {
		t.Helper()
		err := s.Update(t.Context(), func(tx resource.Tx) error { return tx.SetTags(t.Context(), row.ARN, put, drop) })
		if err != nil {
			t.Fatal(err)
		}
	}
	check := func(want ...resource.Tag) {
		t.Helper()
		err := s.View(t.Context(), func(r resource.Reader) error {
			got, err := r.Tags(t.Context(), row.ARN)
			if err == nil && !slices.Equal(got, want) {
				t.Errorf("got tags %v, want %v", got, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	insert(t, s, row)
	check()
	set([]resource.Tag{{Key: "b", Value: "1"}, {Key: "Z", Value: "2"}, {Key: "a", Value: ""}})
	check(resource.Tag{Key: "Z", Value: "2"}, resource.Tag{Key: "a", Value: ""}, resource.Tag{Key: "b", Value: "1"})
	set([]resource.Tag{{Key: "b", Value: "3"}}, "a", "absent")
	check(resource.Tag{Key: "Z", Value: "2"}, resource.Tag{Key: "b", Value: "3"})
	err := s.Update(t.Context(), func(tx resource.Tx) error { return tx.Remove(t.Context(), row.ARN) })
	if err != nil {
		t.Fatal(err)
	}
	check()
}

func testCount(t *testing.T, s resource.Store) {
	t.Helper()
	var rows []resource.Row
	for i := range 10 {
		row := Row(resource.KindForecast, i)
		if i < 4 {
			row.Status = resource.Active
		}
		rows = append(rows, row)
	}
	other := Row(resource.KindForecast, 50)
	other.Region = "eu-west-1"
	insert(t, s, append(rows, other, Row(resource.KindDataset, 1))...)
	for _, c := range []struct {
		states []resource.Status
		want   int
	}{
		{nil, 10},
		{[]resource.Status{resource.Active}, 4},
		{[]resource.Status{resource.Active, resource.CreatePending}, 10},
		{[]resource.Status{resource.CreateFailed}, 0},
	} {
		err := s.View(t.Context(), func(r resource.Reader) error {
			n, err := r.Count(t.Context(), "123456789012", "us-west-2", resource.KindForecast, c.states...)
			if n != c.want {
				t.Errorf("in states %v: got %d, want %d", c.states, n, c.want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func testRollback(t *testing.T, s resource.Store) {
	t.Helper()
	row := Row(resource.KindDataset, 1)
	boom := errors.New("boom")
	write := func(tx resource.Tx) error {
		if err := tx.Insert(t.Context(), row); err != nil {
			return err
		}
		if err := tx.Enqueue(t.Context(), resource.Task{ID: "T1", Kind: resource.TaskImport, Resource: row.ARN}); err != nil {
			return err
		}
		_, err := tx.Get(t.Context(), row.ARN) // it sees what it wrote
		return err
	}
	err := s.Update(t.Context(), func(tx resource.Tx) error {
		if err := write(tx); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("got error %v, want the function's own", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic of the function was swallowed")
			}
		}()
		_ = s.Update(t.Context(), func(tx resource.Tx) error {
			if err := write(tx); err != nil {
				return err
			}
			panic("boom")
		})
	}()
	if _, err := get(t, s, row.ARN); !errors.Is(err, resource.ErrNoRow) {
		t.Errorf("after two rollbacks: got %v, want ErrNoRow", err)
	}
	if err := s.Update(t.Context(), write); err != nil {
		t.Errorf("the same again, to commit: %v", err)
	}
}

func testSnapshot(t *testing.T, s resource.Store) {
	t.Helper()
	row := Row(resource.KindDataset, 1)
	insert(t, s, row)
	err := s.View(t.Context(), func(r resource.Reader) error {
		if _, err := r.Get(t.Context(), row.ARN); err != nil {
			return err
		}
		insert(t, s, Row(resource.KindDataset, 2)) // by somebody else, while we read
		n, err := r.Count(t.Context(), row.Account, row.Region, row.Kind)
		if n != 1 {
			t.Errorf("a reader saw %d rows after it began with 1", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// testSerial lets many writers read, then insert what they have read to be
// absent. All must succeed in the end and no two may have seen the same.
func testSerial(t *testing.T, s resource.Store) {
	t.Helper()
	const writers = 8
	seen := make([]int, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			err := s.Update(t.Context(), func(tx resource.Tx) error {
				n, err := tx.Count(t.Context(), "123456789012", "us-west-2", resource.KindDataset)
				if err != nil {
					return err
				}
				seen[w] = n
				return tx.Insert(t.Context(), Row(resource.KindDataset, 1000*n+w))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	slices.Sort(seen)
	for i, n := range seen {
		if n != i {
			t.Fatalf("the writers counted %v before they inserted; one after the other would have counted 0 to %d", seen, writers-1)
		}
	}
}

func testCancelled(t *testing.T, s resource.Store) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	called := false
	err := s.Update(ctx, func(resource.Tx) error { called = true; return nil })
	if !errors.Is(err, context.Canceled) || called {
		t.Errorf("with a cancelled context: got %v (called: %v), want context.Canceled and no call", err, called)
	}
}
