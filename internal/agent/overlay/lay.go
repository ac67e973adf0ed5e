package overlay

import (
	"context"
	"errors"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/store"
)

// pace is the least time between two changes of the switch: while more comes, it
// is gathered. Each change makes ovs-vswitchd look at all its megaflows anew.
const pace = 100 * time.Millisecond

// redialBridge is the pause between attempts to reach the bridge: no packet passes
// while it has no flows.
const redialBridge = 200 * time.Millisecond

// lay keeps the switch so. The first change after a quiet time is made at once.
func (n *Network) lay(ctx context.Context) error {
	sw := &laidSwitch{listen: n.listen}
	defer sw.close()
	var last time.Time
	var others feud
	var mend <-chan time.Time // when what others did is put right
	due := n.clock.After(redial)
	trimmed := 0 // flows, when memory was last trimmed
	for {
		select {
		case <-ctx.Done():
			return nil
		case f := <-n.asks:
			f(sw)
			continue
		case <-n.wake:
		case <-sw.done():
		case <-sw.changedByOthers():
			if mend == nil {
				mend = n.clock.After(others.wait(n.clock.Now()))
			}
			continue
		case <-mend:
			mend, sw.stale = nil, true
		case <-due:
			sw.look = true
		}
		if wait := pace - n.clock.Now().Sub(last); wait > 0 {
			select {
			case <-ctx.Done():
				return nil
			case <-n.clock.After(wait):
			}
		}
		changed, err := n.step(ctx, sw)
		if ctx.Err() != nil {
			return nil
		}
		if changed {
			last = n.clock.Now()
		}
		n.tellSwitch(sw, changed, err)
		if sw.flows > 2*trimmed && n.opt.Trim != nil {
			n.opt.Trim()
			trimmed = sw.flows
		}
		again := redial
		switch {
		case err == nil: // what changes wakes us
			again = lookAt
		case sw.away():
			again = redialBridge
		}
		due = n.clock.After(again)
	}
}

// errNoOverlay says that there is nothing to lay.
var errNoOverlay = errors.New("the profile has no overlay section")

// errStoreUnread says that there is nothing to lay yet, as after each start. That the
// store cannot be reached is told by who reads it.
var errStoreUnread = errors.New("the store has not been read yet")

// step makes the switch as the newest snapshot says, and then has the store told what
// is here: a port is bound when its flows are in.
func (n *Network) step(ctx context.Context, sw *laidSwitch) (changed bool, err error) {
	overlay, name := n.daemon.Overlay()
	if overlay == nil {
		sw.close()
		return false, errNoOverlay
	}
	o, err := n.daemon.Observe(ctx)
	if err != nil {
		return false, err
	}
	next := n.take()
	if next.snapshot == nil {
		if sw.bare.look(ctx, n.clock.Now(), n.opt.Local.RunDir, overlay.Integration); sw.bare.known {
			sw.flows = sw.bare.held
		}
		return false, errStoreUnread
	}
	sw.bare = bare{}
	here := localOf(o, overlay.Integration)
	here.local.Host, here.local.Sampling = name, n.daemon.Sampling()
	leads := n.avoid(&here.local)
	changed, err = sw.lay(ctx, ofconn.Socket(n.opt.Local.RunDir, overlay.Integration), overlay.OptionClass, next, here)
	if err != nil {
		n.lives(announcement{snapshot: next.snapshot, host: hostOf(o, overlay, name)})
		return changed, err
	}
	n.leads(leads)
	n.laid(announcement{true, next.snapshot, hostOf(o, overlay, name), here.local.Ports, here.away})
	n.remember(next)
	n.answering.Store(&laidNetwork{next.snapshot, here.local})
	n.twice = twice(next.snapshot, name)
	n.narrow.follow(next.snapshot, sw.compiler.Need(), n.narrowTo)
	return changed, nil
}

// narrowTo narrows what is read of the store.
func (n *Network) narrowTo(r *store.Reach) {
	n.mu.Lock()
	client := n.client
	n.mu.Unlock()
	client.Narrow(r)
}

// take returns the newest snapshot with all that changed since the last call.
func (n *Network) take() networkState {
	n.mu.Lock()
	defer n.mu.Unlock()
	taken := n.next
	n.next.delta = nil
	return taken
}
