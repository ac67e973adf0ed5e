package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// talkersRoute lists the flows with the most bytes.
func talkersRoute() route {
	rt := read("/v1/talkers", "talkers", "The flows with the most bytes of the last minutes, by sampling.",
		func(ctx context.Context, b Backend, r *http.Request) (Talkers, error) {
			req, err := talkersRequest(r.URL.Query())
			if err != nil {
				return Talkers{}, err
			}
			return b.Talkers(ctx, req)
		})
	rt.query = []string{"window", "limit", "port"}
	return rt
}

// talkersRequest reads the parameters: window as "90s" or "5m", limit as a number.
func talkersRequest(q url.Values) (TalkersRequest, error) {
	req := TalkersRequest{Port: q.Get("port")}
	if text := q.Get("window"); text != "" {
		window, err := time.ParseDuration(text)
		if err != nil || window < 0 {
			return req, Usage("window %q is no duration such as 90s or 5m", text)
		}
		req.Window = window
	}
	if text := q.Get("limit"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil || limit < 0 {
			return req, Usage("limit %q is no number", text)
		}
		req.Limit = limit
	}
	return req, nil
}

// Talkers asks for the flows with the most bytes.
func (c *Client) Talkers(ctx context.Context, req TalkersRequest) (Talkers, error) {
	q := url.Values{}
	if req.Window != 0 {
		q.Set("window", req.Window.String())
	}
	if req.Limit != 0 {
		q.Set("limit", strconv.Itoa(req.Limit))
	}
	if req.Port != "" {
		q.Set("port", req.Port)
	}
	return get[Talkers](ctx, c, "/v1/talkers?"+q.Encode())
}
