// Package sigv4 checks AWS Signature Version 4: who signed a request, and that
// nothing of it was changed since. It knows the header form, the presigned
// form, and the payload forms of S3: a hash, no hash, and chunks with or
// without signatures and trailers.
//
// It is written from the "Signature Version 4" pages of the AWS General
// Reference and the "Authenticating Requests" pages of the S3 reference.
//
// Departs from them in this: without keys the server is open, which only a
// server on the loopback interface may be. Then any well-formed signature is
// accepted, whatever its value, age and scope; for S3 even one of Version 2,
// with which boto3 presigns by default. A server with keys refuses Version 2.
package sigv4

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
)

// OpenAccount is the account of every caller of an open server.
const OpenAccount = "000000000000"

// maxSkew is how far the clocks of client and server may be apart.
const maxSkew = 15 * time.Minute

// Sentinels that a [Keys] answers.
var (
	// ErrUnknownKey says that there is no such access key.
	ErrUnknownKey = errors.New("sigv4: no such access key")
	// ErrOpen says that no key is configured at all: the server is open.
	ErrOpen = errors.New("sigv4: no access key is configured")
)

// Key is an access key.
type Key struct {
	Secret  string
	Account string    // 12 digits
	Token   string    // session token of a temporary key, "" for a lasting one
	Expires time.Time // end of a temporary key, zero for a lasting one
}

// Keys finds access keys. Safe for concurrent use.
type Keys interface {
	// Lookup returns the key with this id, ErrUnknownKey, or ErrOpen.
	Lookup(ctx context.Context, accessKey string) (Key, error)
}

// Identity is who signed a request and for what.
type Identity struct {
	Account   string
	AccessKey string
	Region    string
	Service   string
	Open      bool // nothing was checked: the server has no keys
}

// Verifier checks signatures.
type Verifier struct {
	Keys     Keys         // nil: the server is open
	Clock    clock.Clock  // what time it is
	Services []string     // names a signature may be for; nil: any
	Derived  *DerivedKeys // saves deriving a signing key for each request; nil: it is derived
}

// Verify checks a request whose body has been read. Its errors are *Error,
// except for what [Keys] fails with.
func (v Verifier) Verify(r *http.Request, body []byte) (Identity, error) {
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	a, err := parse(r)
	if err != nil {
		return Identity{}, err
	}
	if a.version2 {
		return Identity{}, version2()
	}
	key, id, err := v.identify(r, a)
	if err != nil || id.Open {
		return id, err
	}
	if _, err := v.check(r, a, key, hash); err != nil {
		return Identity{}, err
	}
	// The hash that the client names is part of what it signed; a signature
	// over a hash that is not the body's would have failed already.
	if given := r.Header.Get("X-Amz-Content-Sha256"); given != "" && !equal(given, hash) {
		return Identity{}, mismatch()
	}
	return id, nil
}

// VerifyStream checks a request as S3 takes them, before its body is read. On
// success r.Body delivers the bare content and fails with a *Error where the
// content, a chunk or its signature is not what was signed; the headers and
// the length of r are those of the bare content, and once the body has been
// read to its end r.Trailer holds the trailing headers.
func (v Verifier) VerifyStream(r *http.Request) (Identity, error) {
	a, err := parse(r)
	if err != nil {
		return Identity{}, err
	}
	key, id, err := v.identify(r, a)
	if err != nil {
		return id, err
	}
	hash, err := payloadHash(r, a)
	if err != nil {
		return Identity{}, err
	}
	if id.Open {
		return id, openBody(r, hash, nil)
	}
	signing, err := v.check(r, a, key, hash)
	if err != nil {
		return Identity{}, err
	}
	var signer *chunkSigner
	if strings.HasPrefix(hash, "STREAMING-AWS4-") {
		signer = &chunkSigner{key: signing, date: a.date.Format(basicFormat), scope: a.scope.String(), previous: a.signature}
	}
	return id, openBody(r, hash, signer)
}

// identify finds the key and, if there are any keys, checks what goes with it.
func (v Verifier) identify(r *http.Request, a *authorization) (Key, Identity, error) {
	id := Identity{AccessKey: a.scope.accessKey, Region: a.scope.region, Service: a.scope.service}
	key, err := Key{}, ErrOpen
	if v.Keys != nil {
		key, err = v.Keys.Lookup(r.Context(), a.scope.accessKey)
	}
	switch {
	case errors.Is(err, ErrOpen):
		id.Account, id.Open = OpenAccount, true
		return Key{}, id, nil
	case errors.Is(err, ErrUnknownKey):
		return Key{}, Identity{}, &Error{Reason: UnknownKey, Message: "The security token included in the request is invalid."}
	case err != nil:
		return Key{}, Identity{}, err
	case a.version2:
		return Key{}, Identity{}, version2()
	}
	if !equal(key.Token, a.token) {
		return Key{}, Identity{}, &Error{Reason: BadToken, Message: "The security token included in the request is invalid."}
	}
	if !key.Expires.IsZero() && !v.Clock.Now().Before(key.Expires) {
		return Key{}, Identity{}, &Error{Reason: ExpiredToken, Message: "The security token included in the request is expired"}
	}
	id.Account = key.Account
	return key, id, nil
}

// check compares scope, time, and last the signature, and returns the key that
// made it.
func (v Verifier) check(r *http.Request, a *authorization, key Key, hash string) ([]byte, error) {
	if err := v.checkScope(a); err != nil {
		return nil, err
	}
	if err := checkTime(a, v.Clock.Now()); err != nil {
		return nil, err
	}
	if err := checkSignedHeaders(r, a); err != nil {
		return nil, err
	}
	signing := v.Derived.find(a.scope, key.Secret)
	derived := signing == nil
	if derived {
		signing = signingKey(key.Secret, a.scope)
	}
	if want := a.sign(signing, canonicalRequest(r, a, hash)); !equal(want, a.signature) {
		return nil, mismatch()
	}
	if derived {
		v.Derived.keep(a.scope, key.Secret, signing)
	}
	return signing, nil
}

func (v Verifier) checkScope(a *authorization) error {
	if v.Services != nil && !slices.Contains(v.Services, a.scope.service) {
		return failf(BadScope, "Credential should be scoped to correct service: '%s'.", v.Services[0])
	}
	if day := a.date.Format(dayFormat); day != a.scope.day {
		return failf(BadScope, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.",
			a.scope.day, day, a.date.Format(basicFormat))
	}
	return nil
}

func checkTime(a *authorization, now time.Time) error {
	now = now.UTC().Truncate(time.Second)
	date, at := a.date.Format(basicFormat), now.Format(basicFormat)
	if late := now.Add(maxSkew); a.date.After(late) {
		return failf(NotYet, "Signature not yet current: %s is still later than %s (%s + 15 min.)", date, late.Format(basicFormat), at)
	}
	if a.presigned {
		if end := a.date.Add(a.expires); now.After(end) {
			return failf(URLExpired, "Signature expired: %s is now earlier than %s (%s + %d s)", end.Format(basicFormat), at, date, int(a.expires.Seconds()))
		}
		return nil
	}
	if early := now.Add(-maxSkew); a.date.Before(early) {
		return failf(Expired, "Signature expired: %s is now earlier than %s (%s - 15 min.)", date, early.Format(basicFormat), at)
	}
	return nil
}

// checkSignedHeaders makes sure that what steers the service is signed: the
// host, and the x-amz- headers. Some of these may be left out, as clients do:
// the payload hash is part of what is signed anyway, the user agent steers
// nothing, and a presigned request has its date in the query.
func checkSignedHeaders(r *http.Request, a *authorization) error {
	if !slices.Contains(a.headers, "host") {
		return failf(NotSigned, "'Host' must be a 'SignedHeader' in the AWS Authorization.")
	}
	var missing []string
	for name := range r.Header {
		lower := strings.ToLower(name)
		switch {
		case !strings.HasPrefix(lower, "x-amz-"), slices.Contains(a.headers, lower):
		case lower == "x-amz-content-sha256", lower == "x-amz-user-agent", lower == "x-amz-date" && a.presigned:
		default:
			missing = append(missing, lower)
		}
	}
	if missing != nil {
		slices.Sort(missing)
		return failf(NotSigned, "There were headers present in the request which were not signed: %s", strings.Join(missing, ", "))
	}
	return nil
}

// sign returns the signature of a canonical request.
func (a *authorization) sign(key []byte, canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	text := strings.Join([]string{algorithm, a.date.Format(basicFormat), a.scope.String(), hex.EncodeToString(sum[:])}, "\n")
	return hex.EncodeToString(mac(key, text))
}

func signingKey(secret string, s scope) []byte {
	key := mac([]byte("AWS4"+secret), s.day)
	for _, part := range []string{s.region, s.service, terminator} {
		key = mac(key, part)
	}
	return key
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = io.WriteString(h, text) // a hash never fails
	return h.Sum(nil)
}

// equal compares in a time that depends on the lengths only.
func equal(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
