package s3api_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestUnsigned(t *testing.T) {
	w := newWorld(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/bucket/k", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, body := w.do(r); resp.StatusCode != http.StatusForbidden || !strings.Contains(body, "<Code>AccessDenied</Code>") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

// TestVirtualHosts: the bucket may be in the host name.

// TestOldPresignedURL: the form that boto3 makes by default for an address
// that is not Amazon's.
func TestOldPresignedURL(t *testing.T) {
	w := newWorld(t)
	w.put("dir/a b", "body")
	presign := func(secret string, expires int64) string {
		mac := hmac.New(sha1.New, []byte(secret))
		_, _ = fmt.Fprintf(mac, "GET\n\n\n%d\n/bucket/dir/a%%20b?response-content-type=text/z", expires)
		sum := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		return fmt.Sprintf("%s/bucket/dir/a%%20b?response-content-type=text%%2Fz&AWSAccessKeyId=%s&Expires=%d&Signature=%s", w.url, testKey, expires, url.QueryEscape(sum))
	}
	for _, c := range []struct {
		name, url string
		status    int
		want      string
	}{
		{"right", presign(testSecret, time.Now().Add(time.Minute).Unix()), 200, "body"},
		{"wrong secret", presign("wrong", time.Now().Add(time.Minute).Unix()), 403, "SignatureDoesNotMatch"},
		{"expired", presign(testSecret, time.Now().Add(-time.Minute).Unix()), 403, "AccessDenied"},
		{"unknown key", strings.Replace(presign(testSecret, time.Now().Add(time.Minute).Unix()), testKey, "AKIANONE", 1), 403, "InvalidAccessKeyId"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, body := w.do(r)
			if resp.StatusCode != c.status || !strings.Contains(body, c.want) {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
			if c.status == http.StatusOK && resp.Header.Get("Content-Type") != "text/z" {
				t.Errorf("type %s", resp.Header.Get("Content-Type"))
			}
		})
	}
}

// TestTagsAndAttributes: the smaller things that are kept of an object.
