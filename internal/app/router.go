package app

import (
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/almanac-forecast/almanac/internal/clock"
)

// The interfaces that share the port.
const (
	apiForecast = "forecast"
	apiIAM      = "iam"
	apiS3       = "s3"
	apiOther    = "other"
)

// router sends a request to the interface it is meant for. All share one port,
// so that one endpoint URL is enough for a program that uses several services.
type router struct {
	forecast http.Handler // nil in a process that only works
	iam      http.Handler
	s3       http.Handler // nil when users' buckets are in S3 itself
	page     func(http.ResponseWriter, *http.Request)
	healthy  http.HandlerFunc
	readyz   http.HandlerFunc
	metrics  *metrics
	scrape   http.Handler
	clock    clock.Clock
	log      *slog.Logger
}

// ServeHTTP implements [http.Handler].
func (rt *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	api, h := rt.route(r)
	began := rt.clock.Now()
	rt.metrics.running.Inc()
	defer rt.metrics.running.Dec()
	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	rt.guarded(h, rec, r) //nolint:contextcheck // the request carries it
	took := rt.clock.Now().Sub(began)
	rt.metrics.request(api, operationOf(api, r), rec.status, took)
	rt.logRequest(r, rec, api, took)
}

// guarded answers a request, and a fault of the program with status 500: one
// request that goes wrong must not look like a lost connection to its caller,
// whose client would send it again and again.
func (rt *router) guarded(h http.Handler, w *recorder, r *http.Request) {
	defer func() {
		fault := recover()
		if fault == nil {
			return
		}
		if fault == http.ErrAbortHandler { //nolint:errorlint // the server compares it just so
			panic(fault)
		}
		rt.log.LogAttrs(r.Context(), slog.LevelError, "panic", slog.Any("fault", fault),
			slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.String("stack", string(debug.Stack())))
		if w.wrote {
			panic(http.ErrAbortHandler) // cut, since half an answer must not look like a whole one
		}
		http.Error(w, "internal failure", http.StatusInternalServerError)
	}()
	h.ServeHTTP(w, r)
}

// route decides by what the client libraries send: the forecast service names
// its operation in X-Amz-Target, IAM and STS send forms, and everything else
// that is signed is S3.
func (rt *router) route(r *http.Request) (api string, h http.Handler) {
	plain := !signed(r)
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case plain && read && r.URL.Path == "/healthz":
		return apiOther, rt.healthy
	case plain && read && r.URL.Path == "/readyz":
		return apiOther, rt.readyz
	case plain && read && r.URL.Path == "/metrics":
		return apiOther, rt.scrape
	case rt.forecast == nil:
		return apiOther, http.NotFoundHandler()
	case r.Header.Get("X-Amz-Target") != "":
		return apiForecast, rt.forecast
	case r.Method == http.MethodPost && r.URL.Path == "/" && contentType(r) == "application/x-www-form-urlencoded":
		return apiIAM, rt.iam
	case r.Method == http.MethodPost && r.URL.Path == "/" && strings.HasPrefix(contentType(r), "application/x-amz-json"):
		return apiForecast, rt.forecast // which says that the target is missing
	case plain && read && r.URL.Path == "/" && r.URL.RawQuery == "":
		return apiOther, http.HandlerFunc(rt.page)
	case rt.s3 != nil:
		return apiS3, rt.s3
	}
	return apiOther, http.NotFoundHandler()
}

// signed tells whether a request carries a signature, in a header or presigned.
func signed(r *http.Request) bool {
	q := r.URL.RawQuery
	return r.Header.Get("Authorization") != "" || r.Header.Get("X-Amz-Date") != "" ||
		strings.Contains(q, "X-Amz-Signature=") || strings.Contains(q, "X-Amz-Credential=")
}

func contentType(r *http.Request) string {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return t
}

// logRequest writes one line per request: at debug where all went well, since a
// program that waits asks several times a second.
func (rt *router) logRequest(r *http.Request, rec *recorder, api string, took time.Duration) {
	level := slog.LevelDebug
	if rec.status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	if !rt.log.Enabled(r.Context(), level) {
		return
	}
	h := rec.Header()
	id := h.Get("X-Amzn-Requestid")
	if id == "" {
		id = h.Get("X-Amz-Request-Id")
	}
	rt.log.LogAttrs(r.Context(), level, "request",
		slog.String("api", api), slog.String("operation", operationOf(api, r)), slog.String("method", r.Method),
		slog.String("path", r.URL.Path), slog.Int("status", rec.status), slog.Int64("bytes", rec.bytes),
		slog.Duration("took", took), slog.String("request_id", id), slog.String("remote", r.RemoteAddr))
}

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter

	status int
	bytes  int64
	wrote  bool
}

// WriteHeader implements [http.ResponseWriter].
func (r *recorder) WriteHeader(status int) {
	if !r.wrote && status >= http.StatusOK {
		r.status, r.wrote = status, true
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (r *recorder) Write(p []byte) (int, error) {
	r.wrote = true
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets [http.ResponseController] reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
