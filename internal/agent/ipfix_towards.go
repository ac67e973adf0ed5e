package agent

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

const (
	// mostRouters are passed at most: routes may lead in a circle.
	mostRouters = 16
	// mostDestinations are remembered at a time. Whoever sends chooses them.
	mostDestinations = 1 << 14
)

// sources are the ports of this host by the points at which they are sampled.
type sources map[uint32]*logical.SwitchPort

// destination is what of a guest's packet says where it goes.
type destination struct {
	point   uint32
	mac     ipfix.MAC
	address netip.Addr
}

// towards finds the other host that a guest's packet goes to by its addresses, in one
// snapshot of the network. It is for one goroutine, as it remembers what it found: the
// network is walked once for many records.
type towards struct {
	snapshot *logical.Snapshot
	host     string // this one
	ports    sources
	known    map[destination]string
}

// of names the host that a record's packets go to; "" = this one, or not known.
func (t *towards) of(r *ipfix.Record) string {
	d := destination{r.Point, r.DestinationMAC, r.Destination}
	name, known := t.known[d]
	if !known {
		if len(t.known) >= mostDestinations {
			clear(t.known)
		}
		name = t.find(d)
		t.known[d] = name
	}
	return name
}

// find walks from the guest's switch over routers to the port that gets the packet. A
// router that works on another host is as far as this host sends it.
func (t *towards) find(d destination) string {
	from := t.ports[d.point]
	if from == nil {
		return ""
	}
	to := t.snapshot.PortByMAC(from.Switch, logical.MAC(d.mac))
	for range mostRouters {
		if to == nil || to.Kind != logical.PortRouter {
			return t.hostOf(to)
		}
		rp := t.snapshot.RouterPortOf(to)
		if rp == nil {
			return ""
		}
		if at := t.worksOn(t.snapshot.Router(rp.Router)); at != "" && at != t.host {
			return at
		}
		hop := hopOf(t.snapshot, rp.Router, d.address)
		if hop.link == nil {
			return ""
		}
		to = t.snapshot.PortByAddress(hop.link.Switch, hop.next)
	}
	return ""
}

func (t *towards) hostOf(p *logical.SwitchPort) string {
	if p == nil {
		return ""
	}
	if h := t.snapshot.HostOf(p); h != nil && h.Name != t.host {
		return h.Name
	}
	return ""
}

// worksOn is the host that a pinned router works on: the first of its hosts that is known
// and not drained, or else the first that is known; "" = on each.
func (t *towards) worksOn(r *logical.Router) string {
	first := ""
	if r == nil {
		return ""
	}
	for _, name := range r.Hosts {
		h := t.snapshot.HostByName(name)
		if h != nil && !h.Drained {
			return h.Name
		}
		if h != nil && first == "" {
			first = h.Name
		}
	}
	return first
}

// hop is where a router sends a packet on: to an address on the switch of a link.
type hop struct {
	link *logical.SwitchPort // nil = nowhere
	next netip.Addr
}

// hopOf finds it: the network that knows the address, or else the route with the longest
// prefix, of which connected networks come first. Equal routes lead to the same port in
// the end: the first is taken.
func hopOf(s *logical.Snapshot, router logical.ID[logical.Router], a netip.Addr) hop {
	best, length := hop{}, -1
	for rp := range s.RouterPortsOf(router) {
		link := s.SwitchPortOf(rp)
		for _, n := range rp.Networks {
			if link == nil || !n.Contains(a) {
				continue
			}
			if s.PortByAddress(link.Switch, a) != nil {
				return hop{link, a}
			}
			if n.Bits() > length {
				best, length = hop{link, a}, n.Bits()
			}
		}
	}
	for route := range s.RoutesOf(router) {
		if !route.Prefix.Contains(a) || route.Prefix.Bits() <= length {
			continue
		}
		best, length = hop{}, route.Prefix.Bits()
		if out := s.RouterPort(route.OutPort); out != nil && !route.Blackhole {
			best = hop{s.SwitchPortOf(out), route.NextHop}
		}
	}
	return best
}
