package wire

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/sigv4"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

var now = clock.Fixed(time.Date(2022, 1, 2, 3, 4, 5, 0, time.UTC))

// fake answers a few operations; what it does is set per test.
type fake struct {
	api.Unimplemented

	err    error
	caller resource.Caller
	group  *api.DescribeDatasetGroupResponse
	panics bool
}

func (f *fake) DescribeDatasetGroup(ctx context.Context, _ *api.DescribeDatasetGroupRequest) (*api.DescribeDatasetGroupResponse, error) {
	f.caller = CallerFrom(ctx)
	if f.panics {
		panic("a fault of the program")
	}
	return f.group, f.err
}

func (f *fake) DeleteDataset(context.Context, *api.DeleteDatasetRequest) error { return f.err }

func (f *fake) DeleteResourceTree(context.Context, *api.DeleteResourceTreeRequest) error { return nil }

func (f *fake) StopResource(context.Context, *api.StopResourceRequest) error { return nil }

func (f *fake) ResumeResource(context.Context, *api.ResumeResourceRequest) error { return nil }

func (f *fake) TagResource(context.Context, *api.TagResourceRequest) (*api.TagResourceResponse, error) {
	return &api.TagResourceResponse{}, nil
}

func (f *fake) UntagResource(context.Context, *api.UntagResourceRequest) (*api.UntagResourceResponse, error) {
	return nil, nil
}

func (f *fake) UpdateDatasetGroup(context.Context, *api.UpdateDatasetGroupRequest) (*api.UpdateDatasetGroupResponse, error) {
	return &api.UpdateDatasetGroupResponse{}, nil
}

func (f *fake) ListPredictors(context.Context, *api.ListPredictorsRequest) (*api.ListPredictorsResponse, error) {
	return &api.ListPredictorsResponse{Predictors: []api.PredictorSummary{}}, nil
}

type keys map[string]sigv4.Key

func (k keys) Lookup(_ context.Context, id string) (sigv4.Key, error) {
	if key, ok := k[id]; ok {
		return key, nil
	}
	return sigv4.Key{}, sigv4.ErrUnknownKey
}

var oneKey = keys{"AKIDEXAMPLE": {Secret: "secret", Account: "123456789012"}}

// request is a signed request; sign is the secret it is signed with, "" for none.
type request struct{ target, body, region, secret string }

func (q request) build() *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", strings.NewReader(q.body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Date", "20220102T030405Z")
	if q.target != "" {
		r.Header.Set("X-Amz-Target", q.target)
	}
	if q.secret == "" {
		return r
	}
	region := q.region
	if region == "" {
		region = "us-east-1"
	}
	sum := func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
	sign := func(key []byte, s string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(s))
		return h.Sum(nil)
	}
	names := "content-type;host;x-amz-date"
	canonical := "POST\n/\n\ncontent-type:application/x-amz-json-1.1\nhost:" + r.Host + "\nx-amz-date:20220102T030405Z\n"
	if q.target != "" {
		names += ";x-amz-target"
		canonical += "x-amz-target:" + q.target + "\n"
	}
	canonical += "\n" + names + "\n" + sum(q.body)
	key := []byte("AWS4" + q.secret)
	for _, part := range []string{"20220102", region, "forecast", "aws4_request"} {
		key = sign(key, part)
	}
	scope := "20220102/" + region + "/forecast/aws4_request"
	signature := hex.EncodeToString(sign(key, "AWS4-HMAC-SHA256\n20220102T030405Z\n"+scope+"\n"+sum(canonical)))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"+scope+", SignedHeaders="+names+", Signature="+signature)
	return r
}

func serve(svc api.Service, r *http.Request, o Options) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	o.Clock = now
	NewHandler(svc, sigv4.Verifier{Keys: oneKey, Clock: now}, o).ServeHTTP(w, r)
	return w
}

func send(svc api.Service, target, body string) *httptest.ResponseRecorder {
	return serve(svc, request{target: target, body: body, secret: "secret"}.build(), Options{})
}

var uuid4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

const groupARN = `{"DatasetGroupArn":"arn:aws:forecast:us-east-1:123456789012:dataset-group/g"}`

// TestBodies checks whole answers, byte for byte (contract 1.1, 1.3).
func TestBodies(t *testing.T) {
	domain := func(kind resource.ErrorKind, text string) error {
		return fmt.Errorf("describe: %w", resource.Errorf(kind, "%s", text))
	}
	arn := `{"DatasetArn":"arn:aws:forecast:us-east-1:123456789012:dataset/x"}`
	tree := `{"ResourceArn":"arn:aws:forecast:us-east-1:123456789012:dataset/x"}`
	group := &api.DescribeDatasetGroupResponse{
		DatasetGroupName: new("g"), DatasetGroupArn: new("arn:g"), DatasetArns: []string{}, Domain: new(api.DomainRetail), Status: new("ACTIVE"),
		CreationTime: new(api.Timestamp(time.UnixMilli(1615356667162))), LastModificationTime: new(api.Timestamp(time.Unix(1615356667, 0))),
	}
	tests := []struct {
		name, target, body string
		svc                *fake
		status             int
		want               string
	}{
		{
			"recorded group", "AmazonForecast.DescribeDatasetGroup", groupARN, &fake{group: group}, 200,
			`{"DatasetGroupName":"g","DatasetGroupArn":"arn:g","DatasetArns":[],"Domain":"RETAIL","Status":"ACTIVE","CreationTime":1.615356667162E9,"LastModificationTime":1.615356667E9}`,
		},
		{"empty list", "AmazonForecast.ListPredictors", `{}`, &fake{}, 200, `{"Predictors":[]}`},
		{"empty body is an empty object", "AmazonForecast.ListPredictors", ``, &fake{}, 200, `{"Predictors":[]}`},
		{"white space is an empty object", "AmazonForecast.ListPredictors", " \r\n\t", &fake{}, 200, `{"Predictors":[]}`},
		{"delete", "AmazonForecast.DeleteDataset", arn, &fake{}, 200, ``},
		{"delete tree", "AmazonForecast.DeleteResourceTree", tree, &fake{}, 200, ``},
		{"stop", "AmazonForecast.StopResource", tree, &fake{}, 200, ``},
		{"resume", "AmazonForecast.ResumeResource", tree, &fake{}, 200, ``},
		{"tag", "AmazonForecast.TagResource", `{"ResourceArn":"arn:aws:forecast:us-east-1:123456789012:dataset/x","Tags":[]}`, &fake{}, 200, `{}`},
		{"untag", "AmazonForecast.UntagResource", `{"ResourceArn":"arn:aws:forecast:us-east-1:123456789012:dataset/x","TagKeys":[]}`, &fake{}, 200, `{}`},
		{"update group", "AmazonForecast.UpdateDatasetGroup", `{"DatasetGroupArn":"arn:aws:forecast:us-east-1:123456789012:dataset-group/x","DatasetArns":[]}`, &fake{}, 200, `{}`},
		{
			"not found", "AmazonForecast.DescribeDatasetGroup", groupARN, &fake{err: domain(resource.NotFound, "No resource found arn:aws:forecast:us-east-1:123456789012:dataset/x")}, 400,
			`{"__type":"ResourceNotFoundException","Message":"No resource found arn:aws:forecast:us-east-1:123456789012:dataset/x"}`,
		},
		{
			"text with markup", "AmazonForecast.DescribeDatasetGroup", groupARN, &fake{err: domain(resource.InvalidInput, "<a> & \"b\"")}, 400,
			`{"__type":"InvalidInputException","Message":"<a> & \"b\""}`,
		},
		{"in use", "AmazonForecast.DescribeDatasetGroup", groupARN, &fake{err: domain(resource.InUse, "m")}, 400, `{"__type":"ResourceInUseException","Message":"m"}`},
		{"exists", "AmazonForecast.DescribeDatasetGroup", groupARN, &fake{err: domain(resource.AlreadyExists, "m")}, 400, `{"__type":"ResourceAlreadyExistsException","Message":"m"}`},
		{"limit", "AmazonForecast.DescribeDatasetGroup", groupARN, &fake{err: domain(resource.LimitExceeded, "m")}, 400, `{"__type":"LimitExceededException","Message":"m"}`},
		{"token", "AmazonForecast.DescribeDatasetGroup", groupARN, &fake{err: domain(resource.InvalidNextToken, "m")}, 400, `{"__type":"InvalidNextTokenException","Message":"m"}`},
		{
			"not available", "AmazonForecast.ListMonitors", `{}`, &fake{}, 400,
			`{"__type":"InvalidInputException","Message":"ListMonitors is not available in this version of Almanac; docs/divergences.md lists the operations that are"}`,
		},
		{
			"recorded validation", "AmazonForecast.CreatePredictor",
			`{"PredictorName":"compare_multiple_models_CNN-QR_algo","ForecastHorizon":1,"InputDataConfig":{"DatasetGroupArn":"arn:aws:forecast:us-east-1:123456789012:dataset-group/g"},"FeaturizationConfig":{"ForecastFrequency":"1H"}}`, &fake{}, 400,
			`{"__type":"ValidationException","message":"1 validation error detected: Value 'compare_multiple_models_CNN-QR_algo' at 'predictorName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z][a-zA-Z0-9_]*"}`,
		},
		{
			"number for a string", "AmazonForecast.DescribeDataset", `{"DatasetArn":5}`, &fake{}, 400,
			`{"__type":"SerializationException","message":"NUMBER_VALUE can not be converted to a String at DatasetArn"}`,
		},
		{
			"no JSON", "AmazonForecast.DescribeDataset", `{"DatasetArn":`, &fake{}, 400,
			`{"__type":"SerializationException","message":"The body is not valid JSON: the text ends early at byte 15."}`,
		},
		{
			"unknown operation", "AmazonForecast.MakeCoffee", `{}`, &fake{}, 400,
			`{"__type":"UnknownOperationException","message":"The X-Amz-Target header names no operation of this service: \"AmazonForecast.MakeCoffee\""}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := send(tt.svc, tt.target, tt.body)
			if w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
			if diff := cmp.Diff(tt.want, w.Body.String()); diff != "" {
				t.Error(diff)
			}
			h := w.Header()
			if got := h.Get("Content-Type"); got != "application/x-amz-json-1.1" {
				t.Errorf("content type %q", got)
			}
			if got := h.Get("X-Amzn-Requestid"); !uuid4.MatchString(got) {
				t.Errorf("request id %q", got)
			}
			if got := h.Get("Content-Length"); got != strconv.Itoa(len(tt.want)) {
				t.Errorf("content length %q for %d bytes", got, len(tt.want))
			}
		})
	}
}

// TestTargets checks what is no operation (contract 1.3).
func TestTargets(t *testing.T) {
	for _, target := range []string{
		"", "ListPredictors", "AmazonForecast", "AmazonForecast.", "AmazonForecast.listPredictors", "AmazonForecast.QueryForecast",
		"AmazonForecastRuntime.ListPredictors", "AmazonForecastX.ListPredictors", "DynamoDB_20120810.ListTables",
	} {
		w := send(&fake{}, target, `not even JSON`)
		if typeOf(t, w) != "UnknownOperationException" || w.Code != 400 {
			t.Errorf("%q gives %d %s", target, w.Code, w.Body)
		}
	}
	for _, e := range api.Entries() {
		w := send(&fake{}, e.Target, `[`)
		if typeOf(t, w) != "SerializationException" {
			t.Errorf("%s gives %s", e.Target, w.Body)
		}
	}
}

func typeOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var body struct {
		Type string `json:"__type"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("%q: %v", w.Body, err)
	}
	return body.Type
}

// TestOrder checks which of two faults is told (contract 1.3).
func TestOrder(t *testing.T) {
	missing := &fake{err: resource.Errorf(resource.NotFound, "m")}
	tests := []struct {
		name string
		r    request
		want string
	}{
		{"target before JSON", request{"AmazonForecast.X", `{`, "", "secret"}, "UnknownOperationException"},
		{"target before signature", request{"AmazonForecast.X", `{}`, "", ""}, "UnknownOperationException"},
		{"JSON before signature", request{"AmazonForecast.DescribeDatasetGroup", `{`, "", ""}, "SerializationException"},
		{"signature before types", request{"AmazonForecast.DescribeDatasetGroup", `{"DatasetGroupArn":1}`, "", ""}, "MissingAuthenticationToken"},
		{"signature before constraints", request{"AmazonForecast.DescribeDatasetGroup", `{}`, "", "wrong"}, "InvalidSignatureException"},
		{"types before constraints", request{"AmazonForecast.CreateDatasetGroup", `{"Domain":"X","DatasetGroupName":1}`, "", "secret"}, "SerializationException"},
		{"constraints before the domain", request{"AmazonForecast.DescribeDatasetGroup", `{"DatasetGroupArn":"x"}`, "", "secret"}, "ValidationException"},
		{"the domain last", request{"AmazonForecast.DescribeDatasetGroup", groupARN, "", "secret"}, "ResourceNotFoundException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := typeOf(t, serve(missing, tt.r.build(), Options{})); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestFront(t *testing.T) {
	change := func(f func(*http.Request)) *http.Request {
		r := request{"AmazonForecast.ListPredictors", `{}`, "", "secret"}.build()
		f(r)
		return r
	}
	tests := []struct {
		name   string
		r      *http.Request
		status int
		want   string
	}{
		{"GET", change(func(r *http.Request) { r.Method = http.MethodGet }), 400, "UnknownOperationException"},
		{"another path", change(func(r *http.Request) { r.URL.Path = "/x" }), 400, "UnknownOperationException"},
		{"a form", change(func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }), 400, "UnknownOperationException"},
		{"a type that cannot be read", change(func(r *http.Request) { r.Header.Set("Content-Type", ";;") }), 400, "UnknownOperationException"},
		{"too long", request{"AmazonForecast.ListPredictors", `{"x":"` + strings.Repeat("a", maxBody) + `"}`, "", "secret"}.build(), 413, "RequestEntityTooLargeException"},
		{"cut off", change(func(r *http.Request) { r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), brokenReader{})) }), 400, "SerializationException"},
		{"unsigned", request{"AmazonForecast.ListPredictors", `{}`, "", ""}.build(), 403, "MissingAuthenticationToken"},
		{"wrong signature", request{"AmazonForecast.ListPredictors", `{}`, "", "guess"}.build(), 403, "InvalidSignatureException"},
		{"changed body", change(func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"MaxResults":1}`)) }), 403, "InvalidSignatureException"},
		{"unknown key", change(func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "AKIDEXAMPLE", "AKIDX", 1))
		}), 400, "UnrecognizedClientException"},
		{"another service", change(func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "/forecast/", "/s3/", 1))
		}), 403, "InvalidSignatureException"},
		{"malformed", change(func(r *http.Request) { r.Header.Set("Authorization", "AWS4-HMAC-SHA256 x") }), 400, "IncompleteSignature"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := serve(&fake{}, tt.r, Options{})
			if w.Code != tt.status || typeOf(t, w) != tt.want {
				t.Errorf("got %d %s, want %d %s", w.Code, w.Body, tt.status, tt.want)
			}
			if strings.Contains(w.Body.String(), `"Message"`) {
				t.Errorf("a front-end error with a capital Message: %s", w.Body)
			}
			if !uuid4.MatchString(w.Header().Get("X-Amzn-Requestid")) {
				t.Error("no request id")
			}
		})
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestCaller(t *testing.T) {
	for region, partition := range map[string]string{
		"us-east-1": "aws", "eu-central-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b",
	} {
		svc := &fake{}
		serve(svc, request{"AmazonForecast.DescribeDatasetGroup", groupARN, region, "secret"}.build(), Options{})
		want := resource.Caller{Partition: partition, Account: "123456789012", Region: region, AccessKey: "AKIDEXAMPLE"}
		if diff := cmp.Diff(want, svc.caller); diff != "" {
			t.Error(diff)
		}
	}
}

// TestInternalFailure checks that nothing of an unknown error goes out, and
// that it is logged once under the id that does.
func TestInternalFailure(t *testing.T) {
	for name, svc := range map[string]*fake{"error": {err: errors.New("disk sda1 is full")}, "panic": {panics: true}} {
		var log bytes.Buffer
		var observed []string
		w := serve(svc, request{"AmazonForecast.DescribeDatasetGroup", groupARN, "", "secret"}.build(), Options{
			Logger:  slog.New(slog.NewTextHandler(&log, nil)),
			Observe: func(op, code string, _ float64) { observed = append(observed, op+" "+code) },
		})
		id := w.Header().Get("X-Amzn-Requestid")
		if w.Code != 500 || typeOf(t, w) != "InternalFailure" || !strings.Contains(w.Body.String(), id) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), "sda1") || strings.Contains(w.Body.String(), "program") {
			t.Errorf("%s: the cause goes out: %s", name, w.Body)
		}
		if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), id) || !strings.Contains(log.String(), "sda1") && !strings.Contains(log.String(), "a fault of the program") {
			t.Errorf("%s: log %q", name, log.String())
		}
		if diff := cmp.Diff([]string{"DescribeDatasetGroup InternalFailure"}, observed); diff != "" {
			t.Error(diff)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var log bytes.Buffer
	r := request{"AmazonForecast.DescribeDatasetGroup", groupARN, "", "secret"}.build().WithContext(ctx)
	w := serve(&fake{err: context.Canceled}, r, Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if w.Code != 503 || log.Len() > 0 {
		t.Errorf("%d %s, log %q", w.Code, w.Body, log.String())
	}
}

func TestOpenServer(t *testing.T) {
	svc := &fake{}
	w := httptest.NewRecorder()
	r := request{"AmazonForecast.DescribeDatasetGroup", groupARN, "eu-west-1", "anything"}.build()
	NewHandler(svc, sigv4.Verifier{Clock: clock.System{}}, Options{}).ServeHTTP(w, r)
	if w.Code != 200 || svc.caller.Account != "000000000000" || svc.caller.Region != "eu-west-1" {
		t.Errorf("%d %s %+v", w.Code, w.Body, svc.caller)
	}
}

// TestOverHTTP sends a request through a real server.
func TestOverHTTP(t *testing.T) {
	srv := httptest.NewServer(NewHandler(&fake{}, sigv4.Verifier{Clock: now}, Options{Clock: now}))
	defer srv.Close()
	for body, target := range map[string]string{`{"DatasetArn":"arn:aws:forecast:us-east-1:123456789012:dataset/x"}`: "AmazonForecast.DeleteDataset", ``: "AmazonForecast.ListPredictors"} {
		q := request{target, body, "", "any"}.build()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = q.Header
		res, err := srv.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
		if err != nil || res.StatusCode != http.StatusOK || res.ContentLength != int64(len(got)) || res.Header.Get("Date") == "" {
			t.Errorf("%s: %d %q %v %v", target, res.StatusCode, got, res.Header, err)
		}
	}
}
