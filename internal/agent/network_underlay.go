package agent

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// carrier is the bridge that carries the tunnels. Only flows with our cookie are
// touched there.
type carrier struct {
	bridge  string
	session *ofconn.Session // nil = not connected
	foreign <-chan struct{}
	laid    []openflow.Flow // what is there of ours; nil = not known
}

func (u *carrier) hangUp() {
	if u.session != nil {
		_ = u.session.Close()
	}
	u.session, u.foreign, u.laid = nil, nil, nil
}

func (u *carrier) done() <-chan struct{} {
	if u.session == nil {
		return nil
	}
	return u.session.Done()
}

// carry keeps the flows of the bridge that carries the tunnels, until ctx ends.
func (n *network) carry(ctx context.Context) error {
	u := &carrier{}
	defer u.hangUp()
	var others feud
	var mend <-chan time.Time
	again := redial
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-n.wakeUnderlay:
		case <-u.done():
			u.hangUp()
		case <-u.foreign:
			if mend == nil {
				mend = n.clock.After(others.wait(n.clock.Now()))
			}
			continue
		case <-mend:
			mend, u.laid = nil, nil
		case <-n.clock.After(again):
		}
		err := n.carryOn(ctx, u)
		if ctx.Err() != nil {
			return nil
		}
		again = lookAt
		text := ""
		if err != nil {
			u.hangUp()
			again, text = redial, err.Error()
		}
		n.mu.Lock()
		said := n.told.Underlay
		n.told.Underlay = text
		n.mu.Unlock()
		if text != said && text != "" {
			n.log.Warn("logical network: the bridge of the tunnels", "error", text)
		}
	}
}

// carryOn makes the bridge so. A bridge that is not ours stays as it is.
func (n *network) carryOn(ctx context.Context, u *carrier) error {
	overlay, _ := n.overlay()
	if overlay == nil {
		return nil
	}
	o, err := n.observe(ctx)
	if err != nil {
		return nil //nolint:nilerr // the passes tell of it
	}
	if u.bridge != overlay.Bridge {
		if u.session != nil { // its flows were for another address, perhaps
			_ = u.lay(ctx, nil)
		}
		u.hangUp()
		u.bridge = overlay.Bridge
	}
	row, exists := o.Row(vswitch.ID{Table: vswitch.BridgeTable, Name: overlay.Bridge})
	if !exists || row.Mark.Owner != vswitch.OwnerProfile {
		u.hangUp()
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, layTimeout)
	defer cancel()
	if u.session == nil {
		if u.session, err = ofconn.Dial(ctx, socketOf(n.opt.Local.RunDir, overlay.Bridge)); err != nil {
			return err
		}
		if u.foreign, err = watch(ctx, u.session); err != nil {
			return err
		}
	}
	return u.lay(ctx, flows.Underlay(*overlay, wireOf(o, overlay.Bridge)))
}

// lay makes the flows so that have our cookie.
func (u *carrier) lay(ctx context.Context, want []openflow.Flow) error {
	if u.laid == nil {
		u.laid = []openflow.Flow{}
		mine := openflow.FlowRequest{Table: openflow.AllTables, Cookie: flows.UnderlayCookie, CookieMask: ^uint64(0)}
		if err := u.session.DumpFlows(ctx, mine, func(e openflow.FlowEntry) { u.laid = append(u.laid, e.Flow) }); err != nil {
			return err
		}
	}
	change := flows.Diff(u.laid, nil, flows.Rules{Flows: want})
	if change.Empty() {
		return nil
	}
	if err := u.session.Bundle(ctx, change.Messages()); err != nil {
		return fmt.Errorf("bridge %s: %w", u.bridge, err)
	}
	u.laid = slices.Clone(want)
	return nil
}

// wireOf finds the one port of a bridge that leads to the physical network.
func wireOf(o vswitch.Observed, bridge string) flows.Wire {
	id := vswitch.ID{Table: vswitch.BridgeTable, Name: bridge}
	var wire flows.Wire
	var found vswitch.ID // the port
	for _, r := range o.Rows {
		port, _ := o.Row(r.Parent)
		if r.Table != vswitch.IfaceTable || port.Parent != id || port.Name != bridge && slices.Contains([]string{"patch", "internal"}, r.Settings["type"]) {
			continue
		}
		if port.Settings["tag"]+port.Settings["trunks"]+port.Settings["vlan_mode"] != "" {
			return flows.Wire{} // output ignores what a port makes of VLANs
		}
		switch {
		case port.Name == bridge:
			continue
		case found == vswitch.ID{}:
			found = port.ID
		case found == port.ID:
			wire.Bond = true
		default:
			return flows.Wire{}
		}
		if r.Status != nil && r.Status.OFPort != nil && *r.Status.OFPort > 0 {
			wire.Ports = append(wire.Ports, openflow.Port(*r.Status.OFPort))
		}
	}
	slices.Sort(wire.Ports)
	return wire
}
