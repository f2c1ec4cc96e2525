package sigv4

import (
	"fmt"
	"net/http"
)

// Reason says why a request was refused.
type Reason int

// The reasons.
const (
	Missing      Reason = iota // the request is not signed
	Malformed                  // the authorization cannot be read
	Version2                   // signed with Signature Version 2
	UnknownKey                 // no such access key
	BadToken                   // the session token is not the key's
	ExpiredToken               // the temporary key has ended
	BadScope                   // signed for another service or day
	NotSigned                  // a header that must be signed is not
	Expired                    // signed more than 15 minutes ago
	NotYet                     // signed more than 15 minutes from now
	URLExpired                 // the presigned request has ended
	Mismatch                   // the signature is wrong
	BadPayload                 // the body is not the one whose hash was signed
	BadChunk                   // the body is not chunked as it says
	NoLength                   // a chunked body without its decoded length
)

// Error is a refused request. Message is safe to show. How the error is told
// depends on the protocol: see [Error.JSON], [Error.Query] and [Error.S3].
type Error struct {
	Reason  Reason
	Message string
}

// Error implements error.
func (e *Error) Error() string { return "sigv4: " + e.Message }

func failf(reason Reason, format string, args ...any) *Error {
	return &Error{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

func mismatch() *Error {
	return &Error{Reason: Mismatch, Message: "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}
}

func version2() *Error {
	return &Error{Reason: Version2, Message: "The authorization mechanism you have provided is not supported. Please use " + algorithm + "."}
}

// JSON returns the code and the HTTP status for services that speak JSON.
func (e *Error) JSON() (code string, status int) {
	switch e.Reason {
	case Missing:
		return "MissingAuthenticationToken", http.StatusForbidden
	case Malformed, Version2, BadChunk, NoLength:
		return "IncompleteSignature", http.StatusBadRequest
	case UnknownKey, BadToken:
		return "UnrecognizedClientException", http.StatusBadRequest
	case ExpiredToken:
		return "ExpiredTokenException", http.StatusBadRequest
	case BadScope, NotSigned, Expired, NotYet, URLExpired, Mismatch, BadPayload:
	}
	return "InvalidSignatureException", http.StatusForbidden
}

// Query returns the code and the HTTP status for IAM and STS.
func (e *Error) Query() (code string, status int) {
	switch e.Reason {
	case Missing:
		return "MissingAuthenticationToken", http.StatusForbidden
	case Malformed, Version2, BadChunk, NoLength:
		return "IncompleteSignature", http.StatusBadRequest
	case UnknownKey, BadToken:
		return "InvalidClientTokenId", http.StatusForbidden
	case ExpiredToken:
		return "ExpiredToken", http.StatusForbidden
	case BadScope, NotSigned, Expired, NotYet, URLExpired, Mismatch, BadPayload:
	}
	return "SignatureDoesNotMatch", http.StatusForbidden
}

// S3 returns the code, the text and the HTTP status for S3.
func (e *Error) S3() (code, message string, status int) {
	switch e.Reason {
	case Missing:
		return "AccessDenied", "Access Denied", http.StatusForbidden
	case Malformed, BadScope:
		return "AuthorizationHeaderMalformed", e.Message, http.StatusBadRequest
	case Version2:
		return "InvalidRequest", e.Message, http.StatusBadRequest
	case UnknownKey:
		return "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", http.StatusForbidden
	case BadToken:
		return "InvalidToken", "The provided token is malformed or otherwise invalid.", http.StatusBadRequest
	case ExpiredToken:
		return "ExpiredToken", "The provided token has expired.", http.StatusBadRequest
	case NotSigned:
		return "AccessDenied", e.Message, http.StatusForbidden
	case Expired, NotYet:
		return "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", http.StatusForbidden
	case URLExpired:
		return "AccessDenied", "Request has expired", http.StatusForbidden
	case BadPayload:
		return "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.", http.StatusBadRequest
	case BadChunk:
		return "IncompleteBody", e.Message, http.StatusBadRequest
	case NoLength:
		return "MissingContentLength", e.Message, http.StatusLengthRequired
	case Mismatch:
	}
	return "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your key and signing method.", http.StatusForbidden
}
