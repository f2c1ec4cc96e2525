package resource

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Keys of the filling method (contract 5.3).
const (
	keyAggregation = "aggregation"
	keyFront       = "frontfill"
	keyMiddle      = "middlefill"
	keyBack        = "backfill"
	keyFuture      = "futurefill"
	valueSuffix    = "_value"
)

var (
	aggregations = []string{"sum", "avg", "first", "min", "max"}
	targetFills  = []string{"zero", "nan", "value", "median", "mean", "min", "max"}
	relatedFills = []string{"zero", "value", "median", "mean", "min", "max"}
	frontFills   = []string{"none"}
)

// allowedFilling returns which keys an attribute takes and which values.
func allowedFilling(target bool) map[string][]string {
	if target {
		return map[string][]string{keyAggregation: aggregations, keyFront: frontFills, keyMiddle: targetFills, keyBack: targetFills}
	}
	return map[string][]string{keyFront: frontFills, keyMiddle: relatedFills, keyBack: relatedFills, keyFuture: relatedFills}
}

// defaultFilling returns what holds for keys that are not given, as the
// original service echoes it.
func defaultFilling(target bool) map[string]string {
	if target {
		return map[string]string{keyAggregation: "sum", keyFront: "none", keyMiddle: "zero", keyBack: "zero"}
	}
	return map[string]string{keyAggregation: "first", keyFront: "none", keyMiddle: "none", keyBack: "none"}
}

// effectiveFilling checks how attributes are to be aggregated and filled and
// adds the defaults: first the attributes as given, then the target and the
// features that were not.
func effectiveFilling(given []AttributeConfig, target string, features []string) ([]AttributeConfig, *Error) {
	var out []AttributeConfig
	seen := map[string]bool{}
	for _, a := range given {
		isTarget := a.Name == target
		switch {
		case !isTarget && !slices.Contains(features, a.Name):
			return nil, Errorf(InvalidInput, "The attribute '%s' cannot be configured: only '%s' and the numeric attributes of the RELATED_TIME_SERIES dataset [%s] can be", a.Name, target, strings.Join(features, ", "))
		case seen[a.Name]:
			return nil, Errorf(InvalidInput, "The attribute '%s' is configured more than once", a.Name)
		}
		seen[a.Name] = true
		if err := checkFilling(a, isTarget); err != nil {
			return nil, err
		}
		out = append(out, withDefaults(a, isTarget))
	}
	for _, name := range append([]string{target}, features...) {
		if !seen[name] {
			out = append(out, withDefaults(AttributeConfig{Name: name}, name == target))
		}
	}
	return out, nil
}

// givenFilling is the reverse of effectiveFilling: it takes away the defaults
// of features, some of which a request could not ask for.
func givenFilling(effective []AttributeConfig, target string) []AttributeConfig {
	var out []AttributeConfig
	for _, a := range effective {
		if a.Name == target {
			out = append(out, a)
			continue
		}
		given := map[string]string{}
		for k, v := range a.Transformations {
			if defaultFilling(false)[k] != v {
				given[k] = v
			}
		}
		if len(given) > 0 {
			out = append(out, AttributeConfig{Name: a.Name, Transformations: given})
		}
	}
	return out
}

// withDefaults returns the configuration with the values that are not given.
func withDefaults(a AttributeConfig, target bool) AttributeConfig {
	all := defaultFilling(target)
	maps.Copy(all, a.Transformations)
	return AttributeConfig{Name: a.Name, Transformations: all}
}

// checkFilling checks the keys and values of one attribute.
func checkFilling(a AttributeConfig, target bool) *Error {
	allowed := allowedFilling(target)
	keys := sortedKeys(a.Transformations)
	for _, key := range keys {
		value := a.Transformations[key]
		if fill, ok := strings.CutSuffix(key, valueSuffix); ok && slices.Contains(allowed[fill], "value") {
			if a.Transformations[fill] != "value" {
				return Errorf(InvalidInput, "The attribute '%s' has %s '%s' but not %s 'value'; leave it out or fill by value", a.Name, key, value, fill)
			}
			if v, err := strconv.ParseFloat(value, 64); err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				return Errorf(InvalidInput, "The %s '%s' of the attribute '%s' is not a decimal number", key, value, a.Name)
			}
			continue
		}
		values, ok := allowed[key]
		if !ok {
			return Errorf(InvalidInput, "The parameter '%s' of the attribute '%s' is not valid. Valid parameters: %s", key, a.Name, strings.Join(fillingKeys(allowed), ", "))
		}
		if !slices.Contains(values, value) {
			return Errorf(InvalidInput, "The %s '%s' of the attribute '%s' is not valid; it must be one of %s", key, value, a.Name, strings.Join(values, ", "))
		}
		if value == "value" && a.Transformations[key+valueSuffix] == "" {
			return Errorf(InvalidInput, "The attribute '%s' has %s 'value' but no %s; give the number to fill with", a.Name, key, key+valueSuffix)
		}
	}
	return nil
}

// fillingKeys returns all keys that are allowed, sorted.
func fillingKeys(allowed map[string][]string) []string {
	var out []string
	for key, values := range allowed {
		out = append(out, key)
		if slices.Contains(values, "value") {
			out = append(out, key+valueSuffix)
		}
	}
	slices.Sort(out)
	return out
}

// sortedKeys makes the order of checks, and so of errors, the same every time.
func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
