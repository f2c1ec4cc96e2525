package calendar

import (
	"errors"
	"fmt"
	"strings"
)

// ErrBoundary means that a boundary does not suit its frequency.
var ErrBoundary = errors.New("calendar: bad time alignment boundary")

// A Weekday is a day of the week. The zero value is Monday, on which weeks
// begin unless told otherwise.
type Weekday uint8

// The days of the week.
const (
	Monday Weekday = iota
	Tuesday
	Wednesday
	Thursday
	Friday
	Saturday
	Sunday
)

var weekdays = [...]string{"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"}

// String returns the day's English name in capitals.
func (d Weekday) String() string {
	if int(d) >= len(weekdays) {
		return "none"
	}
	return weekdays[d]
}

// ParseWeekday reads an English name of a day in capitals.
func ParseWeekday(text string) (Weekday, error) {
	for i, name := range weekdays {
		if text == name {
			return Weekday(i), nil
		}
	}
	return 0, fmt.Errorf("%w: day of week %q, want one of %s", ErrBoundary, text, strings.Join(weekdays[:], ", "))
}

// A Boundary moves the start of bins inside their unit. Each field belongs to
// one unit and is left zero for the others; the zero value is the default:
// days from midnight, weeks from Monday, months from the 1st, years from
// January. Minutes and hours have none.
type Boundary struct {
	Hour    int     // days: 0 to 23
	Weekday Weekday // weeks
	Day     int     // months: 1 to 28; 0 means 1
	Month   int     // years: 1 to 12; 0 means 1
}

// Check returns an error that wraps [ErrBoundary] where a field is set that is
// not the frequency's or is out of its range.
func (b Boundary) Check(f Frequency) error {
	for _, field := range []struct {
		name        string
		unit        Unit
		value, most int
	}{
		{"hour", Day, b.Hour, 23},
		{"day of week", Week, int(b.Weekday), int(Sunday)},
		{"day of month", Month, b.Day, 28},
		{"month", Year, b.Month, 12},
	} {
		if field.value == 0 {
			continue
		}
		if f.Unit != field.unit {
			return fmt.Errorf("%w: frequency %s takes no %s", ErrBoundary, f, field.name)
		}
		if field.value < 0 || field.value > field.most {
			return fmt.Errorf("%w: %s %d, want at most %d", ErrBoundary, field.name, field.value, field.most)
		}
	}
	return nil
}

// A Grid cuts time into bins of one frequency. A bin holds its start and is
// labelled by it. Bins of one unit lie where the boundary says; bins of several
// units start anew at the unit that holds the anchor, which is the first time
// of the data. The bin of the anchor has index 0.
//
// The fields must be a valid frequency and a boundary that suits it.
type Grid struct {
	Frequency Frequency
	Boundary  Boundary
	Anchor    int64
}

// Floor returns the start of the bin that holds t.
func (g Grid) Floor(t int64) int64 {
	if g.Frequency.N == 1 {
		return g.start(g.unit(t)) // no anchor needed: the fast path of imports
	}
	return g.Time(g.Index(t))
}

// Index returns the index of the bin that holds t, counted from the bin of the
// anchor; times before the anchor's bin have negative ones.
func (g Grid) Index(t int64) int {
	return int(floorDiv(g.unit(t)-g.unit(g.Anchor), int64(g.Frequency.N)))
}

// Time returns the start of the bin with an index.
func (g Grid) Time(i int) int64 {
	return g.start(g.unit(g.Anchor) + int64(i)*int64(g.Frequency.N))
}

// Count returns the number of bins from the one that holds first to the one
// that holds last, both counted; zero if last is in an earlier bin.
func (g Grid) Count(first, last int64) int {
	return max(0, g.Index(last)-g.Index(first)+1)
}

// On tells whether t is the start of a bin.
func (g Grid) On(t int64) bool { return g.Floor(t) == t }

// Add returns the start of the bin that lies n bins after the one that holds t.
func (g Grid) Add(t int64, n int) int64 { return g.Time(g.Index(t) + n) }

// Between returns how many bins b's bin lies after a's.
func (g Grid) Between(a, b int64) int { return g.Index(b) - g.Index(a) }

// epochMonday is the Monday on or before 1970-01-01, a Thursday, in days.
const epochMonday = -3

// unit returns the number of the unit that holds t, counted from any fixed one.
func (g Grid) unit(t int64) int64 {
	switch g.Frequency.Unit {
	case Minute:
		return floorDiv(t, 60)
	case Hour:
		return floorDiv(t, 3600)
	case Day:
		return floorDiv(t-int64(g.Boundary.Hour)*3600, day)
	case Week:
		return floorDiv(floorDiv(t, day)-epochMonday-int64(g.Boundary.Weekday), 7)
	case Month:
		return monthOf(floorDiv(t, day) - g.dayOffset())
	case Year:
		return floorDiv(monthOf(floorDiv(t, day))-g.monthOffset(), 12)
	}
	panic("calendar: grid without a frequency")
}

// start returns the first second of a unit.
func (g Grid) start(unit int64) int64 {
	switch g.Frequency.Unit {
	case Minute:
		return unit * 60
	case Hour:
		return unit * 3600
	case Day:
		return unit*day + int64(g.Boundary.Hour)*3600
	case Week:
		return (unit*7 + epochMonday + int64(g.Boundary.Weekday)) * day
	case Month:
		return (dayOf(unit) + g.dayOffset()) * day
	case Year:
		return dayOf(unit*12+g.monthOffset()) * day
	}
	panic("calendar: grid without a frequency")
}

func (g Grid) dayOffset() int64   { return int64(max(g.Boundary.Day, 1) - 1) }
func (g Grid) monthOffset() int64 { return int64(max(g.Boundary.Month, 1) - 1) }

// floorDiv returns the largest integer not above a/b, for positive b.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// The two functions below turn days since 1970-01-01 into months since year 0
// and back. They count years from March, so that the leap day is the last of
// its year and the lengths of months follow the line (153 m + 2) / 5.
// Reference: E. G. Richards, "Calendars", in Explanatory Supplement to the
// Astronomical Almanac, 3rd ed. (2013), section 15.11.

const (
	daysIn400Years = 146097
	// daysBeforeEpoch is 0000-03-01 to 1970-01-01.
	daysBeforeEpoch = 719468
)

// monthOf returns the number of the month that holds a day: 12·year + month,
// January counting 0.
func monthOf(days int64) int64 {
	days += daysBeforeEpoch
	era := floorDiv(days, daysIn400Years)
	d := days - era*daysIn400Years                           // day of the era
	y := (d - d/1460 + d/36524 - d/(daysIn400Years-1)) / 365 // year of the era, from March
	d -= 365*y + y/4 - y/100                                 // day of the year, from March
	m := (5*d + 2) / 153                                     // month from March
	return 12*(era*400+y) + m + 2
}

// dayOf returns the first day of a month that [monthOf] returned.
func dayOf(month int64) int64 {
	march := month - 2 // years from March
	y := floorDiv(march, 12)
	m := march - 12*y
	era := floorDiv(y, 400)
	y -= era * 400
	return era*daysIn400Years + 365*y + y/4 - y/100 + (153*m+2)/5 - daysBeforeEpoch
}
