package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// Apply asks to perform the plan and calls progress with each line the daemon
// tells, from the calling goroutine. When ctx ends before the result, the
// daemon goes on by itself; Status then tells what became of it.
func (c *Client) Apply(ctx context.Context, req ApplyRequest, progress func(string)) (Result, error) {
	res, err := c.send(ctx, http.MethodPost, "/v1/apply", req, ndjson)
	if err != nil {
		return Result{}, c.leftBehind(ctx, err)
	}
	defer res.Body.Close()
	dec := json.NewDecoder(io.LimitReader(res.Body, maxAnswer))
	for {
		var e Event
		if err := dec.Decode(&e); err != nil {
			return Result{}, c.leftBehind(ctx, c.unreachable(err))
		}
		switch {
		case e.Error != nil:
			return Result{}, e.Error
		case e.Result != nil:
			return *e.Result, nil
		case progress != nil:
			progress(e.Progress)
		}
	}
}

// leftBehind says what becomes of an apply that this client stopped waiting for.
func (c *Client) leftBehind(ctx context.Context, err error) error {
	e := new(Error)
	if ctx.Err() == nil || !errors.As(err, &e) {
		return err
	}
	return e.WithFix("the daemon finishes what it began; see sluicectl host status")
}
