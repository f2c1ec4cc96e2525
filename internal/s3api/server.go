// Package s3api answers the S3 API for buckets that are folders, so that a
// program which puts its data into a bucket needs no other server than this.
//
// An object is a plain file at the place [blob.Folders] gives it; a file that
// is copied there by hand is an object too. What a file cannot hold (the MD5
// sum that is its ETag, content type, user metadata, checksums, tags, uploads
// under way, settings of buckets) is kept beside the buckets in the folder
// .almanac, and counts only while the file is the one it was written for.
//
// Departs from Amazon S3 in this: no versions, no replication, no life cycle,
// no website, no access control beyond the signature (policies and ACLs are
// kept and returned, not enforced) and no encryption: a request for
// server-side encryption is stored in the clear, and the answer does not claim
// otherwise.
package s3api

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"

	"github.com/almanac-forecast/almanac/internal/blob"
	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/sigv4"
)

// Config is what a [Server] is made of.
type Config struct {
	Folders  *blob.Folders
	Verifier sigv4.Verifier
	Clock    clock.Clock
	Logger   *slog.Logger // told about internal errors; default: nobody
	// Domains are the host names below which a bucket may be the first label
	// (http://bucket.localhost:8181/key). Default: localhost, s3.localhost.
	Domains []string
}

// Server answers the S3 API. It must see the request's path as it was sent:
// a router that cleans paths would change keys such as a//b.
type Server struct {
	conf  Config
	side  blob.Bucket // what files cannot hold
	seed  maphash.Seed
	locks struct { // an upload's lock is taken before an object's, never after
		uploads [64]sync.RWMutex
		objects [64]sync.RWMutex // an object's file and its record change together
	}
}

// New returns a server for the buckets in the Config's Folders.
func New(conf Config) (*Server, error) {
	if conf.Logger == nil {
		conf.Logger = slog.New(slog.DiscardHandler)
	}
	if conf.Domains == nil {
		conf.Domains = []string{"s3.localhost", "localhost"}
	}
	side, err := blob.NewFolder(filepath.Join(conf.Folders.Root(), ".almanac"))
	if err != nil {
		return nil, fmt.Errorf("open the folder for the buckets' records: %w", err)
	}
	return &Server{conf: conf, side: side, seed: maphash.MakeSeed()}, nil
}

func (s *Server) lockOfObject(bucket, key string) *sync.RWMutex {
	return &s.locks.objects[s.slot(bucket, key)]
}

func (s *Server) slot(bucket, key string) uint64 {
	return maphash.String(s.seed, bucket+"/"+key) % uint64(len(s.locks.objects))
}

// lockObjects locks many objects, in an order that is the same for all, and
// returns what unlocks them.
func (s *Server) lockObjects(bucket string, keys []string) (unlock func()) {
	var wanted [len(s.locks.objects)]bool
	for _, key := range keys {
		wanted[s.slot(bucket, key)] = true
	}
	for i := range wanted {
		if wanted[i] {
			s.locks.objects[i].Lock()
		}
	}
	return func() {
		for i := range wanted {
			if wanted[i] {
				s.locks.objects[i].Unlock()
			}
		}
	}
}

func (s *Server) lockOfUpload(id string) *sync.RWMutex {
	return &s.locks.uploads[maphash.String(s.seed, id)%uint64(len(s.locks.uploads))]
}

// A call is one request on its way.
type call struct {
	s      *Server
	ctx    context.Context //nolint:containedctx // lives as long as the request
	w      http.ResponseWriter
	r      *http.Request
	query  url.Values
	id     sigv4.Identity
	bucket string
	key    string
	store  blob.Bucket // of the bucket, once it is known to exist
	reqID  string
	kept   bool // the answer has begun, with what keeps the connection
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{s: s, ctx: r.Context(), w: w, r: r, query: r.URL.Query(), reqID: requestID()}
	c.bucket, c.key = s.target(r)
	h := w.Header()
	h.Set("X-Amz-Request-Id", c.reqID)
	h.Set("X-Amz-Id-2", hostID())
	h.Set("Server", "Almanac")
	if err := c.serve(); err != nil {
		c.fail(err)
	}
}

func (c *call) serve() error {
	id, err := c.authenticate()
	if err != nil {
		return err
	}
	c.id = id
	if c.bucket == "" {
		if c.r.Method != http.MethodGet {
			return errMethod
		}
		return c.listBuckets()
	}
	handler := c.route()
	if handler == nil {
		return errMethod
	}
	if c.r.Method == http.MethodPut && c.key == "" && c.subresource() == "" {
		return handler(c) // CreateBucket: there is no bucket yet
	}
	store, err := c.s.conf.Folders.Bucket(c.bucket)
	if errors.Is(err, blob.ErrInvalidKey) {
		return failf(http.StatusBadRequest, "InvalidBucketName", "The specified bucket is not valid.")
	}
	if err != nil {
		return err
	}
	c.store = store
	return handler(c)
}

// target finds the bucket and the key, in the path or in the host name.
func (s *Server) target(r *http.Request) (bucket, key string) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	for _, domain := range s.conf.Domains {
		if name, ok := strings.CutSuffix(strings.ToLower(host), "."+domain); ok && name != "" && name != "s3" {
			return name, path
		}
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

func requestID() string {
	var raw [8]byte
	_, _ = rand.Read(raw[:]) // never fails
	return strings.ToUpper(hex.EncodeToString(raw[:]))
}

func hostID() string {
	var raw [36]byte
	_, _ = rand.Read(raw[:])
	return base64.StdEncoding.EncodeToString(raw[:])
}

// fail writes an error's answer. An answer that has begun cannot be taken
// back: then the connection is cut, so that the client notices.
func (c *call) fail(err error) {
	if errors.Is(err, errBegun) {
		panic(http.ErrAbortHandler)
	}
	e := explain(err)
	if e.Status >= http.StatusInternalServerError && e.Status != http.StatusNotImplemented {
		c.s.conf.Logger.ErrorContext(c.ctx, "S3 request failed", slog.String("request_id", c.reqID), slog.String("method", c.r.Method),
			slog.String("bucket", c.bucket), slog.String("key", c.key), slog.String("error", err.Error()))
	}
	c.writeError(e)
}
