package flows

import (
	"cmp"
	"hash/maphash"
	"maps"
	"net/netip"
	"slices"
	"sync"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// routeIndex are the routes by router and prefix. Who asks for the routes around a prefix,
// or inside of it, is computed again when one of those changes, and not for others.
type routeIndex map[logical.ID[logical.Router]]*routerRoutes

// routerRoutes are those of one router.
type routerRoutes struct {
	to map[netip.Prefix][]*logical.Route // by their UUIDs
	// lengths count the prefixes of each length, of IPv4 and IPv6.
	lengths [2][129]int
	// order are the prefixes by address and length; nil = to be made, by whichever unit
	// asks first.
	order  []netip.Prefix
	sorted sync.Once
}

func byAddress(a, b netip.Prefix) int {
	return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
}

func familyOf(p netip.Prefix) int {
	if p.Addr().Is4() {
		return 0
	}
	return 1
}

// routeSeed makes the keys of prefixes. Two with one key cost a needless computation.
var routeSeed = maphash.MakeSeed()

// prefixOf is the key of what is read of a router's routes with regard to a prefix.
func prefixOf(kind logical.Kind, r logical.ID[logical.Router], p netip.Prefix) logical.Ref {
	type key struct {
		router logical.ID[logical.Router]
		prefix netip.Prefix
	}
	sum := maphash.Comparable(routeSeed, key{r, p})
	ref := logical.Ref{Kind: kind}
	for i := range 8 {
		ref.UUID[i] = byte(sum >> (8 * i))
	}
	return ref
}

// follow takes a route out as it was and in as it is.
func (x routeIndex) follow(old, now logical.Entity, touch func(logical.Ref)) {
	was, _ := old.(*logical.Route)
	is, _ := now.(*logical.Route)
	if was != nil && (is == nil || is.Router != was.Router || is.Prefix != was.Prefix) {
		x.change(was, touch, func(all []*logical.Route, at int, known bool) []*logical.Route {
			if !known {
				return all
			}
			return slices.Delete(all, at, at+1)
		})
	}
	if is != nil {
		x.change(is, touch, func(all []*logical.Route, at int, known bool) []*logical.Route {
			if !known {
				return slices.Insert(all, at, is)
			}
			all[at] = is
			return all
		})
	}
}

// change does something with the place of a route, and touches what is read of it.
func (x routeIndex) change(route *logical.Route, touch func(logical.Ref), do func(all []*logical.Route, at int, known bool) []*logical.Route) {
	id, p := route.Router, route.Prefix.Masked()
	r := x[id]
	if r == nil {
		r = &routerRoutes{to: map[netip.Prefix][]*logical.Route{}}
		x[id] = r
	}
	before := r.to[p]
	at, known := slices.BinarySearchFunc(before, route, func(a, b *logical.Route) int { return a.ID.Compare(b.ID) })
	now := do(before, at, known)
	length := &r.lengths[familyOf(p)][p.Bits()]
	switch had, has := len(before) > 0, len(now) > 0; {
	case has && !had:
		if *length++; *length == 1 {
			touch(logical.Ref{Kind: readLengths, UUID: id.UUID()})
		}
		if i, _ := slices.BinarySearchFunc(r.order, p, byAddress); r.order != nil {
			r.order = slices.Insert(r.order, i, p)
		}
	case had && !has:
		if *length--; *length == 0 {
			touch(logical.Ref{Kind: readLengths, UUID: id.UUID()})
		}
		if i, ok := slices.BinarySearchFunc(r.order, p, byAddress); ok {
			r.order = slices.Delete(r.order, i, i+1)
		}
	}
	if r.to[p] = now; len(now) == 0 {
		if delete(r.to, p); len(r.to) == 0 {
			delete(x, id)
		}
	}
	touch(prefixOf(readRoutesTo, id, p))
	for bits := range p.Bits() {
		outer, _ := p.Addr().Prefix(bits)
		touch(prefixOf(readRoutesIn, id, outer))
	}
}

// routesTo lists the routes of a router with one prefix, by their UUIDs.
func (v *view) routesTo(r logical.ID[logical.Router], p netip.Prefix) []*logical.Route {
	p = p.Masked()
	v.read(prefixOf(readRoutesTo, r, p))
	if x := v.routes[r]; x != nil {
		return x.to[p]
	}
	return nil
}

// routesAround lists the routes of a router with the longest prefix of more than some
// bits that is p, or around it.
func (v *view) routesAround(r logical.ID[logical.Router], p netip.Prefix, above int) []*logical.Route {
	v.readID(readLengths, r.UUID())
	x := v.routes[r]
	if x == nil {
		return nil
	}
	for bits := p.Bits(); bits > above; bits-- {
		if x.lengths[familyOf(p)][bits] == 0 {
			continue
		}
		outer, _ := p.Addr().Prefix(bits)
		if all := v.routesTo(r, outer); len(all) > 0 {
			return all
		}
	}
	return nil
}

// prefixesIn lists the longer prefixes inside p that a router has routes for.
func (v *view) prefixesIn(r logical.ID[logical.Router], p netip.Prefix) []netip.Prefix {
	p = p.Masked()
	v.read(prefixOf(readRoutesIn, r, p))
	x := v.routes[r]
	if x == nil {
		return nil
	}
	x.sorted.Do(func() { x.order = slices.SortedFunc(maps.Keys(x.to), byAddress) })
	first, _ := slices.BinarySearchFunc(x.order, netip.PrefixFrom(p.Addr(), p.Bits()), byAddress)
	for first < len(x.order) && x.order[first] == p {
		first++
	}
	last := first
	for last < len(x.order) && p.Contains(x.order[last].Addr()) {
		last++
	}
	return x.order[first:last]
}
