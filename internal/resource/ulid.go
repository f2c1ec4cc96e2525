package resource

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
	"time"
)

// ulidLength is the number of characters of a ULID.
const ulidLength = 26

// crockford is the alphabet of ULIDs: base 32 without I, L, O and U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewID returns a ULID: 48 bits of time in milliseconds and 80 random bits,
// as 26 characters that sort by time. It names tasks and ends the ARNs of auto
// predictors and monitors.
func NewID(now time.Time) string {
	var b [16]byte
	ms := uint64(now.UnixMilli())
	binary.BigEndian.PutUint64(b[:8], ms<<16)
	rand.Read(b[6:]) // never fails since Go 1.24

	hi := binary.BigEndian.Uint64(b[:8])
	lo := binary.BigEndian.Uint64(b[8:])
	var out [ulidLength]byte
	for i := ulidLength - 1; i >= 0; i-- {
		out[i] = crockford[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return string(out[:])
}

// timeOf returns the time part of a ULID.
func timeOf(id string) (ms int64, ok bool) {
	if len(id) != ulidLength {
		return 0, false
	}
	for i := range ulidLength {
		digit := strings.IndexByte(crockford, id[i])
		if digit < 0 {
			return 0, false
		}
		if i < 10 { // the 48 bits of time are the first ten characters
			ms = ms<<5 | int64(digit)
		}
	}
	return ms, true
}

// For reports whether the task was made for this row and not for an earlier
// resource of the same ARN: a stopped job can be deleted, and its name used
// again, before a worker sees its task.
func (t Task) For(row Row) bool {
	ms, ok := timeOf(t.ID)
	return ok && t.Resource == row.ARN && ms >= row.Created.UnixMilli()
}
