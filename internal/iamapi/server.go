// Package iamapi answers the few calls of IAM and STS that programs make
// before they use the service: they create a role for it, attach policies,
// and ask who they are.
//
// Roles and policies are kept and returned as they were given. They are not
// enforced: whoever has a key of an account may use all of the account.
// Temporary credentials are real: a request signed with them is accepted until
// they end.
package iamapi

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/sigv4"
)

// Documents keeps small JSON documents by account, kind and name. A document
// that is not there is an error that is [io/fs.ErrNotExist]; one that is there
// and should not be is [io/fs.ErrExist]. Safe for concurrent use.
type Documents interface {
	GetDocument(ctx context.Context, account, kind, name string) ([]byte, error)
	// PutDocument writes a document; with create it must be a new one.
	PutDocument(ctx context.Context, account, kind, name string, body []byte, create bool) error
	// DeleteDocument fails if there is no such document.
	DeleteDocument(ctx context.Context, account, kind, name string) error
	// ListDocuments returns the documents whose names begin with prefix.
	ListDocuments(ctx context.Context, account, kind, prefix string) (map[string][]byte, error)
}

// The kinds of documents that this package keeps.
const (
	kindRole    = "iam-role"
	kindPolicy  = "iam-policy"
	kindSession = "sts-session"
)

// Key is a temporary access key.
type Key struct {
	ID      string
	Secret  string
	Token   string
	Expires time.Time
}

// Config is what a [Server] is made of.
type Config struct {
	Documents Documents
	Verifier  sigv4.Verifier
	Clock     clock.Clock
	// IssueKey makes a temporary key that the Verifier knows from then on.
	IssueKey func(ctx context.Context, account, description string, expires time.Time) (Key, error)
	Logger   *slog.Logger // told about internal errors; default: nobody
}

// Server answers IAM and STS.
type Server struct {
	conf Config
	mu   sync.Mutex // a change reads a document and writes it
}

// New returns a server.
func New(conf Config) *Server {
	if conf.Logger == nil {
		conf.Logger = slog.New(slog.DiscardHandler)
	}
	return &Server{conf: conf}
}

// A call is one request on its way.
type call struct {
	s    *Server
	ctx  context.Context //nolint:containedctx // lives as long as the request
	id   sigv4.Identity
	form url.Values
}

const (
	namespaceIAM = "https://iam.amazonaws.com/doc/2010-05-08/"
	namespaceSTS = "https://sts.amazonaws.com/doc/2011-06-15/"
)

// An operation answers with the content of its <...Result> element, nil if it
// has none.
type operation struct {
	namespace string
	run       func(*call) (any, error)
}

var operations = map[string]operation{
	"CreateRole":                  {namespaceIAM, (*call).createRole},
	"GetRole":                     {namespaceIAM, (*call).getRole},
	"DeleteRole":                  {namespaceIAM, (*call).deleteRole},
	"ListRoles":                   {namespaceIAM, (*call).listRoles},
	"UpdateRole":                  {namespaceIAM, (*call).updateRole},
	"UpdateAssumeRolePolicy":      {namespaceIAM, (*call).updateAssumeRolePolicy},
	"TagRole":                     {namespaceIAM, (*call).tagRole},
	"UntagRole":                   {namespaceIAM, (*call).untagRole},
	"ListRoleTags":                {namespaceIAM, (*call).listRoleTags},
	"AttachRolePolicy":            {namespaceIAM, (*call).attachRolePolicy},
	"DetachRolePolicy":            {namespaceIAM, (*call).detachRolePolicy},
	"ListAttachedRolePolicies":    {namespaceIAM, (*call).listAttachedRolePolicies},
	"PutRolePolicy":               {namespaceIAM, (*call).putRolePolicy},
	"GetRolePolicy":               {namespaceIAM, (*call).getRolePolicy},
	"DeleteRolePolicy":            {namespaceIAM, (*call).deleteRolePolicy},
	"ListRolePolicies":            {namespaceIAM, (*call).listRolePolicies},
	"ListInstanceProfilesForRole": {namespaceIAM, (*call).listInstanceProfilesForRole},
	"CreatePolicy":                {namespaceIAM, (*call).createPolicy},
	"GetPolicy":                   {namespaceIAM, (*call).getPolicy},
	"GetPolicyVersion":            {namespaceIAM, (*call).getPolicyVersion},
	"ListPolicies":                {namespaceIAM, (*call).listPolicies},
	"ListPolicyVersions":          {namespaceIAM, (*call).listPolicyVersions},
	"DeletePolicy":                {namespaceIAM, (*call).deletePolicy},
	"GetUser":                     {namespaceIAM, (*call).getUser},
	"GetCallerIdentity":           {namespaceSTS, (*call).getCallerIdentity},
	"AssumeRole":                  {namespaceSTS, (*call).assumeRole},
	"GetSessionToken":             {namespaceSTS, (*call).getSessionToken},
}

// maxBody bounds a request: policies have at most 10 KiB.
const maxBody = 1 << 20

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := newRequestID()
	w.Header().Set("X-Amzn-Requestid", requestID)
	w.Header().Set("Content-Type", "text/xml")
	action, namespace, result, err := s.serve(w, r)
	status := http.StatusOK
	var body []byte
	if err == nil {
		body, err = success(action, namespace, requestID, result)
	}
	if err != nil {
		e := explain(err)
		if e.Status >= http.StatusInternalServerError {
			s.conf.Logger.ErrorContext(r.Context(), "IAM or STS request failed", slog.String("request_id", requestID),
				slog.String("action", action), slog.String("error", err.Error()))
		}
		status, body = e.Status, failure(e, namespace, requestID)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may be gone; nobody else to tell
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) (action, namespace string, result any, err error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return "", namespaceIAM, nil, failf(http.StatusBadRequest, "MalformedInput", "The request could not be read: %v", err)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return "", namespaceIAM, nil, failf(http.StatusBadRequest, "MalformedInput", "The body is not a form: %v", err)
	}
	for name, values := range r.URL.Query() {
		if !form.Has(name) {
			form[name] = values
		}
	}
	action = form.Get("Action")
	op, known := operations[action]
	namespace = op.namespace
	if namespace == "" {
		namespace = namespaceIAM
	}
	id, err := s.conf.Verifier.Verify(r, body)
	if err != nil {
		return action, namespace, nil, err
	}
	switch {
	case action == "":
		return action, namespace, nil, failf(http.StatusBadRequest, "MissingAction", "The request must contain the parameter Action")
	case !known:
		return action, namespace, nil, failf(http.StatusBadRequest, "InvalidAction", "Could not find operation %s for version %s", action, form.Get("Version"))
	}
	c := &call{s: s, ctx: r.Context(), id: id, form: form}
	result, err = op.run(c)
	return action, namespace, result, err
}

// newRequestID returns a random UUID.
func newRequestID() string {
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // never fails
	raw[6], raw[8] = raw[6]&0x0f|0x40, raw[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:])
}

// success writes <ActionResponse> with the result and the request's id in it.
func success(action, namespace, requestID string, result any) ([]byte, error) {
	var b bytes.Buffer
	enc := xml.NewEncoder(&b)
	start := xml.StartElement{
		Name: xml.Name{Local: action + "Response"},
		Attr: []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: namespace}},
	}
	err := enc.EncodeToken(start)
	if result != nil {
		err = errors.Join(err, enc.EncodeElement(result, xml.StartElement{Name: xml.Name{Local: action + "Result"}}))
	}
	type metadata struct {
		RequestID string `xml:"RequestId"`
	}
	err = errors.Join(err, enc.EncodeElement(metadata{requestID}, xml.StartElement{Name: xml.Name{Local: "ResponseMetadata"}}),
		enc.EncodeToken(start.End()), enc.Close())
	if err != nil {
		return nil, fmt.Errorf("write the answer to %s: %w", action, err)
	}
	return b.Bytes(), nil
}

type errorBody struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	XMLNS     string   `xml:"xmlns,attr"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

func failure(e *apiError, namespace, requestID string) []byte {
	out := errorBody{XMLNS: namespace, Type: "Sender", Code: e.Code, Message: e.Message, RequestID: requestID}
	if e.Status >= http.StatusInternalServerError {
		out.Type = "Receiver"
	}
	body, err := xml.Marshal(out)
	if err != nil {
		return nil // cannot happen: the struct holds strings only
	}
	return body
}
