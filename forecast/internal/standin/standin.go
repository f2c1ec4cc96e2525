// Package standin puts the naive forecast in the place of a model that cannot
// use a series, and says so.
package standin

import (
	"context"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/baseline"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
)

// An Owner is the model that something stands in for, with the version of its
// saved form.
type Owner struct {
	Model   string
	Version int
}

type fitted struct {
	forecast.Fitted
	owner  Owner
	reason string
}

// Fit returns the naive forecast of the series; the reason says why the owner
// could not be fitted.
func (o Owner) Fit(ctx context.Context, s forecast.Series, reason string) (forecast.Fitted, error) {
	inner, err := baseline.Naive{}.Fit(ctx, s, 0)
	if err != nil {
		return nil, err
	}
	return fitted{inner, o, "naive: " + reason}, nil
}

// Begin starts the saved form of an owner that was fitted.
func (o Owner) Begin() *state.Writer {
	w := state.NewWriter(o.Model, o.Version)
	w.String("")
	return w
}

// State holds the reason.
func (f fitted) State() ([]byte, error) {
	w := state.NewWriter(f.owner.Model, f.owner.Version)
	w.String(f.reason)
	return w.Bytes(), nil
}

// Info tells the reason.
func (f fitted) Info() forecast.Info {
	info := f.Fitted.Info()
	info.Fallback = f.reason
	return info
}

// Open reads what [Owner.Begin] or a stand-in wrote. For a stand-in it returns
// the naive forecast of the series of now; else a reader of the owner's fields.
func (o Owner) Open(data []byte, s forecast.Series) (*state.Reader, forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, nil, err
	}
	r := state.NewReader(data, o.Model, o.Version)
	reason := r.String()
	if reason == "" {
		return r, nil, nil
	}
	if err := r.Close(); err != nil {
		return nil, nil, err
	}
	inner, err := baseline.Naive{}.Fit(context.Background(), s, 0)
	return nil, fitted{inner, o, reason}, err
}
