package monitor

// interfaceRows are the metrics of Interface rows. Statistics start again at 0
// with ovs-vswitchd and, on vhost ports, whenever the guest connects.
func interfaceRows() map[key]Metric {
	iface := []string{"bridge", "interface"}
	const ovsStatistics = "Interface.statistics:"
	return map[key]Metric{
		ifaceInfo: {
			Name: "ovs_interface_info", Type: Gauge, Set: Base, Source: "Bridge.ports, Port.interfaces, Interface.type",
			Labels: []string{"bridge", "port", "interface", "type"},
			Help:   "Always 1; the labels tell the interface's port (a bond has several interfaces) and type, to join with.",
		},
		ifaceAdminUp: {
			Name: "ovs_interface_admin_up", Type: Gauge, Set: Base, Source: "Interface.admin_state", Labels: iface,
			Help: "1 when the interface is administratively up.",
		},
		ifaceLinkUp: {
			Name: "ovs_interface_link_up", Type: Gauge, Set: Base, Source: "Interface.link_state", Labels: iface,
			Help: "1 when the link is up; of a vhost port, when the guest's driver runs.",
		},
		ifaceLinkSpeed: {
			Name: "ovs_interface_link_speed_bytes_per_second", Type: Gauge, Unit: ByteRate, Set: Base, Source: "Interface.link_speed", Labels: iface,
			Help: "Negotiated speed of the link: an eighth of the bits per second that OVS tells.",
		},
		ifaceLinkResets: {
			Name: "ovs_interface_link_resets_total", Type: Counter, Unit: Resets, Set: Base, Source: "Interface.link_resets", Labels: iface,
			Help: "Changes of the link's state.",
		},
		ifaceMTU: {
			Name: "ovs_interface_mtu_bytes", Type: Gauge, Unit: Bytes, Set: Base, Source: "Interface.mtu", Labels: iface,
			Help: "MTU in force. Absent on a vhost port that was never connected.",
		},
		vhostConnected: {
			Name: "ovs_vhost_connected", Type: Gauge, Set: Base, Source: "Interface.status:status", Labels: iface,
			Help: "1 when a guest is connected to the vhost port.",
		},
		rxPackets: {
			Name: "ovs_interface_rx_packets_total", Type: Counter, Unit: Packets, Set: Counters, Source: ovsStatistics + "rx_packets", Labels: iface,
			Help: "Packets received; on a vhost port, sent by the guest.",
		},
		txPackets: {
			Name: "ovs_interface_tx_packets_total", Type: Counter, Unit: Packets, Set: Counters, Source: ovsStatistics + "tx_packets", Labels: iface,
			Help: "Packets sent; on a vhost port, to the guest. Of a tunnel that OVS itself carries, each packet twice (ofproto/ofproto-dpif-xlate.c, compose_output_action__ and patch_port_output): sluicectl tunnel show counts once.",
		},
		rxBytes: {
			Name: "ovs_interface_rx_bytes_total", Type: Counter, Unit: Bytes, Set: Counters, Source: ovsStatistics + "rx_bytes", Labels: iface,
			Help: "Bytes received.",
		},
		txBytes: {
			Name: "ovs_interface_tx_bytes_total", Type: Counter, Unit: Bytes, Set: Counters, Source: ovsStatistics + "tx_bytes", Labels: iface,
			Help: "Bytes sent; of a tunnel twice, as its packets.",
		},
		rxDropped: {
			Name: "ovs_interface_rx_dropped_total", Type: Counter, Unit: Packets, Set: Errors, Source: ovsStatistics + "rx_dropped", Labels: iface,
			Help: "Packets dropped on receiving, as the port counts them: on a dpdk port a total of missed errors, mbuf allocation errors " +
				"and rx qos. Do not add it to its parts.",
		},
		txDropped: {
			Name: "ovs_interface_tx_dropped_total", Type: Counter, Unit: Packets, Set: Errors, Source: ovsStatistics + "tx_dropped", Labels: iface,
			Help: "Packets dropped on sending, as the port counts them: on dpdk and vhost ports the total of the tx causes of ovs_drops_total. Do not add it to its parts.",
		},
		rxErrors: {
			Name: "ovs_interface_rx_errors_total", Type: Counter, Unit: Packets, Set: Errors, Source: ovsStatistics + "rx_errors", Labels: iface,
			Help: "Bad packets received.",
		},
		txErrors: {
			Name: "ovs_interface_tx_errors_total", Type: Counter, Unit: Packets, Set: Errors, Source: ovsStatistics + "tx_errors", Labels: iface,
			Help: "Packets that could not be sent.",
		},
		rxMissed: {
			Name: "ovs_interface_rx_missed_errors_total", Type: Counter, Unit: Packets, Set: Errors, Source: ovsStatistics + "rx_missed_errors", Labels: iface,
			Help: "Packets the NIC dropped because its rx queue was full: the PMD came too late.",
		},
		rxNoMbuf: {
			Name: "ovs_interface_rx_mbuf_allocation_errors_total", Type: Counter, Unit: Packets, Set: Errors, Labels: iface,
			Source: ovsStatistics + "rx_mbuf_allocation_errors",
			Help:   "Packets not received because the mempool was empty.",
		},
		txRetries: {
			Name: "ovs_interface_tx_retries_total", Type: Counter, Unit: Retries, Set: Perf, Source: ovsStatistics + "ovs_tx_retries", Labels: iface,
			Help: "Times OVS tried again to hand packets to a vhost guest whose queue was full.",
		},
	}
}
