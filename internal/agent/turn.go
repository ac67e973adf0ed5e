package agent

import (
	"context"
	"fmt"

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

// takeTurn is take in the words of an API. A switch that hangs holds up whoever
// has the turn, and so everybody: that is said instead of waiting on.
func (a *Agent) takeTurn(ctx context.Context) error {
	for {
		select {
		case a.turn <- struct{}{}:
			return nil
		case <-a.opt.Clock.After(turnPatience):
			if err := a.answers(ctx, askPatience); err != nil {
				return hung(fmt.Errorf("a pass or another command waits for the switch: %w; nothing was changed", err))
			}
		case <-ctx.Done():
			return api.Unavailable("a pass or another command is still at work: %w", ctx.Err()).WithFix("try again; `sluicectl host status` tells what it is at")
		}
	}
}
