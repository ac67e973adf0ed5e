package flows

import (
	"fmt"
	"maps"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// follow finds the reach anew, and the units that come into it or leave it.
func (c *Compiler) follow(before *logical.Snapshot, touched, dirty map[logical.Ref]bool) {
	was := c.view.reach
	c.view.reach = reachOf(&c.view)
	for id, how := range c.view.reach.switches {
		if was.switches[id] != how {
			touched[logical.Ref{Kind: readReach, UUID: id.UUID()}] = true
		}
		if was.switches[id] == viaNone {
			dirty[logical.Ref{Kind: logical.KindSwitch, UUID: id.UUID()}] = true
			dirty[floodOf(id.UUID())] = true
			for p := range c.view.snap.PortsOf(id) {
				dirty[p.Ref()] = true
			}
		}
	}
	for id := range was.switches {
		if c.view.reach.switches[id] == viaNone {
			touched[logical.Ref{Kind: readReach, UUID: id.UUID()}] = true
		}
	}
	for id := range c.view.reach.routers {
		if was.routers[id] {
			continue
		}
		touched[logical.Ref{Kind: readReach, UUID: id.UUID()}] = true
		dirty[logical.Ref{Kind: logical.KindRouter, UUID: id.UUID()}] = true
		for rp := range c.view.snap.RouterPortsOf(id) {
			dirty[rp.Ref()] = true
		}
		for route := range c.view.snap.RoutesOf(id) {
			dirty[route.Ref()] = true
		}
	}
	for id := range was.routers {
		if !c.view.reach.routers[id] {
			touched[logical.Ref{Kind: readReach, UUID: id.UUID()}] = true
		}
	}
}

// recompute does units again, in an order that does not matter, and then those to which
// or from which a group number went.
func (c *Compiler) recompute(dirty map[logical.Ref]bool) {
	for len(dirty) > 0 {
		moved := map[logical.Ref]bool{}
		for ref := range dirty {
			c.one(ref, moved)
		}
		dirty = moved
	}
	c.view.note = nil
}

// one does a unit again and puts what is different into the table. moved takes the units
// that have to be done for it.
func (c *Compiler) one(ref logical.Ref, moved map[logical.Ref]bool) {
	reads := map[logical.Ref]bool{}
	c.view.note = func(r logical.Ref) { reads[r] = true }
	var now rules
	if c.wanted(ref) {
		now = compute(&c.view, ref)
	}
	if _, set := c.aside[ref]; set {
		now.flows, now.groups = nil, nil
	}
	u := c.units[ref]
	if u == nil {
		if !c.wanted(ref) {
			return
		}
		u = &unit{ref: ref}
		c.units[ref] = u
	}
	c.table.claimGroups(u, now.groups, moved)
	for _, g := range now.groups {
		if first := c.table.claims[g.ID][0]; first != u {
			now = rules{problems: []string{fmt.Sprintf("its group number %d is that of %v: add it anew", g.ID, rowOf(first.ref))}}
			break
		}
	}
	if u.problems = now.problems; len(u.problems) > 0 {
		c.told[ref] = u
	} else {
		delete(c.told, ref)
	}
	c.put(u, now)
	was := u.reads
	if u.reads = nil; c.wanted(ref) {
		u.reads = slices.SortedFunc(maps.Keys(reads), logical.Ref.Compare)
	} else {
		delete(c.units, ref)
	}
	c.deps.note(u, was)
}

// put makes the rules those that the unit wants.
func (c *Compiler) put(u *unit, now rules) {
	keys := make([]of.Key, 0, len(now.flows))
	for i := range now.flows {
		c.table.claim(u, now.flows[i])
		keys = append(keys, now.flows[i].Key())
	}
	slices.SortFunc(keys, compareKeys)
	keys = slices.Compact(keys)
	for _, k := range u.flows {
		if _, ok := slices.BinarySearchFunc(keys, k, compareKeys); !ok {
			c.table.release(u, k)
		}
	}
	var groups []uint32
	for _, g := range now.groups {
		c.table.putGroup(u, g)
		groups = append(groups, g.ID)
	}
	for _, id := range u.groups {
		if !slices.Contains(groups, id) {
			c.table.dropGroup(u, id)
		}
	}
	u.flows, u.groups = keys, groups
}

// wanted says whether a unit is there: its row, within reach.
func (c *Compiler) wanted(ref logical.Ref) bool {
	s, reach := c.view.snap, c.view.reach
	switch ref.Kind {
	case 0:
		return true
	case logical.KindHost:
		return s.Host(logical.ID[logical.Host](ref.UUID)) != nil
	case logical.KindSwitch, unitFlood:
		return reach.switches[logical.ID[logical.Switch](ref.UUID)] != viaNone
	case logical.KindSwitchPort:
		p := s.Port(logical.ID[logical.SwitchPort](ref.UUID))
		return p != nil && reach.switches[p.Switch] != viaNone
	case logical.KindRouter:
		return reach.routers[logical.ID[logical.Router](ref.UUID)]
	case logical.KindRouterPort:
		rp := s.RouterPort(logical.ID[logical.RouterPort](ref.UUID))
		return rp != nil && reach.routers[rp.Router]
	case logical.KindRoute:
		r := s.Route(logical.ID[logical.Route](ref.UUID))
		return r != nil && reach.routers[r.Router]
	default:
		return false
	}
}
