package sigv4

import (
	"bufio"
	"bytes"
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

const (
	// maxLine bounds the line before a chunk and a trailing header.
	maxLine = 4096
	// maxTrailers bounds how many trailing headers are read.
	maxTrailers = 32
)

// emptyHash is the SHA-256 of nothing.
var emptyHash = func() string {
	sum := sha256.Sum256(nil)
	return hex.EncodeToString(sum[:])
}()

// chunkSigner signs chunk after chunk; each signature covers the one before,
// the first that of the headers.
type chunkSigner struct {
	key      []byte
	date     string
	scope    string
	previous string
}

// chunk returns the signature of a chunk with this hash and goes on to the next.
func (s *chunkSigner) chunk(hash string) string {
	return s.next("AWS4-HMAC-SHA256-PAYLOAD", emptyHash, hash)
}

// trailer returns the signature of the trailing headers.
func (s *chunkSigner) trailer(hash string) string {
	return s.next("AWS4-HMAC-SHA256-TRAILER", hash)
}

func (s *chunkSigner) next(kind string, hashes ...string) string {
	text := strings.Join(append([]string{kind, s.date, s.scope, s.previous}, hashes...), "\n")
	s.previous = hex.EncodeToString(mac(s.key, text))
	return s.previous
}

type chunkOptions struct {
	length   int64        // of the content
	signer   *chunkSigner // nil: signatures are not checked
	signed   bool         // the form has signatures
	trailers []string     // names announced
	trailer  http.Header  // receives them
}

// chunkReader delivers the content of an aws-chunked body. Before it hands out
// the last bytes of a chunk it has checked the chunk, and before the last bytes
// of the content the end and the trailing headers too.
type chunkReader struct {
	chunkOptions
	src     *bufio.Reader
	closer  io.Closer
	hash    hash.Hash
	given   string // signature of the current chunk
	left    int64  // bytes of it not yet delivered
	total   int64  // bytes of content announced so far
	started bool
	err     error
}

func newChunkReader(body io.ReadCloser, o chunkOptions) *chunkReader {
	return &chunkReader{chunkOptions: o, src: bufio.NewReaderSize(body, maxLine), closer: body, hash: sha256.New()}
}

// Close implements io.Closer.
func (c *chunkReader) Close() error { return c.closer.Close() }

// Read implements io.Reader.
func (c *chunkReader) Read(p []byte) (int, error) {
	if !c.started {
		c.started = true
		c.err = c.open()
	}
	if c.err != nil {
		return 0, c.err
	}
	if int64(len(p)) > c.left {
		p = p[:c.left]
	}
	n, err := c.src.Read(p)
	c.left -= int64(n)
	if c.signer != nil {
		c.hash.Write(p[:n])
	}
	switch {
	case errors.Is(err, io.EOF) && c.left > 0:
		c.err = failf(BadChunk, "The body ends %d bytes before the end of a chunk.", c.left)
	case err != nil && !errors.Is(err, io.EOF):
		c.err = err
	case c.left == 0:
		if c.err = c.end(); c.err != nil && !errors.Is(c.err, io.EOF) {
			n = 0
		}
	}
	return n, c.err
}

// end checks the chunk that has been delivered and opens the next.
func (c *chunkReader) end() error {
	line, err := c.line()
	if err != nil {
		return err
	}
	if len(line) > 0 {
		return failf(BadChunk, "A chunk is longer than the size before it says.")
	}
	if c.signer != nil {
		sum := c.hash.Sum(nil)
		c.hash.Reset()
		if !equal(c.signer.chunk(hex.EncodeToString(sum)), c.given) {
			return mismatch()
		}
	}
	return c.open()
}

// open reads the line before a chunk; after the last chunk it returns io.EOF
// if everything was right.
func (c *chunkReader) open() error {
	line, err := c.line()
	if err != nil {
		return err
	}
	text, extension, _ := strings.Cut(string(line), ";")
	size, err := strconv.ParseUint(strings.TrimSpace(text), 16, 62)
	if err != nil {
		return failf(BadChunk, "A chunk begins with %q, which is not a size in hexadecimal.", text)
	}
	name, given, _ := strings.Cut(extension, "=")
	if c.signed && (strings.TrimSpace(name) != "chunk-signature" || given == "") {
		return failf(BadChunk, "A chunk has no chunk-signature.")
	}
	c.given, c.left = strings.TrimSpace(given), int64(size)
	if c.left > c.length-c.total {
		return failf(BadChunk, "The content is longer than the %d bytes that x-amz-decoded-content-length says.", c.length)
	}
	c.total += c.left
	if size > 0 {
		return nil
	}
	if c.signer != nil && !equal(c.signer.chunk(emptyHash), c.given) {
		return mismatch()
	}
	if c.total != c.length {
		return failf(BadChunk, "The content has %d bytes; x-amz-decoded-content-length says %d.", c.total, c.length)
	}
	return c.readTrailers()
}

// readTrailers reads what follows the last chunk. Clients end it with an empty
// line, with two, or with nothing.
func (c *chunkReader) readTrailers() error {
	var signed bytes.Buffer
	var signature string
	for range maxTrailers {
		line, err := c.line()
		switch {
		case errors.Is(err, errEnd):
			return c.endTrailers(signed.Bytes(), signature)
		case err != nil:
			return err
		case len(line) == 0:
			continue
		}
		name, value, ok := strings.Cut(string(line), ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		switch {
		case ok && name == "x-amz-trailer-signature" && signature == "":
			signature = value
		case ok && slices.Contains(c.trailers, name):
			c.trailer.Add(name, value)
			signed.WriteString(name + ":" + value + "\n")
		default:
			return failf(BadChunk, "The body ends with %q, which x-amz-trailer does not announce.", line)
		}
	}
	return failf(BadChunk, "The body has more than %d trailing headers.", maxTrailers)
}

func (c *chunkReader) endTrailers(signed []byte, signature string) error {
	if c.signer != nil && len(c.trailers) > 0 {
		sum := sha256.Sum256(signed)
		if !equal(c.signer.trailer(hex.EncodeToString(sum[:])), signature) {
			return mismatch()
		}
	}
	return io.EOF
}

// errEnd says that the body ends where a line should begin.
var errEnd = failf(BadChunk, "The body ends before its last chunk.")

// line reads a line without its end.
func (c *chunkReader) line() ([]byte, error) {
	line, err := c.src.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, failf(BadChunk, "A line of the chunked body is longer than %d bytes.", maxLine)
	case errors.Is(err, io.EOF) && len(line) == 0:
		return nil, errEnd
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	}
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), nil
}
