package ets

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
)

// ErrForm means that a text is no form of the model.
var ErrForm = errors.New("ets: bad form")

// A Component is the letter of one of a form's three parts.
type Component uint8

// The components. The zero value leaves the choice to the fit.
const (
	Auto                 Component = iota
	None                           // N: no trend, no season
	Additive                       // A
	AdditiveDamped                 // Ad: trends only
	Multiplicative                 // M
	MultiplicativeDamped           // Md: trends only
)

var letters = [...]string{Auto: "Z", None: "N", Additive: "A", AdditiveDamped: "Ad", Multiplicative: "M", MultiplicativeDamped: "Md"}

// String returns the component's letters; Z is one to be chosen.
func (c Component) String() string {
	if int(c) >= len(letters) {
		return "?"
	}
	return letters[c]
}

// A Form names a model of the family by its error, trend and season. The zero
// value leaves all three to the fit.
type Form struct {
	Error, Trend, Season Component
}

// formText is three letters with or without commas; a damped trend has two.
var formText = regexp.MustCompile(`^([AMZ]),?(N|Ad?|Md?|Z),?([NAMZ])$`)

// ParseForm reads a form as it is written in the literature, with or without
// commas: "A,Ad,N", "MAM", "ZZZ".
func ParseForm(text string) (Form, error) {
	parts := formText.FindStringSubmatch(text)
	if parts == nil {
		return Form{}, fmt.Errorf("%w %q: want an error of A or M, a trend of N, A, Ad, M or Md and a season of N, A or M, as in A,Ad,N; Z leaves one to be chosen", ErrForm, text)
	}
	component := func(text string) Component { return Component(slices.Index(letters[:], text)) }
	return Form{component(parts[1]), component(parts[2]), component(parts[3])}, nil
}

// admissible tells whether each component is one that its part can have.
func (f Form) admissible() bool {
	part := func(c Component) bool { return c <= Multiplicative && c != AdditiveDamped }
	return part(f.Error) && f.Error != None && part(f.Season) && f.Trend <= MultiplicativeDamped
}

// String returns the form with commas: "A,Ad,N".
func (f Form) String() string {
	return f.Error.String() + "," + f.Trend.String() + "," + f.Season.String()
}

// damped tells whether the trend has a damping parameter.
func (f Form) damped() bool { return f.Trend == AdditiveDamped || f.Trend == MultiplicativeDamped }

// trended tells whether there is a trend.
func (f Form) trended() bool { return f.Trend > None }

// power tells whether the trend multiplies.
func (f Form) power() bool { return f.Trend == Multiplicative || f.Trend == MultiplicativeDamped }

// positive tells whether the form needs positive data.
func (f Form) positive() bool {
	return f.Error == Multiplicative || f.Season == Multiplicative || f.power()
}

// stable tells whether the form belongs to those that are chosen from unless
// asked for by name. Additive errors with multiplicative components divide by
// states that may come near zero, and multiplicative errors with an additive
// season have no variance that stays bounded near zero; a multiplicative trend
// grows without bound and seldom forecasts well (Hyndman et al. 2008, sections
// 4.2 and 7.3).
func (f Form) stable() bool {
	if f.power() {
		return false
	}
	return f.Error != Additive || f.Season != Multiplicative
}

// parameters returns the number of estimated parameters with season length m:
// smoothing and damping parameters, initial states and the error variance. The
// initial season has m−1, since its effects add up to a constant.
func (f Form) parameters(m int) int {
	k := 3 // α, initial level, variance
	if f.trended() {
		k += 2
	}
	if f.damped() {
		k++
	}
	if f.Season != None {
		k += m // γ and m−1 effects
	}
	return k
}
