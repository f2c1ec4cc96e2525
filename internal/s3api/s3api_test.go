package s3api_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/s3api"
	"github.com/almanac-forecast/almanac/internal/sigv4"
)

const (
	testKey    = "AKIDEXAMPLE"
	testSecret = "wJalrXUtnFEMI"
)

type oneKey struct{}

func (oneKey) Lookup(_ context.Context, id string) (sigv4.Key, error) {
	if id != testKey {
		return sigv4.Key{}, sigv4.ErrUnknownKey
	}
	return sigv4.Key{Secret: testSecret, Account: "123456789012"}, nil
}

type world struct {
	t       *testing.T
	url     string
	folders *blob.Folders
	server  *s3api.Server
	client  *s3.Client
}

// newWorld starts a server with one bucket, "bucket".
func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldAt(t, clock.System{})
}

func newWorldAt(t *testing.T, now clock.Clock) *world {
	t.Helper()
	folders, err := blob.NewFolders(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server, err := s3api.New(s3api.Config{Folders: folders, Clock: now, Verifier: sigv4.Verifier{Keys: oneKey{}, Clock: clock.System{}}})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(server)
	t.Cleanup(h.Close)
	if err := folders.Create("bucket"); err != nil {
		t.Fatal(err)
	}
	return &world{t: t, url: h.URL, folders: folders, server: server, client: s3.New(s3.Options{
		BaseEndpoint: aws.String(h.URL), UsePathStyle: true, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider(testKey, testSecret, ""),
	})}
}

func (w *world) put(key, body string) *s3.PutObjectOutput {
	w.t.Helper()
	out, err := w.client.PutObject(w.t.Context(), &s3.PutObjectInput{Bucket: aws.String("bucket"), Key: &key, Body: strings.NewReader(body)})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) get(key string) (string, *s3.GetObjectOutput) {
	w.t.Helper()
	out, err := w.client.GetObject(w.t.Context(), &s3.GetObjectInput{Bucket: aws.String("bucket"), Key: &key})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = out.Body.Close() }()
	body, err := io.ReadAll(out.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(body), out
}

// send signs and sends a request as it is.
func (w *world) send(method, target, body string, headers ...string) (*answer, string) {
	w.t.Helper()
	return w.do(w.signed(method, target, body, headers...))
}

func (w *world) signed(method, target, body string, headers ...string) *http.Request {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.url+target, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	if r.Header.Get("X-Amz-Content-Sha256") == "" {
		r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
	}
	err = v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }).SignHTTP(w.t.Context(),
		aws.Credentials{AccessKeyID: testKey, SecretAccessKey: testSecret}, r, r.Header.Get("X-Amz-Content-Sha256"), "s3", "us-east-1", time.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// answer is what is left of a response whose body has been read.
type answer struct {
	StatusCode int
	Header     http.Header
}

func (w *world) do(r *http.Request) (*answer, string) {
	w.t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return &answer{resp.StatusCode, resp.Header}, string(body)
}

func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return fmt.Sprint(err)
}

func TestErrorsInXML(t *testing.T) {
	w := newWorld(t)
	w.put("k", "body")
	for _, c := range []struct {
		method, target string
		headers        []string
		status         int
		code           string
	}{
		{"GET", "/bucket/none", nil, 404, "NoSuchKey"},
		{"GET", "/bucket/" + strings.Repeat("k", 1025), nil, 404, "NoSuchKey"},
		{"PUT", "/bucket/" + strings.Repeat("k", 1025), nil, 400, "KeyTooLongError"},
		{"GET", "/none/k", nil, 404, "NoSuchBucket"},
		{"GET", "/Upper/k", nil, 400, "InvalidBucketName"},
		{"GET", "/.almanac/meta", nil, 400, "InvalidBucketName"},
		{"PUT", "/.almanac", nil, 400, "InvalidBucketName"},
		{"PUT", "/bucket/k", []string{"X-Amz-Server-Side-Encryption-Customer-Algorithm", "AES256"}, 501, "NotImplemented"},
		{"PUT", "/bucket/k", []string{"Content-Md5", "nonsense"}, 400, "InvalidDigest"},
		{"PUT", "/bucket/k", []string{"X-Amz-Checksum-Crc32", "AAAA"}, 400, "InvalidRequest"},
		{"PUT", "/bucket/k", []string{"X-Amz-Checksum-Xxhash", "AAAA"}, 400, "InvalidRequest"},
		{"PUT", "/bucket/k", []string{"X-Amz-Meta-A", strings.Repeat("x", 2048)}, 400, "MetadataTooLarge"},
		{"PUT", "/bucket/k", []string{"X-Amz-Copy-Source", "nokey"}, 400, "InvalidArgument"},
		{"PUT", "/bucket/k", []string{"X-Amz-Copy-Source", "bucket/k"}, 400, "InvalidRequest"},
		{"GET", "/bucket/k", []string{"Range", "bytes=99-"}, 416, "InvalidRange"},
		{"GET", "/bucket/k?versionId=1", nil, 400, "InvalidArgument"},
		{"GET", "/bucket/k?partNumber=2", nil, 416, "InvalidPartNumber"},
		{"GET", "/bucket/k?uploadId=x", nil, 404, "NoSuchUpload"},
		{"GET", "/bucket/k?torrent", nil, 501, "NotImplemented"},
		{"POST", "/bucket", nil, 501, "NotImplemented"},
		{"POST", "/bucket?delete", nil, 400, "MalformedXML"},
		{"PUT", "/bucket?lifecycle", nil, 501, "NotImplemented"},
		{"GET", "/bucket?max-keys=x", nil, 400, "InvalidArgument"},
		{"GET", "/bucket?list-type=2&continuation-token=%21", nil, 400, "InvalidArgument"},
		{"PATCH", "/bucket/k", nil, 405, "MethodNotAllowed"},
		{"PUT", "/", nil, 405, "MethodNotAllowed"},
	} {
		resp, body := w.send(c.method, c.target, "", c.headers...)
		var e struct {
			XMLName   xml.Name
			Code      string
			Message   string
			RequestID string `xml:"RequestId"`
		}
		if err := xml.Unmarshal([]byte(body), &e); err != nil {
			t.Errorf("%s %s: %v: %s", c.method, c.target, err, body)
			continue
		}
		if resp.StatusCode != c.status || e.Code != c.code || e.XMLName.Local != "Error" || e.Message == "" || e.RequestID != resp.Header.Get("X-Amz-Request-Id") {
			t.Errorf("%s %.60s %v: %d %+v, want %d %s", c.method, c.target, c.headers, resp.StatusCode, e, c.status, c.code)
		}
	}
	if body, _ := w.get("k"); body != "body" {
		t.Errorf("a refused request changed the object to %q", body)
	}
}

func TestVirtualHosts(t *testing.T) {
	w := newWorld(t)
	w.put("dir/k", "body")
	for _, host := range []string{"bucket.localhost", "bucket.localhost:8181", "bucket.s3.localhost:8181", "s3.localhost:8181"} {
		target := "/dir/k"
		if strings.HasPrefix(host, "s3.") {
			target = "/bucket/dir/k"
		}
		if resp, body := w.send(http.MethodGet, target, "", "Host", host); resp.StatusCode != http.StatusOK || body != "body" {
			t.Errorf("%s: %d %s", host, resp.StatusCode, body)
		}
	}
}

// TestFilesByHand: a file put into the folder is an object, and one that is
// changed there loses what was known of the old one.
func TestFilesByHand(t *testing.T) {
	w := newWorld(t)
	path := filepath.Join(w.folders.Root(), "bucket", "hand.csv")
	if err := os.WriteFile(path, []byte("by hand"), 0o644); err != nil {
		t.Fatal(err)
	}
	body, out := w.get("hand.csv")
	if body != "by hand" || !strings.HasPrefix(aws.ToString(out.ContentType), "text/csv") || !strings.Contains(aws.ToString(out.ETag), "-") {
		t.Errorf("%q, type %s, ETag %s", body, aws.ToString(out.ContentType), aws.ToString(out.ETag))
	}
	_, err := w.client.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String("bucket"), Key: aws.String("hand.csv"), Body: strings.NewReader("by API!"),
		ContentType: aws.String("text/odd"), Metadata: map[string]string{"a": "b"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if on, err := os.ReadFile(path); err != nil || string(on) != "by API!" {
		t.Errorf("the file holds %q, %v", on, err)
	}
	if _, out := w.get("hand.csv"); aws.ToString(out.ContentType) != "text/odd" || out.Metadata["a"] != "b" {
		t.Errorf("metadata %v, type %s", out.Metadata, aws.ToString(out.ContentType))
	}
	if err := os.WriteFile(path, []byte("changed"), 0o644); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Second)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	body, out = w.get("hand.csv")
	if body != "changed" || len(out.Metadata) != 0 || strings.Contains(aws.ToString(out.ETag), fmt.Sprintf("%x", md5.Sum([]byte("by API!")))) {
		t.Errorf("a changed file shows the old object's metadata: %q %v %s", body, out.Metadata, aws.ToString(out.ETag))
	}
}

// TestBrokenUpload: a body that ends early, or is not the one that was
// announced, leaves no object.
func TestBrokenUpload(t *testing.T) {
	w := newWorld(t)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	url, err := s3.NewPresignClient(w.client).PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("short")})
	if err != nil {
		t.Fatal(err)
	}
	target := strings.TrimPrefix(url.URL, w.url)
	_, _ = fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 100\r\n\r\nonly this", target, strings.TrimPrefix(w.url, "http://"))
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, _ := io.ReadAll(conn) // the server may cut the connection
	_ = conn.Close()
	if bytes.Contains(answer, []byte("200 OK")) {
		t.Errorf("a body that ends early was accepted: %s", answer)
	}
	wrong := strings.Repeat("0", 64)
	if resp, body := w.send(http.MethodPut, "/bucket/wrong", "body", "X-Amz-Content-Sha256", wrong); resp.StatusCode != http.StatusBadRequest || !strings.Contains(body, "XAmzContentSHA256Mismatch") {
		t.Errorf("a body with another hash: %d %s", resp.StatusCode, body)
	}
	list, err := w.client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("bucket")})
	if err != nil || len(list.Contents) != 0 {
		t.Errorf("broken uploads left %d objects, error %v", len(list.Contents), err)
	}
}

// TestChecksums: what a client sends is checked, kept, and returned with the
// whole object only; objects of parts have sums of their own kind.
func TestChecksums(t *testing.T) {
	w := newWorld(t)
	for _, algorithm := range []types.ChecksumAlgorithm{
		types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmCrc32c, types.ChecksumAlgorithmCrc64nvme, types.ChecksumAlgorithmSha1, types.ChecksumAlgorithmSha256,
	} {
		key := "sum-" + string(algorithm)
		_, err := w.client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: aws.String("bucket"), Key: &key, Body: strings.NewReader("hello"), ChecksumAlgorithm: algorithm,
		})
		if err != nil {
			t.Fatalf("%s: %v", algorithm, err)
		}
		out, err := w.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("bucket"), Key: &key, ChecksumMode: types.ChecksumModeEnabled})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(out.Body) // the SDK checks the sum here
		_ = out.Body.Close()
		sums := []*string{out.ChecksumCRC32, out.ChecksumCRC32C, out.ChecksumCRC64NVME, out.ChecksumSHA1, out.ChecksumSHA256}
		if err != nil || string(body) != "hello" || !slices.ContainsFunc(sums, func(s *string) bool { return s != nil }) {
			t.Errorf("%s: %q, error %v, sums %v", algorithm, body, err, sums)
		}
		resp, _ := w.send(http.MethodGet, "/bucket/"+key, "", "Range", "bytes=0-2", "X-Amz-Checksum-Mode", "ENABLED")
		if resp.Header.Get("X-Amz-Checksum-"+string(algorithm)) != "" {
			t.Errorf("%s: a part of the object was sent with the checksum of the whole", algorithm)
		}
	}
	for _, c := range []struct {
		algorithm types.ChecksumAlgorithm
		kind      types.ChecksumType
		suffix    string
	}{
		{types.ChecksumAlgorithmCrc32, types.ChecksumTypeComposite, "-2"},
		{types.ChecksumAlgorithmCrc64nvme, types.ChecksumTypeFullObject, ""},
		{types.ChecksumAlgorithmSha256, types.ChecksumTypeComposite, "-2"},
	} {
		r := w.parts("parts-"+string(c.algorithm), c.algorithm, c.kind)
		sum := aws.ToString(r.ChecksumCRC32) + aws.ToString(r.ChecksumCRC64NVME) + aws.ToString(r.ChecksumSHA256)
		if sum == "" || !strings.HasSuffix(sum, c.suffix) || c.suffix == "" && strings.Contains(sum, "-") || r.ChecksumType != c.kind {
			t.Errorf("%s: checksum %q of type %s", c.algorithm, sum, r.ChecksumType)
		}
	}
}

func TestConditionalWrites(t *testing.T) {
	w := newWorld(t)
	var wait sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 8 {
		wait.Go(func() {
			_, err := w.client.PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: aws.String("bucket"), Key: aws.String("once"), Body: strings.NewReader("x"), IfNoneMatch: aws.String("*"),
			})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if code(err) != "PreconditionFailed" {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if won != 1 {
		t.Errorf("%d of 8 writers made the object", won)
	}
	etag := w.put("k", "one").ETag
	for _, c := range []struct{ etag, want string }{{`"other"`, "PreconditionFailed"}, {*etag, "<nil>"}, {*etag, "PreconditionFailed"}} {
		_, err := w.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k"), Body: strings.NewReader("two"), IfMatch: &c.etag})
		if code(err) != c.want {
			t.Errorf("If-Match %s: %v, want %s", c.etag, err, c.want)
		}
	}
}

func TestTagsAndAttributes(t *testing.T) {
	w := newWorld(t)
	bucket, key := aws.String("bucket"), aws.String("k")
	if _, err := w.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("x"), Tagging: aws.String("b=2&a=1%20")}); err != nil {
		t.Fatal(err)
	}
	tags, err := w.client.GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: bucket, Key: key})
	if err != nil || len(tags.TagSet) != 2 || *tags.TagSet[0].Key != "a" || *tags.TagSet[0].Value != "1 " {
		t.Errorf("tags %v, error %v", tags, err)
	}
	if _, err := w.client.DeleteObjectTagging(t.Context(), &s3.DeleteObjectTaggingInput{Bucket: bucket, Key: key}); err != nil {
		t.Error(err)
	}
	attributes, err := w.client.GetObjectAttributes(t.Context(), &s3.GetObjectAttributesInput{
		Bucket: bucket, Key: key, ObjectAttributes: []types.ObjectAttributes{types.ObjectAttributesEtag, types.ObjectAttributesObjectSize},
	})
	if err != nil || aws.ToInt64(attributes.ObjectSize) != 1 || aws.ToString(attributes.ETag) != fmt.Sprintf("%x", md5.Sum([]byte("x"))) {
		t.Errorf("attributes %+v, error %v", attributes, err)
	}
	versions, err := w.client.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: bucket})
	if err != nil || len(versions.Versions) != 1 || aws.ToString(versions.Versions[0].VersionId) != "null" || !aws.ToBool(versions.Versions[0].IsLatest) {
		t.Errorf("versions %+v, error %v", versions, err)
	}
}

// TestDeleteBucketForgets: a bucket made again knows nothing of the old one.
func TestDeleteBucketForgets(t *testing.T) {
	w := newWorld(t)
	bucket := aws.String("bucket")
	w.put("k", "x")
	if _, err := w.client.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: bucket, Policy: aws.String("{}")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: bucket}); code(err) != "BucketNotEmpty" {
		t.Errorf("a full bucket: %v", err)
	}
	if _, err := w.client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String("k")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: bucket}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second is no error in the oldest region
		if _, err := w.client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.client.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: bucket}); code(err) != "NoSuchBucketPolicy" {
		t.Errorf("the policy of the old bucket: %v", err)
	}
}

// TestLongestKey: the record of an object fits wherever the object does.
func TestLongestKey(t *testing.T) {
	w := newWorld(t)
	for _, key := range []string{strings.Repeat("k", 1024), strings.Repeat("k/", 511) + "kk", strings.Repeat("é", 512)} {
		out := w.put(key, "body")
		if body, got := w.get(key); body != "body" || aws.ToString(got.ETag) != aws.ToString(out.ETag) {
			t.Errorf("%.20s: %q with ETag %s, was %s", key, body, aws.ToString(got.ETag), aws.ToString(out.ETag))
		}
		if _, err := w.client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("bucket"), Key: &key}); err != nil {
			t.Error(err)
		}
	}
	if _, err := w.client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: aws.String("bucket")}); err != nil {
		t.Error(err)
	}
}
