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
	st := &stream{w: w, silent: !strings.Contains(r.Header.Get("Accept"), ndjson)}
	var result Result
	err := s.protect("apply", func() (err error) {
		result, err = s.backend.Apply(ctx, req, func(text string) { _ = st.send(Event{Progress: text}) })
		return err
	})
	switch {
	case err != nil && !st.begun:
		return err // the status line can still tell
	case err != nil:
		_ = st.send(Event{Error: wireError(err)})
		return nil
	case st.silent:
		return reply(w, http.StatusOK, result)
	}
	_ = st.send(Event{Result: &result})
	return nil
}

// stream writes one value a line.
type stream struct {
	mu    sync.Mutex
	w     http.ResponseWriter
	begun bool
	// silent clients asked for the result alone.
	silent bool
	// gathers leaves it to the connection's buffer when lines go out; else each goes
	// at once.
	gathers bool
}

// send returns an error when the client went away. A change goes on without it.
func (s *stream) send(v any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.silent {
		return nil
	}
	if !s.begun {
		s.w.Header().Set("Content-Type", ndjson)
		s.w.WriteHeader(http.StatusOK)
		s.begun = true
	}
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(withoutNil(v)); err != nil {
		return err // cannot be: plain data
	}
	if _, err := s.w.Write(line.Bytes()); err != nil || s.gathers {
		return err
	}
	return http.NewResponseController(s.w).Flush()
}
