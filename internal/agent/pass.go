package agent

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// passState is what the newest pass found; it is replaced whole.
type passState struct {
	at       time.Time
	reason   string
	result   monitor.Result
	err      error
	duration time.Duration
	findings []finding.Finding
	pending  []vswitch.Change
	refused  []string
	observed vswitch.Observed
	desired  vswitch.Desired
	made     int // changes and actions
	actions  int
	changes  []vswitch.Change // those of made that are changes
}

type stateBox struct{ p atomic.Pointer[passState] }

func (b *stateBox) get() passState {
	if s := b.p.Load(); s != nil {
		return *s
	}
	return passState{result: monitor.ResultWaiting, reason: "starting"}
}

// retryAfter is the first pause after a failed pass; it doubles up to Every.
const retryAfter = time.Second

// reconcile looks at the world whenever something called, and on a timer.
func (a *Agent) reconcile(ctx context.Context) error {
	next := a.opt.Clock.After(a.opt.Every)
	backoff, writing := retryAfter, 0
	for {
		reason := "timer"
		select {
		case <-ctx.Done():
			return nil
		case reason = <-a.wake:
		case <-next:
			if a.profile.stale() {
				reason = "profile changed"
				a.reload(ctx, reason)
			}
		}
		s := a.pass(ctx, reason)
		if ctx.Err() != nil {
			return nil
		}
		a.collector.poke()
		if s.made == 0 {
			writing = 0
		} else if writing++; writing > calm {
			if !a.cool(ctx, writing-calm) {
				return nil
			}
		}
		again := a.opt.Every
		if s.result == monitor.ResultFailed {
			again, backoff = min(backoff, again), min(2*backoff, a.opt.Every)
		} else {
			backoff = retryAfter
		}
		next = a.opt.Clock.After(again)
	}
}

// calm is how many passes in a row may write before each has to wait for the
// next: somebody else undoes what the daemon does, and both would spin.
const calm = 3

// cool pauses after a pass that wrote once more than is calm, 100 ms and then
// ever longer up to Every. It tells whether ctx still lives.
func (a *Agent) cool(ctx context.Context, times int) bool {
	pause := min(100*time.Millisecond<<min(times, 10), a.opt.Every)
	if times == 1 {
		a.log.Warn("passes keep changing something: does somebody else undo it?", "made", a.state.get().made)
	}
	select {
	case <-a.opt.Clock.After(pause):
		return true
	case <-ctx.Done():
		return false
	}
}

// pass runs once: observe, plan, do what the daemon may do by itself, read back.
func (a *Agent) pass(ctx context.Context, reason string) passState {
	if a.turn.take(ctx) != nil {
		return passState{}
	}
	defer a.turn.give()
	start := a.now()
	a.turn.begin("a pass ("+reason+")", start)
	was := a.state.get()
	owed := a.owed.Swap(false)
	s := a.once(ctx)
	s.at, s.reason, s.duration = start, reason, a.now().Sub(start)
	if ctx.Err() == nil { // else it broke off because the daemon ends
		a.conclude(was, s)
		if owed {
			a.opt.Ready()
		}
	}
	return s
}

// conclude publishes a pass: status, metric, service manager, and one log line
// when it did something or ended otherwise than the one before.
func (a *Agent) conclude(was, s passState) {
	a.state.p.Store(&s)
	// No event tells that the host changed. Once is enough: an action that
	// never comes to rest must not turn the loop into a spin.
	if s.actions > 0 && was.actions == 0 {
		a.wakeUp("host changed")
	}
	inForce, _, profileErr := a.profile.get()
	a.record(s, inForce != nil && profileErr == nil)
	a.opt.Notify(summary(s, profileErr))
	if inForce == nil { // why, the log said when the file was read
		return
	}
	if s.made == 0 && s.result == was.result && fmt.Sprint(s.err) == fmt.Sprint(was.err) &&
		slices.Equal(s.refused, was.refused) && len(s.pending) == len(was.pending) {
		return
	}
	args := []any{"result", s.result, "reason", s.reason, "made", s.made, "pending", len(s.pending), "duration", s.duration}
	switch {
	case s.err != nil:
		a.log.Error("pass", append(args, "error", s.err)...)
	case len(s.refused) > 0:
		a.log.Warn("pass", append(args, "refused", strings.Join(s.refused, " | "))...)
	default:
		a.log.Info("pass", args...)
	}
	for _, c := range s.changes {
		a.log.Info("made", "change", c.String(), "class", c.Class)
	}
	for _, c := range s.pending {
		a.log.Info("pending", "change", c.String(), "class", c.Class)
	}
}

// summary is one line for the service manager.
func summary(s passState, profileErr error) string {
	text := string(s.result)
	if n := len(s.pending); n > 0 {
		text += fmt.Sprintf(", %d changes wait (`sluicectl host status` says for what)", n)
	}
	switch {
	case s.err != nil:
		text += ": " + s.err.Error()
	case len(s.refused) > 0:
		text += ": " + s.refused[0]
	}
	if profileErr != nil {
		text += "; the profile on disk is not valid and not in force"
	}
	return text
}
