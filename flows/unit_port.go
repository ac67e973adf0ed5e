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
	case logical.PortGuest, logical.PortUnknown:
		s.local = v.here(p)
	case logical.PortOutside, logical.PortLocalnet:
	}
	if s.local == 0 {
		s.host = v.hostOf(p)
		if s.host != nil && (s.host == v.self() || s.host.Index == 0) {
			s.host = nil
		}
	} else {
		enterRules(r, s)
		securityRules(v, r, s)
		exitRules(r, s)
	}
	if how == viaPort {
		switchedRules(v, r, s)
		answerRules(v, r, s)
	}
	hostRoutes(v, r, s)
}

// towards is how a packet in a switch gets to a port, from a table before EGRESS; nil
// while the port is nowhere.
func (s site) towards() []of.Action {
	switch {
	case s.local != 0:
		return []of.Action{of.Set(outPort(s.p.Key)), TableEgress.then()}
	case s.host != nil:
		return []of.Action{of.Set(outPort(s.p.Key)), toHost(s.host.Index), TableTunnel.then()}
	}
	return nil
}

// switchedRules: known unicast.
func switchedRules(v *view, r *rules, s site) {
	for _, m := range macsOf(s.p) {
		if to := s.towards(); to != nil && v.snap.HoldsMAC(s.p, m) {
			r.add(TableL2, prioMatch, on(in(s.sw), of.EthDst(m)), to...)
		}
	}
}

// macsOf lists what a port may send from, each once.
func macsOf(p *logical.SwitchPort) []logical.MAC {
	var all []logical.MAC
	if !p.MAC.IsZero() {
		all = append(all, p.MAC)
	}
	return append(all, p.MoreMACs...)
}

// hostRoutes: one flow for each address of the port in each router on its switch.
func hostRoutes(v *view, r *rules, s site) {
	if s.p.MAC.IsZero() {
		return
	}
	to := s.towards()
	if to == nil {
		return
	}
	for _, rp := range v.links(s.p.Switch) {
		router := v.router(rp.Router)
		if router == nil || !v.routed(router.ID) {
			continue
		}
		key := v.routerKey(router)
		for _, a := range s.p.Addresses {
			if key == 0 || !v.snap.Holds(s.p, a) || !connected(rp, a) {
				continue
			}
			do := append(decTTL(router), of.Set(of.EthDst(s.p.MAC)), of.Set(of.EthSrc(rp.MAC)), enter(s.sw))
			if s.local != 0 {
				do = append(do, anyPort())
			}
			host := of.Host(a)
			r.add(TableRoute, routePriority(host, routeHost), to4or6(in(key), host), append(do, to...)...)
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
