package flows

import (
	"net/netip"

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
	if _, v6 := has4and6(rp); v6 {
		r.add(TableLRIn, prioMatch, to4or6(in(key), of.Host(linkLocal(rp.MAC))), TableLRLocal.then())
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
	var ways [][]of.Action
	for _, one := range all {
		if to := nextHop(v, r, one); to != nil {
			ways = append(ways, to)
		}
	}
	switch len(ways) {
	case 0:
		r.add(TableRoute, priority, match)
	case 1:
		r.add(TableRoute, priority, match, append(decTTL(router), ways[0]...)...)
	default:
		g := spread(router, route, all, ways)
		r.group(g)
		r.add(TableRoute, priority, match, append(decTTL(router), of.Group{ID: g.ID})...)
	}
}

// nextHop is how packets of a route go on; nil drops them.
func nextHop(v *view, r *rules, route *logical.Route) []of.Action {
	if route.Blackhole {
		return nil
	}
	rp := v.routerPort(route.OutPort)
	if rp == nil || rp.Router != route.Router {
		r.problems = append(r.problems, "the out port is none of the router's")
		return nil
	}
	link := v.portOf(rp)
	if link == nil {
		r.problems = append(r.problems, "the out port "+rp.Name+" leads to no switch")
		return nil
	}
	p := v.holder(link.Switch, route.NextHop)
	if p == nil {
		r.problems = append(r.problems, "nobody behind "+rp.Name+" has the next hop "+route.NextHop.String())
		return nil
	}
	return toNeighbour(v, rp, p)
}

// spread is the group of equal routes.
func spread(router *logical.Router, route *logical.Route, all []*logical.Route, ways [][]of.Action) of.GroupEntry {
	g := of.GroupEntry{ID: groupOf(route.ID.UUID()), Type: of.GroupSelect, Method: of.Selection{Name: "hash", Fields: []of.FieldValue{sourceHash(route.Prefix)}}}
	mode := router.ECMP
	if all[0].ECMP != logical.ECMPDefault {
		mode = all[0].ECMP
	}
	if mode == logical.ECMPFlow {
		g.Method = of.Selection{Name: "dp_hash"}
	}
	for i, way := range ways {
		g.Buckets = append(g.Buckets, of.Bucket{ID: uint32(i), Weight: 100, Actions: of.NewActions(again(way)...)}) //nolint:gosec // few
	}
	return g
}

// sourceHash is the whole source address, of the prefix's family.
func sourceHash(p netip.Prefix) of.FieldValue {
	if p.Addr().Is4() {
		return of.Number(of.FieldIPSrc, 0xffffffff)
	}
	var ones [16]byte
	for i := range ones {
		ones[i] = 0xff
	}
	return of.Wide(of.FieldIPv6Src, ones)
}

// again makes the step to a later table one that a bucket can do.
func again(do []of.Action) []of.Action {
	all := make([]of.Action, len(do))
	for i, a := range do {
		if g, ok := a.(of.Goto); ok {
			a = of.Resubmit{Table: g.Table}
		}
		all[i] = a
	}
	return all
}
