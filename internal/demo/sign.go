package demo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"

	"github.com/almanac-forecast/almanac/internal/clock"
)

// Signer returns a function that signs requests with Signature Version 4, in
// the header form, as every AWS SDK does.
func Signer(key, secret, region string, c clock.Clock) func(*http.Request, []byte, string) error {
	return func(r *http.Request, body []byte, service string) error {
		now := c.Now().UTC()
		stamp, day := now.Format("20060102T150405Z"), now.Format("20060102")
		hash := sha256.Sum256(body)
		r.Header.Set("X-Amz-Date", stamp)
		r.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(hash[:]))

		names, lines := canonicalHeaders(r)
		canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, lines, names, hex.EncodeToString(hash[:])}, "\n")
		scope := strings.Join([]string{day, region, service, "aws4_request"}, "/")
		digest := sha256.Sum256([]byte(canonical))
		signature := []byte("AWS4" + secret)
		for _, part := range []string{day, region, service, "aws4_request", strings.Join([]string{"AWS4-HMAC-SHA256", stamp, scope, hex.EncodeToString(digest[:])}, "\n")} {
			mac := hmac.New(sha256.New, signature)
			mac.Write([]byte(part))
			signature = mac.Sum(nil)
		}
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/"+scope+", SignedHeaders="+names+", Signature="+hex.EncodeToString(signature))
		return nil
	}
}

// canonicalHeaders returns the names of the signed headers and their lines. The
// queries of this package are in canonical order as they are.
func canonicalHeaders(r *http.Request) (names, lines string) {
	signed := []string{"host"}
	values := map[string]string{"host": r.URL.Host}
	for name := range r.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-amz-") || lower == "content-type" {
			signed = append(signed, lower)
			values[lower] = strings.TrimSpace(r.Header.Get(name))
		}
	}
	slices.Sort(signed)
	var b strings.Builder
	for _, name := range signed {
		b.WriteString(name + ":" + values[name] + "\n")
	}
	return strings.Join(signed, ";"), b.String()
}
