package plan

import (
	"slices"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// together gives deletions, and what is made again after them, one price: what
// is made costs what went for it, and ports between which an interface moves go
// as one. Else a pass could make or delete half of them.
func together(changes []vswitch.Change, o vswitch.Observed) {
	group := map[vswitch.ID]vswitch.ID{} // port -> another of its group, or itself
	var head func(vswitch.ID) vswitch.ID
	head = func(port vswitch.ID) vswitch.ID {
		if up, ok := group[port]; ok && up != port {
			return head(up)
		}
		return port
	}
	deleted := map[vswitch.ID]bool{}
	for _, c := range changes {
		deleted[c.ID] = deleted[c.ID] || c.Op == vswitch.Delete
	}
	for _, c := range changes {
		was, existed := o.Row(c.ID)
		if c.Op == vswitch.Create && c.ID.Table == vswitch.IfaceTable && existed && deleted[was.Parent] {
			group[head(was.Parent)] = head(c.Parent)
		}
	}
	price := map[vswitch.ID]vswitch.Class{}
	for _, c := range changes {
		if c.Op == vswitch.Delete && c.ID.Table == vswitch.PortTable {
			price[head(c.ID)] = worse(price[head(c.ID)], c.Class)
		}
	}
	for i := range changes {
		c := &changes[i]
		class, some := price[head(portOf(*c))]
		if !some || c.Op != vswitch.Delete && (c.Op != vswitch.Create || c.Step == 1) {
			continue
		}
		c.Class = class
		if c.Op == vswitch.Create {
			c.Note = join(c.Note, "made again")
		}
	}
}

// portOf returns the port of a change of a port or of what hangs below one.
func portOf(c vswitch.Change) vswitch.ID {
	if c.ID.Table == vswitch.PortTable {
		return c.ID
	}
	return c.Parent
}

func worse(a, b vswitch.Class) vswitch.Class {
	order := []vswitch.Class{"", vswitch.Live, vswitch.PMDRecreation, vswitch.PortRestart, vswitch.RestartNeeded}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}
