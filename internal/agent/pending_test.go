package agent

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// Where PMD threads poll waits, what does not concern them does not.
func TestPMDMaskWaits(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true}, dpdkProfile)
	r.await(monitor.ResultConverged)
	wanted := strings.NewReplacer(`pmd: "1", reserved: "0"`, `pmd: "0", reserved: "1"`, "sleepMax: 200us", "sleepMax: 300us").Replace(dpdkProfile)
	r.write(wanted)
	s := r.await(monitor.ResultPending)
	for _, c := range s.pending {
		if c.Setting != "other_config:pmd-cpu-mask" || c.Class == vswitch.Live {
			t.Errorf("pending is %s (%s)", c, c.Class)
		}
	}
	r.reads(`"300"`, "get", "Open_vSwitch", ".", "other_config:pmd-maxsleep")
	r.reads(`"0x2"`, "get", "Open_vSwitch", ".", "other_config:pmd-cpu-mask")
	result, err := r.apply(api.ApplyRequest{})
	if err != nil || len(result.Pending)+len(result.Refused) > 0 {
		t.Fatalf("apply: %v, %+v", err, result)
	}
	r.reads(`"0x1"`, "get", "Open_vSwitch", ".", "other_config:pmd-cpu-mask")
	r.await(monitor.ResultConverged)
	if pmds := r.status().PMDs; len(pmds) != 1 || pmds[0].Core != 0 {
		t.Errorf("status says of PMDs %+v", pmds)
	}
}

// With the profile's own word nothing waits.
func TestDisruptiveAuto(t *testing.T) {
	auto := strings.Replace(dpdkProfile, "kind: HostProfile", "kind: HostProfile\napply: {disruptive: auto}", 1)
	r := newRig(t, lab.Options{DPDK: true}, auto)
	r.await(monitor.ResultConverged)
	r.write(strings.Replace(auto, `pmd: "1", reserved: "0"`, `pmd: "0", reserved: "1"`, 1))
	r.reads(`"0x1"`, "get", "Open_vSwitch", ".", "other_config:pmd-cpu-mask")
	r.await(monitor.ResultConverged)
}

// What OVS only logs is told from its effects.
func TestSilentRefusalsAreTold(t *testing.T) {
	r := prepare(t, lab.Options{DPDK: true, Unconfigured: true})
	r.host.Allow(regexp.MustCompile(`'(afp0|tap0)' rx queue|[Ii]nterface afp0|nonexistent port|Frame size \(1618\)`))
	wire(t, r.host)
	afp := func(mtu string) string {
		return dpdkHead + "\n    ports:\n      - {name: afp0, device: {vdev: \"net_af_packet0,iface=slwire0\"}, mtu: " + mtu + "}\n" +
			"      - {name: tap0, device: {vdev: \"net_tap0,iface=sltap0\"}, rxQueues: 2, rxAffinity: [{queue: 0, cpu: 1}]}\n"
	}
	r.write(afp("1500"))
	r.start()
	r.await(monitor.ResultConverged)

	// A PMD with a pin takes no other queue where somebody isolates it.
	r.vsctl("set", "Open_vSwitch", ".", "other_config:pmd-rxq-isolate=true")
	s := r.await(monitor.ResultRefused)
	if said := strings.Join(s.refused, "\n"); !strings.Contains(said, "port tap0: 1 of 2 rx queues are polled") {
		t.Errorf("of the unpolled queue the pass says %q", said)
	}
	explained, err := r.api.Explain(r.limit(), "tap0")
	if err != nil || explained.Healthy {
		t.Errorf("explain tap0: %+v, %v", explained, err)
	}
	r.vsctl("set", "Open_vSwitch", ".", "other_config:pmd-rxq-isolate=false")
	r.await(monitor.ResultConverged)

	// The device takes no frames of that size: OVS throws the port out of its
	// datapath, tells so in its log only, and shows the MTU as if it were in force.
	r.write(afp("1600"))
	s = r.await(monitor.ResultPending)
	result, err := r.apply(api.ApplyRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if said := strings.Join(result.Refused, "\n"); !strings.Contains(said, "port afp0: OVS took it out of its datapath") {
		t.Errorf("of the refused MTU apply says %q; the pass before had pending %v", said, s.pending)
	}
}
