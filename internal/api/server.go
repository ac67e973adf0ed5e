package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"runtime/debug"
)

// server answers for a backend.
type server struct {
	backend Backend
	log     *slog.Logger
}

// NewServer returns the handler of the whole local API: /v1/… as OpenAPI
// describes it, and Go's profiles below /debug/pprof/. It must be reachable for
// the host's administrators alone: whoever may send a request may change the
// switch. A nil log discards.
func NewServer(b Backend, log *slog.Logger) http.Handler {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &server{backend: b, log: log}
	mux := http.NewServeMux()
	for _, rt := range routes() {
		mux.Handle(rt.path, s.handler(rt))
	}
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, NotFound("no such path: %s", r.URL.Path).WithFix("see /v1/openapi.json"), http.StatusNotFound)
	})
	return mux
}

// handler wraps a route with what all have in common: method, deadline, panics,
// the error's form, and one log line for each request that may change something.
func (s *server) handler(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != rt.method && (r.Method != http.MethodHead || rt.method != http.MethodGet) {
			w.Header().Set("Allow", rt.method)
			s.refuse(w, Usage("%s takes %s, not %s", r.URL.Path, rt.method, r.Method), http.StatusMethodNotAllowed)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), rt.timeout)
		defer cancel()
		err := s.protect(rt.id, func() error { return rt.serve(s, w, r.WithContext(ctx)) })
		if rt.method == http.MethodPost {
			s.audit(r, rt, err)
		}
		if err == nil {
			return
		}
		e := wireError(err)
		status := e.Code.status()
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		s.refuse(w, e, status)
	})
}

// protect runs f; a panic of a backend is an error of this request alone.
func (s *server) protect(operation string, f func() error) (err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		s.log.Error("panic in a request", "operation", operation, "panic", p, "stack", string(debug.Stack()))
		err = fmt.Errorf("%s: internal error, see the daemon's log: %v", operation, p)
	}()
	return f()
}

// audit logs who asked for a change. The error itself went to that client.
func (s *server) audit(r *http.Request, rt route, err error) {
	result := "ok"
	if err != nil {
		result = string(wireError(err).Code)
	}
	attrs := []slog.Attr{slog.String("operation", rt.id), slog.String("result", result)}
	if p, ok := r.Context().Value(peerKey{}).(peer); ok {
		attrs = append(attrs, slog.Int("uid", p.uid), slog.Int("pid", p.pid))
	}
	s.log.LogAttrs(r.Context(), slog.LevelInfo, "api request", attrs...)
}

func (s *server) refuse(w http.ResponseWriter, e *Error, status int) {
	if err := reply(w, status, e); err != nil {
		s.log.Debug("api client went away", "error", err)
	}
}
