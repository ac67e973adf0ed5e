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
// is not there, or has to be asked for.
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
	var stranger []of.Action
	if link := v.portOf(rp); link != nil && v.strangers(link.Switch) {
		stranger = append(decTTL(router), resolve(rp, netip.Addr{}))
	}
	for _, n := range rp.Networks {
		r.add(TableLRIn, prioMatch, to4or6(in(key), of.Host(n.Addr())), TableLRLocal.then())
		r.add(TableRoute, routePriority(n, routeConnected), to4or6(in(key), n.Masked()), stranger...)
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
	var ways []way
	for _, one := range all {
		if w, ok := nextHop(v, r, one); ok {
			ways = append(ways, w)
		}
	}
	var do []of.Action
	switch len(ways) {
	case 0:
	case 1:
		do = append(decTTL(router), ways[0].do...)
	default:
		g := spread(r, router, key, all, ways)
		r.group(g)
		do = append(decTTL(router), of.Group{ID: g.ID})
	}
	back := v.returning(all)
	if back[route.Prefix] {
		r.add(TableRoute, priority, match)
	} else {
		r.add(TableRoute, priority, match, do...)
	}
	if back.any() {
		loopRules(r, key, route.Prefix, back, do)
	}
}

// loopRules drop what would come back, here where it would leave: the TTL need not do
// that. Networks in between that do not come back are let go.
func loopRules(r *rules, key logical.DatapathKey, own netip.Prefix, back returns, do []of.Action) {
	for _, p := range slices.SortedFunc(maps.Keys(back), netip.Prefix.Compare) {
		switch {
		case back[p]:
			r.problems = append(r.problems, "packets for "+p.String()+" would come back here: they are dropped, give the next router a route or a blackhole for them")
			if p != own {
				r.add(TableRoute, routePriority(p, routeLoop), to4or6(in(key), p))
			}
		case p != own && back.within(p):
			r.add(TableRoute, routePriority(p, routeLoop), to4or6(in(key), p), do...)
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
	if p == nil && v.strangers(link.Switch) {
		return way{do: []of.Action{resolve(rp, route.NextHop)}}, true
	}
	if p == nil {
		r.problems = append(r.problems, "nobody behind "+rp.Name+" has the next hop "+route.NextHop.String())
		return way{}, false
	}
	return toNeighbour(v, rp, p)
}
