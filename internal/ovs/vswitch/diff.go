package vswitch

import (
	"slices"
	"strings"
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
	df := differ{observed: o, desired: d}
	df.recreate = recreations(o, d)
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
	recreate recreated
	changes  []Change
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
		_, wanted := df.desired.Row(was.ID)
		takeOver, again := df.recreate[was.ID]
		if gone[was.Parent] && !again { // a port that moves may not wait for its bridge
			gone[was.ID] = true
			continue
		}
		if was.ID == Root || wanted && !again {
			continue
		}
		if !again && was.Mark.Owner != OwnerProfile {
			if was.Mark.Owner == OwnerAdopted {
				df.changes = append(df.changes, release(was)...)
			}
			continue
		}
		c := Change{ID: was.ID, Op: Delete, Parent: was.Parent, Step: 1}
		switch foreign, blocked := df.foreignBelow(was.ID); {
		case again:
			c.TakeOver = takeOver
			if wanted {
				c.Note = "made again in the next step"
			}
		case blocked:
			c.Refused = foreign.String() + " below it is not ours: move or delete it first"
			kept[ID{PortTable, was.Name}] = true
		default:
			c.TakeOver = df.waits(was.ID)
		}
		gone[was.ID] = c.Refused == ""
		df.changes = append(df.changes, c)
	}
}

// waits tells whether a port of a bridge moves away by take-over only: the
// bridge must not go before it.
func (df *differ) waits(bridge ID) bool {
	for id, takeOver := range df.recreate {
		if port, ok := df.observed.Row(id); ok && takeOver && port.Parent == bridge {
			return true
		}
	}
	return false
}

// belowForeign tells whether the nearest row above r that exists is somebody else's.
func (df *differ) belowForeign(r Row) bool {
	for id := r.Parent; id != Root && id != (ID{}); {
		if above, exists := df.observed.Row(id); exists {
			return above.Mark.Owner == ""
		}
		above, wanted := df.desired.Row(id)
		if !wanted {
			return false
		}
		id = above.Parent
	}
	return false
}

// othersSettings returns the settings of a row that somebody else gave it and
// that r does not set: they outlive its being made again. Another type of
// interface has other options: then only external_ids do.
func othersSettings(was ObservedRow, r Row) Settings {
	kept := Settings{}
	sameType := was.Settings["type"] == r.Settings["type"]
	for name, value := range was.Settings {
		column, _ := Column(name)
		_, set := r.Settings[name]
		if !set && !was.Mark.Owns(name) && (sameType || column == "external_ids") {
			kept[name] = value
		}
	}
	return kept
}

// foreignBelow finds a row below id that the profile does not own, and that
// does not move elsewhere. A bridge's own port and interface bear its name and
// mark nothing.
func (df *differ) foreignBelow(id ID) (ID, bool) {
	if id.Table != BridgeTable {
		return ID{}, false
	}
	for _, r := range df.observed.Rows {
		takeOver, moves := df.recreate[r.ID]
		if r.Parent == id && r.Table == PortTable && r.Name != id.Name && r.Mark.Owner != OwnerProfile && (!moves || takeOver) {
			return r.ID, true
		}
	}
	return ID{}, false
}

func (df *differ) row(r Row) {
	was, exists := df.observed.Row(r.ID)
	takeOver, again := df.recreate[portOf(r)]
	if !exists || again {
		c := Change{ID: r.ID, Op: Create, Parent: r.Parent, Row: r, Step: 1, TakeOver: takeOver}
		switch {
		case again:
			c.Step = 2
			if exists {
				c.Row.Kept = othersSettings(was, r)
			}
		case !r.Asked && df.belowForeign(r):
			c.TakeOver = true // somebody's bridge or port would not be the same
		}
		df.changes = append(df.changes, c)
		return
	}
	r = df.desired.asFound(r, was)
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
		_, tookOver := was.Mark.Former[name]
		if !tookOver && !strings.HasPrefix(name, NotePrefix) {
			c = Change{ID: was.ID, Op: Forget, Setting: name, Step: 1}
		}
		changes = append(changes, c)
	}
	if was.Mark.Owner != "" {
		changes = append(changes, Change{ID: was.ID, Op: Disown, Step: 1})
	}
	return changes
}
