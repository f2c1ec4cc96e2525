package resource

import (
	"errors"
	"fmt"
)

// Sentinels of the interfaces in store.go.
var (
	ErrNoRow     = errors.New("resource: no such row")
	ErrRowExists = errors.New("resource: the ARN or the name is taken")
	ErrOvertaken = errors.New("resource: a later attempt has taken over the task")
)

// ErrorKind says which of the service's modelled errors an [Error] is.
type ErrorKind string

// The kinds of errors, in the words of the API model.
const (
	InvalidInput     ErrorKind = "InvalidInputException"
	InvalidNextToken ErrorKind = "InvalidNextTokenException"
	LimitExceeded    ErrorKind = "LimitExceededException"
	AlreadyExists    ErrorKind = "ResourceAlreadyExistsException"
	InUse            ErrorKind = "ResourceInUseException"
	NotFound         ErrorKind = "ResourceNotFoundException"
)

// Error is a failure the caller can act on. Message is safe to show and says
// what is wrong, where, and what to do; Err is the cause and is never shown.
type Error struct {
	Kind    ErrorKind
	Message string
	Err     error
}

// Error implements error.
func (e *Error) Error() string { return string(e.Kind) + ": " + e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an [Error] without a cause.
func Errorf(kind ErrorKind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}
