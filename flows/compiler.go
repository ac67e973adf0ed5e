package flows

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Compiler holds the rules of one host and follows the network. It is not for several
// goroutines at a time.
type Compiler struct {
	view  view
	units map[logical.Ref]*unit
	deps  deps
	table *table
	// aside are the units whose rules the switch refused, with its words.
	aside map[logical.Ref]string
}

// New returns a compiler of an empty network.
func New() *Compiler {
	c := &Compiler{units: map[logical.Ref]*unit{}, deps: deps{}, table: newTable(), aside: map[logical.Ref]string{}}
	c.view = view{snap: new(logical.Snapshot), local: new(Local), open: openPorts{}}
	c.view.reach = reachOf(&c.view)
	dirty := map[logical.Ref]bool{{}: true}
	c.recompute(dirty)
	return c
}

// Compile is the whole of the rules of a host.
func Compile(s *logical.Snapshot, local Local) (Rules, []Problem) {
	c := New()
	var all logical.Delta
	for e := range s.All() {
		all = append(all, e.Ref())
	}
	c.Update(s, all, local)
	return c.Rules(), c.Problems()
}

// Update goes on to another snapshot, or to another state of the host, and returns
// what the switch lacks: all that changed since the last Done, or since New. delta
// names what differs between the snapshots, as Snapshot.With returned it; after several
// of them, all that any of them named. What is given belongs to the compiler from then
// on.
func (c *Compiler) Update(s *logical.Snapshot, delta logical.Delta, local Local) Change {
	before, was := c.view.snap, c.view.local
	dirty := map[logical.Ref]bool{}
	touched := map[logical.Ref]bool{}
	structure := false
	for _, r := range delta {
		old, now := before.Entity(r), s.Entity(r)
		for _, e := range []logical.Entity{old, now} {
			touches(e, touched)
			structure = structure || shapes(e, &local, was)
		}
		touched[r] = true
		c.view.open.follow(old, now, touched)
		if owns(r.Kind) {
			dirty[r] = true
		}
	}
	structure = local.differs(was, touched) || structure
	c.view.snap, c.view.local, c.view.siblings = s, &local, nil
	if structure {
		c.follow(before, touched, dirty)
	}
	c.deps.of(touched, c.units, dirty)
	for ref := range dirty {
		delete(c.aside, ref)
	}
	c.recompute(dirty)
	return c.table.pending()
}

// Done says that the switch has all of the rules: the last change went in, or a Diff
// with what the switch held.
func (c *Compiler) Done() { c.table.done() }

// SetAside leaves out the rules of the row that a refused message is for, until
// something changes that they are made of, and returns what the switch lacks without
// them. ok is false where the message is of no row: then nothing changed.
func (c *Compiler) SetAside(refused of.Message, reason string) (Change, bool) {
	var u *unit
	switch m := refused.(type) {
	case *of.FlowMod:
		if e := c.table.flows[m.Flow.Key()]; e != nil {
			u = e.unit
		}
	case *of.GroupMod:
		if e := c.table.groups[m.Group.ID]; e != nil {
			u = e.unit
		}
	}
	if u == nil || u.ref.Kind == 0 {
		return Change{}, false
	}
	c.aside[u.ref] = reason
	c.recompute(map[logical.Ref]bool{u.ref: true})
	return c.table.pending(), true
}

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

// recompute does units again, in an order that does not matter.
func (c *Compiler) recompute(dirty map[logical.Ref]bool) {
	for ref := range dirty {
		c.one(ref)
	}
	c.view.note, c.view.siblings = nil, nil
}

// one does a unit again and puts what is different into the table.
func (c *Compiler) one(ref logical.Ref) {
	reads := map[logical.Ref]bool{}
	c.view.note = func(r logical.Ref) { reads[r] = true }
	var now rules
	if c.wanted(ref) {
		now = compute(&c.view, ref)
	}
	if _, set := c.aside[ref]; set {
		now.flows, now.groups = nil, nil
	}
	for _, g := range now.groups {
		if e := c.table.groups[g.ID]; e != nil && e.unit.ref != ref {
			now = rules{problems: []string{fmt.Sprintf("its group number %d is that of %v: add it anew", g.ID, e.unit.ref)}}
			break
		}
	}
	u := c.units[ref]
	if u == nil {
		if len(now.flows) == 0 && !c.wanted(ref) {
			return
		}
		u = &unit{ref: ref}
		c.units[ref] = u
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
	u.flows, u.groups, u.problems = keys, groups, now.problems
	if !c.wanted(ref) {
		delete(c.units, ref)
		return
	}
	was := u.reads
	u.reads = slices.SortedFunc(maps.Keys(reads), logical.Ref.Compare)
	c.deps.note(u, was)
}

// Rules are all flows and groups as they should be now.
func (c *Compiler) Rules() Rules { return c.table.rules() }

// Problems are what of the network this host cannot do as it was asked, by the rows.
func (c *Compiler) Problems() []Problem {
	var all []Problem
	for ref, u := range c.units {
		for _, text := range u.problems {
			all = append(all, Problem{ref, text})
		}
	}
	for ref, text := range c.aside {
		all = append(all, Problem{ref, text})
	}
	slices.SortFunc(all, func(a, b Problem) int { return cmp.Or(a.Row.Compare(b.Row), cmp.Compare(a.Text, b.Text)) })
	return all
}

// wanted says whether a unit is there: its row, within reach.
func (c *Compiler) wanted(ref logical.Ref) bool {
	s, reach := c.view.snap, c.view.reach
	switch ref.Kind {
	case 0:
		return true
	case logical.KindHost:
		return s.Host(logical.ID[logical.Host](ref.UUID)) != nil
	case logical.KindSwitch:
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
