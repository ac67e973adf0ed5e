package agent

import (
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

const dpdkProfile = `
apiVersion: sluice/v1
kind: HostProfile
cpu: {pmd: "1", reserved: "0", sleepMax: 200us}
dpdk:
  memory: {sockets: [256], headroom: 0}
  vhost: {socketDir: ${socket_dir}}
  extra: ["--no-pci"]
bridges:
  - name: br0
    ports:
      - {name: tap0, device: {vdev: "net_tap0,iface=sltap0"}, rxQueues: 2}
vhost:
  ports:
    - {name: vm1, bridge: br0}
    - {name: vm2, bridge: br0}
`

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
