package resource

import (
	"strconv"
	"strings"
)

// maxForecastTypes is the documented limit (contract 1.5); the model allows more.
const maxForecastTypes = 5

// defaultForecastTypes are used where the caller names none.
func defaultForecastTypes() []string { return []string{"0.1", "0.5", "0.9"} }

// normalTypes checks forecast types and returns them as they are echoed:
// "0.50" and ".5" as "0.5". No types are nil.
func normalTypes(types []string) ([]string, *Error) {
	if len(types) > maxForecastTypes {
		return nil, Errorf(InvalidInput, "ForecastTypes lists %d types; at most %d are allowed", len(types), maxForecastTypes)
	}
	var out []string
	seen := map[string]string{}
	for _, t := range types {
		n, err := normalType(t)
		if err != nil {
			return nil, err
		}
		if other, twice := seen[n]; twice {
			return nil, Errorf(InvalidInput, "ForecastTypes lists the same type twice: '%s' and '%s'", other, t)
		}
		seen[n] = t
		out = append(out, n)
	}
	return out, nil
}

func normalType(t string) (string, *Error) {
	if t == "mean" {
		return t, nil
	}
	q, err := strconv.ParseFloat(t, 64)
	digits := strings.TrimPrefix(strings.TrimPrefix(t, "0"), ".")
	if err != nil || len(digits) < 1 || len(digits) > 2 || !strings.Contains(t, ".") || q < 0.01 || q > 0.99 {
		return "", Errorf(InvalidInput, "The forecast type '%s' is not valid: give a quantile from 0.01 to 0.99 in steps of 0.01, or mean", t)
	}
	return "0." + strings.TrimSuffix(digits, "0"), nil
}

// TypeKey returns the key under which a forecast type stands in a query's
// answer and in export files: "p10" for "0.1", "mean" for "mean" (contract 7.2).
func TypeKey(forecastType string) string {
	digits, ok := strings.CutPrefix(forecastType, "0.")
	if !ok {
		return forecastType
	}
	if len(digits) == 1 {
		digits += "0"
	}
	return "p" + strings.TrimPrefix(digits, "0")
}
