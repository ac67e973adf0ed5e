package dpdk

import (
	"fmt"
	"strings"

	"github.com/sluice-nfv/sluice/internal/finding"
)

const (
	tapQueues = 16   // RTE_PMD_TAP_MAX_QUEUES
	tapMTU    = 1500 // RTE_ETHER_MAX_LEN in tap_dev_info, DPDK 22.11
)

// DictatesQueues tells whether the device leaves no choice of rxQueues: net_tap
// wants as many as there are tx queues, one for each PMD and one more
// (drivers/net/tap/rte_eth_tap.c, tap_dev_configure). For such a port more rx
// queues than PMDs are no mistake.
func (d Device) DictatesQueues() bool { return strings.HasPrefix(d.Vdev, "net_tap") }

// checkTap knows what net_tap refuses: the port would not open.
func (p *planner) checkTap(port PortSpec) {
	const cost = "the port does not open"
	if want := min(p.PMDs.Len()+1, tapQueues); !p.PMDs.IsEmpty() && port.RxQueues != want {
		p.report(finding.Error, "tap-queues", port.Path+".rxQueues",
			fmt.Sprintf("%s has %d rx queues; net_tap wants as many as tx queues, and those are %d with %s", port.Name, port.RxQueues, want, plural(p.PMDs.Len(), "PMD")),
			cost, fmt.Sprintf("set rxQueues: %d", want))
	}
	if port.MTU > tapMTU {
		p.report(finding.Error, "tap-mtu", port.Path+".mtu",
			fmt.Sprintf("%s has MTU %d; net_tap takes at most %d", port.Name, port.MTU, tapMTU),
			"DPDK refuses it, and OVS removes the port from the datapath", fmt.Sprintf("set mtu: %d", tapMTU))
	}
}
