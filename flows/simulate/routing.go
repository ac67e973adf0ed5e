package simulate

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// enterRouter brings a packet into the router behind a switch port, on the host
// where that router works.
func (w *walk) enterRouter(sw *logical.Switch, link *logical.SwitchPort, p Packet) Outcome {
	in := w.snap.RouterPortOf(link)
	if in == nil {
		return w.drop("port %s is connected to no router", link.Name)
	}
	r := w.snap.Router(in.Router)
	if r == nil {
		return w.drop("router port %s has no router", in.Name)
	}
	if !p.isIP() {
		return w.drop("router %s routes IP only", r.Name)
	}
	if host, pinned := w.worksOn(r); pinned {
		if host == "" {
			return w.drop("no host of router %s is known", r.Name)
		}
		if there, o := w.travel(sw, host, p); !there {
			return o
		}
	}
	w.note("router %s at port %s", r.Name, in.Name)
	if w.isRouters(r, in, p.Dst) {
		return w.toRouter(r, in, p)
	}
	return w.route(r, p)
}

// worksOn says on which host a pinned router works: the first of its hosts that is
// known and not drained, or else the first that is known.
func (w *walk) worksOn(r *logical.Router) (host string, pinned bool) {
	if r == nil || !r.Pinned() {
		return "", false
	}
	for _, name := range r.Hosts {
		h := w.snap.HostByName(name)
		if h != nil && !h.Drained {
			return h.Name, true
		}
		if h != nil && host == "" {
			host = h.Name
		}
	}
	return host, true
}

// isRouters says whether an address is one of the router's own: of any of its
// ports, and the link-local one of the port where the packet comes in.
func (w *walk) isRouters(r *logical.Router, in *logical.RouterPort, a netip.Addr) bool {
	for rp := range w.snap.RouterPortsOf(r.ID) {
		for _, n := range rp.Networks {
			if n.Addr() == a {
				return true
			}
		}
	}
	return hasV6(in) && a == LinkLocal(in.MAC)
}

// toRouter is what a router does with what is for itself: it answers an echo
// request with a packet of TTL 255, which then finds its way like any other.
func (w *walk) toRouter(r *logical.Router, in *logical.RouterPort, p Packet) Outcome {
	if !p.isEcho() {
		return w.drop("router %s serves nothing but echo", r.Name)
	}
	w.note("router %s answers the echo", r.Name)
	w.answered, w.aged = true, false
	w.visited = map[logical.ID[logical.Router]]bool{}
	p.Src, p.Dst, p.TTL, p.SrcPort = p.Dst, p.Src, 255, icmpEchoReply
	if p.EthType == TypeIPv6 {
		p.SrcPort = icmpv6EchoReply
	}
	if p.Dst.IsLinkLocalUnicast() {
		link := w.snap.SwitchPortOf(in)
		sw := w.snap.Switch(link.Switch)
		p.EthSrc, p.EthDst = in.MAC, p.EthSrc
		return w.switching(sw, link, p)
	}
	return w.route(r, p)
}

// route sends a packet on from a router.
func (w *walk) route(r *logical.Router, p Packet) Outcome {
	if w.visited[r.ID] {
		o := w.drop("routing loop at router %s", r.Name)
		o.Loop = true
		return o
	}
	w.visited[r.ID] = true
	if a := p.Dst; a.IsMulticast() || a.IsLinkLocalUnicast() || a.IsLoopback() || a.IsUnspecified() {
		return w.drop("%s is not routed", a)
	}
	h, why := w.lookup(r, p.Dst)
	if why != "" {
		return w.drop("router %s: %s", r.Name, why)
	}
	if r.TTL == logical.TTLFull || r.TTL == logical.TTLOnce && !w.aged {
		if p.TTL <= 1 {
			return w.punt(PuntTTLExceeded)
		}
		p.TTL--
		w.aged = true
	}
	return w.forward(r, h, p)
}

// forward sends a packet out of a router port to a next hop on the switch there.
func (w *walk) forward(r *logical.Router, h hop, p Packet) Outcome {
	w.note("router %s: %s, next hop %s behind %s", r.Name, h.why, h.next, h.out.Name)
	if h.out.MTU != 0 && p.Size > int(h.out.MTU) {
		return w.punt(PuntTooBig)
	}
	link := w.snap.SwitchPortOf(h.out)
	if link == nil {
		return w.drop("router port %s is connected to no switch", h.out.Name)
	}
	sw := w.snap.Switch(link.Switch)
	to := w.snap.PortByAddress(sw.ID, h.next)
	if to == nil {
		if w.hasUnknown(sw) {
			return w.punt(PuntResolve)
		}
		return w.drop("nobody on switch %s has %s", sw.Name, h.next)
	}
	p.EthSrc, p.EthDst = h.out.MAC, to.MAC
	if to.Kind == logical.PortRouter {
		return w.enterRouter(sw, to, p)
	}
	return w.toPort(sw, to, p)
}

// hasUnknown says whether a switch leads to addresses that nobody knows.
func (w *walk) hasUnknown(sw *logical.Switch) bool {
	if _, _, physical := w.physical(sw); physical {
		return true
	}
	for p := range w.snap.PortsOf(sw.ID) {
		if p.Kind == logical.PortOutside || p.Kind == logical.PortUnknown {
			return true
		}
	}
	return false
}
