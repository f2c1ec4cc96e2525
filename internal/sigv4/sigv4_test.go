package sigv4

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/clock"
)

// The credentials of the examples in the AWS documentation.
const (
	exampleID      = "AKIDEXAMPLE"
	exampleSecret  = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	exampleS3ID    = "AKIAIOSFODNN7EXAMPLE"
	exampleS3Key   = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	exampleAccount = "123456789012"
)

type fakeKeys map[string]Key

func (k fakeKeys) Lookup(_ context.Context, id string) (Key, error) {
	if k == nil {
		return Key{}, ErrOpen
	}
	key, ok := k[id]
	if !ok {
		return Key{}, ErrUnknownKey
	}
	return key, nil
}

var exampleKeys = fakeKeys{
	exampleID:   {Secret: exampleSecret, Account: exampleAccount},
	exampleS3ID: {Secret: exampleS3Key, Account: exampleAccount},
	"ASIATEMP":  {Secret: "temporary", Account: exampleAccount, Token: "session", Expires: parseTime("20150830T130000Z")},
}

func parseTime(s string) time.Time {
	t, err := time.Parse("20060102T150405Z", s)
	if err != nil {
		panic(err)
	}
	return t
}

func verifier(now string) Verifier {
	return Verifier{Keys: exampleKeys, Clock: clock.Fixed(parseTime(now))}
}

// read makes a request as the server's HTTP reader does.
func read(tb testing.TB, raw string) *http.Request {
	tb.Helper()
	head, body, _ := strings.Cut(raw, "\n\n")
	raw = strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		tb.Fatalf("read the request: %v", err)
	}
	return r
}

// TestDocumentedExamples verifies the worked examples of the documentation.
func TestDocumentedExamples(t *testing.T) {
	const s3auth = "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders="
	const empty = "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
	tests := []struct{ name, now, request, service string }{
		{
			"General Reference, IAM ListUsers", "20150830T123600Z",
			"GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\nHost: iam.amazonaws.com\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\nX-Amz-Date: 20150830T123600Z\n" +
				"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7\n\n",
			"iam",
		},
		{
			"S3 GET Object with range", "20130524T000000Z",
			"GET /test.txt HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\nRange: bytes=0-9\n" + empty + "x-amz-date: 20130524T000000Z\n" +
				s3auth + "host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41\n\n",
			"s3",
		},
		{
			"S3 PUT Object with a key to be encoded", "20130524T000000Z",
			"PUT /test$file.text HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\nDate: Fri, 24 May 2013 00:00:00 GMT\nx-amz-date: 20130524T000000Z\nx-amz-storage-class: REDUCED_REDUNDANCY\nx-amz-content-sha256: 44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072\nContent-Length: 21\n" +
				s3auth + "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd\n\nWelcome to Amazon S3.",
			"s3",
		},
		{
			"S3 GET lifecycle, a parameter without value", "20130524T000000Z",
			"GET /?lifecycle HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\nx-amz-date: 20130524T000000Z\n" + empty +
				s3auth + "host;x-amz-content-sha256;x-amz-date,Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543\n\n",
			"s3",
		},
		{
			"S3 list objects", "20130524T000000Z",
			"GET /?max-keys=2&prefix=J HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\nx-amz-date: 20130524T000000Z\n" + empty +
				s3auth + "host;x-amz-content-sha256;x-amz-date,Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7\n\n",
			"s3",
		},
		{
			"S3 presigned GET, an hour later", "20130524T010000Z",
			"GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404 HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\n\n",
			"s3",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id, err := verify(verifier(tt.now), read(t, tt.request), tt.service)
			if err != nil {
				t.Fatal(err)
			}
			if id.Account != exampleAccount || id.Region != "us-east-1" || id.Service != tt.service {
				t.Errorf("identity %+v", id)
			}
			forged := strings.Replace(tt.request, "Signature=", "Signature=0", 1)
			if _, err := verify(verifier(tt.now), read(t, forged), tt.service); reason(err) != Mismatch {
				t.Errorf("a forged signature gives %v", err)
			}
		})
	}
}

// verify checks a request as its service does and reads its body.
func verify(v Verifier, r *http.Request, service string) (Identity, error) {
	if service != "s3" {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return Identity{}, err
		}
		return v.Verify(r, body)
	}
	id, err := v.VerifyStream(r)
	if err != nil {
		return id, err
	}
	_, err = io.Copy(io.Discard, r.Body)
	return id, err
}

func reason(err error) Reason {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return -1
}

// signature is an independent signer: it takes the canonical parts as text.
type signature struct {
	id, secret, day, region, service, date string
	method, path, query                    string
	headers                                [][2]string // sorted, lower case
	payload                                string
}

func hmacSHA(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func sha(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

func (s signature) key() []byte {
	return hmacSHA(hmacSHA(hmacSHA(hmacSHA([]byte("AWS4"+s.secret), s.day), s.region), s.service), "aws4_request")
}

func (s signature) scope() string { return s.day + "/" + s.region + "/" + s.service + "/aws4_request" }

func (s signature) names() string {
	names := make([]string, len(s.headers))
	for i, h := range s.headers {
		names[i] = h[0]
	}
	return strings.Join(names, ";")
}

func (s signature) value() string {
	parts := []string{s.method, s.path, s.query}
	for _, h := range s.headers {
		parts = append(parts, h[0]+":"+h[1])
	}
	canonical := strings.Join(append(parts, "", s.names(), s.payload), "\n")
	return hex.EncodeToString(hmacSHA(s.key(), "AWS4-HMAC-SHA256\n"+s.date+"\n"+s.scope()+"\n"+sha(canonical)))
}

func (s signature) header() string {
	return fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s", s.id, s.scope(), s.names(), s.value())
}

// forecastRequest is a signed request to the JSON service; change is applied
// to what is signed.
func forecastRequest(change func(*signature)) *http.Request {
	const body = `{}`
	s := signature{
		id: exampleID, secret: exampleSecret, day: "20150830", region: "eu-west-1", service: "forecast", date: "20150830T123600Z",
		method: "POST", path: "/", payload: sha(body),
	}
	if change != nil {
		change(&s)
	}
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", strings.NewReader(body))
	r.Host = "forecast.eu-west-1.amazonaws.com"
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Date", s.date)
	r.Header.Set("X-Amz-Target", "AmazonForecast.ListDatasets")
	if s.headers == nil {
		s.headers = [][2]string{
			{"content-type", "application/x-amz-json-1.1"}, {"host", r.Host}, {"x-amz-date", s.date}, {"x-amz-target", "AmazonForecast.ListDatasets"},
		}
	}
	r.Header.Set("Authorization", s.header())
	return r
}

func TestIdentity(t *testing.T) {
	got, err := verify(verifier("20150830T123600Z"), forecastRequest(nil), "forecast")
	if err != nil {
		t.Fatal(err)
	}
	want := Identity{Account: exampleAccount, AccessKey: exampleID, Region: "eu-west-1", Service: "forecast"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRefusals(t *testing.T) {
	const now = "20150830T123600Z"
	malformed := func(header string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", header) }
	}
	tests := []struct {
		name    string
		sign    func(*signature)
		request func(*http.Request)
		code    string
		status  int
		text    string
	}{
		{"unsigned", nil, func(r *http.Request) { r.Header.Del("Authorization") }, "MissingAuthenticationToken", 403, "Missing Authentication Token"},
		{"empty header", nil, malformed(""), "IncompleteSignature", 400, "Unsupported AWS 'algorithm'"},
		{"other algorithm", nil, malformed("Basic dXNlcjpwYXNz"), "IncompleteSignature", 400, "Unsupported AWS 'algorithm': 'Basic'"},
		{"nothing but the algorithm", nil, malformed("AWS4-HMAC-SHA256"), "IncompleteSignature", 400, "not a valid key=value pair"},
		{"no signature", nil, malformed("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/forecast/aws4_request, SignedHeaders=host"), "IncompleteSignature", 400, "Authorization header requires 'Signature' parameter."},
		{"no credential", nil, malformed("AWS4-HMAC-SHA256 SignedHeaders=host, Signature=00"), "IncompleteSignature", 400, "Authorization header requires 'Credential' parameter."},
		{"no signed headers", nil, malformed("AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, Signature=00"), "IncompleteSignature", 400, "Authorization header requires 'SignedHeaders' parameter."},
		{"short credential", nil, malformed("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=00"), "IncompleteSignature", 400, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b'"},
		{"wrong terminator", nil, malformed("AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws3_request, SignedHeaders=host, Signature=00"), "IncompleteSignature", 400, "valid terminator: 'aws4_request', not 'aws3_request'"},
		{"region no region could have", nil, malformed("AWS4-HMAC-SHA256 Credential=a/20150830/R:x/s/aws4_request, SignedHeaders=host, Signature=00"), "IncompleteSignature", 400, "valid region, not 'R:x'"},
		{"no date", nil, func(r *http.Request) { r.Header.Del("X-Amz-Date") }, "IncompleteSignature", 400, "'X-Amz-Date' or a 'Date' header"},
		{"bad date", nil, func(r *http.Request) { r.Header.Set("X-Amz-Date", "2015-08-30") }, "IncompleteSignature", 400, "Date must be in ISO-8601 'basic format'. Got '2015-08-30'."},
		{"unknown key", func(s *signature) { s.id = "AKIDNOBODY" }, nil, "UnrecognizedClientException", 400, "The security token included in the request is invalid."},
		{"wrong secret", func(s *signature) { s.secret = "guess" }, nil, "InvalidSignatureException", 403, "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."},
		{"changed body", func(s *signature) { s.payload = sha("{} ") }, nil, "InvalidSignatureException", 403, "does not match"},
		{"changed target", nil, func(r *http.Request) { r.Header.Set("X-Amz-Target", "AmazonForecast.DeleteDataset") }, "InvalidSignatureException", 403, "does not match"},
		{"changed path", nil, func(r *http.Request) { r.URL.Path = "/x" }, "InvalidSignatureException", 403, "does not match"},
		{"changed query", nil, func(r *http.Request) { r.URL.RawQuery = "a=b" }, "InvalidSignatureException", 403, "does not match"},
		{"changed method", nil, func(r *http.Request) { r.Method = http.MethodPut }, "InvalidSignatureException", 403, "does not match"},
		{"target not signed", func(s *signature) {
			s.headers = [][2]string{{"host", "forecast.eu-west-1.amazonaws.com"}, {"x-amz-date", s.date}}
		}, nil, "InvalidSignatureException", 403, "not signed: x-amz-target"},
		{"host not signed", func(s *signature) { s.headers = [][2]string{{"x-amz-date", s.date}} }, nil, "InvalidSignatureException", 403, "'Host' must be a 'SignedHeader'"},
		{"too old", func(s *signature) { s.date = "20150830T122059Z" }, nil, "InvalidSignatureException", 403, "Signature expired: 20150830T122059Z is now earlier than 20150830T122100Z (20150830T123600Z - 15 min.)"},
		{"too new", func(s *signature) { s.date = "20150830T125101Z" }, nil, "InvalidSignatureException", 403, "Signature not yet current: 20150830T125101Z is still later than 20150830T125100Z (20150830T123600Z + 15 min.)"},
		{"scope of another day", func(s *signature) { s.day = "20150829" }, nil, "InvalidSignatureException", 403, "'20150829' != '20150830', from '20150830T123600Z'"},
		{"scope of another service", func(s *signature) { s.service = "s3" }, nil, "InvalidSignatureException", 403, "Credential should be scoped to correct service: 'forecast'."},
		{"a token that a lasting key does not have", nil, func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "x") }, "UnrecognizedClientException", 400, "The security token included in the request is invalid."},
		{"two headers", nil, func(r *http.Request) { r.Header.Add("Authorization", "x") }, "IncompleteSignature", 400, "more than one authorization"},
		{"header and query", nil, func(r *http.Request) { r.URL.RawQuery = "X-Amz-Algorithm=x" }, "IncompleteSignature", 400, "more than one authorization"},
		{"presigned without most", nil, func(r *http.Request) {
			r.Header.Del("Authorization")
			r.URL.RawQuery = "X-Amz-Signature=00"
		}, "IncompleteSignature", 400, "AWS query-string parameters must include 'X-Amz-Credential'."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := forecastRequest(tt.sign)
			if tt.request != nil {
				tt.request(r)
			}
			v := verifier(now)
			v.Services = []string{"forecast"}
			_, err := verify(v, r, "forecast")
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if code, status := e.JSON(); code != tt.code || status != tt.status || !strings.Contains(e.Message, tt.text) {
				t.Errorf("got %s %d %q\nwant %s %d %q", code, status, e.Message, tt.code, tt.status, tt.text)
			}
		})
	}
}

func TestClockEdges(t *testing.T) {
	for _, date := range []string{"20150830T122100Z", "20150830T125100Z"} {
		r := forecastRequest(func(s *signature) { s.date = date })
		if _, err := verify(verifier("20150830T123600Z"), r, "forecast"); err != nil {
			t.Errorf("15 minutes off (%s): %v", date, err)
		}
	}
}

func TestTemporaryKey(t *testing.T) {
	temporary := func(token string) *http.Request {
		r := forecastRequest(func(s *signature) {
			s.id, s.secret = "ASIATEMP", "temporary"
			s.headers = [][2]string{
				{"host", "forecast.eu-west-1.amazonaws.com"}, {"x-amz-date", s.date}, {"x-amz-security-token", token}, {"x-amz-target", "AmazonForecast.ListDatasets"},
			}
		})
		r.Header.Set("X-Amz-Security-Token", token)
		return r
	}
	if _, err := verify(verifier("20150830T123600Z"), temporary("session"), "forecast"); err != nil {
		t.Error(err)
	}
	if _, err := verify(verifier("20150830T123600Z"), temporary("other"), "forecast"); reason(err) != BadToken {
		t.Errorf("the wrong token gives %v", err)
	}
	v := verifier("20150830T123600Z")
	v.Keys = fakeKeys{"ASIATEMP": {Secret: "temporary", Account: exampleAccount, Token: "session", Expires: parseTime("20150830T123600Z")}}
	if _, err := verify(v, temporary("session"), "forecast"); reason(err) != ExpiredToken {
		t.Errorf("an ended key gives %v", err)
	}
}

func TestOpen(t *testing.T) {
	for _, keys := range []Keys{nil, fakeKeys(nil)} {
		v := Verifier{Keys: keys, Clock: clock.Fixed(parseTime("20300101T000000Z")), Services: []string{"forecast"}}
		r := forecastRequest(func(s *signature) { s.secret = "anything" })
		id, err := verify(v, r, "forecast")
		if err != nil || id.Account != OpenAccount || !id.Open || id.Region != "eu-west-1" {
			t.Errorf("open: %+v, %v", id, err)
		}
		r.Header.Del("Authorization")
		if _, err := verify(v, r, "forecast"); reason(err) != Missing {
			t.Errorf("unsigned at an open server: %v", err)
		}
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 rubbish")
		if _, err := verify(v, r, "forecast"); reason(err) != Malformed {
			t.Errorf("malformed at an open server: %v", err)
		}
	}
}

// TestVersion2 checks that signatures of Version 2 are told apart: refused, or
// taken by an open server for S3.
func TestVersion2(t *testing.T) {
	open := Verifier{Clock: clock.Fixed(parseTime("20300101T000000Z"))}
	for _, raw := range []string{
		"PUT /b/k?AWSAccessKeyId=AKIDEXAMPLE&Signature=c9E2%2FA%3D&Expires=1795494042 HTTP/1.1\nHost: localhost\n\n",
		"GET /b/k HTTP/1.1\nHost: localhost\nAuthorization: AWS AKIDEXAMPLE:c9E2\n\n",
	} {
		_, err := verifier("20150830T123600Z").VerifyStream(read(t, raw))
		var e *Error
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		if code, text, status := e.S3(); code != "InvalidRequest" || status != http.StatusBadRequest || !strings.HasSuffix(text, "Please use AWS4-HMAC-SHA256.") {
			t.Errorf("%s %d %s", code, status, text)
		}
		id, err := open.VerifyStream(read(t, raw))
		if err != nil || id != (Identity{Account: OpenAccount, AccessKey: "AKIDEXAMPLE", Region: "us-east-1", Service: "s3", Open: true}) {
			t.Errorf("open: %+v, %v", id, err)
		}
		if _, err := open.Verify(read(t, raw), nil); reason(err) != Version2 {
			t.Errorf("a JSON service takes it: %v", err)
		}
	}
}

func TestKeysFailure(t *testing.T) {
	broken := errors.New("database is gone")
	v := Verifier{Keys: failingKeys{broken}, Clock: clock.Fixed(parseTime("20150830T123600Z"))}
	if _, err := verify(v, forecastRequest(nil), "forecast"); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

type failingKeys struct{ err error }

func (f failingKeys) Lookup(context.Context, string) (Key, error) { return Key{}, f.err }

func TestPresigned(t *testing.T) {
	const base = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires="
	presign := func(expires, extra string) *http.Request {
		query := base + expires + "&X-Amz-SignedHeaders=host" + extra
		s := signature{
			id: exampleID, secret: exampleSecret, day: "20150830", region: "us-east-1", service: "s3", date: "20150830T123600Z",
			method: "PUT", path: "/bucket/a%20b%2Bc/%C3%A4", query: query, headers: [][2]string{{"host", "localhost:8181"}}, payload: "UNSIGNED-PAYLOAD",
		}
		r := httptest.NewRequestWithContext(context.Background(), http.MethodPut, "/bucket/a%20b+c/ä?"+query+"&X-Amz-Signature="+s.value(), strings.NewReader("anything"))
		r.Host = "localhost:8181"
		return r
	}
	tests := []struct {
		now, expires, extra string
		reason              Reason
		s3                  string
	}{
		{"20150830T123600Z", "60", "", -1, ""},
		{"20150830T123700Z", "60", "&x-id=PutObject", -1, ""},
		{"20150830T123701Z", "60", "", URLExpired, "AccessDenied"},
		{"20150906T123600Z", "604800", "", -1, ""},
		{"20150830T123600Z", "604801", "", Malformed, "AuthorizationHeaderMalformed"},
		{"20150830T123600Z", "0", "", Malformed, "AuthorizationHeaderMalformed"},
		{"20150830T122059Z", "60", "", NotYet, "RequestTimeTooSkewed"},
	}
	for _, tt := range tests {
		_, err := verify(verifier(tt.now), presign(tt.expires, tt.extra), "s3")
		if reason(err) != tt.reason {
			t.Errorf("at %s, expires %s: %v", tt.now, tt.expires, err)
		}
		if e, ok := errors.AsType[*Error](err); ok {
			if code, _, _ := e.S3(); code != tt.s3 {
				t.Errorf("at %s: S3 code %s, want %s", tt.now, code, tt.s3)
			}
		}
	}
	r := presign("60", "")
	r.Header.Set("X-Amz-Acl", "public-read")
	if _, err := verify(verifier("20150830T123600Z"), r, "s3"); reason(err) != NotSigned {
		t.Errorf("a header added to a presigned request: %v", err)
	}
}

func TestErrorCodes(t *testing.T) {
	tests := []struct {
		reason          Reason
		json, query, s3 string
	}{
		{Missing, "MissingAuthenticationToken 403", "MissingAuthenticationToken 403", "AccessDenied 403"},
		{Malformed, "IncompleteSignature 400", "IncompleteSignature 400", "AuthorizationHeaderMalformed 400"},
		{Version2, "IncompleteSignature 400", "IncompleteSignature 400", "InvalidRequest 400"},
		{UnknownKey, "UnrecognizedClientException 400", "InvalidClientTokenId 403", "InvalidAccessKeyId 403"},
		{BadToken, "UnrecognizedClientException 400", "InvalidClientTokenId 403", "InvalidToken 400"},
		{ExpiredToken, "ExpiredTokenException 400", "ExpiredToken 403", "ExpiredToken 400"},
		{BadScope, "InvalidSignatureException 403", "SignatureDoesNotMatch 403", "AuthorizationHeaderMalformed 400"},
		{NotSigned, "InvalidSignatureException 403", "SignatureDoesNotMatch 403", "AccessDenied 403"},
		{Expired, "InvalidSignatureException 403", "SignatureDoesNotMatch 403", "RequestTimeTooSkewed 403"},
		{NotYet, "InvalidSignatureException 403", "SignatureDoesNotMatch 403", "RequestTimeTooSkewed 403"},
		{URLExpired, "InvalidSignatureException 403", "SignatureDoesNotMatch 403", "AccessDenied 403"},
		{Mismatch, "InvalidSignatureException 403", "SignatureDoesNotMatch 403", "SignatureDoesNotMatch 403"},
		{BadPayload, "InvalidSignatureException 403", "SignatureDoesNotMatch 403", "XAmzContentSHA256Mismatch 400"},
		{BadChunk, "IncompleteSignature 400", "IncompleteSignature 400", "IncompleteBody 400"},
		{NoLength, "IncompleteSignature 400", "IncompleteSignature 400", "MissingContentLength 411"},
	}
	for _, tt := range tests {
		e := &Error{Reason: tt.reason, Message: "m"}
		jc, js := e.JSON()
		qc, qs := e.Query()
		sc, _, ss := e.S3()
		got := []string{fmt.Sprint(jc, " ", js), fmt.Sprint(qc, " ", qs), fmt.Sprint(sc, " ", ss)}
		if diff := cmp.Diff([]string{tt.json, tt.query, tt.s3}, got); diff != "" {
			t.Errorf("reason %d: %s", tt.reason, diff)
		}
	}
}
