// Package wire answers the API over HTTP: AWS JSON 1.1 with Signature Version
// 4. It finds the operation that a request names, checks who sends it, decodes
// and validates it, calls an [api.Service] and writes what comes back. Both
// services of the API, forecast and forecastquery, share one address; the
// prefix of X-Amz-Target tells them apart.
//
// A request is checked in this order, and the first fault is the answer:
// method and content type, target, JSON syntax, signature, JSON types,
// constraints of the model (all of them in one message), and then whatever the
// service decides.
package wire

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/almanac-forecast/almanac/internal/clock"
	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/sigv4"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// signingName is the service of the credential scope, of both services.
const signingName = "forecast"

// maxBody bounds a request. The largest that the model allows, a what-if
// forecast with all its conditions, stays below it.
const maxBody = 1 << 20

// Options are what a handler may be given; the zero value will do.
type Options struct {
	Logger *slog.Logger // default: nothing is logged
	Clock  clock.Clock  // default: the system's
	// Observe is called after each answer: the operation ("" when the request
	// names none that exists), the error code ("" for success), the seconds it
	// took. Default: nothing.
	Observe func(operation, code string, seconds float64)
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Observe == nil {
		o.Observe = func(string, string, float64) {}
	}
	return o
}

// NewHandler returns the handler that answers for svc.
func NewHandler(svc api.Service, auth sigv4.Verifier, o Options) http.Handler {
	auth.Services = []string{signingName}
	return &handler{service: svc, auth: auth, Options: o.withDefaults()}
}

type callerKey struct{}

type requestIDKey struct{}

// CallerFrom returns who sent the request that the context belongs to; the
// zero caller if it belongs to none.
func CallerFrom(ctx context.Context) resource.Caller {
	c, _ := ctx.Value(callerKey{}).(resource.Caller)
	return c
}

// WithCaller returns a context that belongs to a request of the caller.
func WithCaller(ctx context.Context, c resource.Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// RequestID returns the id of the request that the context belongs to, "" if
// it belongs to none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// callerOf makes the domain's caller of who signed a request. The region of
// the signature's scope is the region of the resources.
func callerOf(id sigv4.Identity) resource.Caller {
	return resource.Caller{Partition: partition(id.Region), Account: id.Account, Region: id.Region, AccessKey: id.AccessKey}
}

// partition returns the group of regions that a region belongs to.
func partition(region string) string {
	for _, p := range []struct{ prefix, name string }{
		{"cn-", "aws-cn"},
		{"us-gov-", "aws-us-gov"},
		{"us-iso-", "aws-iso"},
		{"us-isob-", "aws-iso-b"},
		{"us-isof-", "aws-iso-f"},
		{"eu-isoe-", "aws-iso-e"},
		{"eusc-", "aws-eusc"},
	} {
		if strings.HasPrefix(region, p.prefix) {
			return p.name
		}
	}
	return "aws"
}
