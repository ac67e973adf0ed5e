package vhost

import (
	"fmt"
	"slices"
)

// smallRing is the ring QEMU's virtio-net has by default; shorter ones do not
// hold the bursts that a PMD sends.
const smallRing = 256

// connected explains a port whose guest is there.
func (e *explanation) connected() {
	e.link()
	e.mtu()
	e.negotiated()
	e.polled()
}

// link: with a connected guest OVS shows the link down until the port has its
// mempool on the guest's node (lib/netdev-dpdk.c, is_vhost_running).
func (e *explanation) link() {
	if e.status.LinkUp {
		return
	}
	where := "the guest's NUMA node"
	if e.status.Node >= 0 {
		where = fmt.Sprintf("NUMA node %d, where the guest's memory is", e.status.Node)
	}
	e.add("link-down", "the guest is connected, but OVS has not set up the port: most often there are no hugepages for its mempool on "+where,
		"look at ovs-vswitchd's log for mempool; give that node hugepages, and raise dpdk.memory.headroom where socket-limit is in the way")
}

// mtu: a port without a mempool of its MTU is thrown out of the datapath, so one
// that runs with another was not set up anew (lib/netdev-dpdk.c,
// dpdk_vhost_reconfigure_helper: only where a guest is connected).
func (e *explanation) mtu() {
	s, want := e.status, e.want.MTU
	if want > 0 && s.MTU > 0 && s.MTU != want {
		e.add("stale-mtu", fmt.Sprintf("MTU %d was asked for, OVS uses %d and drops longer packets: it takes a vhost port's MTU up only while a guest is connected, and has not set the port up anew since it was asked", want, s.MTU),
			fmt.Sprintf("while the guest is connected set another value and this one again (ovs-vsctl set Interface %s mtu_request=…), or make the port anew, which cuts the guest off meanwhile", e.want.Name))
	}
	if s.GuestMTU > 0 && s.MTU > 0 && s.GuestMTU > s.MTU && s.has(featureMTU) {
		e.add("guest-mtu", fmt.Sprintf("the guest was told MTU %d, OVS uses %d: longer packets are dropped", s.GuestMTU, s.MTU),
			fmt.Sprintf("set host_mtu=%d on the guest's virtio-net device, or mtu: %d on the port", s.MTU, s.GuestMTU))
	}
}

// negotiated compares the guest's queues and rings with what is expected.
func (e *explanation) negotiated() {
	pairs := e.status.QueuePairs()
	switch {
	case pairs < 0: // not reported
	case pairs == 0:
		e.add("no-queues", "the guest has set up no queue", "look whether the guest's virtio-net driver is bound")
	case pairs < e.want.Queues && !e.status.has(featureMQ):
		e.add("queues-missing", fmt.Sprintf("the guest has %d queue pair(s) of %d: it did not negotiate multi-queue (VIRTIO_NET_F_MQ)", pairs, e.want.Queues),
			fmt.Sprintf("start the guest with queues=%d on the netdev and mq=on,vectors=%d on the device", e.want.Queues, 2*e.want.Queues+2))
	case pairs < e.want.Queues:
		e.add("queues-missing", fmt.Sprintf("the guest has %d queue pair(s) of %d", pairs, e.want.Queues),
			fmt.Sprintf("start the guest with queues=%d, or set queues: %d on the port", e.want.Queues, pairs))
	}
	if small := slices.IndexFunc(e.status.RingSizes, func(n int) bool { return n > 0 && n < smallRing }); small >= 0 {
		e.add("small-ring", fmt.Sprintf("vring %d has %d descriptors: bursts overrun it (ovs_tx_failure_drops)", small, e.status.RingSizes[small]),
			"start the guest with rx_queue_size=1024,tx_queue_size=1024")
	}
}

// polled: a queue missing from pmd-rxq-show is polled by nobody, one shown as
// disabled was not enabled by the guest's driver.
func (e *explanation) polled() {
	if e.facts.Queues == nil {
		return
	}
	if len(e.facts.Queues) == 0 {
		e.add("not-polled", "no PMD polls the port: what the guest sends goes nowhere",
			"look at cpu.pmd and cpu.isolate: every PMD may hold a pin and be isolated, or there is none (sluicectl host check)")
		return
	}
	seen := map[int]bool{}
	enabled := 0
	for _, q := range e.facts.Queues {
		seen[q.Queue] = true
		if q.Enabled {
			enabled++
		}
	}
	for queue := range e.status.QueuePairs() {
		if !seen[queue] {
			e.add("not-polled", fmt.Sprintf("no PMD polls queue %d: what the guest sends there goes nowhere", queue),
				"look at cpu.pmd and cpu.isolate: every PMD may hold a pin and be isolated (sluicectl host check)")
		}
	}
	switch {
	case enabled == 0:
		e.add("queues-disabled", "the guest's driver has enabled no queue", "bring the guest's interface up (ip link set ... up), or start its DPDK application")
	case enabled < e.want.Queues && enabled < len(e.facts.Queues):
		e.add("queues-disabled", fmt.Sprintf("the guest's driver has enabled %d of %d queues", enabled, len(e.facts.Queues)),
			fmt.Sprintf("in the guest: ethtool -L <interface> combined %d", e.want.Queues))
	}
}
