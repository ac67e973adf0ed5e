package appctl

import (
	"context"
	"io"
	"strings"
)

// Caller asks a daemon of Open vSwitch by its control socket.
type Caller interface {
	// Call returns the reply to a command, or why there is none.
	Call(ctx context.Context, command string, args ...string) (string, error)
}

// Ask returns what a parser makes of the reply to a command. The error is Call's or the
// parser's.
func Ask[T any](ctx context.Context, c Caller, parse func(io.Reader) (T, error), command string, args ...string) (T, error) {
	text, err := c.Call(ctx, command, args...)
	if err != nil {
		var none T
		return none, err
	}
	return parse(strings.NewReader(text))
}
