package simulate

import (
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// secure drops what a port with security may not send. It has its link-local address
// too, and before it has any it asks for one from the unspecified address, in packets
// for all (DHCP, RFC 5227 section 2.1.1, RFC 4862 section 5.4). What an older port
// has taken from it is not its own.
func (w *walk) secure(port *logical.SwitchPort, p Packet) Outcome {
	if !port.Security || port.Kind != logical.PortGuest {
		return Outcome{}
	}
	if !w.ownMAC(port, p.EthSrc) {
		return w.drop("port security: %s is no MAC of %s", p.EthSrc, port.Name)
	}
	switch {
	case p.EthType == TypeARP:
		if p.ARPSrc != p.EthSrc {
			return w.drop("port security: ARP tells of %s", p.ARPSrc)
		}
		if !w.own(port, p.Src) && !asksForAll(p) {
			return w.drop("port security: ARP tells of %s", p.Src)
		}
	case p.EthType == TypeIPv4:
		if !w.own(port, p.Src) && !asksForAll(p) {
			return w.drop("port security: %s is no address of %s", p.Src, port.Name)
		}
	case p.isND() && !w.forRouter(port, p):
		return w.secureND(port, p)
	case p.EthType == TypeIPv6:
		if !w.own(port, p.Src) && !asksForAll(p) {
			return w.drop("port security: %s is no address of %s", p.Src, port.Name)
		}
	}
	return Outcome{}
}

// forRouter says whether a packet is for a router's MAC on the switch. Routers believe no
// advertisement, and what they route is none any more: its hop limit is below 255.
func (w *walk) forRouter(port *logical.SwitchPort, p Packet) bool {
	to := w.snap.PortByMAC(port.Switch, p.EthDst)
	return to != nil && to.Kind == logical.PortRouter
}

// secureND looks at what a neighbour message claims.
func (w *walk) secureND(port *logical.SwitchPort, p Packet) Outcome {
	if !w.own(port, p.Src) && !asksForAll(p) {
		return w.drop("port security: %s is no address of %s", p.Src, port.Name)
	}
	if p.SrcPort == icmpv6NeighbourAdvertisement {
		if !w.own(port, p.Target) {
			return w.drop("port security: ND tells of %s", p.Target)
		}
		if !p.TargetLL.IsZero() && !w.ownMAC(port, p.TargetLL) {
			return w.drop("port security: ND tells of %s", p.TargetLL)
		}
		return Outcome{}
	}
	if !p.SourceLL.IsZero() && !w.ownMAC(port, p.SourceLL) {
		return w.drop("port security: ND tells of %s", p.SourceLL)
	}
	return Outcome{}
}

// asksForAll says whether a packet from the unspecified address is for all.
func asksForAll(p Packet) bool { return p.Src.IsUnspecified() && p.EthDst.IsMulticast() }

// ownMAC says whether a MAC is the port's, and none that an older one has taken from it.
func (w *walk) ownMAC(port *logical.SwitchPort, m logical.MAC) bool {
	return port.HasMAC(m) && w.snap.HoldsMAC(port, m)
}

// own says whether an address is the port's, its link-local ones included.
func (w *walk) own(port *logical.SwitchPort, a netip.Addr) bool {
	if slices.Contains(port.Addresses, a) {
		return w.snap.Holds(port, a)
	}
	return slices.ContainsFunc(append([]logical.MAC{port.MAC}, port.MoreMACs...), func(m logical.MAC) bool {
		return !m.IsZero() && a == LinkLocal(m) && w.snap.HoldsMAC(port, m)
	})
}

// LinkLocal is the address that follows from a MAC (RFC 4291, appendix A).
func LinkLocal(m logical.MAC) netip.Addr {
	return netip.AddrFrom16([16]byte{0: 0xfe, 1: 0x80, 8: m[0] ^ 2, 9: m[1], 10: m[2], 11: 0xff, 12: 0xfe, 13: m[3], 14: m[4], 15: m[5]})
}
