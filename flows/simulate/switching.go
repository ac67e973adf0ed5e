package simulate

import (
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// switching sends a packet to whom its destination MAC names; a port that is nowhere is
// as unknown as one that nobody made. from is nil for what
// a physical network or a router brought.
func (w *walk) switching(sw *logical.Switch, from *logical.SwitchPort, p Packet) Outcome {
	if p.EthDst.IsMulticast() {
		return w.flood(sw, from, p, "for all")
	}
	to := w.snap.PortByMAC(sw.ID, p.EthDst)
	switch {
	case to == nil, to != from && to.Kind != logical.PortRouter && w.snap.HostOf(to) == nil:
		return w.flood(sw, from, p, "for unknown "+p.EthDst.String())
	case to == from:
		return w.drop("it is for its own sender")
	case to.Kind == logical.PortRouter:
		return w.enterRouter(sw, to, p)
	}
	return w.toPort(sw, to, p)
}

// toPort brings a packet to a port of a switch, wherever it is.
func (w *walk) toPort(sw *logical.Switch, to *logical.SwitchPort, p Packet) Outcome {
	h := w.snap.HostOf(to)
	if h == nil {
		return w.drop("port %s is on no host", to.Name)
	}
	if there, o := w.travel(sw, h.Name, p); !there {
		return o
	}
	w.comeOut(to, p)
	return Outcome{}
}

// travel brings a packet of a switch to a host. An overlay has tunnels; what a
// physical network carries leaves through it where both hosts are on it, and where it
// arrives is no longer our business: there says whether the packet is on that host now.
// What a physical network brought, each host on it has heard: it goes no further.
func (w *walk) travel(sw *logical.Switch, host string, p Packet) (there bool, o Outcome) {
	carriers := w.physical(sw)
	if host == w.host {
		return true, Outcome{}
	}
	if len(carriers) > 0 && w.wire {
		return false, w.drop("what physical network %s brings, it brings to %s itself", w.network, host)
	}
	for _, c := range carriers {
		if w.reaches(w.host, c.network) && w.reaches(host, c.network) {
			p.VLAN = c.tag
			w.deliver(Place{Host: w.host, Port: Fabric(c.network)}, p)
			return false, Outcome{}
		}
	}
	w.goTo(host)
	return true, Outcome{}
}

// flood sends a packet that nobody is known for. By the policy "all" each port of
// the switch gets it, but no router and not the sender. Without it only those do
// behind which there are addresses that nobody knows: ports of kind unknown, outside
// ports, the physical network.
func (w *walk) flood(sw *logical.Switch, from *logical.SwitchPort, p Packet, why string) Outcome {
	w.note("%s, flood policy %s of switch %s", why, sw.Flood, sw.Name)
	before, here := len(w.out), w.host
	carriers := w.physical(sw)
	for to := range w.snap.PortsOf(sw.ID) {
		h := w.snap.HostOf(to)
		named := to.Kind == logical.PortGuest
		if to == from || h == nil || to.Kind == logical.PortRouter || named && sw.Flood != logical.FloodAll {
			continue
		}
		hears := func(c carrier) bool { return w.wire || w.reaches(here, c.network) && w.reaches(h.Name, c.network) }
		if h.Name != here && slices.ContainsFunc(carriers, hears) {
			continue
		}
		w.goTo(h.Name)
		w.comeOut(to, p)
		w.host = here
	}
	for _, c := range carriers {
		if !w.wire && w.reaches(here, c.network) {
			p.VLAN = c.tag
			w.deliver(Place{Host: here, Port: Fabric(c.network)}, p)
		}
	}
	if len(w.out) == before {
		return w.drop("nobody gets what is %s", why)
	}
	return Outcome{}
}

// comeOut hands a packet to the interface behind a port: its own, or tagged that of
// its trunk.
func (w *walk) comeOut(port *logical.SwitchPort, p Packet) {
	name := port.Name
	if trunk := w.snap.Port(port.Trunk); trunk != nil {
		w.note("port %s is tag %d of %s", port.Name, port.Tag, trunk.Name)
		name, p.VLAN = trunk.Name, port.Tag
	}
	w.deliver(Place{Host: w.host, Port: name}, p)
}

func (w *walk) deliver(at Place, p Packet) {
	w.note("out at %s as %s", at.Port, p)
	w.out = append(w.out, Delivery{Place: at, Packet: p})
}

// carrier is a physical network that carries a switch, under a tag.
type carrier struct {
	network string
	tag     uint16
}

// physical says which physical networks carry a switch: that of a VLAN switch, and
// those of localnet ports.
func (w *walk) physical(sw *logical.Switch) []carrier {
	var all []carrier
	if sw.Kind == logical.SwitchVLAN {
		all = append(all, carrier{sw.Network, sw.VLAN})
	}
	for p := range w.snap.PortsOf(sw.ID) {
		if c := (carrier{p.Network, sw.VLAN}); p.Kind == logical.PortLocalnet && p.Network != "" && !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return all
}

func (w *walk) reaches(host, network string) bool {
	h := w.snap.HostByName(host)
	return h != nil && slices.Contains(h.Provider, network)
}

// fabric takes the network out of a Fabric.
func fabric(port string) (network string, ok bool) { return strings.CutPrefix(port, Fabric("")) }
