package agent

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// A tap device with two queues and two guests' ports in 256 MiB of hugepages.
const dpdkProfile = dpdkHead + `
    ports:
      - {name: tap0, device: {vdev: "net_tap0,iface=sltap0"}, rxQueues: 2}
vhost:
  ports:
    - {name: vm1, bridge: br0, access: {group: root}}
    - {name: vm2, bridge: br0, access: {group: root}}
`

// dpdkHead is a profile up to the bridge's ports.
const dpdkHead = `
apiVersion: sluice/v1
kind: HostProfile
cpu: {pmd: "1", reserved: "0", sleepMax: 200us}
dpdk:
  memory: {model: per-port, sockets: [512], headroom: 0}
  vhost: {socketDir: ${socket_dir}}
  extra: ["--no-pci"]
bridges:
  - name: br0`

// guests is a profile of vhost ports only, each with what follows its name.
func guests(ports ...string) string {
	var b strings.Builder
	b.WriteString(dpdkHead + "\n  - name: br1\nvhost:\n  ports:\n")
	for _, p := range ports {
		name, more, _ := strings.Cut(p, " ")
		if !strings.Contains(more, "bridge:") {
			more = strings.TrimPrefix(more+", bridge: br0", ", ")
		}
		fmt.Fprintf(&b, "    - {name: %s, access: {group: root}, %s}\n", name, more)
	}
	return b.String()
}

func TestEmptyHostBecomesTheProfile(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true, Unconfigured: true}, dpdkProfile)
	s := r.await(monitor.ResultConverged)
	if s.made != 0 {
		t.Errorf("a converged pass made %d changes", s.made)
	}
	if strings.Contains(r.log.String(), "refused") {
		t.Error("on the way a pass said that something was refused")
	}
	status := r.status()
	if !status.OVS.DPDKInitialized || len(status.PMDs) != 1 || len(status.Bridges) != 1 || len(status.Unknown) != 0 {
		t.Errorf("status says %+v", status)
	}
	for _, p := range status.Ports {
		if p.Name != "br0" && len(p.PolledBy) == 0 || p.Error != "" {
			t.Errorf("status says of a port %+v", p)
		}
	}
}
