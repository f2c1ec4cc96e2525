package sigv4

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPayloadHash(t *testing.T) {
	request := func(body, hash string, length int64) *http.Request {
		s := signature{
			id: exampleID, secret: exampleSecret, day: "20150830", region: "us-east-1", service: "s3", date: "20150830T123600Z",
			method: "PUT", path: "/b/k", payload: hash,
			headers: [][2]string{{"host", "localhost"}, {"x-amz-content-sha256", hash}, {"x-amz-date", "20150830T123600Z"}},
		}
		r := httptest.NewRequestWithContext(context.Background(), http.MethodPut, "/b/k", strings.NewReader(body))
		r.Host, r.ContentLength = "localhost", length
		r.Header.Set("X-Amz-Content-Sha256", hash)
		r.Header.Set("X-Amz-Date", s.date)
		r.Header.Set("Authorization", s.header())
		return r
	}
	v := verifier("20150830T123600Z")
	for _, length := range []int64{5, -1} {
		if _, err := verify(v, request("hello", sha("hello"), length), "s3"); err != nil {
			t.Error(err)
		}
		r := request("hellO", sha("hello"), length)
		if _, err := v.VerifyStream(r); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(r.Body); reason(err) != BadPayload {
			t.Errorf("another body: %v", err)
		}
	}
	r := request("hellO", sha("hello"), 5)
	if _, err := v.VerifyStream(r); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r.Body, make([]byte, 5)); reason(err) != BadPayload {
		t.Errorf("another body, read by its length: %v", err)
	}
	if _, err := v.VerifyStream(request("", sha("hello"), 0)); reason(err) != BadPayload {
		t.Errorf("empty body under another hash: %v", err)
	}
	if _, err := verify(v, request("anything", "UNSIGNED-PAYLOAD", 8), "s3"); err != nil {
		t.Errorf("unsigned payload: %v", err)
	}
	if _, err := verify(v, request("x", "no-hash", 1), "s3"); reason(err) != Malformed {
		t.Errorf("a hash that is none: %v", err)
	}
	if _, err := v.Verify(request("x", "UNSIGNED-PAYLOAD", 1), []byte("x")); reason(err) != Mismatch {
		t.Errorf("unsigned payload where the body must be signed: %v", err)
	}
}
