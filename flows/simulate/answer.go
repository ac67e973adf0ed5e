package simulate

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// control answers at the asking port what the network knows by itself, and hands
// to the daemon what only that can answer. The rest is switched, solicitations to one
// receiver as well, which answers. from is nil for
// what a physical network brought.
func (w *walk) control(sw *logical.Switch, from *logical.SwitchPort, p Packet) Outcome {
	if p.EthType == TypeARP && p.Proto == arpRequest {
		if m, who := w.known(sw, p.Dst); who != nil && who != from && w.speaksFor(from, who) {
			return w.answer(from, arpAnswer(p, m), "ARP for %s of %s", p.Dst, who.Name)
		}
	}
	if p.isND() && p.SrcPort == icmpv6NeighbourSolicitation && p.EthDst.IsMulticast() {
		m, who := w.known(sw, p.Target)
		switch {
		case who != nil && who == from: // it asks whether somebody else has it
		case p.Src.IsUnspecified():
			return w.punt(PuntDuplicate)
		case who != nil && w.speaksFor(from, who):
			return w.answer(from, ndAnswer(p, m, who.Kind == logical.PortRouter), "ND for %s of %s", p.Target, who.Name)
		}
	}
	if from != nil && (from.Kind == logical.PortGuest || from.Kind == logical.PortUnknown) {
		if what := w.forDaemon(sw, p); what != "" {
			return w.punt(what)
		}
	}
	return w.switching(sw, from, p)
}

// forDaemon says what the daemon has to answer for a guest: requests for all. What a
// guest sends to its router's own address is the router's business.
func (w *walk) forDaemon(sw *logical.Switch, p Packet) Punt {
	switch {
	case !p.EthDst.IsMulticast():
	case sw.DHCP.Enabled && p.EthType == TypeIPv4 && p.isUDP(68, 67):
		return PuntDHCP
	case sw.DHCP.Enabled && p.EthType == TypeIPv6 && p.isUDP(546, 547):
		return PuntDHCPv6
	case p.EthType == TypeIPv6 && p.isICMP() && p.SrcPort == icmpv6RouterSolicitation:
		for rp := range w.snap.RouterPortsOn(sw.ID) {
			if hasV6(rp) {
				return PuntRouter
			}
		}
	}
	return ""
}

// known finds who holds an address on a switch, and under which MAC: its ports,
// and their link-local addresses where they speak IPv6.
func (w *walk) known(sw *logical.Switch, a netip.Addr) (logical.MAC, *logical.SwitchPort) {
	if p := w.snap.PortByAddress(sw.ID, a); p != nil {
		return p.MAC, p
	}
	for p := range w.snap.PortsOf(sw.ID) {
		if !p.MAC.IsZero() && a == LinkLocal(p.MAC) && speaksV6(p) && w.snap.HoldsMAC(p, p.MAC) {
			return p.MAC, p
		}
	}
	return logical.MAC{}, nil
}

// speaksFor says whether this host answers for a port. What comes in by a port comes
// in on one host, which answers. A physical network reaches many, so there only the host
// answers where the port is, and for a distributed router none: they would disagree
// about the place of its MAC.
func (w *walk) speaksFor(from, who *logical.SwitchPort) bool {
	if from != nil {
		return true
	}
	if rp := w.snap.RouterPortOf(who); rp != nil {
		host, pinned := w.worksOn(w.snap.Router(rp.Router))
		return pinned && host == w.host
	}
	h := w.snap.HostOf(who)
	return h != nil && h.Name == w.host
}

func (w *walk) answer(from *logical.SwitchPort, p Packet, format string, args ...any) Outcome {
	w.note("answered: "+format, args...)
	w.answered = true
	if from == nil {
		p.VLAN = w.tag
		w.deliver(w.in, p)
		return Outcome{}
	}
	w.comeOut(from, p)
	return Outcome{}
}

func arpAnswer(p Packet, m logical.MAC) Packet {
	return Packet{
		EthSrc: m, EthDst: p.EthSrc, EthType: TypeARP, Proto: arpReply,
		Src: p.Dst, Dst: p.Src, ARPSrc: m, ARPDst: p.ARPSrc, Size: p.Size,
	}
}

func ndAnswer(p Packet, m logical.MAC, router bool) Packet {
	flags := uint32(ndSolicited | ndOver)
	if router {
		flags |= ndRouter
	}
	return Packet{
		EthSrc: m, EthDst: p.EthSrc, EthType: TypeIPv6, Src: p.Target, Dst: p.Src, Proto: ProtoICMPv6, TTL: 255,
		SrcPort: icmpv6NeighbourAdvertisement, Target: p.Target, TargetLL: m, NDFlags: flags, Size: p.Size,
	}
}

func hasV6(rp *logical.RouterPort) bool {
	for _, n := range rp.Networks {
		if n.Addr().Is6() {
			return true
		}
	}
	return false
}

func speaksV6(p *logical.SwitchPort) bool {
	for _, a := range p.Addresses {
		if a.Is6() {
			return true
		}
	}
	return false
}
