package ovsdb

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// latest keeps what Observe returned until the mirror changes.
type latest struct {
	changes atomic.Uint64 // of the mirror, so far

	mu       sync.Mutex
	at       uint64 // changes before observed was made
	observed *vswitch.Observed
}

// Latest is Observe for who only looks, and often: while nothing changes it returns
// the same value, which is shared and must not be changed. A change that comes in at
// this moment may not be in it, not even one that this client has written.
func (c *Client) Latest(ctx context.Context) (*vswitch.Observed, error) {
	if err := c.ended(); err != nil {
		return nil, err
	}
	l := &c.latest
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.changes.Load()
	if l.observed != nil && l.at == at {
		return l.observed, nil
	}
	o, err := c.Observe(ctx)
	if err != nil {
		return nil, err
	}
	l.at, l.observed = at, &o
	return l.observed, nil
}
