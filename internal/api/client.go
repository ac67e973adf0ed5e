package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
)

// maxAnswer bounds what a client reads: facts of the largest host are far below.
const maxAnswer = 64 << 20

// Client asks a daemon over its socket. It is a Backend: its methods return
// what the daemon's backend returned, errors as *Error included. It is safe for
// concurrent use and needs no closing beyond CloseIdle.
type Client struct {
	socket string
	http   *http.Client
}

var _ Backend = (*Client)(nil)

// Dial returns a client of the daemon behind socket. It opens nothing yet: an
// absent daemon is the error of the first call, with code CodeUnavailable.
func Dial(socket string) *Client {
	var d net.Dialer
	return &Client{socket: socket, http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return d.DialContext(ctx, "unix", socket)
		},
		MaxIdleConnsPerHost: 1,
	}}}
}

// CloseIdle closes connections that no call uses.
func (c *Client) CloseIdle() { c.http.CloseIdleConnections() }

// Version asks which build answers.
func (c *Client) Version(ctx context.Context) (Version, error) {
	return get[Version](ctx, c, "/v1/version")
}

// Status asks for the host as the newest pass saw it.
func (c *Client) Status(ctx context.Context) (Status, error) {
	return get[Status](ctx, c, "/v1/status")
}

// Facts asks for what a plan depends on.
func (c *Client) Facts(ctx context.Context) (json.RawMessage, error) {
	return get[json.RawMessage](ctx, c, "/v1/facts")
}

// Ports asks for every port.
func (c *Client) Ports(ctx context.Context) ([]Port, error) {
	return get[[]Port](ctx, c, "/v1/ports")
}

// Port asks for one port.
func (c *Client) Port(ctx context.Context, name string) (Port, error) {
	return get[Port](ctx, c, "/v1/ports/"+url.PathEscape(name))
}

// Explain asks why a port does or does not pass packets.
func (c *Client) Explain(ctx context.Context, name string) (Explanation, error) {
	return get[Explanation](ctx, c, "/v1/ports/"+url.PathEscape(name)+"/explain")
}

// ExplainFlow asks what a cookie stands for.
func (c *Client) ExplainFlow(ctx context.Context, cookie string) (FlowExplanation, error) {
	return get[FlowExplanation](ctx, c, "/v1/flows/"+url.PathEscape(cookie))
}

// Tunnels asks for the ways to all other hosts.
func (c *Client) Tunnels(ctx context.Context) ([]Tunnel, error) {
	return get[[]Tunnel](ctx, c, "/v1/tunnels")
}

// Tunnel asks for the way to one host.
func (c *Client) Tunnel(ctx context.Context, peer string) (Tunnel, error) {
	return get[Tunnel](ctx, c, "/v1/tunnels/"+url.PathEscape(peer))
}

// Trace asks what the switch would do with a packet.
func (c *Client) Trace(ctx context.Context, req TraceRequest) (Trace, error) {
	return post[Trace](ctx, c, "/v1/trace", req)
}

// Plan asks what would be changed.
func (c *Client) Plan(ctx context.Context, req PlanRequest) (Plan, error) {
	return post[Plan](ctx, c, "/v1/plan", req)
}

// Adopt asks for the profile of the host as it is.
func (c *Client) Adopt(ctx context.Context, req AdoptRequest) (AdoptResult, error) {
	return post[AdoptResult](ctx, c, "/v1/adopt", req)
}

// Release asks to give up ownership.
func (c *Client) Release(ctx context.Context, req ReleaseRequest) (ReleaseResult, error) {
	return post[ReleaseResult](ctx, c, "/v1/release", req)
}

// AcceptStore asks to follow another store.
func (c *Client) AcceptStore(ctx context.Context, req AcceptStoreRequest) (AcceptStoreResult, error) {
	return post[AcceptStoreResult](ctx, c, "/v1/store/accept", req)
}

func get[T any](ctx context.Context, c *Client, path string) (T, error) {
	res, err := c.send(ctx, http.MethodGet, path, nil, "")
	return whole[T](c, res, err)
}

func post[T any](ctx context.Context, c *Client, path string, req any) (T, error) {
	res, err := c.send(ctx, http.MethodPost, path, req, "")
	return whole[T](c, res, err)
}

// whole decodes an answer that is read to its end.
func whole[T any](c *Client, res *http.Response, err error) (T, error) {
	var v T
	if err != nil {
		return v, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return v, c.unreachable(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return v, &Error{Code: CodeFailed, Message: "daemon at " + c.socket + ": unreadable answer: " + err.Error(), cause: err}
	}
	return v, nil
}

// send returns the answer of a request that was understood; its body must be closed.
func (c *Client) send(ctx context.Context, method, path string, body any, accept string) (*http.Response, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = Marshal(body); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://sluice"+path, bytes.NewReader(text))
	if err != nil {
		return nil, Usage("ask %s: %w", path, err)
	}
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, c.unanswered(err)
	}
	if res.StatusCode == http.StatusOK {
		return res, nil
	}
	defer res.Body.Close()
	fault := &Error{}
	err = json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(fault)
	if err != nil || fault.Code == "" || fault.Message == "" {
		return nil, &Error{Code: CodeFailed, Message: "what listens on " + c.socket + " does not speak Sluice's API: " + res.Status}
	}
	return nil, fault
}
