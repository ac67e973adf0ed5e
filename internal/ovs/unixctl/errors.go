package unixctl

import (
	"context"
	"errors"
	"strings"
)

var (
	// ErrNotRunning means that nobody serves the control socket: there is no
	// pidfile, or the process it names is gone.
	ErrNotRunning = errors.New("not running")
	// ErrHung means that the connection stands or waits and no answer came in
	// time: the server's main thread is busy or hung, or the command never
	// answers. The error matches context.DeadlineExceeded too.
	ErrHung error = late{}
	// ErrClosed means that the server closed the connection without a whole
	// answer: it ended or crashed meanwhile.
	ErrClosed = errors.New("connection closed before the answer was complete")
	// ErrProtocol means that what came is no answer of a control socket.
	ErrProtocol = errors.New("unintelligible answer")
)

// late is ErrHung: it says once what context.DeadlineExceeded would say again.
type late struct{}

func (late) Error() string { return "no answer in time" }

func (late) Is(target error) bool { return target == context.DeadlineExceeded }

// CommandError is the server's answer to a command that it refused.
type CommandError struct {
	Method string
	Text   string // the server's words, without the newline at the end
}

// Error returns the command and the server's words.
func (e *CommandError) Error() string { return e.Method + ": " + e.Text }

// IsUnknown says whether the server does not have the command at all, as
// opposed to refusing these arguments or this moment. Commands come and go with
// releases, and those of DPDK appear when DPDK is initialized.
func (e *CommandError) IsUnknown() bool {
	return strings.Contains(e.Text, "is not a valid command")
}
