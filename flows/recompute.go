package flows

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// numbers are the units that want a group number, ascending: the first has it. Numbers
// follow from keys, so that two want one while a key is given out twice.
type numbers map[uint32][]logical.Ref

// follow takes a unit from the groups that it wanted to those that it wants, and marks
// who gets or loses a number by that.
func (n numbers) follow(ref logical.Ref, before []uint32, now []of.GroupEntry, dirty map[logical.Ref]bool) []uint32 {
	var wants []uint32
	for _, g := range now {
		wants = append(wants, g.ID)
		at, there := slices.BinarySearchFunc(n[g.ID], ref, logical.Ref.Compare)
		if there {
			continue
		}
		if at == 0 && len(n[g.ID]) > 0 {
			dirty[n[g.ID][0]] = true
		}
		n[g.ID] = slices.Insert(n[g.ID], at, ref)
	}
	for _, id := range before {
		at, there := slices.BinarySearchFunc(n[id], ref, logical.Ref.Compare)
		if !there || slices.Contains(wants, id) {
			continue
		}
		if n[id] = slices.Delete(n[id], at, at+1); len(n[id]) == 0 {
			delete(n, id)
		} else if at == 0 {
			dirty[n[id][0]] = true
		}
	}
	return wants
}

// recompute does units again, in an order that does not matter, and puts what is
// different into the table. Those with groups wait until all numbers are given out.
func (c *Compiler) recompute(dirty map[logical.Ref]bool) {
	waiting := map[logical.Ref]rules{}
	for len(dirty) > 0 {
		next := map[logical.Ref]bool{}
		c.look(dirty, func(ref logical.Ref, looked looked) {
			u, now := c.note(ref, looked)
			if u == nil {
				return
			}
			u.ended = !looked.wanted
			if len(now.groups)+len(u.wants) == 0 {
				c.settle(u, now)
				return
			}
			u.wants = c.numbers.follow(ref, u.wants, now.groups, next)
			waiting[ref] = now
		})
		maps.DeleteFunc(next, func(ref logical.Ref, _ bool) bool { _, done := waiting[ref]; return done })
		dirty = next
	}
	for ref, now := range waiting {
		for _, g := range now.groups {
			if has := c.numbers[g.ID][0]; has != ref {
				now = rules{problems: []string{fmt.Sprintf("its group number %d is that of %v: add it anew", g.ID, rowOf(has))}}
				break
			}
		}
		c.settle(c.units[ref], now)
	}
}

// settle makes rules those of a unit.
func (c *Compiler) settle(u *unit, now rules) {
	u.problems = now.problems
	c.put(u, now)
	delete(c.troubled, u.ref)
	if u.ended {
		delete(c.units, u.ref)
		return
	}
	if len(u.problems) > 0 {
		c.troubled[u.ref] = u
	}
}

// note brings in what a unit wants now, and what it read for that; nil where it is not
// there, and was not.
func (c *Compiler) note(ref logical.Ref, l looked) (*unit, rules) {
	u := c.units[ref]
	if !l.wanted && u == nil {
		return nil, rules{}
	}
	if _, set := c.aside[ref]; set {
		l.rules.flows, l.rules.groups = nil, nil
	}
	if u == nil {
		u = &unit{ref: ref, unread: true}
		c.units[ref] = u
		c.unread = append(c.unread, u)
	}
	was := u.reads
	u.reads = l.reads
	if !u.unread {
		c.deps.note(u, was)
	}
	return u, l.rules
}

// put makes the rules those that the unit wants.
func (c *Compiler) put(u *unit, now rules) {
	// Groups come before the flows that need them, and before groups that lead to them.
	slices.SortFunc(now.groups, func(a, b of.GroupEntry) int { return cmp.Compare(a.ID, b.ID) })
	var groups []uint32
	for _, g := range now.groups {
		c.table.putGroup(u, g)
		groups = append(groups, g.ID)
	}
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
	for _, id := range u.groups {
		if !slices.Contains(groups, id) {
			c.table.dropGroup(u, id)
		}
	}
	u.flows, u.groups = keys, groups
}

func compareKeys(a, b of.Key) int {
	return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.Match, b.Match))
}
