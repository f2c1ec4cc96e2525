package sigv4

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// canonicalRequest is the text whose hash is signed.
func canonicalRequest(r *http.Request, a *authorization, payload string) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n")
	b.WriteString(canonicalPath(r.URL.EscapedPath(), a.scope.service) + "\n")
	b.WriteString(canonicalQuery(r.URL.RawQuery) + "\n")
	for _, name := range a.headers {
		b.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(a.headers, ";") + "\n" + payload)
	return b.String()
}

// canonicalPath returns the path encoded once for S3, whose keys may hold
// anything; for other services without dot segments and double slashes, and
// encoded twice.
func canonicalPath(escaped, service string) string {
	if strings.HasPrefix(service, "s3") {
		return encodePath(escaped, true)
	}
	trailing := strings.HasSuffix(escaped, "/")
	clean := path.Clean("/" + escaped)
	if trailing && clean != "/" {
		clean += "/"
	}
	return encodePath(encodePath(clean, true), false)
}

// encodePath encodes each segment of a path, after decoding it if it is
// encoded already. Slashes between segments stay.
func encodePath(p string, decode bool) string {
	if p == "" {
		return "/"
	}
	segments := strings.Split(p, "/")
	for i, s := range segments {
		if decode {
			if t, err := url.PathUnescape(s); err == nil {
				s = t
			}
		}
		segments[i] = encode(s)
	}
	return strings.Join(segments, "/")
}

// canonicalQuery returns the parameters encoded and sorted, without the
// signature itself.
func canonicalQuery(raw string) string {
	var pairs []param
	for _, p := range parseQuery(raw) {
		if p.key != "X-Amz-Signature" {
			pairs = append(pairs, param{encode(p.key), encode(p.value)})
		}
	}
	slices.SortFunc(pairs, func(a, b param) int {
		if c := strings.Compare(a.key, b.key); c != 0 {
			return c
		}
		return strings.Compare(a.value, b.value)
	})
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.key + "=" + p.value)
	}
	return b.String()
}

// encode escapes every byte but the unreserved characters of RFC 3986.
func encode(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
		}
	}
	return b.String()
}

// headerValue returns the value of a header as it is signed: several values
// joined by commas, spaces trimmed and runs of them made one.
func headerValue(r *http.Request, name string) string {
	var values []string
	switch name {
	case "host":
		values = []string{r.Host}
	case "content-length":
		if values = r.Header.Values(name); values == nil && r.ContentLength >= 0 {
			values = []string{strconv.FormatInt(r.ContentLength, 10)}
		}
	case "transfer-encoding":
		values = r.TransferEncoding
	default:
		values = r.Header.Values(name)
	}
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(trimmed, ",")
}
