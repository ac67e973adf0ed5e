package plan

import (
	"fmt"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Scope says which changes of a plan are to be made.
type Scope struct {
	Disruptive bool // changes that disturb packets, and deletions of what is in use
	TakeOver   bool // changes that claim or replace what somebody else set
	Mass       bool // deletions beyond the guard
}

// Automatic is what the daemon does by itself: live changes that take nothing
// away that is in use, and nothing of anybody else's. A profile may let it
// disturb packets too; Scope{} is that of one that does not.
func Automatic(p *configs.Profile) Scope {
	return Scope{Disruptive: p.Disruptive == configs.Auto}
}

// Allows tells whether the scope holds the change.
func (s Scope) Allows(c vswitch.Change) bool {
	if c.Refused != "" || c.TakeOver && !s.TakeOver {
		return false
	}
	if s.Disruptive {
		return true
	}
	return c.Class == vswitch.Live && (c.Op != vswitch.Delete || c.ID.Table != vswitch.BridgeTable)
}

// Guard stops a pass that would delete more than one port in use, or more than
// a tenth of the ports the profile owns (at least one): a profile that lost
// half its lines must not empty a host. It returns a *GuardError, or nil.
func Guard(changes []vswitch.Change, o vswitch.Observed, s Scope) error {
	if s.Mass {
		return nil
	}
	owned, deleted, used := 0, 0, 0
	gone := map[vswitch.ID]bool{}
	for _, c := range changes {
		if c.Op == vswitch.Delete && c.Step == 1 && c.Refused == "" && !made(changes, c.ID) && c.Note != unasked {
			gone[c.ID] = true
		}
	}
	st := stateOf(o)
	for _, r := range o.Rows {
		if r.Table != vswitch.PortTable || r.Mark.Owner != vswitch.OwnerProfile || r.Name == r.Parent.Name {
			continue
		}
		owned++
		if gone[r.ID] || gone[r.Parent] {
			deleted++
			if st.inUse(r.ID) {
				used++
			}
		}
	}
	if limit := max(1, owned/10); deleted > limit || used > 1 {
		return &GuardError{deleted: deleted, owned: owned, inUse: used, limit: limit}
	}
	return nil
}

// GuardError says what the guard stopped.
type GuardError struct {
	deleted int // ports that would go
	owned   int // ports that the profile owns
	inUse   int // of deleted
	limit   int // of deleted; of those in use it is 1
}

// Error tells the numbers and the way through.
func (e *GuardError) Error() string {
	return fmt.Sprintf("would delete %d of %d ports, %d of them in use; the guard allows %d, and 1 in use: look at the profile, then `sluicectl host apply --force`",
		e.deleted, e.owned, e.inUse, e.limit)
}

// guarded is the finding that the guard stops a plan.
func guarded(err error) finding.Finding {
	return finding.Finding{
		Severity: finding.Warning, Code: "guard", What: "the daemon makes none of these changes: the plan " + err.Error(),
		Cost: "the host stays as it is", Fix: "bring the lines back, or sluicectl host apply --force",
	}
}

// made tells whether the row is created again by a later change.
func made(changes []vswitch.Change, id vswitch.ID) bool {
	for _, c := range changes {
		if c.Op == vswitch.Create && c.ID == id {
			return true
		}
	}
	return false
}
