package simulate

import (
	"fmt"
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// Guest is the packet that the guest behind a port would send to an address: UDP
// from its own address of that family, to whom has the address on its switch, or to
// its router. The error says why a guest could not send it.
func Guest(s *logical.Snapshot, port string, to netip.Addr) (Place, Packet, error) {
	p := s.PortByName(port)
	if p == nil {
		return Place{}, Packet{}, &logical.MissingError{Kind: logical.KindSwitchPort, Name: port}
	}
	h := s.HostOf(p)
	if h == nil {
		return Place{}, Packet{}, fmt.Errorf("port %s is on no host", port)
	}
	out := Packet{EthSrc: p.MAC, EthType: TypeIPv4, Dst: to, Proto: ProtoUDP, TTL: 64, SrcPort: 4000, DstPort: 5000}
	if to.Is6() {
		out.EthType = TypeIPv6
	}
	for _, a := range p.Addresses {
		if a.Is4() == to.Is4() {
			out.Src = a
			break
		}
	}
	if !out.Src.IsValid() {
		return Place{}, Packet{}, fmt.Errorf("port %s has no address to reach %s from", port, to)
	}
	next := s.PortByAddress(p.Switch, to)
	if next == nil {
		next = gateway(s, p.Switch, out.Src)
	}
	if next == nil {
		return Place{}, Packet{}, fmt.Errorf("port %s sees no router on its switch", port)
	}
	out.EthDst = next.MAC
	at := Place{Host: h.Name, Port: p.Name}
	if trunk := s.Port(p.Trunk); trunk != nil {
		at.Port, out.VLAN = trunk.Name, p.Tag
	}
	return at, out, nil
}

// gateway is the port of a switch that leads to a router with an address in the
// network of a guest's.
func gateway(s *logical.Snapshot, sw logical.ID[logical.Switch], guest netip.Addr) *logical.SwitchPort {
	for rp := range s.RouterPortsOn(sw) {
		for _, n := range rp.Networks {
			if n.Contains(guest) {
				return s.SwitchPortOf(rp)
			}
		}
	}
	return nil
}
