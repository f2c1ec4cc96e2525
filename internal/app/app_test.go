package app_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/almanac-forecast/almanac/internal/app"
)

// start runs the service in a folder of the test until the test ends.
func start(t *testing.T, cfg app.Config) *app.App {
	t.Helper()
	if cfg.DataDir == "" {
		cfg.DataDir = t.TempDir()
	}
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:0"
	}
	a, err := app.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	if err := a.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := a.Wait(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return a
}

func get(t *testing.T, client *http.Client, url string, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestRoutes(t *testing.T) {
	url := start(t, app.Config{Version: "v1.2.3", Commit: "abc"}).URL()
	post := func(header map[string]string, body string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range header {
			r.Header.Set(k, v)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(text)
	}
	for _, tc := range []struct {
		name   string
		do     func() (int, string)
		status int
		want   string
	}{
		{"Health", func() (int, string) { return get(t, http.DefaultClient, url+"/healthz") }, 200, `"version":"v1.2.3"`},
		{"Ready", func() (int, string) { return get(t, http.DefaultClient, url+"/readyz") }, 200, "ready"},
		{"Metrics", func() (int, string) { return get(t, http.DefaultClient, url+"/metrics") }, 200, `almanac_build_info{commit="abc",version="v1.2.3"} 1`},
		{"QueueDepth", func() (int, string) { return get(t, http.DefaultClient, url+"/metrics") }, 200, `almanac_queue_depth{kind="train",state="running"} 0`},
		{"Page", func() (int, string) { return get(t, http.DefaultClient, url+"/") }, 200, "AWS_ENDPOINT_URL=" + url},
		{"SignedRootIsS3", func() (int, string) {
			return get(t, http.DefaultClient, url+"/", "Authorization", "AWS4-HMAC-SHA256 Credential=a/20240101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00")
		}, 400, "<Code>AuthorizationHeaderMalformed"},
		{"BucketIsS3", func() (int, string) { return get(t, http.DefaultClient, url+"/some-bucket/key") }, 403, "<Error>"},
		{"Forecast", func() (int, string) {
			return post(map[string]string{"X-Amz-Target": "AmazonForecast.Nonsense", "Content-Type": "application/x-amz-json-1.1"}, "{}")
		}, 400, "UnknownOperationException"},
		{"IAM", func() (int, string) {
			return post(map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, "Action=GetCallerIdentity&Version=2011-06-15")
		}, 403, "MissingAuthenticationToken"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if status, body := tc.do(); status != tc.status || !strings.Contains(body, tc.want) {
				t.Errorf("got %d %.300s, want %d with %s", status, body, tc.status, tc.want)
			}
		})
	}
}

func TestRefusesOpenAddress(t *testing.T) {
	cfg := app.Config{DataDir: t.TempDir(), Listen: "0.0.0.0:0"}
	a, err := app.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "almanac keys add") {
		t.Fatalf("got %v, want a refusal that says how to make a key", err)
	}
	keys, err := app.OpenKeys(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := keys.Add(t.Context(), "123456789012", "test"); err != nil {
		t.Fatal(err)
	}
	if err := keys.Close(); err != nil {
		t.Fatal(err)
	}
	start(t, cfg)
}

func TestWorkOnly(t *testing.T) {
	url := start(t, app.Config{NoServe: true}).URL()
	if status, _ := get(t, http.DefaultClient, url+"/readyz"); status != 200 {
		t.Errorf("readyz answers %d", status)
	}
	if status, _ := get(t, http.DefaultClient, url+"/some-bucket"); status != 404 {
		t.Errorf("a process that only works answers S3 with %d", status)
	}
}

func TestConfigErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		cfg  app.Config
		want string
	}{
		"Listen":   {app.Config{Listen: "nowhere"}, `listen address "nowhere"`},
		"Quotas":   {app.Config{Quotas: "some"}, `quotas "some": want none or aws`},
		"Workers":  {app.Config{Workers: -1}, "workers -1"},
		"TLS":      {app.Config{TLSCert: "x"}, "--tls-cert and --tls-key go together"},
		"Database": {app.Config{Database: "mysql://x"}, `database "mysql://x"`},
		"Nothing":  {app.Config{NoWork: true, NoServe: true}, "nothing to do"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := app.New(tc.cfg); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

// TestTLSReload serves TLS, renews the certificate, and sees the new one.
func TestTLSReload(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writeCertificate(t, cert, key, "first")
	c := &steppedClock{now: time.Now()}
	url := start(t, app.Config{TLSCert: cert, TLSKey: key, Clock: c}).URL()
	name := func() string {
		client := &http.Client{Transport: &http.Transport{
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		}}
		resp, err := client.Get(url + "/healthz") //nolint:noctx // ends with the test's server
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.TLS.PeerCertificates[0].Subject.CommonName
	}
	if got := name(); got != "first" {
		t.Fatalf("certificate of %s", got)
	}
	if err := os.WriteFile(cert, []byte("half written"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.step(time.Minute)
	if got := name(); got != "first" {
		t.Errorf("a broken file replaced the certificate by that of %s", got)
	}
	writeCertificate(t, cert, key, "second")
	c.step(time.Minute)
	if got := name(); got != "second" {
		t.Errorf("after the renewal: certificate of %s", got)
	}
}

func writeCertificate(t *testing.T, cert, key, name string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
