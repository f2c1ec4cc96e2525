// Package npts forecasts by weighing what was seen before: the distribution of
// a step is that of past values, drawn with probabilities that fall with their
// age.
//
//	P(X_(T+h) = x_t) ∝ w_t,  t in the latest ContextLength steps
//	w_t = exp(−λ (T + h − t))   exponential kernel, λ > 0 larger = faster decay
//	w_t = 1                     uniform kernel ("climatological")
//	seasonal: only steps t with (T + h − t) divisible by the season; λ then
//	          counts per season
//
// The four variants are NPTS, seasonal NPTS (the default), climatological and
// seasonal climatological. The forecast never leaves the range of the past, has
// no trend, and needs no fit: that is what makes it safe for counts with many
// zeros, for bursts and for distributions of any shape. Quantiles are those of
// the weights, linear between the middles of neighbouring values' shares; the
// mean is the weighted one.
//
// Reference: the algorithm of the Amazon Forecast developer guide, "NPTS
// algorithm", whose hyperparameters these are; Gasthaus (2016), Non-parametric
// time series forecaster. Departs from it in that the distribution is computed
// and not sampled, so two forecasts never differ and no number of samples has to
// be chosen, and in that a forecast does not draw from its own earlier steps.
package npts

import (
	"context"
	"fmt"
	"math"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/standin"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
)

// A Kernel says how weights fall with age.
type Kernel string

// The kernels.
const (
	Exponential Kernel = "exponential"
	Uniform     Kernel = "uniform"
)

// DefaultDecay is λ where none is given.
const DefaultDecay = 0.01

// NPTS is the model. The zero value is seasonal with the exponential kernel.
type NPTS struct {
	// ContextLength is how many latest steps are drawn from; 0 means all.
	ContextLength int
	// Kernel is Exponential where empty.
	Kernel Kernel
	// Decay is λ of the exponential kernel, DefaultDecay where zero.
	Decay float64
	// NonSeasonal draws from all steps of the context, not only from those of
	// the same phase.
	NonSeasonal bool
}

// Name returns "npts".
func (NPTS) Name() string { return "npts" }

var owner = standin.Owner{Model: NPTS{}.Name(), Version: 1}

// least is the number of past seasons from which on phases are told apart: with
// fewer, two or three values would be taken for a distribution.
const least = 3

// Fit remembers the series. One without any value gets the naive forecast.
func (m NPTS) Fit(ctx context.Context, s forecast.Series, _ uint64) (forecast.Fitted, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, gap := tail.Cut(s)
	season := 1
	if !m.NonSeasonal {
		for _, k := range s.Seasons {
			if k > 1 && k*least <= len(s.Values) && (season == 1 || k < season) {
				season = k
			}
		}
	}
	f, err := m.fitted(ctx, s, season)
	return tail.After(f, gap, err)
}

func (m NPTS) fitted(ctx context.Context, s forecast.Series, season int) (forecast.Fitted, error) {
	f := &fitted{model: m.withDefaults(), season: season, nonNegative: s.NonNegative, span: forecast.SpanOf(s.Values)}
	from := 0
	if n := m.ContextLength; n > 0 {
		from = max(0, len(s.Values)-n)
	}
	if f.past = order(s.Values[from:]); len(f.past) == 0 {
		return owner.Fit(ctx, s, "no value in the context to draw from", 0)
	}
	return f, nil
}

func (m NPTS) withDefaults() NPTS {
	if m.Kernel == "" {
		m.Kernel = Exponential
	}
	if m.Decay == 0 {
		m.Decay = DefaultDecay
	}
	return m
}

// State saves the settings and the season.
func (f *fitted) State() ([]byte, error) {
	w := owner.Begin()
	w.Int(f.model.ContextLength)
	w.String(string(f.model.Kernel))
	w.Float(f.model.Decay)
	seasonal := 1
	if f.model.NonSeasonal {
		seasonal = 0
	}
	w.Int(seasonal)
	w.Int(f.season)
	return w.Bytes(), nil
}

// Load draws from the series of now with the settings of then.
func (NPTS) Load(data []byte, s forecast.Series) (forecast.Fitted, error) {
	r, simpler, err := owner.Open(data, s)
	if err != nil || simpler != nil {
		return simpler, err
	}
	m := NPTS{ContextLength: r.Int(), Kernel: Kernel(r.String()), Decay: r.Float(), NonSeasonal: r.Int() == 0}
	season := r.Int()
	if m.ContextLength < 0 || m.Kernel != Exponential && m.Kernel != Uniform || m.Decay <= 0 || season < 1 {
		r.Fail("context %d, kernel %.20q, decay %g, season %d", m.ContextLength, string(m.Kernel), m.Decay, season)
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	s, gap := tail.Cut(s)
	f, err := m.fitted(context.Background(), s, season)
	return tail.After(f, gap, err)
}

// Info tells the variant.
func (f *fitted) Info() forecast.Info {
	name := "npts"
	if f.model.Kernel == Uniform {
		name = "climatological"
	}
	if f.season > 1 {
		name = fmt.Sprintf("seasonal %s[%d]", name, f.season)
	}
	p := map[string]float64{"values": float64(len(f.past))}
	if f.model.Kernel == Exponential {
		p["decay"] = f.model.Decay
	}
	return forecast.Info{Model: name, Params: p}
}

// weight is that of a value so many steps before the step that is forecast.
func (f *fitted) weight(age int) float64 {
	if age%f.season != 0 {
		return 0
	}
	if f.model.Kernel == Uniform {
		return 1
	}
	return math.Exp(-f.model.Decay * float64(age/f.season))
}
