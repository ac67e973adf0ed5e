package api

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"syscall"
)

// unanswered puts into words why a request got no answer. Whoever still listens
// when it broke off did not die of it: that is no daemon of ours.
func (c *Client) unanswered(err error) *Error {
	e := c.unreachable(err)
	broken := new(net.OpError)
	if errors.As(err, &broken) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return e
	}
	conn, dialErr := net.Dial("unix", c.socket)
	if dialErr != nil {
		return e
	}
	_ = conn.Close() // nothing was said
	e.Message = "what answers at " + c.socket + " is not sluiced's API: " + e.cause.Error()
	e.Fix = "name sluiced's own socket with --socket"
	return e
}

// notRunningFix is what to do where no daemon answers.
const notRunningFix = "start it with: systemctl start sluiced (or sluiced --profile FILE, as root); another socket goes with --socket"

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
		e.Fix = notRunningFix
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Message = "sluiced is not running: nobody listens on " + c.socket
		e.Fix = notRunningFix
	case errors.Is(err, fs.ErrPermission):
		e.Code = CodePermission
		e.Message = "no permission to open " + c.socket
		e.Fix = "run as root (sudo), or let api.group in the settings name a group of yours"
	default:
		e.Message = "daemon at " + c.socket + " went away: " + cause.Error()
		e.Fix = "see why: journalctl -u sluiced"
	}
	return e
}
