package vswitch

import (
	"fmt"
	"strings"
)

// Op is what a change does to a row.
type Op string

// The operations.
const (
	Create Op = "create" // a row with all its settings, marked as ours
	Delete Op = "delete" // a row of ours with what hangs below it
	Set    Op = "set"    // one setting of an existing row
	Unset  Op = "unset"  // one setting back to what it was before us, or to OVS's default
	Claim  Op = "claim"  // the row or setting is as wanted but not ours: mark it as ours
	Forget Op = "forget" // the setting is no longer ours to keep: drop our mark of it
	Disown Op = "disown" // the row is no longer ours to keep: drop our mark, leave the row
)

// Change is one difference between what is and what shall be.
type Change struct {
	ID     ID
	Op     Op
	Parent ID  // Create and Delete: who refers to the row
	Row    Row // Create

	// Setting, Old and New describe Set and Unset; an empty Old or New is OVS's
	// default. New of an Unset is the value from before a take-over, if any.
	Setting, Old, New string

	// TakeOver changes replace or claim what somebody else set. They wait for
	// the operator's word.
	TakeOver bool
	// Refused says why a change is shown and never made.
	Refused string
	// Step is the transaction the change belongs to, from 1. A port that must
	// be re-created is deleted in one step and made in a later one, because
	// vswitchd matches ports by name and type and reads a vhost path only once.
	Step int

	// Class, OneWay and Note are what the planner knows of the price.
	Class  Class
	OneWay bool
	Note   string
}

// String prints the change in ovs-vsctl's words, without its class.
func (c Change) String() string {
	var b strings.Builder
	switch c.Op {
	case Create:
		fmt.Fprintf(&b, "create %s", c.ID)
		if c.Parent != Root {
			fmt.Fprintf(&b, " in %s", c.Parent)
		}
		for _, name := range c.Row.Settings.Names() {
			fmt.Fprintf(&b, " %s=%s", name, quote(c.Row.Settings[name]))
		}
		if len(c.Row.Kept) > 0 {
			fmt.Fprintf(&b, " keeping %s", strings.Join(c.Row.Kept.Names(), " "))
		}
	case Delete, Disown:
		fmt.Fprintf(&b, "%s %s", c.Op, c.ID)
	case Claim, Forget:
		fmt.Fprintf(&b, "%s %s", c.Op, c.ID)
		if c.Setting != "" {
			fmt.Fprintf(&b, " %s", c.Setting)
		}
		if c.New != "" {
			fmt.Fprintf(&b, "=%s", quote(c.New))
		}
	case Set:
		fmt.Fprintf(&b, "set %s %s=%s", c.ID, c.Setting, quote(c.New))
		if c.Old != "" {
			fmt.Fprintf(&b, " (was %s)", quote(c.Old))
		}
	case Unset:
		if c.New != "" {
			fmt.Fprintf(&b, "set %s %s=%s (was %s) as before the take-over", c.ID, c.Setting, quote(c.New), quote(c.Old))
		} else {
			fmt.Fprintf(&b, "unset %s %s (was %s)", c.ID, c.Setting, quote(c.Old))
		}
	}
	if c.TakeOver {
		return "take over: " + b.String()
	}
	return b.String()
}

// quote wraps values that a shell or a reader would take for several words.
func quote(v string) string {
	if v == "" || strings.ContainsAny(v, " \t\n\"'\\") {
		return fmt.Sprintf("%q", v)
	}
	return v
}
