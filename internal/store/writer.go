package store

import (
	"context"
	"errors"
	"time"
)

// errNoLeader says that members of a cluster answered, and none of them leads it. It
// is no reason to write through a relay: that writes under its own name, and would
// stay for as long as it lives.
var errNoLeader = errors.New("the members that answer have no leader")

// electionPause is how long to wait before the endpoints are asked again for
// their leader; an election takes a few seconds.
const electionPause = 200 * time.Millisecond

// A relay is written through where other endpoints did not answer: they are asked
// again from time to time, and not long, for the relay does meanwhile.
const (
	relayAgain = 4 * time.Second
	relayLook  = time.Second
)

// leader returns the session for writing. It asks again until ctx ends while a
// cluster has no leader, and fails at once when nobody serves.
func (c *Client) leader(ctx context.Context) (*conn, error) {
	if w := c.current(ctx); w != nil {
		return w, nil
	}
	for {
		w, err := c.open(ctx, true)
		if err == nil {
			c.writeTo(w)
			return w, nil
		}
		if len(c.o.Endpoints) < 2 || errors.Is(err, ErrNoDatabase) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(err, ctx.Err())
		case <-time.After(electionPause):
		}
	}
}

// current is the session that there is, or the better one that there is by now; nil =
// there is none that may be written to.
func (c *Client) current(ctx context.Context) *conn {
	c.mu.Lock()
	w, again := c.writer, c.again
	c.mu.Unlock()
	if w == nil {
		return nil
	}
	select {
	case <-w.done:
		return nil
	default:
	}
	if again.IsZero() || time.Now().Before(again) {
		return w
	}
	look, cancel := context.WithTimeout(ctx, relayLook)
	defer cancel()
	better, err := c.open(look, true)
	switch {
	case errors.Is(err, errNoLeader):
		return nil
	case err != nil:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.again = time.Now().Add(relayAgain)
		return w
	}
	c.writeTo(better)
	return better
}

// writeTo makes w the session for writing.
func (c *Client) writeTo(w *conn) {
	c.mu.Lock()
	old := c.writer
	c.writer, c.again = w, time.Time{}
	if w.state.relay && !w.alone {
		c.again = time.Now().Add(relayAgain)
	}
	c.mu.Unlock()
	old.retire()
}

// drop has the leader looked for anew, unless it was already.
func (c *Client) drop(w *conn) {
	c.mu.Lock()
	if c.writer == w {
		c.writer = nil
	}
	c.mu.Unlock()
	w.retire()
}

// transact sends a transaction to the leader. What a relay may not write is its own
// matter: the next goes to the leader, where one answers by then.
func (c *Client) transact(ctx context.Context, ops ...op) ([]value, error) {
	w, err := c.leader(ctx)
	if err != nil {
		return nil, err
	}
	results, err := w.transact(ctx, Database, ops...)
	remote, refused := errors.AsType[*RemoteError](err)
	if err != nil && (!refused || remote.Code == "cluster error" || remote.Code == "not leader" || w.state.relay && errors.Is(err, ErrForbidden)) {
		c.drop(w)
	}
	return results, err
}
