package s3api

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"syscall"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/sigv4"
)

// apiError is an error in the words of S3.
type apiError struct {
	Code    string
	Message string
	Status  int
}

func (e *apiError) Error() string { return e.Code + ": " + e.Message }

func failf(status int, code, format string, args ...any) *apiError {
	return &apiError{Code: code, Message: fmt.Sprintf(format, args...), Status: status}
}

func badArgument(format string, args ...any) *apiError {
	return failf(http.StatusBadRequest, "InvalidArgument", format, args...)
}

func badRequest(format string, args ...any) *apiError {
	return failf(http.StatusBadRequest, "InvalidRequest", format, args...)
}

func notImplemented(what string) *apiError {
	return failf(http.StatusNotImplemented, "NotImplemented", "%s is not available on buckets that are folders of this server.", what)
}

var (
	errMethod       = failf(http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
	errNotModified  = failf(http.StatusNotModified, "NotModified", "Not Modified")
	errPrecondition = failf(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
	errMalformedXML = failf(http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	errBadDigest    = failf(http.StatusBadRequest, "BadDigest", "The Content-MD5 or checksum value you specified did not match what we received.")
	errIncomplete   = failf(http.StatusBadRequest, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header")
	errNoSuchUpload = failf(http.StatusNotFound, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
	// errBegun: the answer's first bytes have been sent.
	errBegun = errors.New("the answer has begun")
)

// explain turns any error into one of S3's.
func explain(err error) *apiError {
	var mine *apiError
	var signature *sigv4.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &mine):
		return mine
	case errors.As(err, &signature):
		code, message, status := signature.S3()
		return failf(status, code, "%s", message)
	case errors.Is(err, blob.ErrNotFound):
		return failf(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	case errors.Is(err, blob.ErrNoBucket):
		return failf(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
	case errors.Is(err, blob.ErrInvalidKey):
		return failf(http.StatusBadRequest, "KeyTooLongError", "Your key is too long or cannot be stored.")
	case errors.Is(err, blob.ErrNotEmpty):
		return failf(http.StatusConflict, "BucketNotEmpty", "The bucket you tried to delete is not empty")
	case errors.As(err, &tooLarge):
		return failf(http.StatusBadRequest, "MaxMessageLengthExceeded", "Your request was too big: %d bytes are allowed here.", tooLarge.Limit)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errIncomplete
	case errors.Is(err, syscall.ENOSPC):
		return failf(http.StatusInsufficientStorage, "InsufficientStorage", "The disk that holds the buckets is full: free some space and try again.")
	case errors.Is(err, context.Canceled):
		return failf(http.StatusBadRequest, "RequestTimeout", "The connection was closed before the request was complete.")
	}
	return failf(http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again.")
}

type errorBody struct {
	XMLName    xml.Name `xml:"Error"`
	Code       string
	Message    string
	BucketName string `xml:",omitempty"`
	Key        string `xml:",omitempty"`
	Resource   string
	RequestID  string `xml:"RequestId"`
	HostID     string `xml:"HostId"`
}

func (c *call) writeError(e *apiError) {
	h := c.w.Header()
	if c.r.Method == http.MethodHead || e.Status == http.StatusNotModified {
		c.w.WriteHeader(e.Status)
		return
	}
	body, err := xml.Marshal(errorBody{
		Code: e.Code, Message: e.Message, BucketName: c.bucket, Key: c.key, Resource: c.r.URL.Path,
		RequestID: c.reqID, HostID: h.Get("X-Amz-Id-2"),
	})
	if err != nil {
		body = nil // cannot happen: the struct holds strings only
	}
	for _, name := range []string{"Etag", "Last-Modified", "Content-Encoding", "Content-Disposition"} {
		h.Del(name) // of the object, whose answer this is not
	}
	c.send(e.Status, body)
}

// answer sends an XML document.
func (c *call) answer(v any) error {
	body, err := xml.Marshal(v)
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	c.send(http.StatusOK, body)
	return nil
}

func (c *call) send(status int, body []byte) {
	if c.kept { // status and declaration are out already
		_, _ = c.w.Write(body)
		return
	}
	body = append([]byte(xml.Header), body...)
	h := c.w.Header()
	h.Set("Content-Type", "application/xml")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body) // the client may be gone; nobody else to tell
}

// maxDocument bounds the XML documents of requests: the largest completes an
// upload of 10,000 parts with checksums.
const maxDocument = 8 << 20

// document reads the request's body.
func (c *call) document() ([]byte, error) {
	check, err := newSums(c.r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.TeeReader(http.MaxBytesReader(c.w, c.r.Body, maxDocument), check))
	if err != nil {
		return nil, err
	}
	return body, check.verify(c.r)
}

// decode reads the request's body as XML.
func (c *call) decode(v any) error {
	body, err := c.document()
	if err != nil {
		return err
	}
	if err := xml.Unmarshal(body, v); err != nil {
		return errMalformedXML
	}
	return nil
}
