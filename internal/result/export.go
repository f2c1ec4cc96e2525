package result

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// Formats of an export.
const (
	CSV     = "CSV"
	Parquet = "PARQUET"
)

// Steps keeps which parts of a job are finished, so that a later attempt goes
// on there. See resource.Steps, which has the same methods.
type Steps interface {
	Done(ctx context.Context) (map[string]json.RawMessage, error)
	Finish(ctx context.Context, name string, output any) error
}

// Export writes a forecast into a folder of a user's bucket.
type Export struct {
	From   blob.Bucket // the service's own bucket
	Prefix string      // of the forecast in From
	To     blob.Bucket
	Folder string    // key prefix in To, with or without a slash at its end
	Name   string    // of the export job
	Time   time.Time // in the names of the parts; the same for every attempt, so that they all write the same objects
	Format string    // CSV (also when empty) or Parquet
	// Threads is how many parts are written at once; 0 means one.
	Threads int
	Steps   Steps                   // nil: none is kept
	Report  func(done, total int64) // parts; may be nil; called from several goroutines
}

// Run writes an empty _CHECK, the parts, and last an empty _SUCCESS. Running it
// again writes the same objects with the same bytes.
func (e Export) Run(ctx context.Context) error {
	m, err := ReadManifest(ctx, e.From, e.Prefix)
	if err != nil {
		return err
	}
	if err := e.touch(ctx, "_CHECK"); err != nil {
		return err
	}
	if err := e.parts(ctx, m); err != nil {
		return err
	}
	return e.touch(ctx, "_SUCCESS")
}

func (e Export) parts(ctx context.Context, m *Manifest) error {
	done := map[string]json.RawMessage{}
	if e.Steps != nil {
		var err error
		if done, err = e.Steps.Done(ctx); err != nil {
			return fmt.Errorf("result: asking for the finished steps: %w", err)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, e.Threads))
	progress := newProgress(int64(len(m.Parts)), e.Report)
	for i := range m.Parts {
		step := fmt.Sprintf("part-%05d", i)
		if _, ok := done[step]; ok {
			progress.add(1)
			continue
		}
		group.Go(func() error {
			key, err := e.part(ctx, m, i)
			if err == nil && e.Steps != nil {
				err = e.Steps.Finish(ctx, step, key)
			}
			if err == nil {
				progress.add(1)
			}
			return err
		})
	}
	return group.Wait()
}

// part writes one part and returns its key.
func (e Export) part(ctx context.Context, m *Manifest, i int) (string, error) {
	key := join(e.Folder, PartName(e.Name, e.Time, i, e.Format))
	err := e.write(ctx, key, func(w io.Writer) error {
		t, err := NewTable(w, e.Format, m)
		if err != nil {
			return err
		}
		for s, err := range Scan(ctx, e.From, e.Prefix, m, i) {
			if err != nil {
				return err
			}
			if err := t.Add(s); err != nil {
				return err
			}
		}
		return t.Close()
	})
	return key, err
}

// PartName is the recorded name of a part: <name>_2020-04-25T22-30-23Z_part0.csv.
func PartName(name string, t time.Time, part int, format string) string {
	ext := "csv"
	if format == Parquet {
		ext = "parquet"
	}
	return fmt.Sprintf("%s_%s_part%d.%s", name, t.UTC().Format("2006-01-02T15-04-05Z"), part, ext)
}

func (e Export) touch(ctx context.Context, name string) error {
	return e.write(ctx, join(e.Folder, name), func(io.Writer) error { return nil })
}

// write makes an object visible only when f has written all of it.
func (e Export) write(ctx context.Context, key string, f func(io.Writer) error) error {
	w, err := e.To.NewWriter(ctx, key)
	if err != nil {
		return fmt.Errorf("writing %s: %w", key, err)
	}
	defer w.Abort()
	if err := f(w); err != nil {
		return fmt.Errorf("writing %s: %w", key, err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", key, err)
	}
	return nil
}

// columns returns the forecast types in the order of an export: quantiles
// ascending, then the mean; with each its place in the series' values.
func columns(types []string) []column {
	cols := make([]column, len(types))
	for i, t := range types {
		level, isLevel := parseLevel(t)
		cols[i] = column{name: Label(t), at: i, level: level, mean: !isLevel}
	}
	slices.SortStableFunc(cols, func(a, b column) int {
		if a.mean != b.mean {
			if a.mean {
				return 1
			}
			return -1
		}
		return cmp.Compare(a.level, b.level)
	})
	return cols
}

type column struct {
	name  string
	at    int
	level float64
	mean  bool
}
