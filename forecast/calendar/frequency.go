// Package calendar knows the frequencies of time series and cuts time into the
// bins that they stand for.
//
// A time is a number of seconds since 1970-01-01 00:00 of a local clock that
// has no zone and no daylight saving: the local time read as if it were UTC.
// The calendar is the Gregorian one, also before it was introduced.
package calendar

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ErrFrequency means that a text is not a frequency. Errors that wrap it name
// the text and what is allowed.
var ErrFrequency = errors.New("calendar: bad frequency")

// A Unit is the unit of a frequency. The zero value is none.
type Unit uint8

// The units, from the finest to the coarsest.
const (
	Minute Unit = 1 + iota
	Hour
	Day
	Week
	Month
	Year
)

// units holds for each unit its letters, the largest multiple that is allowed,
// and its nominal length in seconds: a month is a twelfth of a year of 365.25
// days.
var units = [...]struct {
	text    string
	most    int
	seconds float64
}{
	Minute: {"min", 59, 60},
	Hour:   {"H", 23, 3600},
	Day:    {"D", 6, day},
	Week:   {"W", 4, 7 * day},
	Month:  {"M", 11, yearDays * day / 12},
	Year:   {"Y", 1, yearDays * day},
}

const (
	day      = 86400 // seconds
	yearDays = 365.25
)

// String returns the unit's letters: min, H, D, W, M or Y.
func (u Unit) String() string {
	if u < Minute || u > Year {
		return "none"
	}
	return units[u].text
}

// A Frequency is a step of N units: one day, three months, 30 minutes. The zero
// value is no frequency. Frequencies can be compared with ==.
type Frequency struct {
	N    int
	Unit Unit
}

// ParseFrequency reads a frequency: a number (1 where it is missing, which is
// not allowed before min) and one of the units Y, M, W, D, H and min. Case
// counts, since M is a month. The multiples go to 1Y, 11M, 4W, 6D, 23H and
// 59min; beyond, the next unit is meant to be used.
func ParseFrequency(text string) (Frequency, error) {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	var f Frequency
	for u := Minute; u <= Year; u++ {
		if text[digits:] == units[u].text {
			f.Unit = u
		}
	}
	if f.Unit == 0 {
		return Frequency{}, fmt.Errorf("%w %q: want a number followed by Y, M, W, D, H or min (case counts)", ErrFrequency, text)
	}
	f.N = 1
	if digits == 0 {
		if f.Unit == Minute {
			return Frequency{}, fmt.Errorf("%w %q: min needs a number, as in 15min", ErrFrequency, text)
		}
		return f, nil
	}
	n, err := strconv.Atoi(text[:digits])
	if most := units[f.Unit].most; err != nil || n < 1 || n > most || text[0] == '0' {
		return Frequency{}, fmt.Errorf("%w %q: the number before %s must be from 1 to %d", ErrFrequency, text, f.Unit, most)
	}
	f.N = n
	return f, nil
}

// String returns the frequency in the form that [ParseFrequency] reads, without
// a number where it is 1 and the unit is not min.
func (f Frequency) String() string {
	if f.N == 1 && f.Unit != Minute {
		return f.Unit.String()
	}
	return strconv.Itoa(f.N) + f.Unit.String()
}

// Valid tells whether the frequency is one that [ParseFrequency] could return.
func (f Frequency) Valid() bool {
	return f.Unit >= Minute && f.Unit <= Year && f.N >= 1 && f.N <= units[f.Unit].most
}

// Seconds returns the nominal length of a step: exact up to weeks, and with
// months of 30.4375 days and years of 365.25 days beyond.
func (f Frequency) Seconds() float64 {
	if !f.Valid() {
		return 0
	}
	return float64(f.N) * units[f.Unit].seconds
}

// Compare returns -1, 0 or 1 as a is finer than, as long as or coarser than b
// by nominal length.
func Compare(a, b Frequency) int {
	switch x, y := a.Seconds(), b.Seconds(); {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// maxSeason is the longest season in steps that [Seasons] proposes: one day of
// minutes.
const maxSeason = 1440

// Seasons returns the lengths in steps of the natural cycles of a frequency,
// shortest first: the day and the week for sub-daily steps (24 and 168 hours,
// 48 and 336 half-hours), the week and the year for days, the year for weeks,
// months and quarters. A day or week counts only where it is a whole number of
// steps; the year is rounded (365 days, 52 weeks). No length is below 2 or
// above 1440.
func Seasons(f Frequency) []int {
	step := f.Seconds()
	if step == 0 {
		return nil
	}
	var seasons []int
	for _, cycle := range []struct {
		unit  Unit
		exact bool
	}{{Day, true}, {Week, true}, {Year, false}} {
		if cycle.unit <= f.Unit || cycle.unit == Year && f.Unit < Day {
			continue
		}
		m := units[cycle.unit].seconds / step
		if f.Unit == Month && math.Trunc(m) != m {
			continue // five months and the like: the year is no whole number of steps
		}
		if whole := math.Trunc(m) == m; cycle.exact && !whole {
			continue
		}
		if n := int(math.Round(m)); n >= 2 && n <= maxSeason {
			seasons = append(seasons, n)
		}
	}
	return seasons
}

// amazonSeasons are the seasons that Amazon Forecast used for its ARIMA and
// ETS, by the frequency of the data: cycles inside an hour for minutes.
var amazonSeasons = map[Frequency]int{
	{1, Month}: 12, {1, Week}: 52, {1, Day}: 7, {1, Hour}: 24,
	{30, Minute}: 2, {15, Minute}: 4, {10, Minute}: 6, {5, Minute}: 12, {1, Minute}: 60,
}

// AmazonSeason returns the season length that Amazon Forecast used for a data
// frequency, also as the lag of its MASE: 12 for months, 52 for weeks, 7 for
// days, 24 for hours, the number of steps in an hour for 1, 5, 10, 15 and 30
// minutes, and 1 for every other.
func AmazonSeason(f Frequency) int {
	if m, ok := amazonSeasons[f]; ok {
		return m
	}
	return 1
}
