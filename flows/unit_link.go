package flows

import (
	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// linkRules are those of a switch port that leads to a router: the way into the router,
// where this host enters it, or to the host where it does; and, where it is one of the
// router's, the way in for those who send here.
func linkRules(v *view, r *rules, s site, how via) {
	rp, router, key := v.leadsTo(s.p)
	if key == 0 {
		if how == viaPort {
			linkSwitched(v, r, s, nil)
		}
		neighbourRoutes(v, r, s, rp)
		return
	}
	works := v.enters(router)
	if !works {
		s.host = v.elsewhere(v.place(router))
	}
	s.resident = works && router.Pinned()
	if v.routed(router.ID) && router.Pinned() {
		// Others send what is for the router to its port.
		r.add(TableEgress, prioMatch, on(in(s.sw), outPort(s.p.Key)), enter(key), anyPort(), TableLRIn.again())
		if router.TTL == logical.TTLOnce {
			r.add(TableEgress, prioMatch, on(in(s.sw), outPort(s.p.Key|keyRouted)), enter(key), of.Set(flag(bitRouted, true)), anyPort(), TableLRIn.again())
		}
	}
	if how == viaPort {
		to := s.towards()
		if works {
			to = []of.Action{enter(key), TableLRIn.then()}
		}
		linkSwitched(v, r, s, to)
	}
	if works && !router.Pinned() {
		unheard(v, r, s)
	}
	neighbourRoutes(v, r, s, rp)
}

// leadsTo is what a switch port leads to: a port of a router, and the router's key, 0
// where there is no such router.
func (v *view) leadsTo(p *logical.SwitchPort) (*logical.RouterPort, *logical.Router, logical.DatapathKey) {
	rp := v.behind(p)
	if rp == nil {
		return nil, nil, 0
	}
	router := v.router(rp.Router)
	if router == nil {
		return rp, nil, 0
	}
	return rp, router, v.routerKey(router)
}

// linkSwitched: what is for the router's MAC. While the router works nowhere it is
// dropped, as nobody else has that MAC.
func linkSwitched(v *view, r *rules, s site, to []of.Action) {
	for _, m := range macsOf(s.p) {
		if v.snap.HoldsMAC(s.p, m) {
			r.add(TableL2, prioMatch, on(in(s.sw), of.EthDst(m)), to...)
			r.add(TableNDGate, prioMore, on(in(s.sw), of.EthDst(m)), TableGateFrom.then())
		}
	}
	answerRules(v, r, s)
}

// unheard: what a physical network brings for a router that works on every host is for
// none of them, or each would send it on.
func unheard(v *view, r *rules, s site) {
	sw := v.sw(s.p.Switch)
	if sw == nil {
		return
	}
	for _, key := range v.wires(sw) {
		for _, m := range macsOf(s.p) {
			r.add(TableL2, prioMore, on(in(s.sw), inPort(key), of.EthDst(m)))
		}
	}
}

// neighbourRoutes: the addresses of a router's port in the other routers on the switch.
func neighbourRoutes(v *view, r *rules, s site, own *logical.RouterPort) {
	for _, rp := range v.links(s.p.Switch) {
		router := v.router(rp.Router)
		if own != nil && rp.Router == own.Router || router == nil || !v.routed(router.ID) {
			continue
		}
		key := v.routerKey(router)
		for _, a := range s.p.Addresses {
			if key == 0 || !v.snap.Holds(s.p, a) || !connected(rp, a) {
				continue
			}
			var do []of.Action
			if to, ok := toNeighbour(v, rp, s.p); ok {
				do = append(decTTL(router), to.do...)
			}
			host := of.Host(a)
			r.add(TableRoute, routePriority(host, routeHost), to4or6(in(key), host), do...)
		}
	}
}

// toNeighbour is how a packet that leaves a router by its port rp gets to a port of the
// switch there, guest's or router's; not ok while it does not. The caller decrements the TTL.
func toNeighbour(v *view, rp *logical.RouterPort, p *logical.SwitchPort) (way, bool) {
	sw := v.sw(p.Switch)
	if sw == nil || p.Key == 0 || p.MAC.IsZero() {
		return way{}, false
	}
	s := site{p: p, sw: v.switchKey(sw)}
	if s.sw == 0 {
		return way{}, false
	}
	if p.Kind == logical.PortRouter {
		_, router, key := v.leadsTo(p)
		if key == 0 {
			return way{}, false
		}
		if v.enters(router) {
			return way{do: append(measure(rp), of.Set(flag(bitRouted, true)), enter(key), TableLRIn.again())}, true
		}
		s.host = v.elsewhere(v.place(router))
		s.routed = router.TTL == logical.TTLOnce
	} else {
		s = v.where(s, sw)
	}
	to := s.towards()
	if to == nil {
		return way{}, false
	}
	do := append(measure(rp), of.Set(of.EthDst(p.MAC)), of.Set(of.EthSrc(rp.MAC)), enter(s.sw))
	if s.local != 0 || s.wire != 0 {
		do = append(do, anyPort())
	}
	do = append(do, v.fromRouter(sw, s, v.portOf(rp))...)
	w := way{do: append(do, to...)}
	if s.host != nil {
		v.read(named(readPeer, s.host.Name))
		w.watch = v.local.Peers[s.host.Name]
	}
	return w, true
}
