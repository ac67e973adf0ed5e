package flows

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// sends are the equal routes by which a router sends packets for p on; none where it has
// none, or is connected to a network around p that is no shorter.
func (v *view) sends(router logical.ID[logical.Router], p netip.Prefix) []*logical.Route {
	networks := v.networks(router)
	connected := p.Bits()
	for ; connected >= 0; connected-- {
		if outer, _ := p.Addr().Prefix(connected); networks[outer] {
			break
		}
	}
	return v.routesAround(router, p, connected)
}

// networks are those that a router is connected to.
func (v *view) networks(router logical.ID[logical.Router]) map[netip.Prefix]bool {
	v.readID(readRouter, router.UUID())
	all, ok := v.now().networks[router]
	if !ok {
		all = map[netip.Prefix]bool{}
		for rp := range v.snap.RouterPortsOf(router) {
			for _, n := range rp.Networks {
				all[n.Masked()] = true
			}
		}
		v.now().networks[router] = all
	}
	return all
}

// networksIn are the networks that a router is connected to inside of p.
func (v *view) networksIn(router logical.ID[logical.Router], p netip.Prefix) []netip.Prefix {
	var all []netip.Prefix
	for n := range v.networks(router) {
		if n.Bits() > p.Bits() && p.Contains(n.Addr()) {
			all = append(all, n)
		}
	}
	return all
}

// used are those of equal routes that packets take: one that leads nowhere leaves them to
// the others.
func (v *view) used(all []*logical.Route) []*logical.Route {
	var some []*logical.Route
	for _, route := range all {
		if v.leads(route) {
			some = append(some, route)
		}
	}
	return some
}

// leads says whether a route leads anywhere.
func (v *view) leads(route *logical.Route) bool {
	if route.Blackhole {
		return false
	}
	rp := v.routerPort(route.OutPort)
	if rp == nil || rp.Router != route.Router {
		return false
	}
	link := v.portOf(rp)
	return link != nil && v.holder(link.Switch, route.NextHop) != nil
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
