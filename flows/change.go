package flows

import (
	"cmp"
	"slices"

	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Change takes a switch from one state to another. It is to be done as one bundle, in
// the order of Messages.
type Change struct {
	GroupMods []of.GroupMod // additions and changes first, deletions last; ascending by number
	FlowMods  []of.FlowMod  // additions first, deletions last; each as flows are listed
}

// Empty says whether there is nothing to do.
func (c *Change) Empty() bool { return len(c.GroupMods) == 0 && len(c.FlowMods) == 0 }

// Messages is the change in an order that a switch accepts: a flow comes after the
// groups it needs, and a group goes after the last flow that needs it.
func (c *Change) Messages() []of.Message {
	all := make([]of.Message, 0, len(c.GroupMods)+len(c.FlowMods))
	for i := range c.GroupMods {
		if c.GroupMods[i].Command != of.GroupDelete {
			all = append(all, &c.GroupMods[i])
		}
	}
	for i := range c.FlowMods {
		all = append(all, &c.FlowMods[i])
	}
	for i := range c.GroupMods {
		if c.GroupMods[i].Command == of.GroupDelete {
			all = append(all, &c.GroupMods[i])
		}
	}
	return all
}

func (c *Change) put(f of.Flow) {
	c.FlowMods = append(c.FlowMods, of.FlowMod{Command: of.FlowAdd, Flow: f})
}

// remove names the flow by its key alone: what it did and whose it was does not matter.
func (c *Change) remove(f of.Flow) {
	gone := of.Flow{Table: f.Table, Priority: f.Priority, Match: f.Match}
	c.FlowMods = append(c.FlowMods, of.FlowMod{Command: of.FlowDeleteStrict, Flow: gone})
}

func (c *Change) addGroup(g of.GroupEntry) {
	c.GroupMods = append(c.GroupMods, of.GroupMod{Command: of.GroupAdd, Group: g})
}

func (c *Change) modifyGroup(g of.GroupEntry) {
	c.GroupMods = append(c.GroupMods, of.GroupMod{Command: of.GroupModify, Group: g})
}

func (c *Change) removeGroup(id uint32) {
	c.GroupMods = append(c.GroupMods, of.GroupMod{Command: of.GroupDelete, Group: of.GroupEntry{ID: id}})
}

func (c *Change) sort() {
	slices.SortFunc(c.FlowMods, func(a, b of.FlowMod) int {
		if a.Command != b.Command {
			return cmp.Compare(a.Command, b.Command)
		}
		return inOrder(a.Flow, b.Flow)
	})
	slices.SortFunc(c.GroupMods, func(a, b of.GroupMod) int {
		return cmp.Or(cmp.Compare(a.Command, b.Command), cmp.Compare(a.Group.ID, b.Group.ID))
	})
}

// Diff is what makes a switch that holds some flows and groups hold the desired ones,
// and nothing else. It is empty where it does.
func Diff(flows []of.Flow, groups []of.GroupEntry, want Rules) Change {
	c := Change{}
	if n := len(want.Flows) - len(flows); n > 0 { // these at least
		c.FlowMods = make([]of.FlowMod, 0, n)
	}
	held := make(map[of.Key]of.Flow, len(flows))
	for _, f := range flows {
		held[f.Key()] = f
	}
	for _, f := range want.Flows {
		if was, ok := held[f.Key()]; !ok || was != f {
			c.put(f)
		}
		delete(held, f.Key())
	}
	for _, f := range held {
		c.remove(f)
	}
	heldGroups := make(map[uint32]*of.GroupEntry, len(groups))
	for i := range groups {
		heldGroups[groups[i].ID] = &groups[i]
	}
	for _, g := range want.Groups {
		switch was := heldGroups[g.ID]; {
		case was == nil:
			c.addGroup(g)
		case !was.Equal(&g):
			c.modifyGroup(g)
		}
		delete(heldGroups, g.ID)
	}
	for id := range heldGroups {
		c.removeGroup(id)
	}
	c.sort()
	return c
}
