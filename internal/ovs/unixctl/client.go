// Package unixctl calls the control commands of ovs-vswitchd and ovsdb-server,
// as ovs-appctl does, over their unix sockets.
//
// The protocol is that of lib/unixctl.c, unchanged from OVS 2.17 to 4.0: one
// JSON-RPC 1.0 request with string parameters, one reply, no framing. A request
// that the server does not understand is answered by closing the connection.
// Handlers run in the server's main thread and have no time limit there, so
// every call has one here.
package unixctl

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

const (
	// DefaultTimeout bounds a call whose context has no deadline.
	DefaultTimeout = 10 * time.Second
	// MaxReply bounds a reply in bytes. The longest that are of use, flow and
	// connection dumps, stay below it.
	MaxReply = 64 << 20
)

// Client calls one server. It holds no connection: every Call dials, and finds
// the server anew after a restart. Calls may run concurrently; the server takes
// them one after the other.
type Client struct {
	// RunDir is the directory of pidfiles and control sockets, usually
	// /var/run/openvswitch; a running OVS tells it in external_ids:rundir of
	// its Open_vSwitch row.
	RunDir string
	// Program is "ovs-vswitchd" or "ovsdb-server". For ovs-vswitchd a
	// "ovs-vswitchd-dpdk" is found too: that is what it calls itself when
	// Debian's DPDK build is started by its own path.
	Program string
	// Socket, when set, is the control socket itself, for a server started with
	// --unixctl=PATH. RunDir is then not used.
	Socket string

	limit int64 // on replies, for tests; 0 = MaxReply
}

// New returns a client of the program whose pidfile is in runDir.
func New(runDir, program string) *Client {
	return &Client{RunDir: runDir, Program: program}
}

type request struct {
	ID     int      `json:"id"`
	Method string   `json:"method"`
	Params []string `json:"params"`
}

// reply is a JSON-RPC 1.0 response. A failure has no result (lib/jsonrpc.c
// leaves it out), a success a null error.
type reply struct {
	ID     *int    `json:"id"`
	Result *string `json:"result"`
	Error  *string `json:"error"`
}

// requestID needs no counter: the connection of a Call carries one request.
const requestID = 1

// Call runs one command and returns its text without the newlines at its end
// (OVS adds one before 3.4 and none since). It blocks until the answer is
// there, ctx is done, or DefaultTimeout has passed when ctx has no deadline.
//
// The error is a *CommandError when the server answered with one, and matches
// ErrNotRunning, ErrHung, ErrClosed or ErrProtocol where those apply. When it
// matches ErrHung or ErrClosed the command may have been carried out. A
// canceled ctx gives context.Canceled.
func (c *Client) Call(ctx context.Context, method string, args ...string) (string, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	text, err := c.call(ctx, method, args)
	if err != nil {
		return "", c.failed(ctx, err, method)
	}
	return text, nil
}

// bounded gives a context a deadline where it has none.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, DefaultTimeout)
}

// failed is the error of a call in the words of its contract.
func (c *Client) failed(ctx context.Context, err error, method string) error {
	if err = explain(ctx, err, method); errors.Is(err, ErrHung) {
		return fmt.Errorf("%s does not answer its control socket: %w", c.name(), err)
	}
	return fmt.Errorf("%s: %w", c.Program, err)
}

// name is the program with its process id, where the pidfile is where it should be.
func (c *Client) name() string {
	if c.Socket == "" {
		if pid, err := c.PID(); err == nil {
			return fmt.Sprintf("%s (pid %d)", c.Program, pid)
		}
	}
	return c.Program
}

func (c *Client) call(ctx context.Context, method string, args []string) (string, error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	// A deadline in the past wakes whatever read or write is under way.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	params := append([]string{}, args...) // never null
	if err := json.NewEncoder(conn).Encode(request{ID: requestID, Method: method, Params: params}); err != nil {
		return "", err
	}
	var r reply
	if err := json.NewDecoder(&capped{r: conn, left: cmp.Or(c.limit, MaxReply)}).Decode(&r); err != nil {
		return "", err
	}
	if r.ID == nil || *r.ID != requestID {
		return "", fmt.Errorf("%w: a reply to another request", ErrProtocol)
	}
	return r.text(method)
}

// capped reads at most left bytes of a reply.
type capped struct {
	r    io.Reader
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, fmt.Errorf("%w: the reply is too long", ErrProtocol)
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

// explain turns what the connection said into what it means.
func explain(ctx context.Context, err error, method string) error {
	var command *CommandError
	var neterr net.Error
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &command), errors.Is(err, ErrNotRunning):
		return err
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("%s: %w", method, context.Canceled)
	case ctx.Err() != nil, errors.As(err, &neterr) && neterr.Timeout(), errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("%s: %w", method, ErrHung)
	case errors.Is(err, ErrClosed), errors.Is(err, ErrProtocol):
		return fmt.Errorf("%s: %w", method, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return fmt.Errorf("%s: %w", method, ErrClosed)
	case errors.As(err, &syntax), errors.As(err, &kind):
		return fmt.Errorf("%s: %w: %v", method, ErrProtocol, err)
	}
	return fmt.Errorf("%s: %w", method, err)
}
