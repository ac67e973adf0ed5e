package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
)

const ndjson = "application/x-ndjson"

// apply performs a plan. The change is not tied to the client's connection: an
// operator's Ctrl-C must not leave a switch between two steps. It is tied to
// the daemon's lifetime, which Serve put into the request's context.
func (s *server) apply(w http.ResponseWriter, r *http.Request) error {
	var req ApplyRequest
	if err := decode(w, r, &req); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), applyTimeout)
	defer cancel()
	if life, ok := r.Context().Value(lifetimeKey{}).(context.Context); ok {
		defer context.AfterFunc(life, cancel)()
	}
	if !strings.Contains(r.Header.Get("Accept"), ndjson) {
		result, err := s.backend.Apply(ctx, req, func(string) {})
		if err != nil {
			return err
		}
		return reply(w, http.StatusOK, result)
	}
	st := &stream{w: w}
	result, err := s.backend.Apply(ctx, req, func(text string) { st.send(Event{Progress: text}) })
	switch {
	case err == nil:
		st.send(Event{Result: &result})
	case !st.begun:
		return err // the status line can still tell
	default:
		st.send(Event{Error: wireError(err)})
	}
	return nil
}

// stream writes one event a line, each at once.
type stream struct {
	mu    sync.Mutex
	w     http.ResponseWriter
	begun bool
}

func (s *stream) send(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.begun {
		s.w.Header().Set("Content-Type", ndjson)
		s.w.WriteHeader(http.StatusOK)
		s.begun = true
	}
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(withoutNil(e)); err != nil {
		return // cannot be: plain data
	}
	// Errors are a client that went away: the change goes on without it.
	_, _ = s.w.Write(line.Bytes())
	_ = http.NewResponseController(s.w).Flush()
}
