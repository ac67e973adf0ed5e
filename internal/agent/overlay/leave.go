package overlay

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// leave goes on to the bridge that is to have the flows, "" where none is, and clears
// the one that had them and once each other one that is ours: a daemon before this one
// may have laid them there.
func (n *Network) leave(ctx context.Context, u *carrier, o vswitch.Observed, next string) error {
	if u.clear == nil {
		u.clear = map[string]bool{}
	}
	if u.bridge != next {
		delete(u.clear, u.bridge)
		u.hangUp()
	}
	var failed []error
	for _, r := range o.Rows {
		if r.Table != vswitch.BridgeTable || r.Name == next || u.clear[r.Name] || r.Mark.Owner != vswitch.OwnerProfile && r.Name != u.bridge {
			continue
		}
		err := n.clearUnderlay(ctx, r.Name)
		switch {
		case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED):
			continue // a bridge that OVS does not run has no flows
		case err != nil:
			failed = append(failed, err)
			continue
		}
		u.clear[r.Name] = true
	}
	if len(failed) == 0 {
		u.bridge = next
	}
	return errors.Join(failed...)
}

// clearUnderlay takes the flows of the bridge of the tunnels from a bridge.
func (n *Network) clearUnderlay(ctx context.Context, bridge string) error {
	session, err := ofconn.Dial(ctx, ofconn.Socket(n.opt.Local.RunDir, bridge))
	if err != nil {
		return err
	}
	defer session.Close()
	err = session.Send(ctx, &openflow.FlowMod{
		Command: openflow.FlowDelete, CookieMask: ^uint64(0),
		Flow: openflow.Flow{Table: openflow.AllTables, Cookie: flows.UnderlayCookie},
	})
	if err != nil {
		return fmt.Errorf("bridge %s: %w", bridge, err)
	}
	return nil
}

// Release takes the flows of the bridge of the tunnels from all bridges that are ours.
// A switch that does not run has none.
func (n *Network) Release(ctx context.Context, o vswitch.Observed) {
	if n == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, layTimeout)
	defer cancel()
	for _, r := range o.Rows {
		if r.Table != vswitch.BridgeTable || r.Mark.Owner != vswitch.OwnerProfile {
			continue
		}
		if err := n.clearUnderlay(ctx, r.Name); err != nil {
			n.log.Warn("logical network: flows with cookie 0xf000000000000001 may be left", "error", err)
		}
	}
}

// errNobody says that there is no connection to the store.
var errNobody = errors.New("nobody here is connected to it")

// Unregister deletes the host's row, its status and its bindings.
func (n *Network) Unregister(ctx context.Context, host string) error {
	if n == nil {
		return errNobody
	}
	n.mu.Lock()
	client, waits := n.client, n.other.snapshot != nil
	n.latest = nil
	n.mu.Unlock()
	if client == nil {
		return errNobody
	}
	if waits {
		return errors.New("it is not the one that the laid flows are of")
	}
	ctx, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	err := client.DeleteHost(ctx, host)
	if _, gone := errors.AsType[*logical.MissingError](err); gone {
		return nil
	}
	return err
}
