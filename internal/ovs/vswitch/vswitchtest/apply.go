package vswitchtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Apply returns what the database holds after the changes were made, step by
// step, as package ovsdb writes them: a dumb model of its transactions and of
// the server's rules. o is not changed. It returns an error where the server
// would refuse: a second row of one name, a row that nobody can refer to, an
// edit of a row that is not there.
func Apply(o vswitch.Observed, changes []vswitch.Change) (vswitch.Observed, error) {
	db := database{}
	for _, r := range o.Rows {
		db[r.ID] = clone(r)
	}
	for len(changes) > 0 {
		step := changes[0].Step
		n := slices.IndexFunc(changes, func(c vswitch.Change) bool { return c.Step != step })
		if n < 0 {
			n = len(changes)
		}
		if err := db.step(changes[:n]); err != nil {
			return o, fmt.Errorf("step %d: %w", step, err)
		}
		changes = changes[n:]
	}
	o.Rows = slices.Collect(maps.Values(db))
	vswitch.SortObserved(o.Rows)
	return o, nil
}

type database map[vswitch.ID]vswitch.ObservedRow

func clone(r vswitch.ObservedRow) vswitch.ObservedRow {
	r.Settings = maps.Clone(r.Settings)
	r.Mark.Keys, r.Mark.Former = slices.Clone(r.Mark.Keys), maps.Clone(r.Mark.Former)
	return r
}

// step makes the changes of one transaction: deletions last, because nothing is
// collected before its end.
func (db database) step(changes []vswitch.Change) error {
	for _, c := range changes {
		if c.Refused != "" {
			return fmt.Errorf("%s is refused and must not be made", c)
		}
	}
	var made []vswitch.Row
	for _, c := range changes {
		switch c.Op {
		case vswitch.Create:
			made = append(made, c.Row)
		case vswitch.Delete:
		case vswitch.Set, vswitch.Unset, vswitch.Claim, vswitch.Forget, vswitch.Disown:
			r, ok := db[c.ID]
			if !ok {
				return fmt.Errorf("%s: no such row", c)
			}
			edit(&r, c)
			db[c.ID] = r
		}
	}
	for _, c := range changes {
		if c.Op == vswitch.Delete {
			db.remove(c.ID)
		}
	}
	for _, r := range made {
		if _, twice := db[r.ID]; twice {
			return fmt.Errorf("create %s: there is one already", r.ID)
		}
		db[r.ID] = row(r)
	}
	for _, r := range made {
		if _, ok := db[r.Parent]; !ok {
			return fmt.Errorf("create %s: %s is not there to refer to it", r.ID, r.Parent)
		}
	}
	return nil
}

// remove takes a row away, and what only it referred to. A QoS row without an
// owner outlives its port, but nobody sees it any more.
func (db database) remove(id vswitch.ID) {
	delete(db, id)
	for below, r := range db {
		if r.Parent == id {
			db.remove(below)
		}
	}
}

func row(r vswitch.Row) vswitch.ObservedRow {
	o := vswitch.ObservedRow{Row: r, UUID: "made " + r.String(), Mark: vswitch.Mark{Owner: vswitch.OwnerProfile, Keys: r.Settings.Names()}}
	o.Settings = vswitch.Settings{}
	maps.Copy(o.Settings, r.Kept)
	maps.Copy(o.Settings, r.Settings)
	o.Kept = nil
	if r.Table == vswitch.IfaceTable {
		o.Status = &vswitch.InterfaceStatus{Status: map[string]string{}}
	}
	if len(o.Mark.Keys) == 0 {
		o.Mark.Keys = nil
	}
	return o
}

// edit makes one change of an existing row and of what it says of our ownership.
func edit(r *vswitch.ObservedRow, c vswitch.Change) {
	switch {
	case c.Op == vswitch.Disown:
		r.Mark.Owner = ""
	case c.Op == vswitch.Claim && c.Setting == "":
		r.Mark.Owner = vswitch.OwnerAdopted
	case c.Op == vswitch.Set || c.Op == vswitch.Claim:
		if c.Op == vswitch.Set {
			write(r.Settings, c)
		}
		if _, kept := r.Mark.Former[c.Setting]; c.TakeOver && !kept {
			if r.Mark.Former == nil {
				r.Mark.Former = map[string]string{}
			}
			r.Mark.Former[c.Setting] = c.Old
		}
		r.Mark.Keys = append(r.Mark.Keys, c.Setting)
		slices.Sort(r.Mark.Keys)
		r.Mark.Keys = slices.Compact(r.Mark.Keys)
	default: // Unset and Forget
		if c.Op == vswitch.Unset {
			write(r.Settings, c)
		}
		r.Mark.Keys = slices.DeleteFunc(r.Mark.Keys, func(k string) bool { return k == c.Setting })
		delete(r.Mark.Former, c.Setting)
	}
	if len(r.Mark.Keys) == 0 {
		r.Mark.Keys = nil
	}
	if len(r.Mark.Former) == 0 {
		r.Mark.Former = nil
	}
}

func write(s vswitch.Settings, c vswitch.Change) {
	delete(s, c.Setting)
	s.Set(c.Setting, c.New)
}

// Unmarked returns the rows without any mark of ours and without what we keep
// in external_ids: the database as everybody else sees it.
func Unmarked(o vswitch.Observed) vswitch.Observed {
	rows := make([]vswitch.ObservedRow, len(o.Rows))
	for i, r := range o.Rows {
		r = clone(r)
		r.Mark = vswitch.Mark{}
		maps.DeleteFunc(r.Settings, func(name, _ string) bool { return strings.HasPrefix(name, "external_ids:sluice.") })
		rows[i] = r
	}
	o.Rows = rows
	return o
}
