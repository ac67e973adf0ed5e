package flows

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// returns says, by prefix, whether packets that leave a router by a route come back to
// it: for the route's own prefix, and for what the routers behind it tell apart. A
// packet obeys the longest prefix that it is in.
type returns map[netip.Prefix]bool

// note adds what one of several equal ways does: packets that some way takes out of
// the loop are no loop.
func (r returns) note(p netip.Prefix, back bool) {
	if was, ok := r[p]; ok {
		back = back && was
	}
	r[p] = back
}

// any says whether anything comes back at all.
func (r returns) any() bool {
	for _, back := range r {
		if back {
			return true
		}
	}
	return false
}

// within says what holds for the longest prefix around p.
func (r returns) within(p netip.Prefix) (back bool) {
	best := -1
	for q, b := range r {
		if q.Bits() < p.Bits() && q.Bits() > best && q.Contains(p.Addr()) {
			best, back = q.Bits(), b
		}
	}
	return back
}

// returning follows the equal routes of a router with one prefix.
func (v *view) returning(all []*logical.Route) returns {
	back := returns{}
	for _, route := range all {
		back.note(route.Prefix, v.backFrom(route, from{route.Router, route.Prefix}, route.Prefix, nil, back))
	}
	return back
}

// from is where packets set out: a router, and the prefix of its route.
type from struct {
	router logical.ID[logical.Router]
	prefix netip.Prefix
}

// backFrom says whether packets for p that take a route come back to where they set out,
// and leave it by the same route. path is where they have been.
func (v *view) backFrom(route *logical.Route, to from, p netip.Prefix, path []logical.ID[logical.Router], back returns) bool {
	next, ok := v.nextRouter(route)
	if !ok {
		return false
	}
	if next == to.router {
		return !v.otherwise(to, p)
	}
	for _, been := range path {
		if been == next {
			return false // another router's loop, which drops them
		}
	}
	path = append(path[:len(path):len(path)], next)
	cover := v.connectedAround(next, p, back)
	around := v.routesAround(next, p, cover)
	for _, q := range v.prefixesIn(next, p) {
		back.note(q, v.allBack(v.routesTo(next, q), to, q, path, back))
	}
	return len(around) > 0 && v.allBack(around, to, p, path, back)
}

func (v *view) allBack(routes []*logical.Route, to from, p netip.Prefix, path []logical.ID[logical.Router], back returns) bool {
	all := true
	for _, route := range routes {
		all = v.backFrom(route, to, p, path, back) && all
	}
	return all
}

// otherwise says whether a router sends packets for p another way than by the route.
func (v *view) otherwise(at from, p netip.Prefix) bool {
	v.readID(readRouter, at.router.UUID())
	for rp := range v.snap.RouterPortsOf(at.router) {
		for _, n := range rp.Networks {
			if n = n.Masked(); n.Bits() >= at.prefix.Bits() && n.Bits() <= p.Bits() && n.Contains(p.Addr()) {
				return true
			}
		}
	}
	return len(v.routesAround(at.router, p, at.prefix.Bits())) > 0
}

// connectedAround is the length of the longest network of a router that is around p,
// -1 for none. Its networks inside of p do not come back.
func (v *view) connectedAround(router logical.ID[logical.Router], p netip.Prefix, back returns) int {
	v.readID(readRouter, router.UUID())
	best := -1
	for rp := range v.snap.RouterPortsOf(router) {
		for _, n := range rp.Networks {
			n = n.Masked()
			switch {
			case n.Addr().Is4() != p.Addr().Is4():
			case n.Bits() <= p.Bits() && n.Contains(p.Addr()):
				best = max(best, n.Bits())
			case p.Contains(n.Addr()):
				back.note(n, false)
			}
		}
	}
	return best
}

// nextRouter is the router that a route leads to.
func (v *view) nextRouter(route *logical.Route) (logical.ID[logical.Router], bool) {
	if route.Blackhole {
		return logical.ID[logical.Router]{}, false
	}
	rp := v.routerPort(route.OutPort)
	if rp == nil {
		return logical.ID[logical.Router]{}, false
	}
	link := v.portOf(rp)
	if link == nil {
		return logical.ID[logical.Router]{}, false
	}
	p := v.holder(link.Switch, route.NextHop)
	if p == nil || p.Kind != logical.PortRouter {
		return logical.ID[logical.Router]{}, false
	}
	next := v.behind(p)
	if next == nil {
		return logical.ID[logical.Router]{}, false
	}
	return next.Router, true
}
