package agent

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// What somebody else set is taken over only with the word, and comes back.
func TestTakeOverAndRelease(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	r.vsctl("set", "Open_vSwitch", ".", "other_config:pmd-cpu-mask=0x1", "other_config:flow-limit=5",
		"--", "add-br", "br1", "--", "set", "Bridge", "br1", "datapath_type=netdev", "fail_mode=standalone", "other_config:mac-aging-time=60",
		"--", "set", "Interface", "br1", "mtu_request=1200")
	before := r.observed()
	r.write(twoBridges)
	r.start()
	s := r.await(monitor.ResultPending)
	foreign := func(name string, args ...string) {
		t.Helper()
		if got := r.vsctl(args...); got != name {
			t.Errorf("ovs-vsctl %s prints %s, want %s", strings.Join(args, " "), got, name)
		}
	}
	untouched := func() {
		t.Helper()
		foreign(`"0x1"`, "get", "Open_vSwitch", ".", "other_config:pmd-cpu-mask")
		foreign("standalone", "get", "Bridge", "br1", "fail_mode")
		foreign("1200", "get", "Interface", "br1", "mtu_request")
	}
	untouched()
	for _, c := range s.pending {
		if !c.TakeOver {
			t.Errorf("%s waits and is no take-over", c)
		}
	}
	result, err := r.apply(api.ApplyRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Pending) != len(s.pending) {
		t.Errorf("an apply without the word leaves %d changes, want %d", len(result.Pending), len(s.pending))
	}
	untouched()

	result, err = r.apply(api.ApplyRequest{TakeOver: true})
	if err != nil || len(result.Pending) > 0 || len(result.Refused) > 0 {
		t.Fatalf("apply with the word: %v; %+v", err, result)
	}
	foreign(`"0x2"`, "get", "Open_vSwitch", ".", "other_config:pmd-cpu-mask")
	foreign("secure", "get", "Bridge", "br1", "fail_mode")
	foreign("1400", "get", "Interface", "br1", "mtu_request")
	root, _ := r.observed().Row(vswitch.Root)
	if diff := cmp.Diff(map[string]string{"other_config:pmd-cpu-mask": "0x1"}, root.Mark.Former); diff != "" {
		t.Errorf("former values of the root row (-want +are):\n%s", diff)
	}
	r.await(monitor.ResultConverged)

	released, err := r.release()
	if err != nil {
		t.Fatal(err)
	}
	if len(released.Changes) == 0 {
		t.Error("release tells of no change")
	}
	r.releaseIsWhole(before)
	s = r.await(monitor.ResultWaiting)
	if s.made != 0 {
		t.Errorf("after the release a pass made %d changes", s.made)
	}
	if strings.Contains(r.log.String(), "stays in force") {
		t.Error("the log says that a released profile stays in force")
	}
}

// releaseIsWhole checks that nothing is ours any more, that what was somebody
// else's is as before, and that what was ours runs on.
func (r *rig) releaseIsWhole(before vswitch.Observed) {
	r.t.Helper()
	now := r.observed()
	for _, row := range now.Rows {
		if row.Mark.Owner != "" || len(row.Mark.Keys)+len(row.Mark.Former) > 0 {
			r.t.Errorf("after the release %s is still marked: %+v", row.ID, row.Mark)
		}
	}
	for _, was := range before.Rows {
		is, ok := now.Row(was.ID)
		if !ok {
			r.t.Errorf("after the release there is no %s", was.ID)
			continue
		}
		if was.ID == vswitch.Root { // keys that were nobody's stay as they run
			for name := range is.Settings {
				if _, theirs := was.Settings[name]; !theirs {
					delete(is.Settings, name)
				}
			}
		}
		if diff := cmp.Diff(was.Settings, is.Settings); diff != "" {
			r.t.Errorf("after the release %s is (-before +now):\n%s", was.ID, diff)
		}
	}
	if bridges := names(now, vswitch.BridgeTable); !slices.Equal(bridges, []string{"br0", "br1"}) {
		r.t.Errorf("after the release there are bridges %v", bridges)
	}
	if _, err := os.Stat(r.profile); err == nil {
		r.t.Error("after the release the profile is still in place")
	}
	if _, err := os.Stat(r.profile + ".former"); err != nil {
		r.t.Errorf("the profile is not set aside: %v", err)
	}
}

// A profile that drops what was taken over gives it back.
func TestDroppedTakeOverComesBack(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	r.vsctl("set", "Open_vSwitch", ".", "other_config:pmd-cpu-mask=0x1",
		"--", "add-br", "br1", "--", "set", "Bridge", "br1", "datapath_type=netdev", "fail_mode=standalone")
	r.write(twoBridges)
	r.start()
	r.await(monitor.ResultPending)
	if _, err := r.apply(api.ApplyRequest{TakeOver: true}); err != nil {
		t.Fatal(err)
	}
	r.write("apiVersion: sluice/v1\nkind: HostProfile\nbridges: [{name: br0}]\n")
	r.reads(`"0x1"`, "get", "Open_vSwitch", ".", "other_config:pmd-cpu-mask")
	r.reads("standalone", "get", "Bridge", "br1", "fail_mode")
	r.reads("{}", "get", "Bridge", "br1", "external_ids")
	r.await(monitor.ResultConverged)
}
