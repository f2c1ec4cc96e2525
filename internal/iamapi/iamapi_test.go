package iamapi_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/almanac-forecast/almanac/internal/iamapi"
	"github.com/almanac-forecast/almanac/internal/sigv4"
)

const account = "123456789012"

// documents is the smallest Documents there is.
type documents struct {
	mu   sync.Mutex
	docs map[string][]byte
}

func (d *documents) GetDocument(_ context.Context, account, kind, name string) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	body, ok := d.docs[account+"/"+kind+"/"+name]
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return body, nil
}

func (d *documents) PutDocument(_ context.Context, account, kind, name string, body []byte, create bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := account + "/" + kind + "/" + name
	if _, ok := d.docs[key]; ok && create {
		return fmt.Errorf("%s: %w", name, fs.ErrExist)
	}
	d.docs[key] = body
	return nil
}

func (d *documents) DeleteDocument(_ context.Context, account, kind, name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := account + "/" + kind + "/" + name
	if _, ok := d.docs[key]; !ok {
		return fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	delete(d.docs, key)
	return nil
}

func (d *documents) ListDocuments(_ context.Context, account, kind, prefix string) (map[string][]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	found := map[string][]byte{}
	for key, body := range d.docs {
		if name, ok := strings.CutPrefix(key, account+"/"+kind+"/"); ok && strings.HasPrefix(name, prefix) {
			found[name] = body
		}
	}
	return found, nil
}

// movable is a clock that a test can put forward.
type movable struct {
	mu  sync.Mutex
	now time.Time
}

func (m *movable) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *movable) Wait(ctx context.Context, _ time.Duration) error { return context.Cause(ctx) }

type world struct {
	t     *testing.T
	url   string
	docs  *documents
	clock *movable
	mu    sync.Mutex
	keys  map[string]sigv4.Key
}

func (w *world) Lookup(_ context.Context, id string) (sigv4.Key, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	key, ok := w.keys[id]
	if !ok {
		return sigv4.Key{}, sigv4.ErrUnknownKey
	}
	return key, nil
}

func (w *world) issue(_ context.Context, account, _ string, expires time.Time) (iamapi.Key, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.keys)
	key := iamapi.Key{ID: fmt.Sprintf("ASIA%016d", n), Secret: fmt.Sprintf("secret%d", n), Token: fmt.Sprintf("token%d", n), Expires: expires}
	w.keys[key.ID] = sigv4.Key{Secret: key.Secret, Token: key.Token, Account: account, Expires: expires}
	return key, nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, docs: &documents{docs: map[string][]byte{}}, clock: &movable{now: time.Now().UTC()}, // the SDK signs with the machine's clock
		keys: map[string]sigv4.Key{"AKIAONE": {Secret: "one", Account: account}, "AKIATWO": {Secret: "two", Account: "210987654321"}},
	}
	h := httptest.NewServer(w.server())
	t.Cleanup(h.Close)
	w.url = h.URL
	return w
}

func (w *world) server() *iamapi.Server {
	return iamapi.New(iamapi.Config{Documents: w.docs, Verifier: sigv4.Verifier{Keys: w, Clock: w.clock}, Clock: w.clock, IssueKey: w.issue})
}

// as makes a call with a lasting key and returns the status and the body.
func (w *world) as(accessKey, secret string, params ...string) (int, string) {
	w.t.Helper()
	form := url.Values{"Version": {"2010-05-08"}}
	for i := 0; i < len(params); i += 2 {
		form.Set(params[i], params[i+1])
	}
	body := form.Encode()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.url, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	sum := sha256.Sum256([]byte(body))
	err = v4.NewSigner().SignHTTP(w.t.Context(), aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secret}, r,
		hex.EncodeToString(sum[:]), "iam", "us-east-1", w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := xml.Unmarshal(out, new(struct{})); err != nil {
		w.t.Errorf("the answer is no XML: %v\n%s", err, out)
	}
	return resp.StatusCode, string(out)
}

const trust = `{"Version":"2012-10-17","Statement":[]}`

// ok makes a call that must succeed, and returns the body.
func (w *world) ok(params ...string) string {
	w.t.Helper()
	status, body := w.as("AKIAONE", "one", params...)
	if status != http.StatusOK {
		w.t.Fatalf("%q: status %d\n%s", params, status, body)
	}
	return body
}

func (w *world) fails(status int, code string, params ...string) {
	w.t.Helper()
	got, body := w.as("AKIAONE", "one", params...)
	if got != status || !strings.Contains(body, "<Code>"+code+"</Code>") || !strings.Contains(body, "<Type>Sender</Type>") {
		w.t.Errorf("%q: status %d, want %d and %s\n%s", params, got, status, code, body)
	}
}

func TestRoles(t *testing.T) {
	w := newWorld(t)
	w.fails(404, "NoSuchEntity", "Action", "GetRole", "RoleName", "R")
	body := w.ok("Action", "CreateRole", "RoleName", "R", "Path", "/service/", "AssumeRolePolicyDocument", trust,
		"Tags.member.1.Key", "a", "Tags.member.1.Value", "1")
	for _, want := range []string{
		`<CreateRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><CreateRoleResult><Role><Path>/service/</Path><RoleName>R</RoleName><RoleId>AROA`,
		"<Arn>arn:aws:iam::123456789012:role/service/R</Arn>",
		"<AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D</AssumeRolePolicyDocument>",
		"<MaxSessionDuration>3600</MaxSessionDuration>",
		"<Tags><member><Key>a</Key><Value>1</Value></member></Tags>",
		"</CreateRoleResult><ResponseMetadata><RequestId>",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the answer to CreateRole lacks %s\n%s", want, body)
		}
	}
	w.fails(409, "EntityAlreadyExists", "Action", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust)
	if body := w.ok("Action", "ListAttachedRolePolicies", "RoleName", "R"); !strings.Contains(body, "<AttachedPolicies></AttachedPolicies><IsTruncated>false</IsTruncated>") {
		t.Errorf("an empty list is missing: %s", body)
	}
	w.ok("Action", "AttachRolePolicy", "RoleName", "R", "PolicyArn", "arn:aws:iam::aws:policy/service-role/X")
	if body := w.ok("Action", "ListAttachedRolePolicies", "RoleName", "R"); !strings.Contains(body, "<PolicyName>X</PolicyName><PolicyArn>arn:aws:iam::aws:policy/service-role/X</PolicyArn>") {
		t.Errorf("the attached policy is not listed: %s", body)
	}
	w.fails(409, "DeleteConflict", "Action", "DeleteRole", "RoleName", "R")
	w.ok("Action", "DetachRolePolicy", "RoleName", "R", "PolicyArn", "arn:aws:iam::aws:policy/service-role/X")
	w.ok("Action", "PutRolePolicy", "RoleName", "R", "PolicyName", "P", "PolicyDocument", trust)
	w.fails(409, "DeleteConflict", "Action", "DeleteRole", "RoleName", "R")
	w.ok("Action", "DeleteRolePolicy", "RoleName", "R", "PolicyName", "P")
	w.ok("Action", "UpdateRole", "RoleName", "R", "Description", "new")
	w.ok("Action", "UntagRole", "RoleName", "R", "TagKeys.member.1", "A")
	if body := w.ok("Action", "GetRole", "RoleName", "r"); !strings.Contains(body, "<Description>new</Description>") || strings.Contains(body, "<Tags>") {
		t.Errorf("the role after changes: %s", body)
	}
	if status, body := w.as("AKIATWO", "two", "Action", "GetRole", "RoleName", "R"); status != 404 {
		t.Errorf("another account sees the role: %d %s", status, body)
	}
	w.ok("Action", "DeleteRole", "RoleName", "R")
	w.fails(404, "NoSuchEntity", "Action", "DeleteRole", "RoleName", "R")
	if len(w.docs.docs) != 0 {
		t.Errorf("documents are left: %v", w.docs.docs)
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"c", "A", "b", "D", "e"} {
		w.ok("Action", "CreateRole", "RoleName", name, "AssumeRolePolicyDocument", trust)
	}
	var names []string
	marker := []string{}
	for {
		var page struct {
			Names     []string `xml:"ListRolesResult>Roles>member>RoleName"`
			Truncated bool     `xml:"ListRolesResult>IsTruncated"`
			Marker    string   `xml:"ListRolesResult>Marker"`
		}
		body := w.ok(append([]string{"Action", "ListRoles", "MaxItems", "2"}, marker...)...)
		if err := xml.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		names = append(names, page.Names...)
		if !page.Truncated {
			break
		}
		marker = []string{"Marker", page.Marker}
	}
	if got := strings.Join(names, ""); got != "AbcDe" {
		t.Errorf("the pages hold %s", got)
	}
}

func TestRefusals(t *testing.T) {
	w := newWorld(t)
	w.fails(400, "InvalidAction", "Action", "CreateGroup")
	w.fails(400, "MissingAction")
	w.fails(400, "ValidationError", "Action", "CreateRole", "AssumeRolePolicyDocument", trust)
	w.fails(400, "ValidationError", "Action", "CreateRole", "RoleName", "a b", "AssumeRolePolicyDocument", trust)
	w.fails(400, "ValidationError", "Action", "CreateRole", "RoleName", "x", "Path", "nope", "AssumeRolePolicyDocument", trust)
	w.fails(400, "ValidationError", "Action", "CreateRole", "RoleName", "x", "MaxSessionDuration", "1", "AssumeRolePolicyDocument", trust)
	w.fails(400, "MalformedPolicyDocument", "Action", "CreateRole", "RoleName", "x", "AssumeRolePolicyDocument", "[]")
	w.fails(400, "MalformedPolicyDocument", "Action", "CreateRole", "RoleName", "x", "AssumeRolePolicyDocument", "{}")
	for _, c := range []struct{ key, secret, code string }{
		{"AKIAONE", "wrong", "SignatureDoesNotMatch"},
		{"AKIANONE", "one", "InvalidClientTokenId"},
	} {
		if status, body := w.as(c.key, c.secret, "Action", "GetCallerIdentity"); status != 403 || !strings.Contains(body, "<Code>"+c.code+"</Code>") {
			t.Errorf("%s with %s: %d %s", c.key, c.secret, status, body)
		}
	}
}

func stsClient(w *world, key, secret, token string) *sts.Client {
	return sts.New(sts.Options{
		BaseEndpoint: aws.String(w.url), Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider(key, secret, token),
	})
}

func TestAssumeRole(t *testing.T) {
	w := newWorld(t)
	w.ok("Action", "CreateRole", "RoleName", "Reader", "AssumeRolePolicyDocument", trust)
	root := stsClient(w, "AKIAONE", "one", "")
	me, err := root.GetCallerIdentity(t.Context(), nil)
	if err != nil || aws.ToString(me.Account) != account || aws.ToString(me.Arn) != "arn:aws:iam::123456789012:root" {
		t.Fatalf("the account itself: %+v, %v", me, err)
	}
	in := &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/Reader"), RoleSessionName: aws.String("work")}
	out, err := root.AssumeRole(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if want := w.clock.Now().Add(time.Hour).Truncate(time.Second); !out.Credentials.Expiration.Equal(want) {
		t.Errorf("the credentials end at %v, want %v", out.Credentials.Expiration, want)
	}
	role := stsClient(w, *out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	me, err = role.GetCallerIdentity(t.Context(), nil)
	if err != nil || aws.ToString(me.Arn) != "arn:aws:sts::123456789012:assumed-role/Reader/work" || !strings.HasSuffix(aws.ToString(me.UserId), ":work") {
		t.Errorf("the role: %+v, %v", me, err)
	}
	if _, err := stsClient(w, *out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, "other").GetCallerIdentity(t.Context(), nil); err == nil {
		t.Error("a wrong session token was accepted")
	}
	for _, arn := range []string{"arn:aws:iam::123456789012:role/None", "arn:aws:iam::210987654321:role/Reader", "arn:aws:iam::123456789012:role/other/Reader"} {
		in := &sts.AssumeRoleInput{RoleArn: &arn, RoleSessionName: aws.String("work")}
		if _, err := root.AssumeRole(t.Context(), in); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
			t.Errorf("AssumeRole of %s: %v", arn, err)
		}
	}
	in.DurationSeconds = aws.Int32(7200)
	if _, err := root.AssumeRole(t.Context(), in); err == nil || !strings.Contains(err.Error(), "MaxSessionDuration") {
		t.Errorf("a session longer than the role allows: %v", err)
	}
	if got, err := root.GetSessionToken(t.Context(), nil); err != nil || got.Credentials.SessionToken == nil {
		t.Errorf("GetSessionToken: %v", err)
	}
}

// TestPersistence: another server on the same documents knows the roles, and
// sessions that have ended are removed.
func TestPersistence(t *testing.T) {
	w := newWorld(t)
	w.ok("Action", "CreateRole", "RoleName", "Kept", "AssumeRolePolicyDocument", trust)
	take := []string{"Action", "AssumeRole", "RoleArn", "arn:aws:iam::123456789012:role/Kept", "RoleSessionName", "s1"}
	w.ok(take...)
	again := httptest.NewServer(w.server())
	defer again.Close()
	w.url = again.URL
	w.ok("Action", "GetRole", "RoleName", "Kept")
	w.clock.mu.Lock()
	w.clock.now = w.clock.now.Add(2 * time.Hour)
	w.clock.mu.Unlock()
	w.ok(take...)
	sessions, err := w.docs.ListDocuments(t.Context(), account, "sts-session", "")
	if err != nil || len(sessions) != 1 {
		t.Errorf("%d sessions are kept, error %v", len(sessions), err)
	}
}
