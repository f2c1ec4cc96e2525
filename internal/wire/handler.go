package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"

	"github.com/google/uuid"

	"github.com/almanac-forecast/almanac/internal/sigv4"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// contentType is the type of requests and answers.
const contentType = "application/x-amz-json-1.1"

type handler struct {
	Options

	service api.Service
	auth    sigv4.Verifier
}

// ServeHTTP implements [http.Handler].
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := h.Clock.Now()
	id := uuid.NewString()
	ctx := context.WithValue(r.Context(), requestIDKey{}, id)
	a := h.answer(ctx, r)
	if a.fault != nil {
		a.body = a.fault.body()
	}

	defer a.release()
	header := w.Header()
	header.Set("X-Amzn-Requestid", id)
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status())
	_, writeErr := w.Write(a.body)

	took := h.Clock.Now().Sub(began)
	h.Observe(a.operation, a.code(), took.Seconds())
	h.log(ctx, a, id, slog.Duration("took", took))
	if writeErr != nil {
		h.Logger.DebugContext(ctx, "caller went away", slog.String("request_id", id), slog.Any("error", writeErr))
	}
}

// log writes one line for each failure of the service itself; what a caller
// did wrong is told to the caller, and shows at debug level.
func (h *handler) log(ctx context.Context, a answer, id string, took slog.Attr) {
	if a.fault == nil {
		return
	}
	attrs := []slog.Attr{
		slog.String("request_id", id), slog.String("operation", a.operation), slog.String("code", a.fault.code),
		slog.String("message", a.fault.message), took,
	}
	if a.fault.cause == nil {
		h.Logger.LogAttrs(ctx, slog.LevelDebug, "request refused", attrs...)
		return
	}
	attrs = append(attrs, slog.Any("error", a.fault.cause))
	if a.fault.stack != "" {
		attrs = append(attrs, slog.String("stack", a.fault.stack))
	}
	h.Logger.LogAttrs(ctx, slog.LevelError, "request failed", attrs...)
}

// answer is what a request gets: a body, or a fault.
type answer struct {
	operation string // "" if the request names none
	body      []byte
	buffer    *[]byte // holds the body of a success
	fault     *fault
}

func (a answer) status() int {
	if a.fault != nil {
		return a.fault.status
	}
	return http.StatusOK
}

func (a answer) code() string {
	if a.fault != nil {
		return a.fault.code
	}
	return ""
}

// answer takes a request through the checks and to the service.
func (h *handler) answer(ctx context.Context, r *http.Request) (a answer) {
	defer func() {
		if v := recover(); v != nil {
			a.fault = internalFailure(ctx, fmt.Errorf("panic: %v", v))
			a.fault.stack = string(debug.Stack())
		}
	}()
	if f := checkFront(r); f != nil {
		return answer{fault: f}
	}
	entry, ok := api.Lookup(r.Header.Get("X-Amz-Target"))
	if !ok {
		return answer{fault: unknownOperation("The X-Amz-Target header names no operation of this service: " + strconv.Quote(r.Header.Get("X-Amz-Target")))}
	}
	a.operation = entry.Name
	body, f := readBody(r)
	if f != nil {
		a.fault = f
		return a
	}
	out, err := h.call(ctx, entry, r, body)
	if err != nil {
		a.fault = faultOf(ctx, err)
		return a
	}
	if out != nil {
		a.buffer, _ = buffers.Get().(*[]byte)
		*a.buffer = api.Append((*a.buffer)[:0], out)
		a.body = *a.buffer
	}
	return a
}

// buffers are what answers were written into: to grow one from nothing would be
// most of what a query allocates.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// mostBuffer bounds a buffer that is kept.
const mostBuffer = 64 << 10

// release gives the buffer back once the answer has been sent.
func (a answer) release() {
	if a.buffer != nil && cap(*a.buffer) <= mostBuffer {
		buffers.Put(a.buffer)
	}
}

// call checks the body and its signature and passes the request on.
func (h *handler) call(ctx context.Context, entry *api.Entry, r *http.Request, body []byte) (api.Response, error) {
	if err := api.CheckSyntax(body); err != nil {
		return nil, err
	}
	id, err := h.auth.Verify(r, body)
	if err != nil {
		return nil, err
	}
	in, err := entry.Decode(body)
	if err != nil {
		return nil, err
	}
	if err := in.Validate(); err != nil {
		return nil, err
	}
	return entry.Call(WithCaller(ctx, callerOf(id)), h.service, in)
}

// checkFront checks what comes before the operation.
func checkFront(r *http.Request) *fault {
	if r.Method != http.MethodPost || r.URL.Path != "/" {
		return unknownOperation("Operations are called with POST /, not " + r.Method + " " + r.URL.Path)
	}
	given := r.Header.Get("Content-Type")
	if given == "" {
		return nil
	}
	t, _, err := mime.ParseMediaType(given)
	if err == nil && (t == contentType || t == "application/x-amz-json-1.0" || t == "application/json") {
		return nil
	}
	return unknownOperation("The Content-Type must be " + contentType + ", not " + strconv.Quote(given))
}

func readBody(r *http.Request) ([]byte, *fault) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge) || len(body) > maxBody:
		return nil, &fault{status: http.StatusRequestEntityTooLarge, code: "RequestEntityTooLargeException", message: fmt.Sprintf("The body is longer than %d bytes", maxBody)}
	case err != nil:
		return nil, &fault{status: http.StatusBadRequest, code: "SerializationException", message: "The body could not be read to its end"}
	}
	return body, nil
}
