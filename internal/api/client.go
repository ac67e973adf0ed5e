package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"syscall"
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
func (c *Client) Version(ctx context.Context) (v Version, err error) {
	return v, c.get(ctx, "/v1/version", &v)
}

// Status asks for the host as the newest pass saw it.
func (c *Client) Status(ctx context.Context) (v Status, err error) {
	return v, c.get(ctx, "/v1/status", &v)
}

// Facts asks for what a plan depends on.
func (c *Client) Facts(ctx context.Context) (v json.RawMessage, err error) {
	return v, c.get(ctx, "/v1/facts", &v)
}

// Ports asks for every port.
func (c *Client) Ports(ctx context.Context) (v []Port, err error) {
	return v, c.get(ctx, "/v1/ports", &v)
}

// Port asks for one port.
func (c *Client) Port(ctx context.Context, name string) (v Port, err error) {
	return v, c.get(ctx, "/v1/ports/"+url.PathEscape(name), &v)
}

// Explain asks why a port does or does not pass packets.
func (c *Client) Explain(ctx context.Context, name string) (v Explanation, err error) {
	return v, c.get(ctx, "/v1/ports/"+url.PathEscape(name)+"/explain", &v)
}

// Plan asks what would be changed.
func (c *Client) Plan(ctx context.Context, req PlanRequest) (v Plan, err error) {
	return v, c.post(ctx, "/v1/plan", req, &v)
}

// Adopt asks for the profile of the host as it is.
func (c *Client) Adopt(ctx context.Context, req AdoptRequest) (v AdoptResult, err error) {
	return v, c.post(ctx, "/v1/adopt", req, &v)
}

// Release asks to give up ownership.
func (c *Client) Release(ctx context.Context, req ReleaseRequest) (v ReleaseResult, err error) {
	return v, c.post(ctx, "/v1/release", req, &v)
}

func (c *Client) get(ctx context.Context, path string, v any) error {
	return c.whole(c.send(ctx, http.MethodGet, path, nil, ""))(v)
}

func (c *Client) post(ctx context.Context, path string, req, v any) error {
	return c.whole(c.send(ctx, http.MethodPost, path, req, ""))(v)
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
		return nil, c.unreachable(err)
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

// whole returns a function that decodes an answer read to its end.
func (c *Client) whole(res *http.Response, err error) func(v any) error {
	return func(v any) error {
		if err != nil {
			return err
		}
		defer res.Body.Close()
		text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
		if err != nil {
			return c.unreachable(err)
		}
		if err := json.Unmarshal(text, v); err != nil {
			return &Error{Code: CodeFailed, Message: "daemon at " + c.socket + ": unreadable answer: " + err.Error(), cause: err}
		}
		return nil
	}
}

// unreachable puts into words why there is no answer.
func (c *Client) unreachable(err error) *Error {
	cause := err
	if u := new(url.Error); errors.As(err, &u) {
		cause = u.Err // without the made-up address
	}
	e := &Error{Code: CodeUnavailable, cause: cause}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		e.Message = "daemon at " + c.socket + ": no answer in time"
		e.Fix = "see what it does: journalctl -u sluiced"
	case errors.Is(err, context.Canceled):
		e.Message = "daemon at " + c.socket + ": interrupted"
	case errors.Is(err, fs.ErrNotExist):
		e.Message = "sluiced is not running: there is no socket " + c.socket
		e.Fix = "start it with: systemctl start sluiced"
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Message = "sluiced is not running: nobody listens on " + c.socket
		e.Fix = "start it with: systemctl start sluiced"
	case errors.Is(err, fs.ErrPermission):
		e.Code = CodePermission
		e.Message = "no permission to open " + c.socket
		e.Fix = "run as root, or join the group of that socket"
	default:
		e.Message = "daemon at " + c.socket + " went away: " + cause.Error()
		e.Fix = "see why: journalctl -u sluiced"
	}
	return e
}
