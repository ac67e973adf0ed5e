package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"
)

// flowsTimeout bounds a list of flows, a slow reader included.
const flowsTimeout = 2 * time.Minute

// flows lists flows, a line each, while the backend reads them. A reader that
// stalls is given up when the request's time is over.
func (s *server) flows(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	stop := context.AfterFunc(r.Context(), func() {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0)) // long ago: ends the write below
	})
	defer stop()
	st := &stream{w: w, gathers: true}
	var end FlowsEnd
	err := s.protect("flows", func() (err error) {
		req := FlowsRequest{Object: q.Get("object"), Table: q.Get("table")}
		end, err = s.backend.Flows(r.Context(), req, func(f Flow) error { return st.send(FlowLine{Flow: &f}) })
		return err
	})
	switch {
	case err != nil && !st.begun:
		return err // the status line can still tell
	case err != nil:
		_ = st.send(FlowLine{Error: wireError(err)})
		return nil
	}
	_ = st.send(FlowLine{End: &end}) // an error is a client that went away
	return nil
}

// Flows asks for flows and calls each with one after the other, from the calling
// goroutine. An error of each ends it and is returned.
func (c *Client) Flows(ctx context.Context, req FlowsRequest, each func(Flow) error) (FlowsEnd, error) {
	q := url.Values{}
	if req.Object != "" {
		q.Set("object", req.Object)
	}
	if req.Table != "" {
		q.Set("table", req.Table)
	}
	res, err := c.send(ctx, http.MethodGet, "/v1/flows?"+q.Encode(), nil, ndjson)
	if err != nil {
		return FlowsEnd{}, err
	}
	defer res.Body.Close()
	dec := json.NewDecoder(res.Body) // not bounded: it is not kept
	for {
		var l FlowLine
		switch err := dec.Decode(&l); {
		case errors.Is(err, io.EOF):
			return FlowsEnd{}, &Error{Code: CodeFailed, Message: "daemon at " + c.socket + ": the list of flows is cut short"}
		case err != nil:
			return FlowsEnd{}, c.unreachable(err)
		case l.Error != nil:
			return FlowsEnd{}, l.Error
		case l.End != nil:
			return *l.End, nil
		case l.Flow != nil:
			if err := each(*l.Flow); err != nil {
				return FlowsEnd{}, err
			}
		}
	}
}
