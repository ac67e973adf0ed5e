package monitor

const (
	netdevDPDK = "lib/netdev-dpdk.c"
	ethdev     = "lib/netdev-dpdk.c, netdev_dpdk_get_stats (DPDK's rte_eth_stats)"
	kernel     = "lib/netdev-linux.c, netdev_linux_get_stats (the kernel's rtnl_link_stats64)"
)

// brackets tells whose words are which: what is written past the profile into a
// row of the daemon's is undone at once.
const brackets = "In [brackets] what it is called in OVS's database, for what is not Sluice's."

// portCauses are the leaves of Interface.statistics. Which interface has which
// is leafOf's.
func portCauses() []DropCause {
	return append(receiveCauses(), sendCauses()...)
}

func receiveCauses() []DropCause {
	return []DropCause{
		{
			Scope: DropPort, Cause: "missed", Direction: Rx, Counter: "rx_missed_errors", Where: ethdev,
			Means: "The NIC dropped it because the rx queue was full: no PMD took packets in time.",
			Look:  "ovs_pmd_rxq_usage_ratio and ovs_pmd_busy_ratio of the PMD that polls the queue; ovs_pmd_context_switches_total: a PMD that lost its core cannot poll.",
			Do: "Spread the load: more queues (rxQueues of the profile [n_rxq]: stops the port), more PMDs (cpu.pmd [pmd-cpu-mask]: re-creates PMDs), pmd-rxq-rebalance (reloads PMDs). Keep other work off the PMD's core (isolcpus, nohz_full). " +
				"For bursts a longer ring helps (rxDescriptors [n_rxq_desc], to 4096: stops the port), for load it does not. " + brackets,
			Unproved: "net_af_packet of DPDK 22.11 does not count what the kernel misses, net_tap and net_pcap never miss, and there is no NIC bound to DPDK in a test.",
		},
		{
			Scope: DropPort, Cause: "no_mbuf", Direction: Rx, Counter: "rx_mbuf_allocation_errors", Where: ethdev,
			Means: "A software device (net_tap, net_pcap) had read the packet and found the mempool empty. With NICs a failed allocation loses nothing yet: " +
				"the packet waits, or is counted as missed.",
			Look:     "ovs_mempool_buffers_in_use against ovs_mempool_buffers; ovs_interface_rx_mbuf_allocation_errors_total has the attempts of every driver.",
			Do:       "Give the pool more memory (dpdk.memory.sockets of the profile [dpdk-socket-mem], dpdk.memory.model: per-port [per-port-memory]: a restart of ovs-vswitchd) or ask for less: shorter rings (rxDescriptors, txDescriptors), fewer queues (rxQueues), a smaller MTU (mtu): each stops the port. " + brackets,
			Unproved: "a mempool cannot be emptied on purpose: OVS refuses a port for which it has too few buffers.",
		},
		{
			Scope: DropPort, Cause: "errors", Direction: Rx, Counter: "rx_errors", Where: ethdev + "; " + kernel,
			Means: "The device received a bad packet: checksum of the frame, length, alignment, or longer than the MTU lets in.",
			Look:  "the other keys of Interface.statistics that end in _errors, which tell the kind by the driver's names; the switch port's counters at the other end.",
			Do:    "Wrong lengths: compare the MTU of both ends. Wrong checksums: cable, transceiver, then the NIC.",
		},
		{
			Scope: DropPort, Cause: "qos", Direction: Rx, Counter: "ovs_rx_qos_drops", Where: netdevDPDK + ", netdev_dpdk_rxq_recv and netdev_dpdk_vhost_rxq_recv",
			Means: "The ingress policer of the port (ingress_policing_rate) dropped it: the guest or the wire sent more than allowed.",
			Look:  "Interface.ingress_policing_rate and _burst (kbit/s, kbit), and ovs_interface_rx_bytes_total: the policer works as told.",
			Do:    "Raise the limit (rateLimit.ingress of the profile [ingress_policing_rate, _burst]) if the tenant may have more. TCP under a policer needs a burst of a tenth of a second or so: a small burst makes a tenth of the rate of it. " + brackets,
		},
		{
			Scope: DropPort, Cause: "device", Direction: Rx, Counter: "rx_dropped", Where: kernel,
			Means:    "The kernel's driver dropped it; on an internal or tap port: the host sent faster than ovs-vswitchd's main thread reads. Of a system port (a NIC of the kernel, veth) what OVS did not read in time is not here, nor counted anywhere.",
			Look:     "ip -s -s link of the device; the CPU time of ovs-vswitchd's main thread, which serves all kernel devices. Of a system port compare what its neighbour sent with ovs_interface_rx_packets_total.",
			Do:       "Do not carry load over kernel devices of a userspace bridge: one thread polls them all. Move the traffic to a dpdk or vhost port.",
			Unproved: "the kernel's queue of a tap cannot be overrun by a known number.",
		},
	}
}

func sendCauses() []DropCause {
	const send = netdevDPDK + ", netdev_dpdk_common_send"
	return []DropCause{
		{
			Scope: DropPort, Cause: "failure", Direction: Tx, Counter: "ovs_tx_failure_drops", Where: netdevDPDK + ", netdev_dpdk_vhost_send and netdev_dpdk_eth_send",
			Means: "The tx queue was full. To a guest: its virtqueue had no free buffer, for the guest was too slow or not running for a moment. To a NIC: the wire is saturated, or the link is down.",
			Look:  "ovs_interface_tx_retries_total (retries come before drops), ovs_vhost_vring_entries; steal time in the guest; for a NIC ovs_interface_tx_bytes_total against the link speed.",
			Do: "Guest: rx_queue_size=1024 for its virtio NIC, pin its vCPUs off the PMD cores, more queues with multiqueue (queues of the profile, and of the guest), txRetries of the profile [tx-retries-max] up to 32. " +
				"NIC: txDescriptors [n_txq_desc] (stops the port), or a faster link. " + brackets,
		},
		{
			Scope: DropPort, Cause: "mtu_exceeded", Direction: Tx, Counter: "ovs_tx_mtu_exceeded_drops", Where: send,
			Means: "The packet is longer than the port's MTU. OVS does not fragment and tells nobody: large transfers hang, pings pass.",
			Look:  "ovs_interface_mtu_bytes of both ports on the way; on an uplink: a tunnel adds 50 bytes (VXLAN) or more.",
			Do:    "Raise the port's mtu in the profile [mtu_request] (stops the port), or lower the MTU in the guest (DHCP option 26). Uplinks of an overlay need the guests' MTU and 100 bytes. " + brackets,
		},
		{
			Scope: DropPort, Cause: "qos", Direction: Tx, Counter: "ovs_tx_qos_drops", Where: send,
			Means: "The egress policer of the port (QoS type egress-policer or trtcm-policer) dropped it.",
			Look:  "qos/show PORT, and ovs_interface_tx_bytes_total: the policer works as told.",
			Do:    "Raise rateLimit.egress.rate and burst of the profile [cir, cbs]. The burst must hold more than the longest packet, else nothing of that length ever passes. " + brackets,
		},
		{
			Scope: DropPort, Cause: "invalid_hwol", Direction: Tx, Counter: "ovs_tx_invalid_hwol_drops", Where: send,
			Means:    "The packet asked for an offload (segmentation, checksum) that could not be prepared for this port: a header that the offload cannot describe, or none at all.",
			Look:     "the log of ovs-vswitchd names the port; whether userspace-tso-enable is set; Interface.status tx_*_offload of the port (from OVS 3.2).",
			Do:       "Turn segmentation offload off in the guest that sends (ethtool -K eth0 tso off), or dpdk.tso: false of the profile [userspace-tso-enable=false] and a restart. " + brackets,
			Unproved: "it needs userspace-tso-enable and a guest that sends broken offload requests.",
		},
		{
			Scope: DropPort, Cause: "not_ready", Direction: Tx, Counter: unexplainedCounter, Where: netdevDPDK + ", netdev_dpdk_vhost_send and netdev_dpdk_eth_send",
			Means: "The port cannot send: the guest's driver has the queue disabled, or the device is administratively down. Of a port with no guest at all OVS from 3.1 on tells nothing, and what is sent there is counted nowhere.",
			Look:  "ovs_vhost_connected, ovs_interface_link_up, ovs_interface_admin_up; how many queues the guest has enabled (ethtool -l in it).",
			Do: "Start the guest's driver, or set the port up (netdev-dpdk/set-admin-state PORT up). If the guest is gone for good, remove its port: flooding to it costs cycles. " +
				"The number is what nothing else explains, and may come one refresh of the statistics late.",
		},
		{
			Scope: DropPort, Cause: "errors", Direction: Tx, Counter: "tx_errors", Where: ethdev + "; " + kernel,
			Means:    "The device took the packet and could not send it. Left out for drivers that count here what they did not take: that is failure already.",
			Look:     "the driver's other keys in Interface.statistics; the kernel's log.",
			Do:       "Check link and NIC firmware.",
			Unproved: "a virtual wire does not fail to send.",
		},
		{
			Scope: DropPort, Cause: "device", Direction: Tx, Counter: "tx_dropped", Where: kernel,
			Means: "The kernel's device is down, or dropped it; on an internal port also: the host received it and had nobody for it.",
			Look:  "ip -s -s link of the device; nstat on the host.",
			Do:    "Set the device up, if the host is to hear. On an internal port look at what is flooded to it: protocols that the host does not know count here and harm nobody.",
		},
	}
}
