package cycle

import (
	"math"

	"github.com/almanac-forecast/almanac/forecast"
	"github.com/almanac-forecast/almanac/forecast/internal/state"
	"github.com/almanac-forecast/almanac/forecast/internal/tail"
)

// version is that of the saved form. It is negative, so that it is none of the
// versions of a model: a state that begins with the model's name and one of those
// is of a series that nothing was taken out of.
const version = -1

// State holds what was taken out, and the state of the model of the rest.
func (f *fitted) State() ([]byte, error) {
	inner, err := f.Source.State()
	if err != nil {
		return nil, err
	}
	w := state.NewWriter(f.model, version)
	w.Head(f.head)
	w.Int(f.from)
	w.Floats(f.profile.Doubt)
	for _, e := range f.profile.Effects {
		w.Floats(e)
	}
	w.String(string(inner))
	return w.Bytes(), nil
}

// Load applies a saved model, of a series that something was taken out of or of one
// that was left as it is. Where the series of now begins otherwise than at the fit
// the phases are lost, and what is taken out comes from the data of now.
func Load(model string, saved []byte, s forecast.Series, load func([]byte, forecast.Series) (forecast.Fitted, error)) (forecast.Fitted, error) {
	if state.Version(saved) != version {
		return load(saved, s)
	}
	if err := s.Check(); err != nil {
		return nil, err
	}
	r := state.NewReader(saved, model, version)
	l := longer{head: r.Head(), from: r.Int()}
	l.read(r)
	inner := []byte(r.String())
	if err := r.Close(); err != nil {
		return nil, err
	}
	s, gap := tail.Cut(s)
	if !l.head.Begins(s.Values) || l.from > len(observed(s.Values)) {
		l = take(s)
	}
	if err := l.rest(s).Check(); err != nil {
		r.Fail("effects beyond all numbers")
		return nil, r.Close()
	}
	use := func(s forecast.Series) (forecast.Fitted, error) { return load(inner, s) }
	if l.none() {
		f, err := use(s)
		return tail.After(f, gap, err)
	}
	f, err := l.restored(model, s, use)
	return tail.After(f, gap, err)
}

// read reads the profile.
func (l *longer) read(r *state.Reader) {
	l.profile.Doubt = r.Floats()
	if len(l.profile.Doubt) > 16 || l.from < 0 {
		r.Fail("%d seasons from step %d on", len(l.profile.Doubt), l.from)
		return
	}
	for _, v := range l.profile.Doubt {
		if v < 0 || math.IsInf(1/v, -1) {
			r.Fail("variance %v", v)
		}
		e := r.Floats()
		if len(e) < 2 {
			r.Fail("a season of %d effects", len(e))
			return
		}
		l.profile.Effects = append(l.profile.Effects, e)
	}
}
