package resource

import (
	"crypto/rand"
	"encoding/binary"
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
	ms := uint64(now.UnixMilli()) //nolint:gosec // times before 1970 do not occur
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

// isID reports whether s has the form of a ULID.
func isID(s string) bool {
	if len(s) != ulidLength || s[0] > '7' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
		case c >= 'A' && c <= 'Z' && c != 'I' && c != 'L' && c != 'O' && c != 'U':
		default:
			return false
		}
	}
	return true
}
