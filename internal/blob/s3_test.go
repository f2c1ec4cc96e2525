package blob_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/blob/blobtest"
	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/s3api"
	"github.com/almanac-forecast/almanac/internal/sigv4"
)

const (
	testKey    = "AKIDEXAMPLE"
	testSecret = "wJalrXUtnFEMI"
)

// testKeys holds one key; a temporary key can be added.
type testKeys struct {
	mu   sync.Mutex
	more map[string]sigv4.Key
}

func (k *testKeys) Lookup(_ context.Context, accessKey string) (sigv4.Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key, ok := k.more[accessKey]; ok {
		return key, nil
	}
	if accessKey == testKey {
		return sigv4.Key{Secret: testSecret, Account: "123456789012"}, nil
	}
	return sigv4.Key{}, sigv4.ErrUnknownKey
}

// newServer starts our own S3 API and returns its address and its buckets.
// seen is called with every request.
func newServer(t *testing.T, keys sigv4.Keys, seen func(*http.Request)) (string, *blob.Folders) {
	t.Helper()
	folders := newFolders(t)
	server, err := s3api.New(s3api.Config{Folders: folders, Clock: clock.System{}, Verifier: sigv4.Verifier{Keys: keys, Clock: clock.System{}}})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if seen != nil {
			seen(r)
		}
		server.ServeHTTP(w, r)
	}))
	t.Cleanup(h.Close)
	return h.URL, folders
}

func openS3(t *testing.T, conf blob.S3) *blob.Storage {
	t.Helper()
	conf.Region, conf.PathStyle = "us-east-1", true
	s, err := blob.Open(t.Context(), blob.Config{Kind: blob.KindS3, Root: t.TempDir(), S3: conf})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestS3(t *testing.T) {
	url, folders := newServer(t, &testKeys{}, nil)
	storage := openS3(t, blob.S3{Endpoint: url, AccessKey: testKey, SecretKey: testSecret})
	var n atomic.Int32
	blobtest.Run(t, func(t *testing.T) blob.Bucket {
		t.Helper()
		name := fmt.Sprintf("bucket-%d", n.Add(1))
		if err := folders.Create(name); err != nil {
			t.Fatal(err)
		}
		return mustOpen(t, storage, blob.Location{Path: "s3://" + name})
	})
}

// TestS3Server runs the contract against a server of its own, for instance
// MinIO: ALMANAC_TEST_S3 is its address, and the usual AWS variables hold the
// credentials. Servers that keep objects as files refuse some of S3's keys, so
// those are left out.
func TestS3Server(t *testing.T) {
	endpoint := os.Getenv("ALMANAC_TEST_S3")
	if endpoint == "" {
		t.Skip("ALMANAC_TEST_S3 names no S3 server; the contract runs against our own in TestS3")
	}
	key, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	storage := openS3(t, blob.S3{Endpoint: endpoint, AccessKey: key, SecretKey: secret})
	client := s3.New(s3.Options{
		BaseEndpoint: &endpoint, UsePathStyle: true, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider(key, secret, ""),
	})
	blobtest.Run(t, func(t *testing.T) blob.Bucket {
		t.Helper()
		name := "almanac-" + strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(t.Name(), "TestS3Server/"), "_", "-"))
		if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil && !strings.Contains(err.Error(), "BucketAlreadyOwnedByYou") {
			t.Fatal(err)
		}
		b := mustOpen(t, storage, blob.Location{Path: "s3://" + name})
		if err := blob.DeletePrefix(t.Context(), b, ""); err != nil {
			t.Fatal(err)
		}
		return b
	}, "NestedKeys", "OddKeys")
}

func mustOpen(t *testing.T, a blob.Access, loc blob.Location) blob.Bucket {
	t.Helper()
	b, _, err := a.Open(t.Context(), loc)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestS3Errors(t *testing.T) {
	url, folders := newServer(t, &testKeys{}, nil)
	if err := folders.Create("there"); err != nil {
		t.Fatal(err)
	}
	storage := openS3(t, blob.S3{Endpoint: url, AccessKey: testKey, SecretKey: testSecret})
	gone := mustOpen(t, storage, blob.Location{Path: "s3://gone"})
	_, statErr := gone.Stat(t.Context(), "k")
	_, readErr := gone.NewReader(t.Context(), "k", 0, -1)
	for what, err := range map[string]error{
		"write": blob.WriteAll(t.Context(), gone, "k", []byte("x")),
		"list":  gone.List(t.Context(), "", func(blob.Object) error { return nil }),
		"stat":  statErr,
		"read":  readErr,
	} {
		if !errors.Is(err, blob.ErrNoBucket) || !strings.Contains(err.Error(), "s3://gone") {
			t.Errorf("%s in a missing bucket: %v", what, err)
		}
	}
	wrong := openS3(t, blob.S3{Endpoint: url, AccessKey: testKey, SecretKey: "wrong"})
	err := mustOpen(t, wrong, blob.Location{Path: "s3://there"}).List(t.Context(), "", func(blob.Object) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "SignatureDoesNotMatch") || !strings.Contains(err.Error(), "s3://there") {
		t.Errorf("a wrong secret: %v", err)
	}
}

// TestS3OwnAndEncryption: the service's own files go below the prefix, and
// writes ask for encryption with the key that belongs to them.
func TestS3OwnAndEncryption(t *testing.T) {
	var mu sync.Mutex
	encryption := map[string]string{}
	url, folders := newServer(t, &testKeys{}, func(r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.Method == http.MethodPut {
			encryption[r.URL.Path] = r.Header.Get("X-Amz-Server-Side-Encryption") + " " + r.Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id")
		}
	})
	for _, name := range []string{"own", "user"} {
		if err := folders.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	storage := openS3(t, blob.S3{
		Endpoint: url, AccessKey: testKey, SecretKey: testSecret, Bucket: "own", Prefix: "almanac/one", KMSKeyARN: "arn:own",
	})
	blobtest.Put(t, storage.Own(), "x/y", "z")
	blobtest.Put(t, mustOpen(t, storage, blob.Location{Path: "s3://user/", KMSKeyARN: "arn:user"}), "secret", "z")
	blobtest.Put(t, mustOpen(t, storage, blob.Location{Path: "s3://user/"}), "plain", "z")
	own, err := folders.Bucket("own")
	if err != nil {
		t.Fatal(err)
	}
	if keys := blobtest.Keys(t, own, ""); !slices.Equal(keys, []string{"almanac/one/x/y"}) {
		t.Errorf("own files: %q", keys)
	}
	mu.Lock()
	defer mu.Unlock()
	for path, want := range map[string]string{"/own/almanac/one/x/y": "aws:kms arn:own", "/user/secret": "aws:kms arn:user", "/user/plain": " "} {
		if got := encryption[path]; got != want {
			t.Errorf("encryption asked for %s: %q, want %q", path, got, want)
		}
	}
	if storage.Folders() != nil {
		t.Error("buckets in S3 are shown as folders")
	}
}

// TestS3AssumeRole: with the switch on, a user's bucket is touched with the
// credentials of the request's role, got from STS once.
func TestS3AssumeRole(t *testing.T) {
	keys := &testKeys{more: map[string]sigv4.Key{"ASIAROLE": {Secret: "rolesecret", Token: "roletoken", Account: "123456789012"}}}
	var mu sync.Mutex
	var used []string
	url, folders := newServer(t, keys, func(r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_, rest, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
		name, _, _ := strings.Cut(rest, "/")
		used = append(used, name)
	})
	if err := folders.Create("user"); err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if err := r.ParseForm(); err != nil || r.Form.Get("RoleArn") != "arn:aws:iam::123456789012:role/Reader" || r.Form.Get("ExternalId") != "ext" {
			http.Error(w, "wrong request", http.StatusBadRequest)
			return
		}
		_, _ = fmt.Fprint(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>`+
			`<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>rolesecret</SecretAccessKey><SessionToken>roletoken</SessionToken>`+
			`<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
	}))
	defer sts.Close()
	conf := blob.S3{Endpoint: url, AccessKey: testKey, SecretKey: testSecret, AssumeRole: true, STSEndpoint: sts.URL, ExternalID: "ext"}
	role := blob.Location{Path: "s3://user/k", RoleARN: "arn:aws:iam::123456789012:role/Reader"}
	storage := openS3(t, conf)
	for range 2 {
		blobtest.Put(t, mustOpen(t, storage, role), "k", "x")
	}
	if asked.Load() != 1 || !slices.Equal(used, []string{"ASIAROLE", "ASIAROLE"}) {
		t.Errorf("STS was asked %d times; the requests were signed by %q", asked.Load(), used)
	}
	used = nil
	conf.AssumeRole = false
	blobtest.Put(t, mustOpen(t, openS3(t, conf), role), "k", "x")
	if asked.Load() != 1 || !slices.Equal(used, []string{testKey}) {
		t.Errorf("without the switch STS was asked %d times; the requests were signed by %q", asked.Load(), used)
	}
}

// TestS3AbortLeavesNothing: an upload given up after its first parts does not
// stay in the bucket as an unfinished one.
func TestS3AbortLeavesNothing(t *testing.T) {
	url, folders := newServer(t, &testKeys{}, nil)
	if err := folders.Create("bucket"); err != nil {
		t.Fatal(err)
	}
	storage := openS3(t, blob.S3{Endpoint: url, AccessKey: testKey, SecretKey: testSecret})
	w, err := mustOpen(t, storage, blob.Location{Path: "s3://bucket"}).NewWriter(t.Context(), "large")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, blobtest.Large)); err != nil {
		t.Fatal(err)
	}
	w.Abort()
	client := s3.New(s3.Options{
		BaseEndpoint: aws.String(url), UsePathStyle: true, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider(testKey, testSecret, ""),
	})
	out, err := client.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: aws.String("bucket")})
	if err != nil || len(out.Uploads) != 0 {
		t.Errorf("%d uploads are left, error %v", len(out.Uploads), err)
	}
}
