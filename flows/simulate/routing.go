package simulate

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// enterRouter brings a packet into the router behind a switch port, on the host
// where that router works: by tunnel, whatever carries the switch.
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
	heard := len(w.physical(sw)) > 0 && w.wire
	if host, pinned := w.worksOn(r); pinned {
		if host == "" {
			return w.drop("no host of router %s is known", r.Name)
		}
		if heard && host != w.host {
			return w.drop("what physical network %s brings, it brings to %s itself", w.network, host)
		}
		w.goTo(host)
	} else if heard {
		return w.drop("physical network %s brings it to each host, and router %s works on all", w.network, r.Name)
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
// request with a packet of TTL 255, which then finds its way like any other. The
// daemon answers DHCP's unicast requests and DNS queries.
func (w *walk) toRouter(r *logical.Router, in *logical.RouterPort, p Packet) Outcome {
	switch {
	case p.EthType == TypeIPv4 && p.isUDP(68, 67):
		return w.punt(PuntDHCP)
	case p.isUDP(0, 53):
		return w.punt(PuntDNS)
	case p.isND() && p.SrcPort == icmpv6NeighbourSolicitation:
		return w.probed(r, in, p)
	case !p.isEcho():
		return w.drop("router %s serves nothing but echo, DHCP and DNS", r.Name)
	}
	if p.EthType == TypeIPv6 && p.Src.IsLinkLocalUnicast() && !hasV6(in) {
		return w.drop("router port %s speaks no IPv6 on its link", in.Name)
	}
	w.note("router %s answers the echo", r.Name)
	w.answered, w.routed = true, false
	w.visited = map[logical.ID[logical.Router]]bool{}
	p.Src, p.Dst, p.TTL, p.SrcPort = p.Dst, p.Src, 255, icmpEchoReply
	if p.EthType == TypeIPv6 {
		p.SrcPort = icmpv6EchoReply
	}
	if p.EthType == TypeIPv6 && (p.Dst.IsLinkLocalUnicast() || p.Src.IsLinkLocalUnicast()) {
		link := w.snap.SwitchPortOf(in)
		sw := w.snap.Switch(link.Switch)
		w.wire = false
		p.EthSrc, p.EthDst = in.MAC, p.EthSrc
		return w.switching(sw, link, p)
	}
	return w.route(r, p)
}

// probed answers who looks whether the router's port is still there, on its link.
func (w *walk) probed(r *logical.Router, in *logical.RouterPort, p Packet) Outcome {
	if p.Src.IsUnspecified() {
		return w.drop("router %s is asked from no address", r.Name)
	}
	link := w.snap.SwitchPortOf(in)
	sw := w.snap.Switch(link.Switch)
	if m, who := w.known(sw, p.Target); who == link && p.TTL == 255 {
		w.note("router %s answers for %s", r.Name, p.Target)
		w.answered, w.wire = true, false
		return w.switching(sw, link, ndAnswer(p, m, true))
	}
	return w.drop("%s is no address of router port %s, or was asked for from elsewhere", p.Target, in.Name)
}

// route sends a packet on from a router.
func (w *walk) route(r *logical.Router, p Packet) Outcome {
	if w.visited[r.ID] {
		o := w.drop("routing loop at router %s", r.Name)
		o.Loop = true
		return o
	}
	w.visited[r.ID] = true
	ages := r.TTL == logical.TTLFull || r.TTL == logical.TTLOnce && !w.routed
	expired := ages && p.TTL <= 1
	h, o := w.nextHop(r, p.Dst)
	if p.Src.IsLinkLocalUnicast() && p.Src.Is6() {
		o = w.drop("packets from %s stay on their link", p.Src)
	}
	switch {
	case o.Verdict == Dropped:
		o.Expired = expired
		return o
	case expired:
		return w.punt(PuntTTLExceeded)
	case o.Verdict != "":
		return o
	}
	if ages {
		p.TTL--
	}
	w.routed, w.wire = true, false
	if h.out.MTU != 0 && p.Size > int(h.out.MTU) {
		return w.punt(PuntTooBig)
	}
	p.EthSrc, p.EthDst = h.out.MAC, h.to.MAC
	if h.to.Kind == logical.PortRouter {
		return w.enterRouter(h.sw, h.to, p)
	}
	return w.toPort(h.sw, h.to, p)
}

// broadcast is all of one's own network (RFC 919).
var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// nextHop finds who gets a packet next: where the route leads, and who has the next
// hop's address on the switch there.
func (w *walk) nextHop(r *logical.Router, dst netip.Addr) (hop, Outcome) {
	if dst.IsMulticast() || dst.IsLinkLocalUnicast() || dst.IsLoopback() || dst.IsUnspecified() || dst.Is4() && (dst.As4()[0] == 0 || dst == broadcast) {
		return hop{}, w.drop("%s is not routed", dst)
	}
	h, why := w.lookup(r, dst)
	if why != "" {
		return h, w.drop("router %s: %s", r.Name, why)
	}
	w.note("router %s: %s, next hop %s behind %s", r.Name, h.why, h.next, h.out.Name)
	link := w.snap.SwitchPortOf(h.out)
	if link == nil {
		return h, w.drop("router port %s is connected to no switch", h.out.Name)
	}
	h.sw = w.snap.Switch(link.Switch)
	h.to = w.snap.PortByAddress(h.sw.ID, h.next)
	switch {
	case h.to != nil && h.to.Kind != logical.PortRouter && w.snap.HostOf(h.to) == nil:
		return h, w.drop("port %s is on no host", h.to.Name)
	case h.to != nil && h.to.Kind == logical.PortRouter && !w.alive(h.to):
		return h, w.drop("port %s leads to no router that works", h.to.Name)
	case h.to != nil:
		return h, Outcome{}
	}
	return h, w.drop("nobody on switch %s has %s", h.sw.Name, h.next)
}

// alive says whether the router behind a switch port works anywhere.
func (w *walk) alive(link *logical.SwitchPort) bool {
	rp := w.snap.RouterPortOf(link)
	if rp == nil {
		return false
	}
	r := w.snap.Router(rp.Router)
	host, pinned := w.worksOn(r)
	return r != nil && (!pinned || host != "")
}
