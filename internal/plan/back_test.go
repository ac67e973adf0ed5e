package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/host/hosttest"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch/vswitchtest"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// TestBack applies scripts' profiles with every word given, and takes it back:
// what ovs-vswitchd reads is as before, but for what an owner wrote where
// nothing was.
func TestBack(t *testing.T) {
	scripts(t, "back", 2, func(t *testing.T, s script) string {
		s.observed.Rows = vswitchtest.Rows(t, s.parts[1])
		all := plan.Scope{Disruptive: true, TakeOver: true, Mass: true}
		made := plan.Make(plan.Input{Profile: profile(t, s.parts[0]), Topology: s.topo, Observed: s.observed})
		now, err := vswitchtest.Apply(s.observed, allowed(made.Changes, all))
		if err != nil {
			t.Fatal(err)
		}
		back := plan.Back(s.observed, now)
		then, err := vswitchtest.Apply(now, allowed(back.Changes, all))
		if err != nil {
			t.Fatal(err)
		}
		if again := plan.Back(s.observed, then); len(again.Changes) > 0 {
			t.Errorf("left to take back: %v", again.Changes)
		}
		text := printed(back.Wire("nfv-01", s.observed.OVSVersion, plan.Scope{}))
		return text + "then\n" + vswitchtest.Lines(then)
	})
}

// TestBackOfNothing: without a change there is nothing to take back, claims of
// defaults included.
func TestBackOfNothing(t *testing.T) {
	topo := hosttest.Topology(t, "vm2")
	o := vswitch.Observed{OVSVersion: "3.1.0", Rows: vswitchtest.Rows(t, "Open_vSwitch .")}
	made := plan.Make(plan.Input{Profile: profile(t, "cpu: {pmd: \"1\"}\ndpdk: {memory: {sockets: [64]}}\n"), Topology: topo, Observed: o})
	now, err := vswitchtest.Apply(o, made.Changes)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]vswitch.Change(nil), plan.Back(now, now).Changes); diff != "" {
		t.Error(diff)
	}
}
