package dpdk

import (
	"fmt"
	"math/bits"

	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// The bounds OVS puts on mtu_request (vswitch.xml; lib/netdev-dpdk.c,
// NETDEV_DPDK_MAX_PKT_LEN): the frame with CRC and two tags has 9728 bytes.
const (
	minMTU = 68
	maxMTU = 9702
)

// checkPort judges what OVS would refuse or quietly replace.
func (p *planner) checkPort(port PortSpec) {
	if p.Spec != nil && p.Spec.Init == InitFalse {
		p.report(finding.Error, "port-without-dpdk", port.Path,
			fmt.Sprintf("%s is a DPDK port and dpdk.init is false", port.Name),
			"the port does not open", "set dpdk.init: try, or take the port out")
	}
	if port.MTU > 0 {
		p.checkMTU(port.Path+".mtu", port.Name, port.MTU)
	}
	if port.Device.DictatesQueues() {
		p.checkTap(port)
	}
	p.checkDescriptors(port, "rxDescriptors", port.RxDesc)
	p.checkDescriptors(port, "txDescriptors", port.TxDesc)

	path := port.Path + ".rxQueues"
	if limit, known := p.Seen.MaxRxQueues[port.Name]; known && port.RxQueues > limit {
		p.report(finding.Error, "rx-queues-exceed-device", path,
			fmt.Sprintf("%s has %d rx queues, its device at most %d (Interface.status:max_rx_queues)", port.Name, port.RxQueues, limit),
			"OVS opens the port with fewer queues than PMDs count on", fmt.Sprintf("set rxQueues: %d", limit))
	} else if n := p.devices[port.Path].nic.RxQueues; !known && n > 0 && port.RxQueues > n {
		p.report(finding.Warning, "rx-queues-unsure", path,
			fmt.Sprintf("%s asks for %d rx queues; its kernel driver has %d in use, and what the device has at most is known once DPDK drives it", port.Name, port.RxQueues, n),
			"should the device have fewer, OVS opens the port with fewer", fmt.Sprintf("set rxQueues: %d to be sure", n))
	}
}

func (p *planner) checkMTU(path, name string, mtu int) {
	if mtu < minMTU || mtu > maxMTU {
		p.report(finding.Error, "mtu-out-of-range", path,
			fmt.Sprintf("MTU %d of %s is out of OVS's range", mtu, name),
			"OVS keeps the old MTU and says so only in its log", fmt.Sprintf("set it from %d to %d", minMTU, maxMTU))
	}
}

// checkDescriptors knows that OVS takes 2048 instead of a wrong number.
func (p *planner) checkDescriptors(port PortSpec, key string, n int) {
	const silently = "OVS takes 2048 instead, without a word"
	switch {
	case n == 0:
	case n < 0 || bits.OnesCount(uint(n)) != 1:
		p.report(finding.Error, "descriptors-no-power-of-two", port.Path+"."+key,
			fmt.Sprintf("%s: %s %d is no power of two", port.Name, key, n), silently, "set "+nearPowers(n))
	case n > 4096 && p.before("3.6"):
		p.report(finding.Error, "descriptors-too-many", port.Path+"."+key,
			fmt.Sprintf("%s: %s %d is more than the 4096 that %s takes; OVS 3.6 lifted that", port.Name, key, n, p.release()), silently, "set 4096")
	}
}

// nearPowers names the powers of two around n.
func nearPowers(n int) string {
	if n <= 64 {
		return "64"
	}
	low := 1 << (bits.Len(uint(n)) - 1)
	return fmt.Sprintf("%d or %d", low, 2*low)
}

func (p *planner) checkBond(bond BondSpec) {
	if len(bond.Members) < 2 {
		p.report(finding.Error, "bond-too-small", bond.Path+".members",
			fmt.Sprintf("bond %s has %s", bond.Name, plural(len(bond.Members), "member")),
			"OVS makes a bond of two interfaces or more", "name two members, or use the port without a bond")
	}
	if bond.Mode == BalanceTCP && (bond.LACP == "" || bond.LACP == "off") {
		p.report(finding.Error, "bond-needs-lacp", bond.Path+".lacp",
			fmt.Sprintf("bond %s: mode balance-tcp without LACP", bond.Name),
			"no member is ever used: everything is dropped", "set lacp: active (and the same on the switch), or mode: balance-slb or active-backup")
	}
}

// checkMember refuses what belongs to the bond, not to its members.
func (p *planner) checkMember(bond BondSpec, port PortSpec) {
	vlan := port.VLAN.Mode != "" && port.VLAN.Mode != vswitch.VLANNone
	if vlan || port.RateLimit != (vswitch.RateLimit{}) {
		p.report(finding.Error, "bond-member-settings", port.Path,
			fmt.Sprintf("%s is a member of bond %s and has a vlan or rateLimit of its own", port.Name, bond.Name),
			"OVS knows them on the bond only", "move them to "+bond.Path)
	}
}
