package respond

import (
	"fmt"
	"net/netip"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
)

// ingress is where a packet came into a router.
type ingress struct {
	snap   *logical.Snapshot
	router *logical.Router
	port   *logical.RouterPort
	sw     *logical.Switch // behind the port
}

// entry finds the port of a router that a packet came in by: the one whose MAC it is
// for. A packet that another router on this host passed on still has that router's MAC:
// then it is the port that leads back to its sender, as far as that is known.
func entry(s *logical.Snapshot, r *logical.Router, f frame) (ingress, error) {
	best, rank := ingress{}, -1
	for rp := range s.RouterPortsOf(r.ID) {
		p := s.SwitchPortOf(rp)
		if p == nil {
			continue
		}
		is := 0
		if rp.MAC == f.dst {
			is = 4
		}
		if networkOf(rp, f.from).IsValid() {
			is += 2
		}
		if rp.ID == routeBack(s, r, f.from) {
			is++
		}
		if sw := s.Switch(p.Switch); sw != nil && is > rank {
			best, rank = ingress{snap: s, router: r, port: rp, sw: sw}, is
		}
	}
	if rank < 0 {
		return best, fmt.Errorf("router %s has no port on any switch", r.Name)
	}
	return best, nil
}

// networkOf is the network of a router port that an address is in, not valid where it
// is in none.
func networkOf(rp *logical.RouterPort, a netip.Addr) netip.Prefix {
	for _, n := range rp.Networks {
		if n.Contains(a) {
			return n
		}
	}
	return netip.Prefix{}
}

// routeBack is the port that the longest static route to an address leaves by.
func routeBack(s *logical.Snapshot, r *logical.Router, a netip.Addr) (out logical.ID[logical.RouterPort]) {
	bits := -1
	for route := range s.RoutesOf(r.ID) {
		if !route.Blackhole && route.Prefix.Bits() > bits && route.Prefix.Contains(a) {
			bits, out = route.Prefix.Bits(), route.OutPort
		}
	}
	return out
}

// own is the address that the router tells a sender of, of the sender's family: of the
// port that the packet came in by where that has one.
func (at ingress) own(to netip.Addr) (netip.Addr, error) {
	if n := networkOf(at.port, to); n.IsValid() {
		return n.Addr(), nil
	}
	for _, n := range at.port.Networks {
		if n.Addr().Is4() == to.Is4() {
			return n.Addr(), nil
		}
	}
	for rp := range at.snap.RouterPortsOf(at.router.ID) {
		for _, n := range rp.Networks {
			if n.Addr().Is4() == to.Is4() {
				return n.Addr(), nil
			}
		}
	}
	return netip.Addr{}, fmt.Errorf("router %s has no address to tell %s from", at.router.Name, to)
}

// reply sends an answer back. The router routes it like any other packet; to an address
// of the link alone it goes to the port that has the asker's MAC.
func (at ingress) reply(local flows.Local, f frame, packet []byte) flows.Reply {
	if !f.from.IsLinkLocalUnicast() || f.from.Is4() {
		return flows.Routed(at.snap.RouterKey(at.router), packet)
	}
	key := at.snap.SwitchKey(at.sw)
	p := at.snap.PortByMAC(at.sw.ID, f.src)
	if p != nil && p.Kind == logical.PortGuest {
		switch h := at.snap.HostOf(p); {
		case h != nil && h.Name == local.Host:
			return flows.ToPort(key, p.Key, packet)
		case h != nil && h.Index != 0 && at.sw.Kind == logical.SwitchOverlay:
			return flows.ToPortOn(h.Index, key, p.Key, packet)
		}
	}
	return flows.Switched(key, at.snap.SwitchPortOf(at.port).Key, packet)
}

// answers is the header of an answer from the address that was asked.
func (at ingress) answers(f frame) header {
	return header{src: at.port.MAC, dst: f.src, from: f.to, to: f.from, ttl: 64}
}
