package agent

import (
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// An MTU that is asked for while no guest is connected is no refusal: an atomic
// apply stands. Whether the guest that comes has it is told.
func TestMTUOfAVhostPort(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true}, guests("vm1 mtu: 1500"))
	r.await(monitor.ResultConverged)
	g := r.guest(r.socketOf("vm1"), 1)
	r.connected("vm1", true)
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	r.connected("vm1", false)
	result, err := r.apply(api.ApplyRequest{Profile: guests("vm1 mtu: 1400"), Atomic: true})
	if err != nil || len(result.Refused)+len(result.RolledBack) > 0 {
		t.Fatalf("apply of an MTU without a guest: %v, refused %q, rolled back %q", err, result.Refused, result.RolledBack)
	}
	r.reads("1500", "get", "Interface", "vm1", "mtu")
	r.await(monitor.ResultConverged)

	r.guest(r.socketOf("vm1"), 1)
	r.connected("vm1", true)
	if r.vsctl("get", "Interface", "vm1", "mtu") == "1400" {
		return // this release took it up with the guest
	}
	const says = "takes a vhost port's MTU up only while a guest is connected"
	if s := r.await(monitor.ResultRefused); !strings.Contains(strings.Join(s.refused, "\n"), says) {
		t.Errorf("the pass says %q", s.refused)
	}
	explained, err := r.api.Explain(r.limit(), "vm1")
	if err != nil || !strings.Contains(text(explained), says) {
		t.Errorf("explain: %v\n%s", err, text(explained))
	}
	for _, mtu := range []string{"1300", "1400"} {
		r.vsctl("set", "Interface", "vm1", "mtu_request="+mtu)
		r.reads(mtu, "get", "Interface", "vm1", "mtu")
	}
	r.await(monitor.ResultConverged)
}
