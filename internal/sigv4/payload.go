package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The values of x-amz-content-sha256 that are not a hash.
const (
	unsignedPayload         = "UNSIGNED-PAYLOAD"
	streamingPayload        = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	streamingPayloadTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	streamingUnsigned       = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
)

// payloadHash returns what the canonical request says about the payload.
func payloadHash(r *http.Request, a *authorization) (string, error) {
	given := r.Header.Get("X-Amz-Content-Sha256")
	if a.version2 {
		return unsignedPayload, nil
	}
	if a.presigned {
		if v, ok := parseQuery(r.URL.RawQuery).get("X-Amz-Content-Sha256"); ok {
			return v, nil
		}
		if !slices.Contains(a.headers, "x-amz-content-sha256") {
			return unsignedPayload, nil
		}
	}
	switch given {
	case unsignedPayload, streamingPayload, streamingPayloadTrailer, streamingUnsigned:
		return given, nil
	case "":
		return "", failf(Malformed, "Missing required header for this request: x-amz-content-sha256")
	}
	if raw, err := hex.DecodeString(given); err != nil || len(raw) != sha256.Size {
		return "", failf(Malformed, "x-amz-content-sha256 must be %s, %s, %s, %s or a valid sha256 value.",
			unsignedPayload, streamingUnsigned, streamingPayload, streamingPayloadTrailer)
	}
	return given, nil
}

// openBody puts a reader in front of the body that checks it, and where it is
// chunked makes the request that of the bare content.
func openBody(r *http.Request, hash string, signer *chunkSigner) error {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	switch hash {
	case unsignedPayload:
		return nil
	case streamingPayload, streamingPayloadTrailer, streamingUnsigned:
	default:
		body := &hashReader{body: r.Body, length: r.ContentLength, hash: sha256.New(), want: strings.ToLower(hash)}
		if r.ContentLength == 0 {
			if err := body.check(); err != nil {
				return err
			}
		}
		r.Body = body
		return nil
	}
	length, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
	if err != nil || length < 0 {
		return failf(NoLength, "You must provide the x-amz-decoded-content-length header with a chunked body; got '%s'.", r.Header.Get("X-Amz-Decoded-Content-Length"))
	}
	var trailers []string
	if hash != streamingPayload {
		for _, v := range r.Header.Values("X-Amz-Trailer") {
			for name := range strings.SplitSeq(v, ",") {
				trailers = append(trailers, strings.ToLower(strings.TrimSpace(name)))
			}
		}
	}
	r.Trailer = http.Header{}
	r.Body = newChunkReader(r.Body, chunkOptions{length: length, signer: signer, signed: hash != streamingUnsigned, trailers: trailers, trailer: r.Trailer})
	r.ContentLength = length
	r.TransferEncoding = nil
	plainHeaders(r.Header, length)
	return nil
}

// plainHeaders turns the headers of a chunked body into those of its content.
func plainHeaders(h http.Header, length int64) {
	h.Set("Content-Length", strconv.FormatInt(length, 10))
	h.Set("X-Amz-Content-Sha256", unsignedPayload)
	h.Del("X-Amz-Decoded-Content-Length")
	var rest []string
	for _, v := range h.Values("Content-Encoding") {
		for coding := range strings.SplitSeq(v, ",") {
			if coding = strings.TrimSpace(coding); coding != "" && !strings.EqualFold(coding, "aws-chunked") {
				rest = append(rest, coding)
			}
		}
	}
	h.Del("Content-Encoding")
	if rest != nil {
		h.Set("Content-Encoding", strings.Join(rest, ", "))
	}
}

// hashReader delivers a body and compares its hash with the signed one. It
// does so before it hands out the last bytes, not after them: a reader that
// knows the length never asks for the end, and io.ReadFull forgets an error
// that comes with the last byte.
type hashReader struct {
	body   io.ReadCloser
	length int64 // -1: unknown
	read   int64
	hash   hash.Hash
	want   string
	err    error
}

// Read implements io.Reader.
func (h *hashReader) Read(p []byte) (int, error) {
	if h.err != nil {
		return 0, h.err
	}
	n, err := h.body.Read(p)
	h.read += int64(n)
	h.hash.Write(p[:n])
	if errors.Is(err, io.EOF) || err == nil && h.read == h.length && h.length >= 0 {
		if bad := h.check(); bad != nil {
			n, err = 0, bad
		}
	}
	h.err = err
	return n, err
}

func (h *hashReader) check() error {
	if !equal(hex.EncodeToString(h.hash.Sum(nil)), h.want) {
		return &Error{Reason: BadPayload, Message: "The provided 'x-amz-content-sha256' header does not match what was computed."}
	}
	return nil
}

// Close implements io.Closer.
func (h *hashReader) Close() error { return h.body.Close() }
