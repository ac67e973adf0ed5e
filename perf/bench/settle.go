package bench

import (
	"context"
	"fmt"
	"time"
)

// quiet is how long a bridge's number of flows must not have changed for the last
// change to have been the last.
const quiet = 700 * time.Millisecond

// watchStep is how often it is asked for.
const watchStep = 2 * time.Millisecond

// settled waits until the integration bridge has flows and their number rests, for
// long: a controller that starts goes step by step.
func (h *overlayHost) settled(ctx context.Context) (int, error) {
	return settled(ctx, h.socket())
}

// settled does so for the bridge with this socket.
func settled(ctx context.Context, socket string) (int, error) {
	n, _, err := lastChange(ctx, socket, 4*quiet, func(n int) bool { return n > 2 })
	return n, err
}

// lastChange watches the number of flows until it is one that is wanted and rests,
// and returns when it became so. How exact that is, is one watchStep.
func (h *overlayHost) lastChange(ctx context.Context, rest time.Duration, wanted func(int) bool) (flows int, at time.Time, err error) {
	return lastChange(ctx, h.socket(), rest, wanted)
}

// lastChange does so for the bridge with this socket.
func lastChange(ctx context.Context, socket string, rest time.Duration, wanted func(int) bool) (flows int, at time.Time, err error) {
	c, err := countFlows(socket)
	if err != nil {
		return 0, at, err
	}
	defer c.close()
	flows, at = -1, time.Now()
	for {
		n, err := c.flows()
		if err != nil {
			return 0, at, err
		}
		now := time.Now()
		if n != flows {
			flows, at = n, now
		}
		if wanted(flows) && now.Sub(at) > rest {
			return flows, at, nil
		}
		if err := pause(ctx, watchStep); err != nil {
			return 0, at, fmt.Errorf("wait for the last flow: %w: there are %d", err, flows)
		}
	}
}
