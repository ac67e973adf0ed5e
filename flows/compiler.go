package flows

import (
	"cmp"
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
	// numbers tells who has which group.
	numbers numbers
	// aside are the units whose rules the switch refused, with its words.
	aside map[logical.Ref]string
	// troubled are the units with problems.
	troubled map[logical.Ref]*unit
	// unread are new units, which deps does not know yet: nobody asks it before the next
	// look, and the switch waits for the rules of this one.
	unread []*unit
}

// New returns a compiler of an empty network.
func New() *Compiler {
	c := &Compiler{
		units: map[logical.Ref]*unit{}, deps: deps{}, table: newTable(), numbers: numbers{},
		aside: map[logical.Ref]string{}, troubled: map[logical.Ref]*unit{},
	}
	c.view = view{snap: new(logical.Snapshot), local: new(Local), open: openPorts{}, routes: routeIndex{}}
	c.view.reach = reachOf(&c.view)
	dirty := map[logical.Ref]bool{{}: true}
	c.recompute(dirty)
	return c
}

// Compile is the whole of the rules of a host.
func Compile(s *logical.Snapshot, local Local) (Rules, []Problem) {
	c := New()
	c.Update(s, s.Refs(), local)
	return c.Rules(), c.Problems()
}

// Update is Follow, and Pending.
func (c *Compiler) Update(s *logical.Snapshot, delta logical.Delta, local Local) Change {
	c.Follow(s, delta, local)
	return c.Pending()
}

// Pending is what the switch lacks: all that changed since the last Done, or since New.
func (c *Compiler) Pending() Change { return c.table.pending() }

// Follow goes on to another snapshot, or to another state of the host. delta names what
// differs between the snapshots, as Snapshot.With returned it; after several of them,
// all that any of them named. What is given belongs to the compiler from then on.
func (c *Compiler) Follow(s *logical.Snapshot, delta logical.Delta, local Local) {
	defer c.table.stream.end()
	if len(c.units) == 1 { // all that is there is the one that is always there
		c.expect(len(delta))
	}
	c.readUp()
	unread := len(c.deps) == 0 // nobody is to be told what was touched
	before, was := c.view.snap, c.view.local
	dirty := make(map[logical.Ref]bool, len(delta)/2)
	touched := map[logical.Ref]bool{}
	structure, rewired := false, !local.wiredAs(was)
	for _, r := range delta {
		old, now := before.Entity(r), s.Entity(r)
		for _, e := range []logical.Entity{old, now} {
			if !unread {
				touches(e, touched)
			}
			structure = structure || shapes(e, &local, was)
			rewired = rewired || rewires(e)
		}
		if !unread {
			touched[r] = true
		}
		c.view.open.follow(old, now, touched)
		c.view.routes.follow(old, now, func(r logical.Ref) {
			if c.deps[r] != nil { // most of the prefixes around one are read by nobody
				touched[r] = true
			}
		})
		if owns(r.Kind) {
			dirty[r] = true
		}
		if r.Kind == logical.KindSwitch {
			dirty[floodOf(r.UUID)] = true
		}
	}
	structure = local.differs(was, touched) || structure
	c.view.snap, c.view.local = s, &local
	if structure {
		c.follow(rewired, touched, dirty)
	}
	c.deps.of(touched, dirty)
	for ref := range dirty {
		delete(c.aside, ref)
	}
	c.recompute(dirty)
}

// expect makes room for a network of so many rows. About every second has a unit, with
// a flow or two.
func (c *Compiler) expect(rows int) {
	c.units = grown(c.units, rows/2)
	c.table.expect(rows)
}

func grown[M ~map[K]V, K comparable, V any](m M, n int) M {
	bigger := make(M, n)
	maps.Copy(bigger, m)
	return bigger
}

// Done says that the switch has all of the rules: the last change went in, or a Diff
// with what the switch held.
func (c *Compiler) Done() {
	c.table.done()
	c.readUp()
}

// SetAside leaves out the rules of the row that a refused message is for, until
// something changes that they are made of: Pending is what the switch lacks without
// them. It is false where the message is of no row: then nothing changed.
func (c *Compiler) SetAside(refused of.Message, reason string) bool {
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
		return false
	}
	c.aside[u.ref] = reason
	c.recompute(map[logical.Ref]bool{u.ref: true})
	return true
}

// Retry takes in again what was set aside, for another switch or one that has another
// mind. It is part of the next change.
func (c *Compiler) Retry() {
	dirty := map[logical.Ref]bool{}
	for ref := range c.aside {
		dirty[ref] = true
	}
	clear(c.aside)
	c.recompute(dirty)
}

// Rules are all flows and groups as they should be now.
func (c *Compiler) Rules() Rules { return c.table.rules() }

// Len is how many flows Rules has. It costs nothing.
func (c *Compiler) Len() int { return len(c.table.flows) }

// Aside is how many rows SetAside left out that are still left out.
func (c *Compiler) Aside() int { return len(c.aside) }

// Problems are what of the network this host cannot do as it was asked, by the rows.
// It costs nothing where there are none.
func (c *Compiler) Problems() []Problem {
	var all []Problem
	for ref, u := range c.troubled {
		for _, text := range u.problems {
			all = append(all, Problem{rowOf(ref), text})
		}
	}
	for ref, text := range c.aside {
		all = append(all, Problem{rowOf(ref), text})
	}
	slices.SortFunc(all, func(a, b Problem) int { return cmp.Or(a.Row.Compare(b.Row), cmp.Compare(a.Text, b.Text)) })
	return all
}
