package agent

import (
	"fmt"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// networkView is what of the logical network says why a port of it passes nothing.
type networkView struct {
	snapshot *logical.Snapshot // nil = the store was not read: nothing is told
	bridge   string            // the integration bridge
	host     string
}

// networkView is empty where this host has no part in a logical network.
func (a *Agent) networkView() networkView {
	overlay, host := a.overlay()
	if overlay == nil {
		return networkView{}
	}
	return networkView{a.network.Snapshot(), overlay.Integration, host}
}

// reasons says what keeps an interface from being the switch port that its
// iface-id names. One without an iface-id is none of the network's.
func (v networkView) reasons(r vswitch.ObservedRow, o vswitch.Observed) []api.Reason {
	id := r.Settings[vswitch.IfaceID]
	if v.snapshot == nil || id == "" {
		return nil
	}
	var reasons []api.Reason
	say := func(fix, what string, args ...any) {
		reasons = append(reasons, api.Reason{What: fmt.Sprintf("interface %s: ", r.Name) + fmt.Sprintf(what, args...), Fix: fix})
	}
	p := v.snapshot.PortByName(id)
	port, _ := o.Row(r.Parent)
	elsewhere := port.Parent.Name != v.bridge
	if elsewhere && p == nil {
		return nil // somebody else's name for something else
	}
	if elsewhere {
		say(fmt.Sprintf("add it to %s: ovs-vsctl del-port %s -- add-port %s %s, with its settings", v.bridge, port.Name, v.bridge, port.Name),
			"it has iface-id=%s and is on bridge %s: the logical network is on %s", id, port.Parent.Name, v.bridge)
	}
	if p == nil {
		say("spell it as `sluicectl lsp show SWITCH` does, or add it: sluicectl lsp add SWITCH "+id,
			"its iface-id=%s names no port of the logical network", id)
		return reasons
	}
	if !p.Trunk.IsZero() {
		say(fmt.Sprintf("ovs-vsctl remove Interface %s external_ids iface-id", r.Name),
			"its iface-id=%s is a tagged child of port %s: its packets come by the interface of that one", id, v.parent(p))
		return reasons
	}
	if b := v.snapshot.Bound(p.ID); b != nil && b.Host != v.host {
		say("take external_ids:iface-id from the interface that shall not have it",
			"switch port %s is bound on host %s, where its interface appeared last: it works there and not here", id, b.Host)
	}
	return reasons
}

// interfaceOf finds the interface that a switch port's name stands for: one of the
// integration bridge before others.
func (v networkView) interfaceOf(name string, o vswitch.Observed) (vswitch.ObservedRow, bool) {
	var found vswitch.ObservedRow
	ok := false
	for _, r := range o.Rows {
		if r.Table != vswitch.IfaceTable || r.Settings[vswitch.IfaceID] != name {
			continue
		}
		if port, _ := o.Row(r.Parent); !ok || port.Parent.Name == v.bridge {
			found, ok = r, true
		}
	}
	return found, ok
}

// absent says why a switch port has no interface here; nil where there is no such port.
func (v networkView) absent(name string) []api.Reason {
	if v.snapshot == nil {
		return nil
	}
	p := v.snapshot.PortByName(name)
	if p == nil {
		return nil
	}
	b := v.snapshot.Bound(p.ID)
	switch {
	case !p.Trunk.IsZero():
		return []api.Reason{{
			What: fmt.Sprintf("switch port %s is a tagged child of port %s: it has no interface of its own", name, v.parent(p)),
			Fix:  "sluicectl port explain " + v.parent(p),
		}}
	case b != nil && b.Host != v.host:
		return []api.Reason{{What: fmt.Sprintf("switch port %s is not on this host: it is bound on host %s", name, b.Host), Fix: "ask there: sluicectl port explain " + name}}
	}
	return []api.Reason{{
		What: fmt.Sprintf("no interface of this host has the iface-id of switch port %s", name),
		Fix:  "ovs-vsctl set Interface NAME external_ids:iface-id=" + name,
	}}
}

func (v networkView) parent(p *logical.SwitchPort) string {
	if parent := v.snapshot.Port(p.Trunk); parent != nil {
		return parent.Name
	}
	return "that is gone"
}
