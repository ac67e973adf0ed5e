package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// Code is the kind of an error: what a caller can branch on.
type Code string

// The codes. A server answers with the HTTP status beside each; the last one
// comes from a client alone.
const (
	CodeFailed      Code = "failed"      // 500: the daemon tried and could not
	CodeUsage       Code = "usage"       // 400: the request makes no sense, 405 and 413 included
	CodeNotFound    Code = "not-found"   // 404
	CodeConflict    Code = "conflict"    // 409: refused as things are
	CodeUnavailable Code = "unavailable" // 503: OVS, or the daemon itself, does not answer
	CodePermission  Code = "permission"  // the socket may not be opened
)

// Error is the body of every answer that is not 2xx, and the Go error for it on
// both sides.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
	// Fix is what to do about it, one line of words or a command.
	Fix     string    `json:"fix,omitempty"`
	Details []Finding `json:"details,omitempty"`

	cause error
}

// Error returns the message alone.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the local cause; nil for an error that came over the wire.
func (e *Error) Unwrap() error { return e.cause }

// WithFix returns a copy of e that says what to do.
func (e *Error) WithFix(format string, args ...any) *Error {
	c := *e
	c.Fix = fmt.Sprintf(format, args...)
	return &c
}

// WithDetails returns a copy of e with the findings that explain it.
func (e *Error) WithDetails(findings []Finding) *Error {
	c := *e
	c.Details = findings
	return &c
}

// NotFound returns an error that says that nothing has this name.
func NotFound(format string, args ...any) *Error { return newError(CodeNotFound, format, args) }

// Conflict returns an error that says why a request is refused as things are.
func Conflict(format string, args ...any) *Error { return newError(CodeConflict, format, args) }

// Usage returns an error that says what is wrong with a request.
func Usage(format string, args ...any) *Error { return newError(CodeUsage, format, args) }

// Unavailable returns an error that says what does not answer now but may later.
func Unavailable(format string, args ...any) *Error { return newError(CodeUnavailable, format, args) }

// NoDatabase returns the error of a question that needs the switch's database, which is
// not reachable.
func NoDatabase(err error) *Error {
	return Unavailable("the Open_vSwitch database is not reachable: %v", err).
		WithFix("start it (systemctl start openvswitch-switch), or correct ovs.runDir in the settings")
}

// newError formats like fmt.Errorf, %w included.
func newError(code Code, format string, args []any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), cause: errors.Unwrap(err)}
}

// CodeOf returns the code of err: its *Error's, or CodeFailed for any other.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeFailed
}

// wireError turns any error of a backend into what goes over the wire. The
// text of the outermost error stays: it holds the way to the cause.
func wireError(err error) *Error {
	var e *Error
	switch {
	case errors.As(err, &e):
		c := *e
		c.Message = err.Error()
		return &c
	case errors.Is(err, context.DeadlineExceeded):
		return Unavailable("no answer in time: %w", err)
	case errors.Is(err, context.Canceled):
		return Unavailable("the daemon is stopping: %w", err)
	default:
		return &Error{Code: CodeFailed, Message: err.Error(), cause: err}
	}
}

// status returns the HTTP status of a code.
func (c Code) status() int {
	switch c {
	case CodeUsage:
		return http.StatusBadRequest
	case CodeNotFound:
		return http.StatusNotFound
	case CodeConflict:
		return http.StatusConflict
	case CodeUnavailable:
		return http.StatusServiceUnavailable
	case CodeFailed, CodePermission:
		return http.StatusInternalServerError
	default:
		return http.StatusInternalServerError
	}
}
