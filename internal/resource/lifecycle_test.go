package resource_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/almanac-forecast/almanac/internal/resource"
)

// TestLastModified holds every state against contract 2.5.
func TestLastModified(t *testing.T) {
	t.Parallel()
	created := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	moved, now := created.Add(time.Hour), created.Add(2*time.Hour)
	for _, kind := range resource.AllKinds() {
		for _, s := range resource.States(kind) {
			row := resource.Row{Kind: kind, Status: s, Created: created, Modified: moved}
			want := moved
			switch s { //nolint:exhaustive // the others show when they were reached
			case resource.CreatePending:
				want = created
			case resource.CreateInProgress, resource.CreateStopping, resource.UpdatePending, resource.UpdateInProgress, resource.DeleteInProgress:
				if kind != resource.KindMonitor {
					want = now
				}
			}
			if got := row.LastModified(now); !got.Equal(want) {
				t.Errorf("%s in %s: got %s, want %s", kind, s, got, want)
			}
		}
	}
}

// The workers' functions leave alone what is gone or has ended.
func TestLifecycleOfNothing(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	now := e.Now()
	active := e.dataset("d", targetSpec())
	for _, arn := range []string{prefix + "forecast/nope", active} {
		for what, f := range map[string]func(ctx context.Context, tx resource.Tx) error{
			"Begin": func(ctx context.Context, tx resource.Tx) error {
				_, err := resource.Begin(ctx, tx, now, arn)
				return err
			},
			"BeginDelete": func(ctx context.Context, tx resource.Tx) error {
				_, err := resource.BeginDelete(ctx, tx, now, arn)
				return err
			},
			"Estimate": func(ctx context.Context, tx resource.Tx) error { return resource.Estimate(ctx, tx, arn, time.Minute) },
			"Activate": func(ctx context.Context, tx resource.Tx) error { return resource.Activate(ctx, tx, now, arn, nil) },
			"Stopped":  func(ctx context.Context, tx resource.Tx) error { return resource.Stopped(ctx, tx, now, arn) },
		} {
			if err := e.try(f); !errors.Is(err, resource.ErrNotWanted) {
				t.Errorf("%s of %s: got %v, want ErrNotWanted", what, arn, err)
			}
		}
		if err := e.try(func(ctx context.Context, tx resource.Tx) error { return resource.Fail(ctx, tx, now, arn, "no") }); err != nil {
			t.Errorf("Fail of %s: %v", arn, err)
		}
	}
	e.status(active, resource.Active)
	if err := e.try(func(ctx context.Context, tx resource.Tx) error {
		return resource.Remove(ctx, tx, now, prefix+"forecast/nope")
	}); err != nil {
		t.Errorf("removing nothing: %v", err)
	}
}

func TestStaleTasks(t *testing.T) {
	t.Parallel()
	made := time.Date(2024, 1, 1, 0, 0, 0, 123456000, time.UTC)
	row := resource.Row{ARN: "x", Created: made}
	for _, tt := range []struct {
		task resource.Task
		want bool
	}{
		{resource.Task{ID: resource.NewID(made), Resource: "x"}, true},
		{resource.Task{ID: resource.NewID(made.Add(time.Hour)), Resource: "x"}, true},
		{resource.Task{ID: resource.NewID(made.Add(-time.Millisecond)), Resource: "x"}, false},
		{resource.Task{ID: resource.NewID(made), Resource: "y"}, false},
		{resource.Task{ID: "not an id", Resource: "x"}, false},
	} {
		if got := tt.task.For(row); got != tt.want {
			t.Errorf("%v: got %v, want %v", tt.task, got, tt.want)
		}
	}
}

func TestNewID(t *testing.T) {
	t.Parallel()
	// The original service made TAXI_PREDICTOR_01FTHF1KK7E6VVR676WVN24MXC at this time.
	at := time.UnixMilli(1643411197543)
	a, b := resource.NewID(at), resource.NewID(at)
	if a == b || a[:10] != b[:10] {
		t.Errorf("two ids of one millisecond: %s and %s", a, b)
	}
	if a[:10] != "01FTHF1KK7" {
		t.Errorf("the time part is %s, want 01FTHF1KK7", a[:10])
	}
	if later := resource.NewID(at.Add(time.Millisecond)); later <= max(a, b) {
		t.Errorf("%s does not sort after %s and %s", later, a, b)
	}
	if len(a) != 26 || strings.Trim(a, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
		t.Errorf("%s is no ULID", a)
	}
}

func FuzzParseARN(f *testing.F) {
	for _, s := range []string{prefix + "dataset/x", "arn:aws:forecast:::algorithm/ETS", "arn:aws:forecast:a:b:c:d/e", "", "arn", prefix + "what-if-forecast/a/b/c_1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, ok := resource.ParseARN(s)
		if !ok {
			return
		}
		if back := "arn:" + p.Partition + ":forecast:" + p.Region + ":" + p.Account + ":" + string(p.Kind) + "/" + strings.Join(p.Parts, "/"); back != s {
			t.Errorf("%q is taken apart and put together as %q", s, back)
		}
	})
}
