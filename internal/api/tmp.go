package api

import (
	"fmt"
	"log/slog"
	"net/http"
)

func (e *Error) Error() string             { return e.Message }
func mk(code, f string, a []any) error     { return &Error{Code: code, Message: fmt.Sprintf(f, a...)} }
func Conflict(f string, a ...any) error    { return mk("conflict", f, a) }
func Usage(f string, a ...any) error       { return mk("usage", f, a) }
func NotFound(f string, a ...any) error    { return mk("not-found", f, a) }
func Unavailable(f string, a ...any) error { return mk("unavailable", f, a) }

type AdoptRequest struct{ DryRun bool }

func NewServer(b any, log *slog.Logger) http.Handler { return http.NotFoundHandler() }
