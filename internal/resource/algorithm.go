package resource

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

const algorithmPrefix = "arn:aws:forecast:::algorithm/"

// AlgorithmETS is exponential smoothing, the one legacy algorithm that this version trains.
const AlgorithmETS = algorithmPrefix + "ETS"

// algorithm says what CreatePredictor takes for an algorithm (contract 6.5).
type algorithm struct {
	name       string
	parameters map[string]parameter // nil: takes none
	available  bool                 // this version can train it
}

// parameter checks one hyperparameter. It returns what is allowed, "" when the
// value is.
type parameter struct {
	check   func(value string, horizon int) string
	integer bool // a user may set an IntegerParameterRange
	float   bool // a user may set a ContinuousParameterRange
}

// algorithms stand in the order in which the original service lists them.
var algorithms = []algorithm{
	{name: "CNN-QR", parameters: map[string]parameter{
		"context_length":    {check: positiveInteger, integer: true},
		"use_related_data":  {check: anyOf("ALL", "NONE", "HISTORICAL", "FORWARD_LOOKING")},
		"use_item_metadata": {check: anyOf("ALL", "NONE")},
		"epochs":            {check: positiveInteger},
	}},
	{name: "Deep_AR_Plus", parameters: map[string]parameter{
		"context_length":           {check: deepContext, integer: true},
		"epochs":                   {check: positiveInteger},
		"learning_rate":            {check: positiveNumber, float: true},
		"learning_rate_decay":      {check: numberIn(0, 1)},
		"likelihood":               {check: anyOf("beta", "deterministic-L1", "gaussian", "negative-binomial", "piecewise-linear", "student-T")},
		"max_learning_rate_decays": {check: integerIn(0, math.MaxInt32)},
		"num_averaged_models":      {check: integerIn(1, 5)},
		"num_cells":                {check: positiveInteger},
		"num_layers":               {check: positiveInteger},
		"prediction_length":        {check: sameAsHorizon},
	}},
	{name: "NPTS", parameters: map[string]parameter{
		"context_length":            {check: positiveInteger},
		"kernel_type":               {check: anyOf("exponential", "uniform")},
		"exp_kernel_weights":        {check: positiveNumber},
		"use_seasonal_model":        {check: anyOf("True", "False")},
		"use_default_time_features": {check: anyOf("True", "False")},
	}},
	{name: "ETS", available: true},
	{name: "ARIMA"},
	{name: "Prophet"},
}

// algorithmByARN finds an algorithm, or returns the recorded error with the options.
func algorithmByARN(arn string) (algorithm, *Error) {
	options := make([]string, len(algorithms))
	for i, a := range algorithms {
		options[i] = algorithmPrefix + a.name
		if options[i] == arn {
			return a, nil
		}
	}
	return algorithm{}, Errorf(InvalidInput, "Invalid Algorithm ARN specified: %s. Options: %s", arn, strings.Join(options, ","))
}

// tunable reports whether hyperparameters can be searched for the algorithm.
func (a algorithm) tunable() bool { return a.name == "CNN-QR" || a.name == "Deep_AR_Plus" }

// checkParameters checks the TrainingParameters of a request.
func (a algorithm) checkParameters(given map[string]string, horizon int) *Error {
	if len(given) == 0 {
		return nil
	}
	if a.parameters == nil {
		return Errorf(InvalidInput, "TrainingParameters are given, but the algorithm %s%s takes none", algorithmPrefix, a.name)
	}
	for _, name := range sortedKeys(given) {
		p, ok := a.parameters[name]
		if !ok {
			return Errorf(InvalidInput, "The training parameter '%s' is unknown to the algorithm %s%s. Valid parameters: %s", name, algorithmPrefix, a.name, strings.Join(sortedKeys(a.parameters), ", "))
		}
		if want := p.check(given[name], horizon); want != "" {
			return Errorf(InvalidInput, "The value '%s' of the training parameter '%s' is not valid: it must be %s", given[name], name, want)
		}
	}
	if _, weights := given["exp_kernel_weights"]; weights && given["kernel_type"] == "uniform" {
		return Errorf(InvalidInput, "The training parameter 'exp_kernel_weights' is only for kernel_type exponential, but kernel_type is uniform")
	}
	return nil
}

func positiveInteger(value string, _ int) string {
	if n, err := strconv.Atoi(value); err != nil || n < 1 {
		return "an integer of at least 1"
	}
	return ""
}

func positiveNumber(value string, _ int) string {
	if v, err := strconv.ParseFloat(value, 64); err != nil || !(v > 0) || math.IsInf(v, 0) {
		return "a number above 0"
	}
	return ""
}

func integerIn(low, high int) func(string, int) string {
	return func(value string, _ int) string {
		if n, err := strconv.Atoi(value); err != nil || n < low || n > high {
			if high == math.MaxInt32 {
				return fmt.Sprintf("an integer of at least %d", low)
			}
			return fmt.Sprintf("an integer from %d to %d", low, high)
		}
		return ""
	}
}

func numberIn(low, high float64) func(string, int) string {
	return func(value string, _ int) string {
		if v, err := strconv.ParseFloat(value, 64); err != nil || !(v >= low && v <= high) {
			return fmt.Sprintf("a number from %g to %g", low, high)
		}
		return ""
	}
}

// anyOf accepts words in any letter case: the service echoes student-t for student-T.
func anyOf(words ...string) func(string, int) string {
	return func(value string, _ int) string {
		if slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, value) }) {
			return ""
		}
		return "one of " + strings.Join(words, ", ")
	}
}

func deepContext(value string, horizon int) string {
	low, high := (horizon+9)/10, min(200, 10*horizon)
	return integerIn(low, high)(value, horizon)
}

func sameAsHorizon(value string, horizon int) string {
	if n, err := strconv.Atoi(value); err != nil || n != horizon {
		return fmt.Sprintf("equal to ForecastHorizon, %d", horizon)
	}
	return ""
}

// HPOConfig holds the ranges in which hyperparameters are searched.
type HPOConfig struct {
	Categorical []CategoricalRange `json:"categorical,omitempty"`
	Continuous  []NumberRange      `json:"continuous,omitempty"`
	Integer     []NumberRange      `json:"integer,omitempty"`
}

// CategoricalRange lists the values a hyperparameter may take.
type CategoricalRange struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// NumberRange bounds a hyperparameter.
type NumberRange struct {
	Name    string  `json:"name"`
	Min     float64 `json:"min"`
	Max     float64 `json:"max"`
	Scaling string  `json:"scaling,omitempty"`
}

// checkRanges checks an HPOConfig (contract 6.5).
func (a algorithm) checkRanges(h *HPOConfig) *Error {
	if h == nil {
		return nil
	}
	if len(h.Categorical) > 0 {
		return Errorf(InvalidInput, "The hyperparameter '%s' cannot be given a CategoricalParameterRange for the algorithm %s%s", h.Categorical[0].Name, algorithmPrefix, a.name)
	}
	for _, r := range h.Integer {
		if !a.parameters[r.Name].integer {
			return a.notTunable(r.Name, "IntegerParameterRange")
		}
		if r.Scaling == "ReverseLogarithmic" {
			return Errorf(InvalidInput, "The ScalingType ReverseLogarithmic of '%s' is not supported for an IntegerParameterRange", r.Name)
		}
		if err := r.check(); err != nil {
			return err
		}
	}
	for _, r := range h.Continuous {
		if !a.parameters[r.Name].float {
			return a.notTunable(r.Name, "ContinuousParameterRange")
		}
		if err := r.check(); err != nil {
			return err
		}
	}
	return nil
}

func (a algorithm) notTunable(name, sort string) *Error {
	return Errorf(InvalidInput, "The hyperparameter '%s' cannot be given a %s for the algorithm %s%s", name, sort, algorithmPrefix, a.name)
}

func (r NumberRange) check() *Error {
	switch {
	case r.Max <= r.Min:
		return Errorf(InvalidInput, "The range of '%s' is empty: MaxValue %g must be greater than MinValue %g", r.Name, r.Max, r.Min)
	case r.Scaling == "Logarithmic" && r.Min <= 0:
		return Errorf(InvalidInput, "The range of '%s' with Logarithmic scaling must lie above 0; MinValue is %g", r.Name, r.Min)
	case r.Scaling == "ReverseLogarithmic" && (r.Min < 0 || r.Max >= 1):
		return Errorf(InvalidInput, "The range of '%s' with ReverseLogarithmic scaling must lie in 0 <= x < 1; it is %g to %g", r.Name, r.Min, r.Max)
	}
	return nil
}
