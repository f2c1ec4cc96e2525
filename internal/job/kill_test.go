//go:build unix

package job_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/job"
	"github.com/almanac-forecast/almanac/internal/queue"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store/pgtest"
)

// The environment of a worker process, which is this test program run again.
const (
	childDir   = "ALMANAC_JOB_TEST_DIR"
	childURL   = "ALMANAC_JOB_TEST_URL"
	childFatal = "ALMANAC_JOB_TEST_FATAL"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fatal, _ := strconv.ParseInt(os.Getenv(childFatal), 10, 64)
		if err := work(dir, os.Getenv(childURL), fatal); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(pgtest.Main(m))
}

// moments counts the moments at which a worker can be killed: before and after
// each call that leaves something behind.
type moments struct {
	count atomic.Int64
	fatal int64
}

// pass kills the process when its time has come.
func (m *moments) pass() {
	if m.count.Add(1) == m.fatal {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal is on its way
	}
}

// work is the worker process: it works until its standard input closes, and
// says on its standard output how many moments there were.
func work(dir, url string, fatal int64) error {
	m := &moments{fatal: fatal}
	ctx := context.Background()
	w, err := open(ctx, dir, options{
		url:  url,
		wrap: func(b blob.Bucket) blob.Bucket { return mortal{b, m} },
		run: func(ctx context.Context, w *job.Workers, run *queue.Run) error {
			return w.Do(ctx, mortalRun{run, m})
		},
	})
	if err != nil {
		return err
	}
	if err := w.queue.Start(ctx); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	if err := w.close(ctx); err != nil {
		return err
	}
	_, err = fmt.Println(m.count.Load())
	return err
}

// mortal is a bucket around whose writes the process can die.
type mortal struct {
	blob.Bucket
	m *moments
}

func (b mortal) NewWriter(ctx context.Context, key string) (blob.Writer, error) {
	b.m.pass()
	w, err := b.Bucket.NewWriter(ctx, key)
	return &mortalWriter{w, b.m}, err
}

func (b mortal) Delete(ctx context.Context, keys ...string) error {
	b.m.pass()
	err := b.Bucket.Delete(ctx, keys...)
	b.m.pass()
	return err
}

type mortalWriter struct {
	blob.Writer
	m *moments
}

// Write dies with half of the bytes written.
func (w *mortalWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p[:len(p)/2])
	if err != nil {
		return n, err
	}
	w.m.pass()
	k, err := w.Writer.Write(p[n:])
	return n + k, err
}

func (w *mortalWriter) Close() error {
	w.m.pass()
	err := w.Writer.Close()
	w.m.pass()
	return err
}

// mortalRun is a run around whose transactions the process can die.
type mortalRun struct {
	job.Run
	m *moments
}

func (r mortalRun) Update(ctx context.Context, f func(resource.Tx) error) error {
	err := r.Run.Update(ctx, f)
	r.m.pass()
	return err
}

func (r mortalRun) Complete(ctx context.Context, f func(resource.Tx) error) error {
	r.m.pass()
	err := r.Run.Complete(ctx, func(tx resource.Tx) error {
		err := f(tx)
		r.m.pass() // within the transaction
		return err
	})
	r.m.pass()
	return err
}

func (r mortalRun) Steps() resource.Steps { return mortalSteps{r.Run.Steps(), r.m} }

type mortalSteps struct {
	resource.Steps
	m *moments
}

func (s mortalSteps) Finish(ctx context.Context, name string, output any) error {
	s.m.pass()
	err := s.Steps.Finish(ctx, name, output)
	s.m.pass()
	return err
}

// child runs a worker process until the job has ended, then lets it end too; or
// until it was killed. It returns the number of moments, or 0.
func child(t *testing.T, dir, url, arn string, fatal int64) int64 {
	t.Helper()
	eye, err := open(t.Context(), dir, options{url: url})
	if err != nil {
		t.Fatal(err)
	}
	defer eye.close(context.Background()) //nolint:errcheck // it only looks
	cmd := exec.CommandContext(context.Background(), os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childURL+"="+url, childFatal+"="+strconv.FormatInt(fatal, 10))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	deadline := time.After(2 * time.Minute)
	for asked := false; ; {
		select {
		case err := <-ended:
			var exit *exec.ExitError
			if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
				return 0
			}
			if err != nil {
				t.Fatalf("worker killed at %d: %v", fatal, err)
			}
			n, err := strconv.ParseInt(strings.TrimSpace(out.String()), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		case <-deadline:
			_ = cmd.Process.Kill()
			t.Fatalf("worker to be killed at %d does not end", fatal)
		case <-time.After(20 * time.Millisecond): // between two looks at the state
			if row, _ := eye.row(t, arn); !asked && (row.Status == resource.Active || row.Status == resource.CreateFailed) {
				asked = true
				// A worker that has just died has closed its end, and Wait this one.
				if err := in.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
					t.Error(err)
				}
			}
		}
	}
}

// stage is one kind of job to be interrupted. Its resource is there already, in
// CREATE_PENDING.
type stage struct {
	name string
	arn  string
	dir  string // of the world in which it is there; not changed
}

// stages makes a world for each kind of job.
func stages(t *testing.T) []stage {
	t.Helper()
	var list []stage
	for at, name := range []string{"import", "train", "forecast", "export"} {
		dir := t.TempDir()
		list = append(list, stage{name, makeStage(t, dir, "", at), dir})
	}
	return list
}

// outcome is all that a finished job left behind.
type outcome struct {
	Status resource.Status
	Result string
	Own    map[string]string
	User   map[string]string
}

func (w *world) outcome(t *testing.T, arn string) outcome {
	t.Helper()
	row, _ := w.row(t, arn)
	return outcome{row.Status, attemptOf.ReplaceAllString(row.Result, ""), w.own(t), w.userObjects(t, "out/")}
}

// finish runs the workers of a world until a job has ended, and returns what it
// left behind.
func finish(t *testing.T, dir, url, arn string) outcome {
	t.Helper()
	w, err := open(t.Context(), dir, options{url: url})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.queue.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.wait(t, arn, resource.Active)
	out := w.outcome(t, arn)
	if err := w.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return out
}

func (o outcome) check(t *testing.T, want outcome, when string) {
	t.Helper()
	if o.Status != want.Status || o.Result != want.Result {
		t.Errorf("%s: %s (-undisturbed +killed):\n%s", when, o.Status, cmp.Diff(want.Result, o.Result))
	}
	for what, pair := range map[string][2]map[string]string{"own": {want.Own, o.Own}, "user's": {want.User, o.User}} {
		for key, text := range pair[0] {
			if got, ok := pair[1][key]; !ok || got != text {
				t.Errorf("%s: the %s object %s differs (there: %v)", when, what, key, ok)
			}
		}
		if len(pair[0]) != len(pair[1]) {
			t.Errorf("%s: %d of the %s objects, want %d", when, len(pair[1]), what, len(pair[0]))
		}
	}
}

// TestKill kills a worker at many moments of each kind of job and lets another
// go on: the job ends ACTIVE, and its files have the bytes of an undisturbed run.
func TestKill(t *testing.T) {
	t.Parallel()
	perStage := 10
	if testing.Short() {
		perStage = 3
	}
	for _, s := range stages(t) {
		t.Run(s.name, func(t *testing.T) {
			fresh := func() string {
				dir := t.TempDir()
				if err := os.CopyFS(dir, os.DirFS(s.dir)); err != nil {
					t.Fatal(err)
				}
				return dir
			}
			dir := fresh()
			total := child(t, dir, "", s.arn, 0)
			want := finish(t, dir, "", s.arn)
			if total < 6 || want.Status != resource.Active {
				t.Fatalf("undisturbed: %d moments, %s", total, want.Status)
			}
			for i := range perStage {
				fatal := 1 + (total-1)*int64(i)/int64(max(perStage-1, 1))
				dir := fresh()
				if n := child(t, dir, "", s.arn, fatal); n != 0 {
					t.Logf("moment %d never came", fatal) // threads do not count the same way every time
				}
				finish(t, dir, "", s.arn).check(t, want, fmt.Sprintf("killed at moment %d of %d", fatal, total))
			}
		})
	}
}

// TestKillPostgres does the same with a database that the worker does not
// take with it: nobody knows at once that the worker is gone.
func TestKillPostgres(t *testing.T) {
	t.Parallel() // it waits most of its time
	shares := []float64{0.2, 0.6, 0.95}
	if testing.Short() {
		shares = shares[1:2]
	}
	for at, name := range []string{"import", "train", "forecast", "export"} {
		t.Run(name, func(t *testing.T) {
			dir, url := t.TempDir(), pgtest.URL(t)
			arn := makeStage(t, dir, url, at)
			total := child(t, dir, url, arn, 0)
			want := finish(t, dir, url, arn).nameless()
			for _, share := range shares {
				dir, url := t.TempDir(), pgtest.URL(t)
				arn := makeStage(t, dir, url, at)
				fatal := 1 + int64(share*float64(total-1))
				child(t, dir, url, arn, fatal)
				finish(t, dir, url, arn).nameless().check(t, want, fmt.Sprintf("killed at moment %d of %d", fatal, total))
			}
		})
	}
}

// makeStage makes a world in which the job of a stage waits.
func makeStage(t *testing.T, dir, url string, stage int) string {
	t.Helper()
	var w *world
	reopen := func() {
		t.Helper()
		var err error
		if w != nil {
			err = w.close(t.Context())
		}
		if err == nil {
			w, err = open(t.Context(), dir, options{url: url})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	reopen()
	w.bucket(t, "data")
	w.put(t, "in/sales.csv", shop(8))
	dataset := w.dataset(t, "sales", targetSpec)
	group := w.group(t, "shop", dataset)
	arn := ""
	for at, create := range []func() string{
		func() string { return w.importJob(t, dataset, "first", "s3://data/in/sales.csv") },
		func() string { return w.predictor(t, "model", group) },
		func() string { return w.forecast(t, "spring", arn) },
		func() string { return w.export(t, "spring_out", arn, "s3://data/out") },
	} {
		arn = create()
		if at == stage {
			break
		}
		if err := w.queue.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.wait(t, arn, resource.Active)
		reopen() // with a queue that does not work
	}
	if err := w.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return arn
}

var (
	rootName   = regexp.MustCompile(`/[0-9a-f]{32}/`)
	exportTime = regexp.MustCompile(`_[0-9T-]+Z_part`)
)

// nameless takes away what depends on when a resource was created.
func (o outcome) nameless() outcome {
	plain := func(m map[string]string) map[string]string {
		out := map[string]string{}
		for key, text := range m {
			if strings.HasSuffix(key, ".json") {
				text = rootName.ReplaceAllString(text, "/ROOT/")
			}
			out[exportTime.ReplaceAllString(rootName.ReplaceAllString(key, "/ROOT/"), "_TIME_part")] = text
		}
		return out
	}
	o.Result = rootName.ReplaceAllString(o.Result, "/ROOT/")
	o.Own, o.User = plain(o.Own), plain(o.User)
	return o
}
