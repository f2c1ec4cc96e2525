package resource

import (
	"strconv"
	"strings"
)

// frequency is a parsed interval between data points, "15min" or "M".
type frequency struct {
	n    int
	unit string // min, H, D, W, M, Y
}

// frequencyUnits holds the units with the largest number allowed before them
// and their nominal length in seconds (contract 3.4).
var frequencyUnits = []struct {
	unit    string
	most    int
	seconds float64
}{
	{"min", 59, 60},
	{"H", 23, 3600},
	{"D", 6, 86400},
	{"W", 4, 7 * 86400},
	{"M", 11, 30.4 * 86400},
	{"Y", 1, 365 * 86400},
}

// parseFrequency reads a frequency of contract 3.4; member names the request
// member it came in.
func parseFrequency(member, s string) (frequency, *Error) {
	for _, u := range frequencyUnits {
		digits, ok := strings.CutSuffix(s, u.unit)
		if !ok {
			continue
		}
		if digits == "" && u.unit != "min" {
			return frequency{1, u.unit}, nil
		}
		n, err := strconv.Atoi(digits)
		if err != nil || strconv.Itoa(n) != digits {
			break
		}
		if n < 1 || n > u.most {
			return frequency{}, Errorf(InvalidInput, "The %s '%s' is out of range: the number before %s must be between 1 and %d", member, s, u.unit, u.most)
		}
		return frequency{n, u.unit}, nil
	}
	return frequency{}, Errorf(InvalidInput,
		"The %s '%s' is not valid: give a number and a unit, 1min to 59min, 1H to 23H, 1D to 6D, 1W to 4W, 1M to 11M or 1Y; the number 1 may be left out except before min", member, s)
}

// seconds is the nominal length, for comparisons only.
func (f frequency) seconds() float64 {
	for _, u := range frequencyUnits {
		if u.unit == f.unit {
			return float64(f.n) * u.seconds
		}
	}
	return 0
}

// subDaily reports whether the data points are less than a day apart.
func (f frequency) subDaily() bool { return f.unit == "min" || f.unit == "H" }

// finer returns the unit that a time alignment boundary for this frequency is
// given in (contract 5.2), "" when there is none.
func (f frequency) finer() string {
	switch f.unit {
	case "D":
		return "Hour"
	case "W":
		return "DayOfWeek"
	case "M":
		return "DayOfMonth"
	case "Y":
		return "Month"
	default:
		return ""
	}
}
