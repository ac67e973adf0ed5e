package vswitch

import (
	"slices"
)

// Diff returns what must change in o to make it d, in the order in which it is
// to be done: steps ascending; in a step deletions, then rows from parents to
// children, each with its settings by name.
//
// Only what is ours is ever taken away: rows whose mark names owner
// OwnerProfile, and settings listed in a row's mark. What somebody else set
// is a take-over, whether d wants another value or the same.
// Diff is pure: d must be sorted, o is not changed.
func Diff(o Observed, d Desired) []Change {
	df := differ{observed: o, desired: d, recreate: map[ID]bool{}}
	for _, r := range d.Rows {
		if was, ok := o.Row(r.ID); ok && mustRecreate(was, d.asFound(r)) {
			df.recreate[df.portOf(r)] = true
		}
	}
	df.deletions()
	if _, ok := d.Row(Root); !ok {
		df.row(Row{ID: Root})
	}
	for _, r := range d.Rows {
		df.row(r)
	}
	slices.SortStableFunc(df.changes, func(a, b Change) int { return a.Step - b.Step })
	return df.changes
}

type differ struct {
	observed Observed
	desired  Desired
	recreate map[ID]bool // ports to be deleted and made again
	changes  []Change
}

// mustRecreate tells whether vswitchd would not follow a change of the row in
// place: it matches ports by name and type (vswitchd/bridge.c,
// bridge_delete_or_reconfigure_ports) and reads a vhost path once
// (lib/netdev-dpdk.c, netdev_dpdk_vhost_client_set_config).
func mustRecreate(was ObservedRow, want Row) bool {
	if want.ID == Root || want.Table == BridgeTable || want.Table == QoSTable {
		return false
	}
	if was.Parent != want.Parent && was.Parent != (ID{}) {
		return true
	}
	if want.Table != IfaceTable {
		return false
	}
	const path = "options:vhost-server-path"
	return was.Settings["type"] != want.Settings["type"] ||
		was.Settings[path] != "" && want.Settings[path] != "" && was.Settings[path] != want.Settings[path]
}

// portOf returns the port that a port, interface or QoS row belongs to.
func (df *differ) portOf(r Row) ID {
	if r.Table == PortTable {
		return r.ID
	}
	return r.Parent
}

// deletions takes away rows of ours that nobody wants any more, and ports that
// are to be made again. Rows below a deleted row go with it.
func (df *differ) deletions() {
	gone := map[ID]bool{}
	kept := map[ID]bool{} // own ports of bridges that must stay
	for _, was := range df.observed.Rows {
		if kept[was.ID] || kept[was.Parent] {
			continue
		}
		if gone[was.Parent] {
			gone[was.ID] = true
			continue
		}
		_, wanted := df.desired.Row(was.ID)
		again := df.recreate[was.ID]
		if was.ID == Root || wanted && !again {
			continue
		}
		if !wanted && was.Mark.Owner != OwnerProfile {
			if was.Mark.Owner == OwnerAdopted {
				df.changes = append(df.changes, release(was)...)
			}
			continue
		}
		c := Change{ID: was.ID, Op: Delete, Parent: was.Parent, Step: 1}
		if again {
			c.TakeOver = was.Mark.Owner == ""
			c.Note = "made again in the next step"
		} else if foreign, ok := df.foreignBelow(was.ID); ok {
			c.Refused = foreign.String() + " below it is not ours: move or delete it first"
			df.changes = append(df.changes, c)
			kept[ID{PortTable, was.Name}] = true
			continue
		}
		gone[was.ID] = true
		df.changes = append(df.changes, c)
	}
}

// foreignBelow finds a row below id that the profile does not own. A bridge's
// own port and interface bear its name and mark nothing.
func (df *differ) foreignBelow(id ID) (ID, bool) {
	if id.Table != BridgeTable {
		return ID{}, false
	}
	for _, r := range df.observed.Rows {
		if r.Parent == id && r.Table == PortTable && r.Name != id.Name && r.Mark.Owner != OwnerProfile {
			return r.ID, true
		}
	}
	return ID{}, false
}

func (df *differ) row(r Row) {
	was, exists := df.observed.Row(r.ID)
	if again := df.recreate[df.portOf(r)]; !exists || again && r.ID != Root && r.Table != BridgeTable {
		c := Change{ID: r.ID, Op: Create, Parent: r.Parent, Row: r, Step: 1}
		if again {
			c.Step = 2
			port, _ := df.observed.Row(df.portOf(r))
			c.TakeOver = port.Mark.Owner == ""
		}
		df.changes = append(df.changes, c)
		return
	}
	r = df.desired.asFound(r)
	foreign := r.ID != Root && was.Mark.Owner == ""
	if foreign {
		df.changes = append(df.changes, Change{ID: r.ID, Op: Claim, TakeOver: true, Step: 1})
	}
	for _, name := range r.Settings.Names() {
		c := Change{ID: r.ID, Op: Set, Setting: name, Old: was.Settings[name], New: r.Settings[name], Step: 1}
		ours := !foreign && was.Mark.Owns(name)
		if c.Old == c.New {
			if ours {
				continue
			}
			c.Op = Claim
		}
		c.TakeOver = foreign || c.Old != "" && !ours
		df.changes = append(df.changes, c)
	}
	for _, name := range was.Mark.Keys {
		if _, wanted := r.Settings[name]; !wanted {
			df.changes = append(df.changes, giveBack(was, name))
		}
	}
}

// giveBack returns one setting of ours to what it was before us.
func giveBack(was ObservedRow, name string) Change {
	c := Change{ID: was.ID, Op: Unset, Setting: name, Old: was.Settings[name], New: was.Mark.Former[name], Step: 1}
	if c.Old == c.New {
		c.Op = Forget
	}
	return c
}

// ReleaseAll returns the changes that make nothing of o ours any more: values that
// take-overs replaced come back, everything else stays as it runs.
func ReleaseAll(o Observed) []Change {
	var changes []Change
	for _, r := range o.Rows {
		if r.Mark.Owner != "" || len(r.Mark.Keys) > 0 {
			changes = append(changes, release(r)...)
		}
	}
	return changes
}

func release(was ObservedRow) []Change {
	var changes []Change
	for _, name := range was.Mark.Keys {
		c := giveBack(was, name)
		if _, tookOver := was.Mark.Former[name]; !tookOver {
			c = Change{ID: was.ID, Op: Forget, Setting: name, Step: 1}
		}
		changes = append(changes, c)
	}
	if was.Mark.Owner != "" {
		changes = append(changes, Change{ID: was.ID, Op: Disown, Step: 1})
	}
	return changes
}
