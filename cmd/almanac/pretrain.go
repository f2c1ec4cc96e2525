package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/forecast/zeroshot/pretrain"
	"github.com/almanac-forecast/almanac/forecast/zeroshot/simulate"
	"github.com/almanac-forecast/almanac/internal/clock"
)

// pretrainFlags are the flags of `almanac pretrain`.
type pretrainFlags struct {
	pretrain.Options

	out, resume, without string
}

// checkpoint is the file that a training goes on from.
func (o *pretrainFlags) checkpoint() string { return o.out + ".checkpoint" }

func runPretrain(ctx context.Context, c *console, args []string) error {
	var o pretrainFlags
	rest, err := parse(o.flags(c), c, args, nil)
	if err != nil {
		return err
	}
	if err := errors.Join(noArguments(rest), o.check()); err != nil {
		return err
	}
	if o.resume != "" {
		if o.Resume, err = os.ReadFile(o.resume); err != nil {
			return fmt.Errorf("checkpoint: %w", err)
		}
	}
	p := pretrainProgress{c: c, clock: clock.System{}, resumed: o.resume != ""}
	p.since = p.clock.Now()
	o.Report = func(r pretrain.Report) error {
		p.report(&r)
		return writeWhole(o.checkpoint(), r.Checkpoint())
	}
	weights, err := pretrain.Run(ctx, o.Options)
	if errors.Is(err, context.Canceled) {
		fmt.Fprintf(c.stderr, "Stopped; go on with --resume %s\n", o.checkpoint())
	}
	if err != nil {
		return err
	}
	if err := writeWhole(o.out, weights); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "%x  %s\n", sha256.Sum256(weights), o.out)
	if err := os.Remove(o.checkpoint()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (o *pretrainFlags) flags(c *console) *flag.FlagSet {
	fs := newFlags(c, "pretrain", "--windows N --out FILE [flags]", `
Trains the network of the model zeroshot on simulated series, and writes its
weights. The same flags give the same bytes on any number of cores of one
architecture. After every report the state goes to FILE.checkpoint, from which
--resume continues, with the other flags unchanged, to the same bytes.`)
	fs.Uint64Var(&o.Windows, "windows", 0, "train on `N` simulated windows")
	fs.Uint64Var(&o.Seed, "seed", 1, "`N` that starts whatever is random")
	fs.Func("simulator", fmt.Sprintf("simulate by `VERSION`: %d for all lengths of season (default), %d for years and quarters", simulate.General, simulate.Slow), func(s string) error {
		v, err := strconv.ParseUint(s, 10, 32)
		if err != nil || v == 0 {
			return fmt.Errorf("want the number of a version, %d or %d", simulate.General, simulate.Slow)
		}
		o.Simulator = uint32(v)
		return nil
	})
	fs.StringVar(&o.out, "out", "", "write the weights to `FILE`")
	fs.StringVar(&o.resume, "resume", "", "go on from the checkpoint `FILE`")
	fs.StringVar(&o.without, "without", "", "leave these families and effects, a `LIST` with commas, out of the simulation: "+
		strings.Join(append(simulate.Families(), simulate.Effects()...), ", "))
	fs.Uint64Var(&o.Every, "every", 500, "report after every `N` updates, of 1,024 windows each")
	fs.IntVar(&o.Threads, "threads", runtime.GOMAXPROCS(0), "compute on `N` cores; the result does not depend on it")
	return fs
}

func (o *pretrainFlags) check() error {
	switch {
	case o.Windows == 0:
		return usagef("--windows is missing or 0: the number of simulated windows, such as 30000000")
	case o.out == "":
		return usagef("--out is missing: the file for the weights")
	case o.Threads < 1:
		return usagef("--threads %d: want at least 1", o.Threads)
	case o.Every < 1:
		return usagef("--every %d: want at least 1", o.Every)
	}
	if o.without != "" {
		o.Without = strings.Split(o.without, ",")
	}
	g := simulate.Generator{Version: o.Simulator, Without: o.Without}
	if err := g.Check(); err != nil {
		return usageError{err}
	}
	return nil
}

// pretrainProgress prints reports of a training.
type pretrainProgress struct {
	c     *console
	clock clock.Clock
	since time.Time // of the last report
	seen  uint64    // windows then
	// resumed says that windows of an earlier run are among those of the next
	// report, which so tells no speed.
	resumed bool
}

// report prints a line: windows, losses, and how long the rest takes at the speed
// since the last report. The validation is relative to repeating the latest
// season, for each length of season.
func (p *pretrainProgress) report(r *pretrain.Report) {
	now, speed := p.clock.Now(), ""
	if !p.resumed {
		perSecond := float64(r.Windows-p.seen) / max(1e-6, now.Sub(p.since).Seconds())
		left := time.Duration(float64(r.Total-r.Windows) / max(1, perSecond) * float64(time.Second))
		speed = fmt.Sprintf("  %.0f windows/s  %v left", perSecond, left.Round(time.Second))
	}
	p.since, p.seen, p.resumed = now, r.Windows, false
	fmt.Fprintf(p.c.stderr, "%11d windows  loss %.4f  validation", r.Windows, r.Loss)
	for _, v := range r.Validation {
		fmt.Fprintf(p.c.stderr, " %d: %.4f (%.3f)", v.Season, v.Loss, v.Loss/v.Naive)
	}
	fmt.Fprintf(p.c.stderr, "  rate %.2g%s\n", r.Rate, speed)
}

// writeWhole writes a file that is never seen half-written.
func writeWhole(name string, data []byte) error {
	if err := os.WriteFile(name+".part", data, 0o644); err != nil { //nolint:gosec // weights are no secret
		return err
	}
	return os.Rename(name+".part", name)
}
