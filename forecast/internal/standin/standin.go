// Package standin puts a simpler model in the place of one that cannot use a
// series, and says so.
package standin

import (
	"context"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/baseline"
	"github.com/almanac-forecast/almanac/forecast/internal/path"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
)

// An Owner is the model that something stands in for.
type Owner struct {
	// Model is its name and Version that of its saved form.
	Model   string
	Version int
	// Instead is what stands in, the naive forecast where it is nil.
	Instead forecast.Model
}

func (o Owner) instead() forecast.Model {
	if o.Instead == nil {
		return baseline.Naive{}
	}
	return o.Instead
}

type fitted struct {
	forecast.Fitted
	owner  Owner
	reason string
}

// Fit fits the simpler model to the series; the reason says why the owner
// could not be.
func (o Owner) Fit(ctx context.Context, s forecast.Series, reason string, seed uint64) (forecast.Fitted, error) {
	inner, err := o.instead().Fit(ctx, s, seed)
	if err != nil {
		return nil, err
	}
	return o.wrap(inner, o.instead().Name()+": "+reason), nil
}

// drawing is a stand-in that can draw paths.
type drawing struct {
	fitted
	source path.Source
}

// Processes are those of the simpler model.
func (d drawing) Processes(horizon int) []path.Process { return d.source.Processes(horizon) }

// Paths draws from the simpler model.
func (d drawing) Paths(ctx context.Context, horizon, count int, seed uint64) ([][]float64, error) {
	return path.Draw(ctx, d, path.Size{Horizon: horizon, Count: count, Seed: seed})
}

// wrap lets the simpler model draw paths where it can.
func (o Owner) wrap(inner forecast.Fitted, reason string) forecast.Fitted {
	f := fitted{inner, o, reason}
	if s, ok := inner.(path.Source); ok {
		return drawing{f, s}
	}
	return f
}

// Begin starts the saved form of an owner that was fitted.
func (o Owner) Begin() *state.Writer {
	w := state.NewWriter(o.Model, o.Version)
	w.String("")
	return w
}

// State holds the reason and the state of the simpler model.
func (f fitted) State() ([]byte, error) {
	inner, err := f.Fitted.State()
	if err != nil {
		return nil, err
	}
	w := state.NewWriter(f.owner.Model, f.owner.Version)
	w.String(f.reason)
	w.String(string(inner))
	return w.Bytes(), nil
}

// Info tells the reason, and that of the simpler model where an even simpler one
// stands in for it.
func (f fitted) Info() forecast.Info {
	info := f.Fitted.Info()
	if info.Fallback != "" {
		info.Fallback = f.reason + "; " + info.Fallback
	} else {
		info.Fallback = f.reason
	}
	return info
}

// Open reads what [Owner.Begin] or a stand-in wrote. For a stand-in it returns
// the simpler model on the series of now; else a reader of the owner's fields.
func (o Owner) Open(data []byte, s forecast.Series) (*state.Reader, forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, nil, err
	}
	r := state.NewReader(data, o.Model, o.Version)
	reason := r.String()
	if reason == "" {
		return r, nil, nil
	}
	saved := r.String()
	if err := r.Close(); err != nil {
		return nil, nil, err
	}
	inner, err := o.instead().Load([]byte(saved), s)
	if err != nil {
		return nil, nil, err
	}
	return nil, o.wrap(inner, reason), nil
}
