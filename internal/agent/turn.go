package agent

import (
	"context"

	"github.com/sluice-nfv/sluice/internal/api"
)

// turn is the right to observe and write: one holder at a time. Unlike a mutex
// it can be waited for with a context: a holder may wait long for vswitchd.
type turn chan struct{}

func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) give() { <-t }

// takeTurn is take in the words of an API.
func (a *Agent) takeTurn(ctx context.Context) error {
	if err := a.turn.take(ctx); err != nil {
		return api.Unavailable("a pass or another command is still at work: %w", err).WithFix("try again; `sluicectl host status` tells what it is at")
	}
	return nil
}
