package api

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/almanac-forecast/almanac/internal/javafloat"
)

// Timestamp is a moment. On the wire it is the number of seconds since 1970 in
// UTC, to the millisecond, printed as Java prints a double: 1.615356667162E9.
type Timestamp time.Time

// Time returns the moment as a time in UTC.
func (t Timestamp) Time() time.Time { return time.Time(t) }

func (t Timestamp) appendEpoch(dst []byte) []byte {
	return javafloat.Append(dst, float64(time.Time(t).UnixMilli())/1000)
}

// MarshalJSON implements json.Marshaler.
func (t Timestamp) MarshalJSON() ([]byte, error) { return t.appendEpoch(nil), nil }

// UnmarshalJSON implements json.Unmarshaler. It reads whole and decimal seconds.
func (t *Timestamp) UnmarshalJSON(text []byte) error {
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return fmt.Errorf("read a timestamp: %q is not a number of seconds", text)
	}
	p, ok := fromEpoch(f)
	if !ok {
		return fmt.Errorf("read a timestamp: %s seconds are beyond the year 9999", text)
	}
	*t = p
	return nil
}

// maxEpoch is the end of the year 9999 in seconds.
const maxEpoch = 253402300800

func fromEpoch(seconds float64) (Timestamp, bool) {
	if math.IsNaN(seconds) || math.Abs(seconds) >= maxEpoch {
		return Timestamp{}, false
	}
	return Timestamp(time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()), true
}
