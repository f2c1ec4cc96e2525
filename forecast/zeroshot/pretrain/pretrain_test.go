package pretrain

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/almanac-forecast/almanac/forecast/zeroshot/internal/net"
	"github.com/almanac-forecast/almanac/forecast/zeroshot/simulate"
)

var errKilled = errors.New("killed")

// TestRun trains a little: in one go on one goroutine, and killed and resumed on
// others. The weights must be the same bytes.
func TestRun(t *testing.T) {
	o := Options{Windows: 3500, Seed: 7, Threads: 1, Every: 2}
	var reports []Report
	o.Report = func(r Report) error {
		reports = append(reports, r)
		return nil
	}
	want, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(reports) != 2 || reports[0].Windows != 2048 || reports[1].Windows != 4096 || reports[1].Total != 4096 {
		t.Errorf("reports %+v, want two, of 2048 and 4096 windows", reports)
	}
	w, err := net.Unmarshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if w.Seed != 7 || w.Steps != 4 || w.Windows != 4096 || w.Simulator != simulate.General {
		t.Errorf("header %+v", w.Header)
	}

	var checkpoint []byte
	o.Threads = 2
	o.Report = func(r Report) error {
		checkpoint = r.Checkpoint()
		return errKilled
	}
	if _, err := Run(t.Context(), o); !errors.Is(err, errKilled) {
		t.Fatalf("error %v, want that of Report", err)
	}
	o.Resume, o.Threads, o.Report = checkpoint, 3, nil
	got, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("killed and resumed on several goroutines, the training gave other weights")
	}
}

// TestRun_Without wants weights of a simulator with parts left out to name no
// version of it: nobody could make them again from their header.
func TestRun_Without(t *testing.T) {
	file, err := Run(t.Context(), Options{Windows: 1, Without: []string{"load"}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := net.Unmarshal(file)
	if err != nil {
		t.Fatal(err)
	}
	if w.Simulator != 0 {
		t.Errorf("version %d of the simulator, want 0", w.Simulator)
	}
}

// TestRun_Simulator wants the version of the simulator in the header, and its
// seasons in the validation.
func TestRun_Simulator(t *testing.T) {
	var seasons []int
	file, err := Run(t.Context(), Options{Windows: 1, Simulator: simulate.Slow, Report: func(r Report) error {
		for _, v := range r.Validation {
			seasons = append(seasons, v.Season)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := net.Unmarshal(file)
	if err != nil {
		t.Fatal(err)
	}
	if w.Simulator != simulate.Slow || !slices.Equal(seasons, simulate.Seasons(simulate.Slow)) {
		t.Errorf("version %d of the simulator, validation with seasons %v", w.Simulator, seasons)
	}
}

// TestRun_Cancelled wants a report with a checkpoint, and the reason.
func TestRun_Cancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	reports := 0
	_, err := Run(ctx, Options{Windows: 1 << 30, Seed: 1, Every: 1, Report: func(r Report) error {
		if reports++; reports == 2 && len(r.Checkpoint()) == 0 {
			t.Error("no checkpoint")
		}
		cancel(nil)
		return nil
	}})
	if !errors.Is(err, context.Canceled) || reports != 2 {
		t.Errorf("error %v after %d reports, want context.Canceled after 2", err, reports)
	}
}

func TestRun_Errors(t *testing.T) {
	good := Options{Windows: 1024, Seed: 7, Threads: 1}
	if err := good.prepare(); err != nil {
		t.Fatal(err)
	}
	checkpoint := newTrainer(&good, net.Standard()).checkpoint()
	damaged := bytes.Clone(checkpoint)
	damaged[len(damaged)/2]++
	for _, c := range []struct {
		name    string
		options Options
		want    string
	}{
		{"no windows", Options{}, "0 windows"},
		{"threads", Options{Windows: 1, Threads: -1}, "-1 threads"},
		{"family", Options{Windows: 1, Without: []string{"nonesuch"}}, `"nonesuch"`},
		{"other seed", Options{Windows: 1024, Seed: 8, Resume: checkpoint}, "seed 7"},
		{"other budget", Options{Windows: 2048, Seed: 7, Resume: checkpoint}, "1 updates"},
		{"no simulator", Options{Windows: 1, Simulator: 1}, "no version 1 of the simulator; there are [2 3]"},
		{"other simulator", Options{Windows: 1024, Seed: 7, Simulator: simulate.Slow, Resume: checkpoint}, "simulator 2"},
		{"damaged", Options{Windows: 1024, Seed: 7, Resume: damaged}, "checksum"},
		{"short", Options{Windows: 1024, Seed: 7, Resume: checkpoint[:len(checkpoint)-1]}, "checksum"},
		{"no checkpoint", Options{Windows: 1024, Seed: 7, Resume: []byte("weights")}, "7 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Run(t.Context(), c.options)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
			if c.options.Resume != nil && !errors.Is(err, ErrCheckpoint) {
				t.Errorf("error %v is not ErrCheckpoint", err)
			}
		})
	}
}

// TestStep draws steps: all are within the horizon, a quarter of them spread evenly.
func TestStep(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const n, horizon = 40_000, 20
	var count [horizon + 1]int
	for range n {
		count[step(r, horizon)]++
	}
	// The last step comes from the even quarter, and from the last of the parts
	// between powers: log(21/20)/log(21).
	for i, want := range map[int]float64{0: 0, 1: 0.0125 + 0.75*0.2277, horizon: 0.0125 + 0.75*0.016} {
		if got := float64(count[i]) / n; got < 0.9*want-1e-9 || got > 1.1*want {
			t.Errorf("step %d in %.4f of the draws, want %.4f", i, got, want)
		}
	}
}

// BenchmarkFill measures simulation and features of a window, BenchmarkUpdate the
// network.
func BenchmarkFill(b *testing.B) {
	var d describer
	blk := newBlock()
	n := uint64(0)
	for b.Loop() {
		d.fill(blk, 1, n)
		n++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batchSize, "ns/window")
}

func BenchmarkUpdate(b *testing.B) {
	o := Options{Windows: 1 << 30, Threads: 1}
	t := newTrainer(&o, net.Standard())
	blk := newBlock()
	new(describer).fill(blk, 1, 1)
	for b.Loop() {
		if err := t.update(blk[:]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batchSize, "ns/window")
}
