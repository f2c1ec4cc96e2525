package sigv4

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/almanac-forecast/almanac/internal/clock"
)

// FuzzParse reads arbitrary authorizations: no panic, only *Error, and nothing
// passes a server with keys. It does not check that a right one passes.
func FuzzParse(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/forecast/aws4_request, SignedHeaders=host;x-amz-date, Signature=00", "20150830T123600Z", "")
	f.Add("", "", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00")
	f.Add("AWS4-HMAC-SHA256 Credential=////, SignedHeaders=;;, Signature=", "Sun, 30 Aug 2015 12:36:00 GMT", "a=%zz&&=&;")
	f.Fuzz(func(t *testing.T, header, date, query string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody)
		r.URL = &url.URL{Path: "/", RawQuery: query}
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		r.Header.Set("X-Amz-Date", date)
		v := Verifier{Keys: exampleKeys, Clock: clock.Fixed(parseTime("20150830T123600Z"))}
		_, err := v.Verify(r, nil)
		if _, ok := errors.AsType[*Error](err); !ok {
			t.Fatalf("an unsigned request gives %v", err)
		}
		_ = canonicalQuery(query)
	})
}

// FuzzChunks reads arbitrary chunked bodies: no panic, and never more content
// than announced. It does not check signatures.
func FuzzChunks(f *testing.F) {
	f.Add("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", int64(5), false)
	f.Add("5;chunk-signature=00\r\nhello\r\n0;chunk-signature=00\r\n\r\n", int64(5), true)
	f.Add("0\r\n", int64(0), false)
	f.Fuzz(func(t *testing.T, body string, length int64, signed bool) {
		if length < 0 {
			length = 0
		}
		c := newChunkReader(io.NopCloser(strings.NewReader(body)), chunkOptions{
			length: length, signed: signed, trailers: []string{"x-amz-checksum-crc32"}, trailer: http.Header{},
		})
		n, err := io.Copy(io.Discard, c)
		if n > length || err == nil && n != length {
			t.Fatalf("%d bytes of %d, %v", n, length, err)
		}
	})
}
