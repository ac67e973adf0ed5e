package overlay

import (
	"context"
	"fmt"
	"time"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
)

// What the local API shows of the logical network on this host: the questions are
// answered beside the task that lays it, and hold it up for a copy of what they
// need only.

// ask runs f between two steps of lay, where the compiler stands still. What f takes
// from the switch it must copy.
func (n *Network) ask(ctx context.Context, f func(*laidSwitch)) error {
	done := make(chan struct{})
	select {
	case n.asks <- func(sw *laidSwitch) { defer close(done); f(sw) }:
		<-done
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the logical network is being laid: %w", ctx.Err())
	}
}

// laying is this host's part in the logical network.
type laying struct {
	*Network
	overlay  *logical.Overlay
	host     string
	snapshot *logical.Snapshot // nil = the store has not been read yet
	since    time.Time         // when its generation was seen first
}

// laying returns this host's part in the logical network, or why there is none.
func (n *Network) laying() (laying, error) {
	var overlay *logical.Overlay
	var host string
	if n != nil {
		overlay, host = n.daemon.Overlay()
	}
	if overlay == nil {
		return laying{}, api.Conflict("this host has no part in the logical network: its profile has no overlay section").
			WithFix("add one (sluicectl host reference), then sluicectl host apply")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return laying{Network: n, overlay: overlay, host: host, snapshot: n.next.snapshot, since: n.next.since}, nil
}

// trouble is why the switch is not as the store says; "" = it is, as far as known.
func (l laying) trouble() string {
	s := l.Status()
	if s.Bare != "" {
		return s.Bare
	}
	if s.Switch != "" {
		return s.Switch
	}
	return s.Store
}

// dial opens a session of its own on the integration bridge, so that a long answer
// holds up nothing.
func (l laying) dial(ctx context.Context) (*ofconn.Session, error) {
	session, err := ofconn.Dial(ctx, ofconn.Socket(l.opt.Local.RunDir, l.overlay.Integration))
	if err != nil {
		return nil, api.Unavailable("bridge %s: %w", l.overlay.Integration, err).
			WithFix("sluicectl host status says whether the switch runs and has that bridge")
	}
	return session, nil
}

// moment tells whether the switch was changed between two looks at it.
type moment struct {
	compiler *flows.Compiler
	bundles  int
}

func (l laying) moment(sw *laidSwitch) moment { return moment{sw.compiler, l.Status().Bundles} }
