package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// reply writes v as the whole answer.
func reply(w http.ResponseWriter, status int, v any) error {
	text, err := Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// An error here is a client that went away: nobody is left to tell.
	_, _ = w.Write(text)
	return nil
}

// decode reads the request's body strictly; no body is an empty request.
func decode(w http.ResponseWriter, r *http.Request, v any) error {
	rc := http.NewResponseController(w)
	late, cancel := context.WithTimeout(r.Context(), bodyTimeout)
	defer cancel()
	stop := context.AfterFunc(late, func() {
		_ = rc.SetReadDeadline(time.Unix(1, 0)) // long ago: ends the read below
	})
	defer stop()
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		var rest json.RawMessage
		if err = dec.Decode(&rest); errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = errors.New("more than one value")
		}
	}
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return Usage("request body is larger than %d MiB: %w", maxBody>>20, err)
	}
	return Usage("read request body: %w", err)
}
