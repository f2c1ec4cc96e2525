package pretrain

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"

	"github.com/almanac-forecast/almanac/forecast/zeroshot/simulate"
)

// What every training has in common; see docs/zero-shot.md for what they are
// worth.
const (
	batchSize = simulate.Size // windows of an update, from two blocks
	ahead     = 6             // steps that count of each window
	logShare  = 0.4           // of the windows that could be described in log space

	momentum = 0.95 // of the matrices' gradients
	peakRate = 2e-3
	lastRate = 0.02 // of the peak
	warmUp   = 300  // updates
	clip     = 1.0  // the largest norm of a gradient
)

// Options say what to train, and whom to tell.
type Options struct {
	// Windows is how many simulated windows the network is to see, rounded up to
	// whole batches of 1,024.
	Windows uint64
	// Seed starts whatever is random.
	Seed uint64
	// Simulator is the version of the simulator, [simulate.General] if it is 0.
	Simulator uint32
	// Without names the families and effects of the simulator to leave out. The
	// weights then name no version of the simulator, since none made their windows.
	Without []string
	// Threads is how many goroutines compute, GOMAXPROCS if it is 0. The result
	// does not depend on it.
	Threads int
	// Resume is a checkpoint of a training with the same options to go on from,
	// nil to begin.
	Resume []byte
	// Every is how many updates lie between two reports, 500 if it is 0.
	Every uint64
	// Report, unless nil, is told how far the training is, after every Every
	// updates and at the end; its error ends the training.
	Report func(Report) error
}

// A Report says how far a training is.
type Report struct {
	// Windows is how many windows the network has seen, of Total.
	Windows, Total uint64
	// Loss is the mean over the updates since the last report: twice the
	// pinball loss, averaged over levels, steps and windows, in units of each
	// history.
	Loss float64
	// Rate is that of the latest update.
	Rate float64
	// Validation is the loss on simulated windows that no training sees.
	Validation []Validation
	// Checkpoint returns what Resume takes to go on from here.
	Checkpoint func() []byte
}

// updates returns how many updates the training makes.
func (o *Options) updates() uint64 { return (o.Windows + batchSize - 1) / batchSize }

// prepare checks the options and fills in what is not said.
func (o *Options) prepare() error {
	if o.Windows == 0 {
		return errors.New("pretrain: 0 windows to train on; say how many, for instance 30 million")
	}
	if o.Threads < 0 {
		return fmt.Errorf("pretrain: %d threads; want at least 1, or 0 for all cores", o.Threads)
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Every == 0 {
		o.Every = 500
	}
	if o.Report == nil {
		o.Report = func(Report) error { return nil }
	}
	o.Simulator = cmp.Or(o.Simulator, simulate.General)
	g := o.generator()
	return g.Check()
}

// named returns the version that the weights name, 0 for none.
func (o *Options) named() uint32 {
	if len(o.Without) > 0 {
		return 0
	}
	return o.Simulator
}

// generator returns a generator of the blocks to learn from.
func (o *Options) generator() simulate.Generator {
	return simulate.Generator{Version: o.Simulator, Without: o.Without}
}
