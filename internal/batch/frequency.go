package batch

import (
	"context"
	"errors"
	"time"

	"github.com/almanac-forecast/almanac/forecast/calendar"
	"github.com/almanac-forecast/almanac/internal/dataset"
)

// sampleSeries is how many series are looked at to find out a frequency.
const sampleSeries = 200

// inferFrequency returns the frequency at which most consecutive times of the
// first series follow each other.
func inferFrequency(ctx context.Context, d *dataset.Data) (calendar.Frequency, error) {
	votes := map[calendar.Frequency]int{}
	seen := 0
	for s, err := range d.All(ctx) {
		if err != nil {
			return calendar.Frequency{}, err
		}
		for i := 1; i < len(s.Times); i++ {
			if f, ok := between(s.Times[i-1], s.Times[i]); ok {
				votes[f]++
			}
		}
		if seen++; seen == sampleSeries {
			break
		}
	}
	var best calendar.Frequency
	for f, n := range votes {
		// Of two with as many votes the finer one, so that the choice is always the same.
		if n > votes[best] || n == votes[best] && calendar.Compare(f, best) < 0 {
			best = f
		}
	}
	if !best.Valid() {
		return best, errors.New("the frequency cannot be told from the data; give it, such as --frequency D")
	}
	return best, nil
}

// between returns the frequency that leads from one time to the next.
func between(a, b int64) (calendar.Frequency, bool) {
	const minute, hour, day = 60, 3600, 86400
	if b <= a {
		return calendar.Frequency{}, false
	}
	step := b - a
	t, u := time.Unix(a, 0).UTC(), time.Unix(b, 0).UTC()
	months := (u.Year()-t.Year())*12 + int(u.Month()) - int(t.Month())
	lastDays := t.AddDate(0, 0, 1).Day() == 1 && u.AddDate(0, 0, 1).Day() == 1
	sameDay := t.Day() == u.Day() || lastDays
	f := calendar.Frequency{}
	switch {
	case step%minute != 0:
	case step < hour:
		f = calendar.Frequency{N: int(step / minute), Unit: calendar.Minute}
	case step < day && step%hour == 0:
		f = calendar.Frequency{N: int(step / hour), Unit: calendar.Hour}
	case step < 7*day && step%day == 0:
		f = calendar.Frequency{N: int(step / day), Unit: calendar.Day}
	case months > 0 && sameDay && months%12 == 0:
		f = calendar.Frequency{N: months / 12, Unit: calendar.Year}
	case months > 0 && sameDay && step >= 28*day && (step != 28*day || months == 1 && t.Day() == 1):
		f = calendar.Frequency{N: months, Unit: calendar.Month}
	case step%(7*day) == 0:
		f = calendar.Frequency{N: int(step / (7 * day)), Unit: calendar.Week}
	}
	return f, f.Valid()
}

// align moves weeks to the day of the week on which the data stand, if all
// sampled times share one: a user of the command line expects Sundays back who
// gave Sundays.
func align(ctx context.Context, d *dataset.Data, f calendar.Frequency) (calendar.Boundary, error) {
	var b calendar.Boundary
	if f.Unit != calendar.Week {
		return b, nil
	}
	days := map[time.Weekday]bool{}
	seen := 0
	for s, err := range d.All(ctx) {
		if err != nil {
			return b, err
		}
		for _, t := range s.Times {
			days[time.Unix(t, 0).UTC().Weekday()] = true
		}
		if seen++; len(days) > 1 || seen == sampleSeries {
			break
		}
	}
	if len(days) == 1 {
		for day := range days {
			b.Weekday = calendar.Weekday((day + 6) % 7)
		}
	}
	return b, nil
}
