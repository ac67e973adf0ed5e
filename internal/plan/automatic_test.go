package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// TestScopeAllows shows who may do what, a change a line.
func TestScopeAllows(t *testing.T) {
	bridge, port := vswitch.ID{Table: vswitch.BridgeTable, Name: "b"}, vswitch.ID{Table: vswitch.PortTable, Name: "p"}
	changes := []struct {
		name string
		vswitch.Change
	}{
		{"live set", vswitch.Change{ID: port, Op: vswitch.Set, Class: vswitch.Live}},
		{"live create", vswitch.Change{ID: bridge, Op: vswitch.Create, Class: vswitch.Live}},
		{"delete idle port", vswitch.Change{ID: port, Op: vswitch.Delete, Class: vswitch.Live}},
		{"delete busy port", vswitch.Change{ID: port, Op: vswitch.Delete, Class: vswitch.PortRestart}},
		{"delete bridge", vswitch.Change{ID: bridge, Op: vswitch.Delete, Class: vswitch.Live}},
		{"PMD re-creation", vswitch.Change{ID: vswitch.Root, Op: vswitch.Set, Class: vswitch.PMDRecreation}},
		{"restart needed", vswitch.Change{ID: vswitch.Root, Op: vswitch.Set, Class: vswitch.RestartNeeded}},
		{"one-way", vswitch.Change{ID: vswitch.Root, Op: vswitch.Set, Class: vswitch.Live, OneWay: true}},
		{"live take-over", vswitch.Change{ID: port, Op: vswitch.Claim, Class: vswitch.Live, TakeOver: true}},
		{"grave take-over", vswitch.Change{ID: port, Op: vswitch.Delete, Class: vswitch.PortRestart, TakeOver: true}},
		{"refused", vswitch.Change{ID: bridge, Op: vswitch.Delete, Class: vswitch.Live, Refused: "a foreign port"}},
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-18s automatic apply take-over both force\n", "")
	for _, c := range changes {
		fmt.Fprintf(&b, "%-18s %-9t %-5t %-9t %-4t %t\n", c.name, plan.Scope{}.Allows(c.Change), plan.Scope{Disruptive: true}.Allows(c.Change),
			plan.Scope{TakeOver: true}.Allows(c.Change), plan.Scope{Disruptive: true, TakeOver: true}.Allows(c.Change),
			plan.Scope{Disruptive: true, TakeOver: true, Mass: true}.Allows(c.Change))
	}
	const want = `                   automatic apply take-over both force
live set           true      true  true      true true
live create        true      true  true      true true
delete idle port   true      true  true      true true
delete busy port   false     true  false     true true
delete bridge      false     true  false     true true
PMD re-creation    false     true  false     true true
restart needed     false     true  false     true true
one-way            true      true  true      true true
live take-over     false     false true      true true
grave take-over    false     false false     true true
refused            false     false false     false false
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestGuardMass: with the word for it, nothing is held back.
func TestGuardMass(t *testing.T) {
	var o vswitch.Observed
	var changes []vswitch.Change
	for i := range 30 {
		id := vswitch.ID{Table: vswitch.PortTable, Name: fmt.Sprint("p", i)}
		o.Rows = append(o.Rows, vswitch.ObservedRow{Row: vswitch.Row{ID: id}, Mark: vswitch.Mark{Owner: vswitch.OwnerProfile}})
		if i < 4 {
			changes = append(changes, vswitch.Change{ID: id, Op: vswitch.Delete, Step: 1})
		}
	}
	vswitch.SortObserved(o.Rows)
	if err := plan.Guard(changes[:3], o, plan.Scope{}); err != nil {
		t.Errorf("a tenth: %v", err)
	}
	if err := plan.Guard(changes, o, plan.Scope{Disruptive: true, TakeOver: true}); err == nil {
		t.Error("more than a tenth passed")
	}
	if err := plan.Guard(changes, o, plan.Scope{Mass: true}); err != nil {
		t.Errorf("with the word for it: %v", err)
	}
}
