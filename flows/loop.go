package flows

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// kept says, by prefix, which of the equal routes of a router packets may take, in their
// order: for the routes' own prefix, and for what the routers behind them tell apart. A
// packet obeys the longest prefix that it is in. nil = all of them, for all.
type kept map[netip.Prefix][]bool

// within is what holds for the longest prefix around p.
func (k kept) within(p netip.Prefix) []bool {
	for bits := p.Bits() - 1; bits >= 0; bits-- {
		outer, _ := p.Addr().Prefix(bits)
		if ways, ok := k[outer]; ok {
			return ways
		}
	}
	return nil
}

// onward follows each of the equal routes of a router with one prefix, and each equal
// route behind them, to leave out those by which packets may come back.
func (v *view) onward(router logical.ID[logical.Router], p netip.Prefix, all []*logical.Route) kept {
	apart, back := v.apart(router, p, all)
	if !back {
		return nil
	}
	k := kept{}
	for q := range apart {
		// Packets for less than p may go by another route, or be there.
		if here := v.sends(router, q); q == p || len(here) > 0 && here[0] == all[0] {
			k[q] = v.leaving(router, q, all)
		}
	}
	return k
}

// apart are the prefixes that the routers behind equal routes tell apart, and whether
// any packet comes back.
func (v *view) apart(router logical.ID[logical.Router], p netip.Prefix, all []*logical.Route) (prefixes map[netip.Prefix]bool, back bool) {
	type step struct {
		router logical.ID[logical.Router]
		prefix netip.Prefix
	}
	prefixes = map[netip.Prefix]bool{p: true}
	seen := map[step]bool{}
	var follow func([]*logical.Route, netip.Prefix)
	follow = func(routes []*logical.Route, p netip.Prefix) {
		for _, route := range routes {
			next, ok := v.nextRouter(route)
			back = back || ok && next == router
			at := step{next, p}
			if !ok || next == router || seen[at] {
				continue
			}
			seen[at] = true
			for _, n := range v.networksIn(next, p) {
				prefixes[n] = true
			}
			for _, q := range v.prefixesIn(next, p) {
				prefixes[q] = true
				follow(v.routesTo(next, q), q)
			}
			follow(v.sends(next, p), p)
		}
	}
	follow(all, p)
	return prefixes, back
}

// leaving says which of the equal routes of a router packets for p may take. Of those to
// routers from where they may come back, it is the ones that are nearer to where packets
// leave that circle: so does each router of it, and nothing goes in circles. None is left
// where nothing leaves it.
func (v *view) leaving(router logical.ID[logical.Router], p netip.Prefix, all []*logical.Route) []bool {
	c := circle{next: map[logical.ID[logical.Router]][]logical.ID[logical.Router]{}, ends: map[logical.ID[logical.Router]]bool{}}
	c.follow(v, router, p)
	far := c.distances(router)
	ways := make([]bool, len(all))
	for i, route := range all {
		next, ok := v.nextRouter(route)
		d, inside := far[next]
		own, leaves := far[router]
		ways[i] = !ok || !c.back[next] || inside && leaves && d < own
	}
	return ways
}

// circle is where packets for a prefix may go from a router.
type circle struct {
	next map[logical.ID[logical.Router]][]logical.ID[logical.Router]
	ends map[logical.ID[logical.Router]]bool // packets may go from there to no router
	back map[logical.ID[logical.Router]]bool // packets may go from there to the first
}

// follow takes in a router, and all those that packets may go to from there.
func (c *circle) follow(v *view, r logical.ID[logical.Router], p netip.Prefix) {
	if c.next[r] != nil || c.ends[r] {
		return
	}
	routes := v.used(v.sends(r, p))
	c.ends[r] = len(routes) == 0
	for _, route := range routes {
		if next, ok := v.nextRouter(route); ok {
			c.next[r] = append(c.next[r], next)
		} else {
			c.ends[r] = true
		}
	}
	for _, next := range c.next[r] {
		c.follow(v, next, p)
	}
}

// distances are how far it is to leave the circle that a router is on, by the routers on
// it; those from which nothing leaves it are left out.
func (c *circle) distances(router logical.ID[logical.Router]) map[logical.ID[logical.Router]]int {
	from := map[logical.ID[logical.Router]][]logical.ID[logical.Router]{}
	for r, all := range c.next {
		for _, next := range all {
			from[next] = append(from[next], r)
		}
	}
	c.back = map[logical.ID[logical.Router]]bool{router: true}
	for queue := []logical.ID[logical.Router]{router}; len(queue) > 0; queue = queue[1:] {
		for _, r := range from[queue[0]] {
			if !c.back[r] {
				c.back[r] = true
				queue = append(queue, r)
			}
		}
	}
	far := map[logical.ID[logical.Router]]int{}
	var queue []logical.ID[logical.Router]
	for r := range c.back {
		leaves := c.ends[r]
		for _, next := range c.next[r] {
			leaves = leaves || !c.back[next]
		}
		if leaves {
			far[r] = 0
			queue = append(queue, r)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, r := range from[queue[0]] {
			if _, known := far[r]; !known && c.back[r] {
				far[r] = far[queue[0]] + 1
				queue = append(queue, r)
			}
		}
	}
	return far
}
