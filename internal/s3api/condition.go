package s3api

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// matches says whether a list of ETags, or a star, holds the ETag.
func matches(list, etag string) bool {
	for e := range strings.SplitSeq(list, ",") {
		e = strings.TrimPrefix(strings.TrimSpace(e), "W/")
		if e == "*" || strings.Trim(e, `"`) == etag {
			return true
		}
	}
	return false
}

// readConditions checks If-Match and its kin; prefix is empty or
// "X-Amz-Copy-Source-". An ETag that is given outweighs a time (RFC 9110, 13.2.2).
func readConditions(h http.Header, prefix, etag string, modified time.Time) error {
	modified = modified.Truncate(time.Second) // as the client saw it
	if v := h.Get(prefix + "If-Match"); v != "" {
		if !matches(v, etag) {
			return errPrecondition
		}
	} else if t, err := http.ParseTime(h.Get(prefix + "If-Unmodified-Since")); err == nil && modified.After(t) {
		return errPrecondition
	}
	failed := errNotModified
	if prefix != "" {
		failed = errPrecondition
	}
	if v := h.Get(prefix + "If-None-Match"); v != "" {
		if matches(v, etag) {
			return failed
		}
	} else if t, err := http.ParseTime(h.Get(prefix + "If-Modified-Since")); err == nil && !modified.After(t) {
		return failed
	}
	return nil
}

// writeConditions checks If-Match and If-None-Match of a write. The object's
// lock is held.
func (c *call) writeConditions() error {
	match, none := c.r.Header.Get("If-Match"), c.r.Header.Get("If-None-Match")
	if match == "" && none == "" {
		return nil
	}
	if none != "" && none != "*" {
		return notImplemented("A write with If-None-Match other than *")
	}
	o, err := c.store.Stat(c.ctx, c.key)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		if match != "" {
			return err
		}
		return nil
	case err != nil:
		return err
	case none != "":
		return errPrecondition
	}
	r, err := c.s.record(c.ctx, c.bucket, o)
	if err != nil {
		return err
	}
	if !matches(match, r.ETag) {
		return errPrecondition
	}
	return nil
}

// span is a part of an object.
type span struct{ start, length int64 }

// parseRange reads a Range header for an object of the given size. ok is false
// where the whole object is wanted: without a header, and, as S3 does it, with
// one that is malformed or asks for several ranges.
func parseRange(header string, size int64) (s span, ok bool, err error) {
	spec, found := strings.CutPrefix(header, "bytes=")
	from, to, dash := strings.Cut(strings.TrimSpace(spec), "-")
	if !found || !dash {
		return span{}, false, nil
	}
	unsatisfiable := failf(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable")
	if from == "" { // the last bytes
		n, err := strconv.ParseUint(to, 10, 63)
		if err != nil {
			return span{}, false, nil //nolint:nilerr // malformed: ignored
		}
		length := min(int64(n), size)
		if length == 0 {
			return span{}, false, unsatisfiable
		}
		return span{size - length, length}, true, nil
	}
	start, err := strconv.ParseUint(from, 10, 63)
	if err != nil {
		return span{}, false, nil //nolint:nilerr // malformed: ignored
	}
	end := uint64(max(size-1, 0))
	if to != "" {
		last, err := strconv.ParseUint(to, 10, 63)
		if err != nil || last < start {
			return span{}, false, nil //nolint:nilerr // malformed: ignored
		}
		end = min(last, end)
	}
	if int64(start) >= size {
		return span{}, false, unsatisfiable
	}
	return span{int64(start), int64(end-start) + 1}, true, nil
}

func (s span) header(size int64) string {
	return fmt.Sprintf("bytes %d-%d/%d", s.start, s.start+s.length-1, size)
}
