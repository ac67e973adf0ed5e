package agent

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// What others do to what is ours is undone; what is theirs stays, byte by byte.
func TestDriftIsRepaired(t *testing.T) {
	r := newRig(t, dummy, twoBridges)
	r.await(monitor.ResultConverged)
	r.vsctl("set", "Open_vSwitch", ".", "other_config:flow-limit=100000", "external_ids:theirs=1",
		"--", "add-br", "br9", "--", "set", "Bridge", "br9", "fail_mode=secure", "other_config:mac-aging-time=60",
		"--", "add-port", "br0", "theirs0", "--", "set", "Port", "theirs0", "tag=7", "external_ids:a=b", "--", "set", "Interface", "theirs0", "type=internal",
		"--", "set", "Bridge", "br1", "other_config:mac-table-size=4096", "external_ids:theirs=x y")
	r.await(monitor.ResultConverged)
	want := dump(r.observed())
	for _, tt := range []struct {
		name string
		args []string
	}{
		{"a key set otherwise", []string{"set", "Open_vSwitch", ".", "other_config:pmd-maxsleep=9"}},
		{"a key removed", []string{"remove", "Open_vSwitch", ".", "other_config", "pmd-cpu-mask"}},
		{"a column set otherwise", []string{"set", "Bridge", "br1", "fail_mode=standalone"}},
		{"a column cleared", []string{"clear", "Interface", "br1", "mtu_request"}},
		{"several at once", []string{"clear", "Bridge", "br1", "fail_mode", "--", "clear", "Interface", "br1", "mtu_request"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := *r
			r.t = t
			r.vsctl(tt.args...)
			r.until("it is undone", func() error {
				if diff := cmp.Diff(want, dump(r.observed())); diff != "" {
					return fmt.Errorf("(-before +now):\n%s", diff)
				}
				return nil
			})
		})
	}
	r.await(monitor.ResultConverged)
}

// A bridge that somebody deletes is made again; what was theirs in it is gone
// with it, and only that.
func TestDeletedBridgeIsMadeAgain(t *testing.T) {
	r := newRig(t, dummy, twoBridges)
	r.await(monitor.ResultConverged)
	want := dump(r.observed())
	r.vsctl("add-br", "br9", "--", "add-port", "br1", "theirs0", "--", "set", "Interface", "theirs0", "type=internal")
	r.await(monitor.ResultConverged)
	r.vsctl("del-br", "br1")
	r.reads("br0\nbr1\nbr9", "list-br")
	r.vsctl("del-br", "br9")
	r.until("all is as it was", func() error {
		if diff := cmp.Diff(want, dump(r.observed())); diff != "" {
			return fmt.Errorf("(-before +now):\n%s", diff)
		}
		return nil
	})
}

// A row that lost its mark is somebody else's until the operator says otherwise.
func TestLostMarkWaits(t *testing.T) {
	r := newRig(t, dummy, twoBridges)
	r.await(monitor.ResultConverged)
	r.vsctl("clear", "Bridge", "br1", "external_ids")
	s := r.await(monitor.ResultPending)
	for _, c := range s.pending {
		if !c.TakeOver || c.ID != (vswitch.ID{Table: vswitch.BridgeTable, Name: "br1"}) {
			t.Errorf("pending is %v", c)
		}
	}
	r.says("take over: claim Bridge br1")
	if got := r.metric(`sluice_pending_changes{class="take_over"}`); got == "0" || got == "" {
		t.Errorf("the metric says %q take-overs wait", got)
	}
}

// A port that somebody deletes comes back with its limits, and nothing of the
// former one is left over.
func TestDeletedPortIsMadeAgain(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true}, guests("vm1 rateLimit: {egress: {rate: 1G}, ingress: {rate: 2G}}, vlan: {mode: access, tag: 7}", "vm2"))
	r.await(monitor.ResultConverged)
	before := r.observed()
	for _, how := range [][]string{
		{"del-port", "vm1"},
		{"del-port", "vm1", "--", "del-port", "vm2"},
		{"clear", "Port", "vm1", "qos"},
		{"set", "Interface", "vm1", "ingress_policing_rate=1"},
		{"clear", "Port", "vm1", "tag", "vlan_mode"},
		{"del-br", "br0"},
	} {
		r.vsctl(how...)
		r.until(fmt.Sprintf("%v is undone", how), func() error {
			if diff := cmp.Diff(dump(before), dump(r.observed())); diff != "" {
				return fmt.Errorf("(-before +now):\n%s", diff)
			}
			return nil
		})
		r.await(monitor.ResultConverged)
	}
}

// A profile that lost half of its ports, and is valid, takes nothing away.
func TestTruncatedProfileDeletesNothing(t *testing.T) {
	all := []string{"vm1", "vm2", "vm3", "vm4", "vm5", "vm6"}
	r := newRig(t, lab.Options{DPDK: true}, guests(all...))
	r.await(monitor.ResultConverged)
	before := r.observed()
	r.write(guests(all[:3]...))
	s := r.await(monitor.ResultRefused)
	const guard = "would delete 3 of 6 ports"
	if s.err == nil || !strings.Contains(s.err.Error(), guard) || s.made != 0 {
		t.Errorf("the pass made %d changes and says %v", s.made, s.err)
	}
	r.await(monitor.ResultRefused)
	if diff := cmp.Diff(dump(before), dump(r.observed())); diff != "" {
		t.Errorf("the truncated profile changed (-before +now):\n%s", diff)
	}
	if status := r.status(); !strings.Contains(status.Pass.Error, guard) || len(status.Pending) == 0 {
		t.Errorf("status says %+v, pending %v", status.Pass, status.Pending)
	}
	for _, c := range r.status().Pending {
		if c.Waits != api.WordForce {
			t.Errorf("behind the guard, %q waits for %q", c.Text, c.Waits)
		}
	}
	if p, err := r.api.Plan(r.limit(), api.PlanRequest{}); err != nil || !strings.Contains(p.Summary(), `behind the guard for "sluicectl host apply --force"`) {
		t.Errorf("the plan sums up %q, %v", p.Summary(), err)
	}
	r.says(guard)
	if got := r.metric(`sluice_pending_changes{class="live"}`); got == "0" {
		t.Error("the metric says that nothing waits")
	}
	// The whole file again: all is well.
	r.write(guests(all...))
	r.await(monitor.ResultConverged)
	// With the operator's word they go.
	r.write(guests(all[:3]...))
	r.await(monitor.ResultRefused)
	if _, err := r.apply(api.ApplyRequest{Force: true}); err != nil {
		t.Fatal(err)
	}
	left := slices.DeleteFunc(names(r.observed(), vswitch.PortTable), func(name string) bool { return strings.HasPrefix(name, "br") })
	if diff := cmp.Diff(all[:3], left); diff != "" {
		t.Errorf("ports (-want +are):\n%s", diff)
	}
}
