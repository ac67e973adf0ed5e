package agent

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// What stands between a plan and a host that is so, word by word: a switch that
// does not run, and what OVS refused of the pass before.
func TestStanding(t *testing.T) {
	dir := t.TempDir()
	a := New(Options{RunDir: dir, Clock: wallClock{}})
	a.state.p.Store(&passState{refused: []string{"port vm3: OVS says: could not open network device vm3", "port dpdk0: 0 of 1 rx queues are polled by a PMD"}})
	const refused = `warning refused-by-ovs: OVS did not do what is in the database: port vm3: OVS says: could not open network device vm3
  fix: sluicectl port explain NAME says what to do
warning refused-by-ovs: OVS did not do what is in the database: port dpdk0: 0 of 1 rx queues are polled by a PMD
  fix: sluicectl port explain NAME says what to do
`
	const all = `warning vswitchd-not-running: ovs-vswitchd does not run: what is in the database is not in force
  cost: no packet passes
  fix: systemctl start openvswitch-switch, and see its log for why it ended
` + refused
	if diff := cmp.Diff(all, inWords(a.standing())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// A switch that runs.
	if err := os.WriteFile(filepath.Join(dir, "ovs-vswitchd.pid"), fmt.Appendf(nil, "%d\n", os.Getpid()), 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(refused, inWords(a.standing())); diff != "" {
		t.Errorf("with a switch (-want +got):\n%s", diff)
	}
	a.state.p.Store(&passState{})
	if found := a.standing(); len(found) > 0 {
		t.Errorf("with nothing in the way it finds\n%s", inWords(found))
	}
}

// inWords writes findings as text.
func inWords(found []finding.Finding) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%s %s: %s\n", f.Severity, f.Code, f.What)
		if f.Cost != "" {
			fmt.Fprintf(&b, "  cost: %s\n", f.Cost)
		}
		fmt.Fprintf(&b, "  fix: %s\n", f.Fix)
	}
	return b.String()
}

// A switch that is built without DPDK is told from one whose EAL did not start,
// by everything that tells of it.
func TestSwitchWithoutDPDK(t *testing.T) {
	r := newRig(t, lab.Options{Dummy: true}, strings.Replace(twoBridges, `dpdk: {init: "false"}`, `dpdk: {memory: {sockets: [256], headroom: 0}}`, 1))
	const want = "this ovs-vswitchd is built without DPDK: install openvswitch-switch-dpdk, choose its binary (update-alternatives --set ovs-vswitchd /usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk), restart it"
	s := r.await(monitor.ResultRefused)
	if diff := cmp.Diff([]string{want}, s.refused); diff != "" {
		t.Errorf("the pass says (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{want}, r.status().Pass.Refused); diff != "" {
		t.Errorf("status says (-want +got):\n%s", diff)
	}
	r.says("built without DPDK")
	// With DPDK in it and EAL not started, the words are others.
	o := s.observed
	o.DPDKVersion = "DPDK 22.11.1"
	const eal = "DPDK is not initialized: EAL did not start (ovs-vswitchd's log says why, search for EAL); mend it, then restart ovs-vswitchd, which tries only once"
	if got := withoutDPDK(o); got != eal {
		t.Errorf("of EAL it says\n%s\nwant\n%s", got, eal)
	}
}
