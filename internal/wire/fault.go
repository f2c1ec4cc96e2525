package wire

import (
	"context"
	"errors"
	"net/http"

	"github.com/almanac-forecast/almanac/internal/resource"
	"github.com/almanac-forecast/almanac/internal/sigv4"
	"github.com/almanac-forecast/almanac/internal/wire/api"
)

// fault is an error as it goes out.
type fault struct {
	status   int
	code     string
	message  string
	modelled bool   // one of the errors of the model, whose member is Message and not message
	cause    error  // for the log
	stack    string // for the log
}

// body returns the JSON of the fault.
func (f *fault) body() []byte {
	member := "message"
	if f.modelled {
		member = "Message"
	}
	b := api.AppendString([]byte(`{"__type":`), f.code)
	b = append(b, `,"`+member+`":`...)
	return append(api.AppendString(b, f.message), '}')
}

// faultOf turns an error into what the caller is told. What is not made for
// the caller's eyes becomes an internal failure with the request's id.
func faultOf(ctx context.Context, err error) *fault {
	var (
		domain        *resource.Error
		modelled      *api.Error
		validation    *api.ValidationError
		serialization *api.SerializationError
		signature     *sigv4.Error
	)
	switch {
	case errors.As(err, &domain):
		return &fault{status: http.StatusBadRequest, code: string(domain.Kind), message: domain.Message, modelled: true}
	case errors.As(err, &modelled):
		return &fault{status: http.StatusBadRequest, code: modelled.Code, message: modelled.Message, modelled: true}
	case errors.As(err, &validation):
		return &fault{status: http.StatusBadRequest, code: "ValidationException", message: validation.Error()}
	case errors.As(err, &serialization):
		return &fault{status: http.StatusBadRequest, code: "SerializationException", message: serialization.Message}
	case errors.As(err, &signature):
		code, status := signature.JSON()
		return &fault{status: status, code: code, message: signature.Message}
	}
	if ctx.Err() != nil {
		return &fault{status: http.StatusServiceUnavailable, code: "ServiceUnavailable", message: "The request was cancelled before it was answered"}
	}
	return internalFailure(ctx, err)
}

func unknownOperation(message string) *fault {
	return &fault{status: http.StatusBadRequest, code: "UnknownOperationException", message: message}
}

func internalFailure(ctx context.Context, cause error) *fault {
	return &fault{
		status: http.StatusInternalServerError, code: "InternalFailure", cause: cause,
		message: "The request could not be answered because of a fault of the service; its log says more under the request id " + RequestID(ctx),
	}
}
