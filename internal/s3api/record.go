package s3api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/internal/blob"
)

// A record is what a file cannot hold of its object. It counts only while the
// file has the size and the time it was written for.
type record struct {
	Size         int64             `json:"size"`
	Modified     int64             `json:"modified"` // nanoseconds since 1970
	ETag         string            `json:"etag"`     // no quotes
	Headers      map[string]string `json:"headers,omitempty"`
	User         map[string]string `json:"user,omitempty"` // x-amz-meta-, without that
	Algorithm    string            `json:"algorithm,omitempty"`
	Checksum     string            `json:"checksum,omitempty"`      // base64, with -N if of parts
	ChecksumType string            `json:"checksum_type,omitempty"` // FULL_OBJECT, COMPOSITE
	Parts        []int64           `json:"parts,omitempty"`         // sizes
	Tags         []tag             `json:"tags,omitempty"`
}

type tag struct {
	Key   string `xml:"Key" json:"key"`
	Value string `xml:"Value" json:"value"`
}

// kept are the headers that a GET returns as the PUT gave them.
var kept = []string{"Content-Type", "Content-Encoding", "Content-Disposition", "Content-Language", "Cache-Control", "Expires"}

// maxUserMetadata is S3's bound for the names and values together.
const maxUserMetadata = 2048

// recordOf reads the headers of a PUT.
func recordOf(h http.Header) (record, error) {
	r := record{Headers: map[string]string{}, User: map[string]string{}}
	for _, name := range kept {
		if v := h.Get(name); v != "" {
			r.Headers[name] = v
		}
	}
	size := 0
	for name, values := range h {
		if key, ok := strings.CutPrefix(strings.ToLower(name), "x-amz-meta-"); ok {
			r.User[key] = strings.Join(values, ",")
			size += len(key) + len(r.User[key])
		}
	}
	if size > maxUserMetadata {
		return record{}, failf(http.StatusBadRequest, "MetadataTooLarge", "Your metadata headers have %d bytes; %d are allowed.", size, maxUserMetadata)
	}
	if h.Get("X-Amz-Server-Side-Encryption-Customer-Algorithm") != "" || h.Get("X-Amz-Copy-Source-Server-Side-Encryption-Customer-Algorithm") != "" {
		return record{}, notImplemented("Encryption with a key of the customer")
	}
	tags, err := parseTagHeader(h.Get("X-Amz-Tagging"))
	r.Tags = tags
	return r, err
}

// maxRecordKey is what a key at the side may have, as any key.
const maxRecordKey = 1024

func (s *Server) recordKey(bucket, key string) string {
	if k := "meta/" + bucket + "/" + key; len(k) <= maxRecordKey {
		return k
	}
	sum := sha256.Sum256([]byte(key))
	return "long/" + bucket + "/" + hex.EncodeToString(sum[:])
}

// record returns what is known of an object; for a file that came otherwise,
// what the file says.
func (s *Server) record(ctx context.Context, bucket string, o blob.Object) (record, error) {
	var r record
	err := s.load(ctx, s.recordKey(bucket, o.Key), &r)
	if err != nil && !errors.Is(err, blob.ErrNotFound) && !errors.Is(err, blob.ErrInvalidKey) {
		return record{}, err
	}
	if err == nil && r.Size == o.Size && r.Modified == o.Modified.UnixNano() {
		return r, nil
	}
	kind := mime.TypeByExtension(path.Ext(o.Key))
	if kind == "" {
		kind = "binary/octet-stream"
	}
	return record{Size: o.Size, Modified: o.Modified.UnixNano(), ETag: o.ETag, Headers: map[string]string{"Content-Type": kind}}, nil
}

// load reads a JSON document from the side.
func (s *Server) load(ctx context.Context, key string, v any) error {
	body, err := blob.ReadAll(ctx, s.side, key)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("read the record %s: %w", key, err)
	}
	return nil
}

// save writes a JSON document to the side.
func (s *Server) save(ctx context.Context, key string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write the record %s: %w", key, err)
	}
	return blob.WriteAll(ctx, s.side, key, body)
}

// commit makes a written object visible together with its record, if the
// request's conditions hold at that moment.
func (c *call) commit(w blob.Writer, r record) (blob.Object, error) {
	lock := c.s.lockOfObject(c.bucket, c.key)
	lock.Lock()
	defer lock.Unlock()
	if err := c.writeConditions(); err != nil {
		return blob.Object{}, err
	}
	if err := w.Close(); err != nil {
		return blob.Object{}, err
	}
	o, err := c.store.Stat(c.ctx, c.key)
	if err != nil {
		return blob.Object{}, err
	}
	r.Size, r.Modified = o.Size, o.Modified.UnixNano()
	return o, c.s.save(c.ctx, c.s.recordKey(c.bucket, c.key), r)
}

// open opens an object together with its record.
func (c *call) open(bucket, key string, store blob.Bucket) (*blob.Reader, record, error) {
	lock := c.s.lockOfObject(bucket, key)
	lock.RLock()
	defer lock.RUnlock()
	f, err := blob.ReaderAt(c.ctx, store, key)
	if err != nil {
		return nil, record{}, missingKey(err)
	}
	r, err := c.s.record(c.ctx, bucket, f.Object())
	if err != nil {
		_ = f.Close()
		return nil, record{}, err
	}
	return f, r, nil
}

// missingKey: a key that can never be stored is one that is not there.
func missingKey(err error) error {
	if errors.Is(err, blob.ErrInvalidKey) {
		return fmt.Errorf("%w (%w)", blob.ErrNotFound, err)
	}
	return err
}

// describe writes the headers that describe an object.
func (c *call) describe(o blob.Object, r record) {
	h := c.w.Header()
	for name, v := range r.Headers {
		h.Set(name, v)
	}
	if r.Headers["Content-Type"] == "" {
		h.Set("Content-Type", "binary/octet-stream")
	}
	for name, v := range r.User {
		h["x-amz-meta-"+name] = []string{v} // clients show the name as it is spelled here
	}
	if len(r.Tags) > 0 {
		h.Set("X-Amz-Tagging-Count", strconv.Itoa(len(r.Tags)))
	}
	h.Set("Etag", quote(r.ETag))
	h.Set("Last-Modified", o.Modified.Format(http.TimeFormat))
	h.Set("Accept-Ranges", "bytes")
}

func quote(etag string) string { return `"` + etag + `"` }

// xmlTime is how S3 writes times in XML.
func xmlTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
