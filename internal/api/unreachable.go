package api

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"syscall"
)

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
		e.Fix = "start it with: systemctl start sluiced; another socket goes with --socket"
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Message = "sluiced is not running: nobody listens on " + c.socket
		e.Fix = "start it with: systemctl start sluiced; another socket goes with --socket"
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
