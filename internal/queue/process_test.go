//go:build unix

package queue_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/queue"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/store"
	"github.com/almanac-forecast/almanac/internal/store/storetest"
)

// These tests run workers as processes of their own, made from this test
// program, and treat them badly.

const (
	childEnv = "ALMANAC_QUEUE_TEST_CHILD" // the database
	leaseEnv = "ALMANAC_QUEUE_TEST_LEASE"
)

// child is a worker process. It prints what happens, one event a line, and
// goes on with its task when it reads a line.
func child() int {
	lease, err := time.ParseDuration(os.Getenv(leaseEnv))
	if err == nil {
		err = work(os.Getenv(childEnv), lease)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func work(where string, lease time.Duration) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	db, err := store.Open(ctx, where, clock.System{})
	if err != nil {
		return err
	}
	lines := make(chan string)
	go func() {
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			lines <- in.Text()
		}
	}()
	q, err := queue.New(db, queue.Config{
		Lease: lease, Watch: 20 * time.Millisecond, Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}, handlers{resource.TaskImport: func(ctx context.Context, r *queue.Run) error { return childTask(ctx, r, lines) }})
	if err != nil {
		return err
	}
	if err := q.Start(ctx); err != nil {
		return err
	}
	fmt.Println("started")
	<-ctx.Done()
	if err := q.Stop(context.Background()); err != nil {
		return err
	}
	return db.Close()
}

// childTask finishes one step, waits for a line, and completes the task by
// inserting a row named after the attempt. It does not listen to its context,
// like work that is deep in a computation.
func childTask(ctx context.Context, r *queue.Run, lines <-chan string) error {
	ctx = context.WithoutCancel(ctx)
	done, err := r.Steps().Done(ctx)
	if err != nil {
		return err
	}
	if len(done) == 0 {
		if err := r.Steps().Finish(ctx, "one", r.Attempt()); err != nil {
			return err
		}
		fmt.Println("worked", r.Attempt())
	} else {
		fmt.Println("reused", r.Attempt(), string(done["one"]))
	}
	<-lines
	if err := r.Steps().Finish(ctx, "two", r.Attempt()); err != nil {
		fmt.Println("refused", r.Attempt(), err)
		err = r.Update(ctx, func(tx resource.Tx) error { return insertResult(ctx, tx, r.Attempt()) })
		fmt.Println("refused", r.Attempt(), err)
	}
	err = r.Complete(ctx, func(tx resource.Tx) error {
		if err := activate(ctx, tx, fmt.Sprint("by attempt ", r.Attempt())); err != nil {
			return err
		}
		return insertResult(ctx, tx, r.Attempt())
	})
	if err != nil {
		fmt.Println("refused", r.Attempt(), err)
		return err
	}
	fmt.Println("completed", r.Attempt())
	return nil
}

func insertResult(ctx context.Context, tx resource.Tx, attempt int) error {
	row := storetest.Row(resource.KindForecast, attempt)
	return tx.Insert(ctx, row)
}

// process is a child and what it says.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	in     io.Writer
	events chan string
}

func spawn(t *testing.T, where string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0]) //nolint:noctx // it is killed below
	cmd.Env = append(os.Environ(), childEnv+"="+where, leaseEnv+"="+testLease.String())
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{t, cmd, in, make(chan string, 100)}
	read := make(chan bool)
	go func() {
		defer close(read)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.events <- s.Text()
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGCONT)
		_ = cmd.Process.Kill()
		<-read
		_ = cmd.Wait()
	})
	p.expect("started")
	return p
}

// expect returns the rest of the next event, which must begin with a word.
func (p *process) expect(word string) string {
	p.t.Helper()
	e := receive(p.t, p.events)
	rest, ok := strings.CutPrefix(e, word)
	if !ok {
		p.t.Fatalf("the worker said %q, want %q", e, word)
	}
	return strings.TrimSpace(rest)
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) goOn() {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.in, "go"); err != nil {
		p.t.Fatal(err)
	}
}

// prepare migrates the database and returns it with a function that checks
// that the task was completed once, by the given attempt.
func prepare(t *testing.T, where string) (*store.DB, func(attempt string)) {
	t.Helper()
	db := storetest.OpenAt(t, where, clock.System{})
	if _, err := queue.New(db, queue.Config{}, nil); err != nil { // to enqueue only
		t.Fatal(err)
	}
	return db, func(attempt string) {
		t.Helper()
		await(t, "task gone", gone(db))
		if row := status(t, db); row.Status != resource.Active || row.Message != "by attempt "+attempt {
			t.Errorf("the row is %s %q, want it ACTIVE by attempt %s", row.Status, row.Message, attempt)
		}
		err := db.View(t.Context(), func(r resource.Reader) error {
			n, err := r.Count(t.Context(), "123456789012", "us-west-2", resource.KindForecast)
			if n != 1 {
				t.Errorf("%d attempts left a result, want 1", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

const testLease = 3 * time.Second

// TestKillThenRestart: the only worker is killed and started again.
func TestKillThenRestart(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		t.Helper()
		db, check := prepare(t, where)
		enqueue(t, db, "T1")
		p := spawn(t, where)
		p.expect("worked 1")
		p.signal(syscall.SIGKILL)
		_ = p.cmd.Wait()
		began := time.Now()
		p = spawn(t, where)
		if got := p.expect("reused"); got != "2 1" {
			t.Errorf("attempt and step %q, want the second attempt and the step of the first", got)
		}
		took := time.Since(began)
		t.Logf("second attempt %v after the restart", took)
		if db.Engine() == store.SQLite && took > testLease-testLease/10 {
			t.Errorf("the second attempt began %v after the restart; alone on SQLite it need not wait for the lease of %v", took, testLease)
		}
		p.goOn()
		p.expect("completed 2")
		check("2")
	})
}

// TestKillBesideOther: one of two workers is killed, the other takes over.
func TestKillBesideOther(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		t.Helper()
		db, check := prepare(t, where)
		enqueue(t, db, "T1")
		first := spawn(t, where)
		first.expect("worked 1")
		second := spawn(t, where)
		first.signal(syscall.SIGKILL)
		began := time.Now()
		second.expect("reused 2 1")
		t.Logf("second attempt %v after the kill, with a lease of %v", time.Since(began), testLease)
		second.goOn()
		second.expect("completed 2")
		check("2")
	})
}

// TestSleeperIsRefused: a worker falls asleep, another takes over, and the
// sleeper wakes up while the other still works. Nothing of what it then does
// counts. Then the other is killed, and the former sleeper gets the task back:
// its own late return has not lost it.
func TestSleeperIsRefused(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		t.Helper()
		db, check := prepare(t, where)
		enqueue(t, db, "T1")
		sleeper := spawn(t, where)
		sleeper.expect("worked 1")
		other := spawn(t, where)
		sleeper.signal(syscall.SIGSTOP)
		other.expect("reused 2 1")
		sleeper.goOn() // it reads this when it wakes up
		sleeper.signal(syscall.SIGCONT)
		for range 3 {
			if got := sleeper.expect("refused 1"); got != resource.ErrOvertaken.Error() {
				t.Errorf("the late worker was refused with %q, want %q", got, resource.ErrOvertaken)
			}
		}
		if task, err := db.Task(t.Context(), "T1"); err != nil || task.Runs != 2 || task.Worker == "" {
			t.Errorf("after the late worker returned the task is %+v, %v; want it in hand of attempt 2", task, err)
		}
		other.signal(syscall.SIGKILL)
		if got := sleeper.expect("reused"); got != "3 1" {
			t.Errorf("attempt and step %q, want the third attempt and the step of the first", got)
		}
		sleeper.goOn()
		sleeper.expect("completed 3")
		check("3")
	})
}

// TestSleeperIsTooLate: the sleeper wakes up after the other has completed the task.
func TestSleeperIsTooLate(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		t.Helper()
		db, check := prepare(t, where)
		enqueue(t, db, "T1")
		sleeper := spawn(t, where)
		sleeper.expect("worked 1")
		other := spawn(t, where)
		sleeper.signal(syscall.SIGSTOP)
		other.expect("reused 2 1")
		other.goOn()
		other.expect("completed 2")
		sleeper.goOn()
		sleeper.signal(syscall.SIGCONT)
		for range 3 {
			sleeper.expect("refused 1")
		}
		check("2")
		sleeper.signal(syscall.SIGTERM)
		if err := sleeper.cmd.Wait(); err != nil {
			t.Errorf("the late worker did not end in order: %v", err)
		}
	})
}
