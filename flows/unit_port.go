package flows

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// site is a switch port and where it is, seen from this host.
type site struct {
	p     *logical.SwitchPort
	sw    logical.DatapathKey
	local of.Port       // its interface here
	host  *logical.Host // where it is else; nil = nowhere
	// wire is the way over the physical network that carries the switch; 0 = none.
	wire logical.PortKey
	// shared tells that another port of the switch is behind the same interface.
	shared bool
	// routed tells the router behind the port that another has had the packet's TTL.
	routed bool
	// resident tells that a router's port works here and nowhere else.
	resident bool
	// sample is how its packets are sampled, where it is here; nil = not at all.
	sample *of.Sample
}

// portRules are all flows for one switch port: how it is reached, and if it is on this
// host, how it gets in and out.
func portRules(v *view, r *rules, id logical.ID[logical.SwitchPort]) {
	p := v.port(id)
	if p == nil {
		return
	}
	sw := v.sw(p.Switch)
	if sw == nil || p.Key == 0 {
		return
	}
	s := site{p: p, sw: v.switchKey(sw)}
	how := v.reached(p.Switch)
	if s.sw == 0 || how == viaNone {
		return
	}
	switch p.Kind {
	case logical.PortRouter:
		linkRules(v, r, s, how)
		return
	case logical.PortOutside, logical.PortLocalnet:
		outsideRules(v, r, s, sw, how)
		return
	case logical.PortGuest, logical.PortUnknown:
	}
	if s = v.where(s, sw); s.local != 0 {
		s.sample = v.sample(p)
		enterRules(r, s)
		securityRules(v, r, s)
		exitRules(r, s)
	}
	if v.switches(p.Switch, how) {
		switchedRules(v, r, s)
	}
	if how == viaPort {
		answerRules(v, r, s)
	}
	hostRoutes(v, r, s, sw)
}

// outsideRules are those of a port to a physical network, where it is on this host.
func outsideRules(v *view, r *rules, s site, sw *logical.Switch, how via) {
	port, vlan := v.patch(s.p, sw)
	if port == 0 || how != viaPort {
		return
	}
	patchRules(r, s.sw, keyOf(s.p), port, vlan)
	if s.p.Kind == logical.PortLocalnet {
		quiet(r, s.sw, keyOf(s.p))
		heard(r, s.sw, keyOf(s.p))
	}
}

// where finds a guest's port: here, on the wire of its switch where both hosts are on
// it, or behind a tunnel.
func (v *view) where(s site, sw *logical.Switch) site {
	if s.local = v.here(s.p); s.local != 0 {
		s.shared = v.shares(s.p)
		return s
	}
	s.host = v.elsewhere(v.hostOf(s.p))
	if wire := v.shared(sw, s.host); wire != 0 {
		s.wire, s.host = wire, nil
	}
	return s
}

// elsewhere is a host that packets can be sent to, or nil.
func (v *view) elsewhere(h *logical.Host) *logical.Host {
	if h == nil || h == v.self() || h.Index == 0 {
		return nil
	}
	return h
}

// towards is how a packet in a switch gets to a port, from a table before EGRESS; nil
// while the port is nowhere.
func (s site) towards() []of.Action {
	key := s.p.Key
	if s.routed {
		key |= keyRouted
	}
	switch {
	case s.local != 0:
		return []of.Action{of.Set(outPort(key)), TableEgress.then()}
	case s.wire != 0:
		return []of.Action{of.Set(outPort(s.wire)), TableEgress.then()}
	case s.host != nil:
		return []of.Action{of.Set(outPort(key)), toHost(s.host.Index), TableTunnel.then()}
	}
	return nil
}

// switchedRules: known unicast.
func switchedRules(v *view, r *rules, s site) {
	for _, m := range macsOf(s.p) {
		if to := s.towards(); to != nil && v.snap.HoldsMAC(s.p, m) {
			r.add(TableL2, prioMatch, on(in(s.sw), of.EthDst(m)), append(s.turn(), to...)...)
		}
	}
}

// turn lets a switched packet go out of the interface it came in by, where several ports
// of the switch are behind it. Table EGRESS keeps it from the port that sent it.
func (s site) turn() []of.Action {
	if !s.shared {
		return nil
	}
	return []of.Action{of.Set(flag(bitTurned, true)), anyPort()}
}

// macsOf lists what a port may send from, each once.
func macsOf(p *logical.SwitchPort) []logical.MAC {
	var all []logical.MAC
	if !p.MAC.IsZero() {
		all = append(all, p.MAC)
	}
	return append(all, p.MoreMACs...)
}

// hostRoutes: one flow for each address of the port in each router on its switch. While
// the port is nowhere it drops, as nobody else has the address.
func hostRoutes(v *view, r *rules, s site, sw *logical.Switch) {
	if s.p.MAC.IsZero() {
		return
	}
	to := s.towards()
	for link, rp := range v.links(s.p.Switch) {
		router := v.router(rp.Router)
		if router == nil || !v.routed(router.ID) {
			continue
		}
		key := v.routerKey(router)
		for _, a := range s.p.Addresses {
			if key == 0 || !v.snap.Holds(s.p, a) || !connected(rp, a) {
				continue
			}
			var room [12]of.Action
			do := room[:0]
			if to != nil {
				do = append(append(append(do, decTTL(router)...), measure(rp)...), of.Set(of.EthDst(s.p.MAC)), of.Set(of.EthSrc(rp.MAC)), enter(s.sw))
				do = append(do, v.fromRouter(sw, s, link)...)
				if s.local != 0 || s.wire != 0 {
					do = append(do, anyPort())
				}
				do = append(do, to...)
			}
			host := of.Host(a)
			r.add(TableRoute, routePriority(host, routeHost), to4or6(in(key), host), do...)
		}
	}
}

// connected says whether an address is in a network of a router port.
func connected(rp *logical.RouterPort, a netip.Addr) bool {
	for _, n := range rp.Networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}
