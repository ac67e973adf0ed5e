package simulate

import (
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// enter finds the switch port that a packet comes in at.
func (w *walk) enter(in Place, p Packet) Outcome {
	if network, ok := fabric(in.Port); ok {
		return w.enterFabric(network, p)
	}
	port := w.snap.PortByName(in.Port)
	if port == nil {
		return w.drop("no port has the iface-id %s", in.Port)
	}
	if h := w.snap.HostOf(port); h == nil || h.Name != w.host {
		return w.drop("port %s is not on this host", port.Name)
	}
	if p.VLAN != 0 {
		child := w.carried(port, p.VLAN)
		if child == nil {
			return w.drop("port %s carries no port with tag %d", port.Name, p.VLAN)
		}
		port, p.VLAN = child, 0
	}
	sw := w.snap.Switch(port.Switch)
	if sw == nil {
		return w.drop("port %s has no switch", port.Name)
	}
	w.note("from port %s of switch %s", port.Name, sw.Name)
	if o := w.secure(port, p); o.Verdict != "" {
		return o
	}
	return w.control(sw, port, p)
}

// carried returns the port that a trunk carries with a tag.
func (w *walk) carried(trunk *logical.SwitchPort, tag uint16) *logical.SwitchPort {
	for p := range w.snap.PortsOver(trunk.ID) {
		if p.Tag == tag {
			return p
		}
	}
	return nil
}

// enterFabric takes what a physical network brings: the switch that is its VLAN, or has
// a port to it, gets it.
func (w *walk) enterFabric(network string, p Packet) Outcome {
	for sw := range w.snap.Switches() {
		if slices.Contains(w.physical(sw), carrier{network, p.VLAN}) {
			w.network, w.tag, w.wire, p.VLAN = network, p.VLAN, true, 0
			w.note("from physical network %s of switch %s", network, sw.Name)
			return w.control(sw, nil, p)
		}
	}
	return w.drop("no switch is VLAN %d of %s", p.VLAN, network)
}
