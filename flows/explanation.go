package flows

import (
	"cmp"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Explanation is what a row comes to on this host.
type Explanation struct {
	Row    logical.Ref // zero for the flows that belong to no row
	Flows  []Wanted    // as flows are listed
	Groups []of.GroupEntry
	// Problems are what cannot be done for it.
	Problems []string
}

// Wanted is a flow that a row wants.
type Wanted struct {
	Flow of.Flow
	// InForce is whether the switch has it. Another row may want the same key; then
	// Winner is that row.
	InForce bool
	Winner  logical.Ref
}

// Explain is what the row of a cookie comes to. ok is false where there is no such row
// or this host needs nothing for it. It walks the rows.
func (c *Compiler) Explain(cookie uint64) (Explanation, bool) {
	var x Explanation
	ok := false
	for ref, u := range c.units {
		if Cookie(rowOf(ref)) == cookie {
			c.explain(u, &x)
			ok = true
		}
	}
	slices.SortFunc(x.Flows, func(a, b Wanted) int { return inOrder(a.Flow, b.Flow) })
	slices.SortFunc(x.Groups, func(a, b of.GroupEntry) int { return cmp.Compare(a.ID, b.ID) })
	slices.Sort(x.Problems)
	return x, ok
}

// explain adds what one unit comes to.
func (c *Compiler) explain(u *unit, x *Explanation) {
	x.Row = rowOf(u.ref)
	x.Problems = append(x.Problems, u.problems...)
	if reason, set := c.aside[u.ref]; set {
		x.Problems = append(x.Problems, reason)
	}
	for _, k := range u.flows {
		e := c.table.flows[k]
		w := Wanted{Flow: e.flow, InForce: e.unit == u, Winner: rowOf(e.unit.ref)}
		for _, other := range e.rest {
			if other.unit == u {
				w.Flow = other.flow
			}
		}
		x.Flows = append(x.Flows, w)
	}
	for _, id := range u.groups {
		x.Groups = append(x.Groups, c.table.groups[id].group)
	}
}
