package flows

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// routerRules are those of a router as such: TTL mode once.
func routerRules(v *view, r *rules, id logical.ID[logical.Router]) {
	router := v.router(id)
	if router == nil || !v.routed(id) || router.TTL != logical.TTLOnce {
		return
	}
	key := v.routerKey(router)
	if key == 0 {
		return
	}
	for _, t := range []uint16{of.TypeIPv4, of.TypeIPv6} {
		r.add(TableLRIn, prioLess, on(in(key), of.EthType(t), flag(bitRouted, false)),
			of.DecTTL{}, of.Set(flag(bitRouted, true)), TableRoute.then())
	}
}

// routerPortRules: the port's own addresses, and its networks, where who is not known
// is not there.
func routerPortRules(v *view, r *rules, id logical.ID[logical.RouterPort]) {
	rp := v.routerPort(id)
	if rp == nil {
		return
	}
	router := v.router(rp.Router)
	if router == nil || !v.routed(router.ID) {
		return
	}
	key := v.routerKey(router)
	if key == 0 {
		return
	}
	for _, n := range rp.Networks {
		r.add(TableLRIn, prioMatch, to4or6(in(key), of.Host(n.Addr())), TableLRLocal.then())
		r.add(TableRoute, routePriority(n, routeConnected), to4or6(in(key), n.Masked()))
	}
	if has6(rp) {
		r.add(TableLRIn, prioMatch, to4or6(in(key), of.Host(linkLocal(rp.MAC))), TableLRLocal.then())
		onLinkRules(v, r, rp, key)
	}
}

// routeRules are those of all routes of a router with one prefix; the first of them
// speaks for all.
func routeRules(v *view, r *rules, id logical.ID[logical.Route]) {
	v.readID(logical.KindRoute, id.UUID())
	route := v.snap.Route(id)
	if route == nil {
		return
	}
	router := v.router(route.Router)
	if router == nil || !v.routed(router.ID) {
		return
	}
	all := v.routesTo(router.ID, route.Prefix)
	key := v.routerKey(router)
	if key == 0 || all[0].ID != id {
		return
	}
	match := to4or6(in(key), route.Prefix)
	priority := routePriority(route.Prefix, routeStatic)
	ways := make([]*way, len(all))
	for i, one := range all {
		if w, ok := nextHop(v, r, one); ok {
			ways[i] = &w
		}
	}
	to := route.Prefix.Masked()
	k := v.onward(router.ID, to, all)
	own := some(ways, k[to])
	do := decTTL(router)
	switch len(own) {
	case 0:
		do = nil
	case 1:
		do = append(do, own[0].do...)
	default:
		do = append(do, of.Group{ID: failover(r, spread(r, router, key, all, own)).ID})
	}
	r.add(TableRoute, priority, match, do...)
	loopRules(r, key, to, k, func(which []bool) []of.Action {
		if slices.Equal(which, k[to]) {
			return do
		}
		if few := some(ways, which); len(few) > 0 {
			return append(decTTL(router), few[0].do...) // one of them will do
		}
		return nil
	})
}

// some are the ways that there are, of those that are chosen; nil chooses all.
func some(ways []*way, which []bool) []way {
	var all []way
	for i, w := range ways {
		if w != nil && (which == nil || which[i]) {
			all = append(all, *w)
		}
	}
	return all
}

// loopRules leave out the ways by which packets would come back, here where they would
// leave: the TTL need not end that. What is to go on otherwise inside of what has no way,
// or other ones, has a flow of its own.
func loopRules(r *rules, key logical.DatapathKey, own netip.Prefix, k kept, by func(which []bool) []of.Action) {
	for _, p := range slices.SortedFunc(maps.Keys(k), netip.Prefix.Compare) {
		which := k[p]
		if p != own && slices.Equal(which, k.within(p)) {
			continue
		}
		switch {
		case !slices.Contains(which, true):
			r.problems = append(r.problems, "packets for "+p.String()+" would come back here: they are dropped, give the next router a route or a blackhole for them")
		case slices.Contains(which, false):
			r.problems = append(r.problems, "packets for "+p.String()+" may come back here by some of the equal routes: they go by the others")
		}
		if p != own {
			r.add(TableRoute, routePriority(p, routeLoop), to4or6(in(key), p), by(which)...)
		}
	}
}

// way is how packets go on to a neighbour.
type way struct {
	do []of.Action
	// watch is the tunnel that has to be up; 0 = none.
	watch of.Port
}

// nextHop is how packets of a route go on; without a way they are dropped.
func nextHop(v *view, r *rules, route *logical.Route) (way, bool) {
	if route.Blackhole {
		return way{}, false
	}
	rp := v.routerPort(route.OutPort)
	if rp == nil || rp.Router != route.Router {
		r.problems = append(r.problems, "the out port is none of the router's")
		return way{}, false
	}
	link := v.portOf(rp)
	if link == nil {
		r.problems = append(r.problems, "the out port "+rp.Name+" leads to no switch")
		return way{}, false
	}
	p := v.holder(link.Switch, route.NextHop)
	if p == nil {
		r.problems = append(r.problems, "nobody behind "+rp.Name+" has the next hop "+route.NextHop.String())
		return way{}, false
	}
	return toNeighbour(v, rp, p)
}
