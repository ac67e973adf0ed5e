package agent

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// nullPort is dpdkProfile with a device without packets in place of the tap.
func nullPort(more string) string {
	return strings.Replace(dpdkProfile, `name: tap0, device: {vdev: "net_tap0,iface=sltap0"}, rxQueues: 2`, `name: null0, device: {vdev: "net_null0"}, rxQueues: 1`+more, 1)
}

// A mask of cores that the machine does not have leaves OVS without PMD threads,
// and it says so in its log only.
func TestNoPMDIsTold(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true}, strings.Replace(nullPort(""), "cpu: {pmd: \"1\", reserved: \"0\", sleepMax: 200us}\n", "", 1))
	r.host.Allow(regexp.MustCompile(`pmd|PMD|numa|core`))
	r.await(monitor.ResultConverged, monitor.ResultPending)
	r.vsctl("set", "Open_vSwitch", ".", "other_config:pmd-cpu-mask=0x8000000000000000000000000000000000000000")
	said := strings.Join(r.await(monitor.ResultRefused).refused, "\n")
	for _, port := range []string{"null0", "vm1", "vm2"} {
		if !strings.Contains(said, "port "+port+": no PMD thread runs") {
			t.Errorf("of %s the pass says\n%s", port, said)
		}
		explained, err := r.api.Explain(r.limit(), port)
		if err != nil || explained.Healthy {
			t.Errorf("explain %s: %+v, %v", port, explained, err)
		}
	}
	r.vsctl("remove", "Open_vSwitch", ".", "other_config", "pmd-cpu-mask")
	r.await(monitor.ResultConverged, monitor.ResultPending)
}

// The only PMD holds a pin, and somebody isolates it: the guest is polled by none.
func TestUnpolledGuestIsTold(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true}, nullPort(", rxAffinity: [{queue: 0, cpu: 1}]"))
	r.host.Allow(regexp.MustCompile(`isolated|No non-isolated|not assigned|rx queue`))
	r.await(monitor.ResultConverged)
	r.guest(r.socketOf("vm1"), 1)
	r.connected("vm1", true)
	r.vsctl("set", "Open_vSwitch", ".", "other_config:pmd-rxq-isolate=true")
	s := r.await(monitor.ResultRefused)
	if said := strings.Join(s.refused, "\n"); !strings.HasPrefix(said, "port vm1: no PMD polls it") || len(s.refused) != 1 {
		t.Errorf("the pass says\n%s\nwant a word on vm1 alone", said)
	}
	explained, err := r.api.Explain(r.limit(), "vm1")
	if err != nil || !strings.Contains(text(explained), "no PMD polls the port") {
		t.Errorf("explain vm1: %v\n%s", err, text(explained))
	}
	r.vsctl("set", "Open_vSwitch", ".", "other_config:pmd-rxq-isolate=false")
	r.await(monitor.ResultConverged)
}
