package agent

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
)

// turn is the right to observe and write: one holder at a time. Unlike a mutex
// it can be waited for with a context: a holder may wait long for vswitchd. What
// a holder says that it does can be read by all.
type turn struct {
	slot chan struct{}
	work *atomic.Pointer[api.Work]
}

func newTurn() turn {
	return turn{slot: make(chan struct{}, 1), work: new(atomic.Pointer[api.Work])}
}

// errLate says that a turn was waited for as long as was said.
var errLate = errors.New("the turn is still taken")

func (t turn) take(ctx context.Context) error { return t.takeBy(ctx, nil) }

// takeBy is take with errLate when late comes first.
func (t turn) takeBy(ctx context.Context, late <-chan time.Time) error {
	select {
	case t.slot <- struct{}{}:
		return nil
	case <-late:
		return errLate
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) give() {
	t.work.Store(nil)
	<-t.slot
}

// begin says what the holder does from now on.
func (t turn) begin(what string, now time.Time) {
	t.work.Store(&api.Work{Since: now, What: what})
}

// reach says how far the holder is.
func (t turn) reach(step string) {
	if w := t.work.Load(); w != nil {
		t.work.Store(&api.Work{Since: w.Since, What: w.What, Step: step})
	}
}

// command is a command of the operator's that takes a turn, in the words of
// sluicectl.
type command string

const (
	applying  command = "host apply"
	adopting  command = "host adopt"
	releasing command = "host release"
)

// takeTurn is take in the words of an API, for a command. A switch that hangs holds up whoever
// has the turn, and so everybody: that is said instead of waiting on.
func (a *Agent) takeTurn(ctx context.Context, by command) error {
	for {
		err := a.turn.takeBy(ctx, a.opt.Clock.After(turnPatience))
		switch {
		case err == nil:
			a.turn.begin(string(by), a.now())
			return nil
		case !errors.Is(err, errLate):
			return api.Unavailable("a pass or another command is still at work: %w", err).WithFix("try again; `sluicectl host status` tells what it is at")
		}
		if err := a.answers(ctx, askPatience); err != nil {
			return hung(fmt.Errorf("a pass or another command waits for the switch: %w; nothing was changed", err))
		}
	}
}
