package ridge

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
)

// Model is the regression. The zero value is ready.
type Model struct {
	// Horizon is the number of steps that have coefficients of their own; later
	// ones are forecast from forecasts. 0 means the shortest season, or 8 where
	// there is none. At most 336, and a sixth of the series.
	Horizon int
}

// Name returns "ridge".
func (Model) Name() string { return "ridge" }

const maxAhead = 336

// ahead is how many steps get coefficients.
func (m Model) ahead(d *data) int {
	h := m.Horizon
	if h < 1 {
		h = 8
		if len(d.seasons) > 0 {
			h = d.seasons[0]
		}
	}
	return max(1, min(h, maxAhead, len(d.y)/6))
}

// Fit chooses the settings by the errors on the last quarter of the series and
// estimates the coefficients from all of it. A series with too few values gets
// exponential smoothing.
func (m Model) Fit(ctx context.Context, s forecast.Series, seed uint64) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, gap := tail.Cut(s)
	f, err := m.fit(ctx, s, seed)
	return tail.After(f, gap, err)
}

func (m Model) fit(ctx context.Context, s forecast.Series, seed uint64) (forecast.Fitted, error) {
	d := prepare(s, 0)
	if d.reason != "" {
		return owner.Fit(ctx, s, d.reason, seed)
	}
	look := newSearch(&d, m.ahead(&d))
	if err := look.run(ctx); err != nil {
		return nil, err
	}
	if math.IsInf(look.loss, 1) {
		return owner.Fit(ctx, s, fmt.Sprintf("%d values are too few to hold some back", len(d.y)), seed)
	}
	f := &fitted{data: d, head: state.HeadOf(s.Values), span: s.Span(), nonNegative: s.NonNegative}
	f.width = look.widths()
	f.team = look.best
	if final, ok := look.again(look.best, func(*config) {}, len(d.y)); ok {
		f.team = final
	}
	held := look.misses(f.team, look.d.back(look.cut-1, look.ahead/dense))
	f.width.usual = f.width.relative(held)
	f.width.follow(look, f.team)
	return f, ctx.Err()
}

// fitted is a team on a series.
type fitted struct {
	team        team
	width       widths
	data        data
	head        state.Head // of the series that phases count from
	span        forecast.Span
	nonNegative bool
}

// Info tells what was chosen.
func (f *fitted) Info() forecast.Info {
	var names []string
	for _, m := range f.team {
		name := fmt.Sprintf("%d lags", m.lags)
		if m.season > 0 {
			name += fmt.Sprintf(" profile %v", m.profile.Lengths())
		}
		names = append(names, name)
	}
	first := f.team[0]
	return forecast.Info{
		Model: fmt.Sprintf("ridge(%s, %s)", first.kind, strings.Join(names, " + ")),
		Params: map[string]float64{
			"lags": float64(first.lags), "level": float64(first.width), "penalty": first.penalty, "half": first.half, "steps": float64(len(first.coef)),
		},
	}
}

// Forecast gives the regression's forecasts, and around them the errors that it
// had on data it did not know.
func (f *fitted) Forecast(ctx context.Context, horizon int, levels []float64) (forecast.Forecast, error) {
	if err := forecast.CheckRequest(horizon, levels); err != nil {
		return forecast.Forecast{}, err
	}
	if err := ctx.Err(); err != nil {
		return forecast.Forecast{}, err
	}
	out := forecast.New(levels, horizon)
	kind := f.team[0].kind
	x := f.data.through(kind)
	n := len(x)
	path := make([]float64, horizon)
	f.team.predict(x, n-1, path)
	z := make([]float64, len(levels))
	for i, p := range levels {
		z[i] = f.width.quantile(p)
	}
	for t, v := range path {
		w := f.width.at(t, n+t)
		for i := range levels {
			out.Quantiles[i][t] = f.data.scale * kind.invert(v+w*z[i])
		}
		for _, e := range f.width.shape {
			out.Mean[t] += kind.invert(v+w*e) / float64(len(f.width.shape))
		}
		out.Mean[t] *= f.data.scale
	}
	out.Bound(f.span, f.nonNegative)
	return out, ctx.Err()
}
