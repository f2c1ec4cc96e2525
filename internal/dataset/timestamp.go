package dataset

import (
	"encoding/binary"
	"fmt"
	"time"
)

// A timeFormat is a way to write timestamps.
type timeFormat int

const (
	timeDate timeFormat = iota // yyyy-MM-dd
	timeFull                   // yyyy-MM-dd HH:mm:ss
	timeAny                    // whatever of these and their ISO 8601 relatives
)

func newTimeFormat(pattern string) (timeFormat, error) {
	switch pattern {
	case "yyyy-MM-dd":
		return timeDate, nil
	case "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd hh:mm:ss":
		return timeFull, nil // the service reads hh as HH
	case TimeAny:
		return timeAny, nil
	}
	return 0, fmt.Errorf("timestamp format %q is neither yyyy-MM-dd nor yyyy-MM-dd HH:mm:ss", pattern)
}

func (f timeFormat) String() string {
	switch f {
	case timeDate:
		return "yyyy-MM-dd"
	case timeFull:
		return "yyyy-MM-dd HH:mm:ss"
	case timeAny:
	}
	return "yyyy-MM-dd or yyyy-MM-dd HH:mm:ss"
}

// A timeParser reads timestamps into seconds since 1970, the local time read as
// UTC. It remembers the last one and the last date, as neighbours in a file
// share them.
type timeParser struct {
	format timeFormat
	last   [19]byte
	length int // of last; 0 when there is none
	second int64
	date   [10]byte // of day
	day    int64    // seconds at its midnight
}

func (p *timeParser) parse(cell []byte) (second int64, reason string) {
	if len(cell) == p.length && p.same(cell) {
		return p.second, ""
	}
	second, reason = p.read(cell)
	if reason == "" && len(cell) <= len(p.last) {
		p.length = copy(p.last[:], cell)
		p.second = second
	}
	return second, reason
}

// same compares the cell with the last one, of the same length, in words.
func (p *timeParser) same(cell []byte) bool {
	switch len(cell) {
	case 19:
		return binary.LittleEndian.Uint64(cell[11:]) == binary.LittleEndian.Uint64(p.last[11:]) &&
			binary.LittleEndian.Uint64(cell[4:]) == binary.LittleEndian.Uint64(p.last[4:]) &&
			binary.LittleEndian.Uint32(cell) == binary.LittleEndian.Uint32(p.last[:])
	case 10:
		return binary.LittleEndian.Uint64(cell[2:]) == binary.LittleEndian.Uint64(p.last[2:]) &&
			binary.LittleEndian.Uint16(cell) == binary.LittleEndian.Uint16(p.last[:])
	case 0:
		return false
	}
	return string(cell) == string(p.last[:len(cell)])
}

func (p *timeParser) read(cell []byte) (int64, string) {
	for len(cell) > 0 && cell[0] == ' ' {
		cell = cell[1:]
	}
	for len(cell) > 0 && cell[len(cell)-1] == ' ' {
		cell = cell[:len(cell)-1]
	}
	if len(cell) == 0 {
		return 0, "is empty"
	}
	if len(cell) < 10 {
		return 0, p.mismatch(cell)
	}
	day, reason := p.midnight(cell[:10])
	if reason != "" {
		return 0, reason
	}
	rest := cell[10:]
	switch {
	case p.format == timeDate && len(rest) > 0:
		return 0, p.mismatch(cell)
	case p.format == timeFull && (len(rest) != 9 || rest[0] != ' '):
		return 0, p.mismatch(cell)
	case len(rest) == 0:
		return day, ""
	}
	clock, reason := clockTime(rest, p.format == timeAny)
	return day + clock, reason
}

// mismatch says in what the cell differs from the format, as far as that is easy to see.
func (p *timeParser) mismatch(cell []byte) string {
	var dummy timeParser
	reason := "does not match the timestamp format " + p.format.String()
	if len(cell) >= 10 {
		if _, bad := dummy.midnight(cell[:10]); bad == "" {
			switch {
			case p.format == timeFull && len(cell) == 10:
				reason += " (it has no time; import with TimestampFormat yyyy-MM-dd)"
			case p.format == timeDate && len(cell) == 19:
				reason += " (it has a time; import with TimestampFormat yyyy-MM-dd HH:mm:ss)"
			}
		}
	}
	return reason
}

func (p *timeParser) midnight(cell []byte) (second int64, reason string) {
	if string(cell) == string(p.date[:]) {
		return p.day, ""
	}
	slash := p.format == timeAny && cell[4] == '/' && cell[7] == '/'
	if (cell[4] != '-' || cell[7] != '-') && !slash {
		return 0, p.mismatchShort()
	}
	year, ok1 := digits(cell[:4])
	month, ok2 := digits(cell[5:7])
	day, ok3 := digits(cell[8:10])
	if !ok1 || !ok2 || !ok3 {
		return 0, p.mismatchShort()
	}
	if year == 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, "is not a date of the calendar"
	}
	p.day = time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix()
	copy(p.date[:], cell)
	return p.day, ""
}

func (p *timeParser) mismatchShort() string {
	return "does not match the timestamp format " + p.format.String()
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// clockTime reads " HH:mm:ss". In the loose form a T may stand for the blank,
// the seconds may be missing or have decimals, which are dropped, and a zero
// offset may follow.
func clockTime(cell []byte, loose bool) (second int64, reason string) {
	const bad = "has no valid time of day after the date"
	if cell[0] != ' ' && (!loose || cell[0] != 'T') {
		return 0, bad
	}
	cell = cell[1:]
	if loose {
		var offset string
		if cell, offset = trimZone(cell); offset != "" {
			return 0, offset
		}
		if len(cell) == 5 {
			cell = append(append(make([]byte, 0, 8), cell...), ":00"...)
		}
	}
	if len(cell) != 8 || cell[2] != ':' || cell[5] != ':' {
		return 0, bad
	}
	h, ok1 := digits(cell[:2])
	m, ok2 := digits(cell[3:5])
	s, ok3 := digits(cell[6:8])
	if !ok1 || !ok2 || !ok3 || h > 23 || m > 59 || s > 59 {
		return 0, bad
	}
	return int64(h)*3600 + int64(m)*60 + int64(s), ""
}

// trimZone cuts the zone and the fraction of a second off a time of day.
func trimZone(cell []byte) (rest []byte, reason string) {
	n := len(cell)
	if n > 0 && cell[n-1] == 'Z' {
		cell = cell[:n-1]
	} else if n > 6 && (cell[n-6] == '+' || cell[n-6] == '-') {
		if string(cell[n-5:]) != "00:00" {
			return nil, "has an offset from UTC; write local times without one"
		}
		cell = cell[:n-6]
	}
	if len(cell) > 9 && cell[8] == '.' {
		if _, ok := digits(cell[9:]); ok {
			cell = cell[:8]
		}
	}
	return cell, ""
}

func digits(cell []byte) (n int, ok bool) {
	for _, c := range cell {
		d := c - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + int(d)
	}
	return n, len(cell) > 0
}

// formatTime writes a timestamp as FieldStatistics does.
func formatTime(second int64) string {
	return time.Unix(second, 0).UTC().Format("2006-01-02T15:04:05Z")
}
