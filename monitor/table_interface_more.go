package monitor

// interfaceMoreRows are the less common metrics of Interface rows.
func interfaceMoreRows() map[key]Metric {
	iface := []string{"bridge", "interface"}
	const ovsStatistics = "Interface.statistics:"
	return map[key]Metric{
		rxMulticast: {
			Name: "ovs_interface_rx_multicast_packets_total", Type: Counter, Unit: Packets, Set: Counters, Source: ovsStatistics + "rx_multicast_packets", Labels: iface,
			Help: "Multicast packets received.",
		},
		rxCRC: {
			Name: "ovs_interface_rx_crc_errors_total", Type: Counter, Unit: Packets, Set: Errors, Source: ovsStatistics + "rx_crc_err", Labels: iface,
			Help: "Packets received with a wrong checksum of the frame. Part of ovs_interface_rx_errors_total.",
		},
		rxFrame: {
			Name: "ovs_interface_rx_frame_errors_total", Type: Counter, Unit: Packets, Set: Errors, Source: ovsStatistics + "rx_frame_err", Labels: iface,
			Help: "Packets received with a wrong alignment. Part of ovs_interface_rx_errors_total.",
		},
		rxOverrun: {
			Name: "ovs_interface_rx_overrun_errors_total", Type: Counter, Unit: Packets, Set: Errors, Source: ovsStatistics + "rx_over_err", Labels: iface,
			Help: "Packets that overran the receiver. Part of ovs_interface_rx_errors_total.",
		},
		collisions: {
			Name: "ovs_interface_collisions_total", Type: Counter, Unit: Packets, Set: Errors, Source: ovsStatistics + "collisions", Labels: iface,
			Help: "Collisions on the link.",
		},
		policingRate: {
			Name: "ovs_interface_ingress_policing_rate_bytes_per_second", Type: Gauge, Unit: ByteRate, Set: Base, Source: "Interface.ingress_policing_rate", Labels: iface,
			Help: "Limit asked for on what the interface may send into the switch. Absent without one.",
		},
		policingBurst: {
			Name: "ovs_interface_ingress_policing_burst_bytes", Type: Gauge, Unit: Bytes, Set: Base, Source: "Interface.ingress_policing_burst", Labels: iface,
			Help: "Burst that the limit lets through. Absent without one.",
		},
		ifaceFailed: {
			Name: "ovs_interface_failed", Type: Gauge, Set: Base, Source: "Interface.error", Labels: iface,
			Help: "1 when OVS could not set the interface up, and says so in its row; 0 does not prove that it works.",
		},
		ifaceResets: {
			Name: "ovs_interface_statistics_resets_total", Type: Counter, Unit: Resets, Set: Errors, Source: "sluiced", Labels: iface,
			Help: "Times a counter of the interface was seen to run backwards: a guest connected anew, or ovs-vswitchd started anew.",
		},
		ifaceIdentity: {
			Name: "ovs_interface_identity_info", Type: Gauge, Set: Base, Source: "Interface.external_ids:iface-id, vm-uuid, attached-mac, ...",
			Labels: []string{"bridge", "interface", "logical_port", "vm", "mac", "pod", "namespace"},
			Help: "Always 1; the labels say whose interface it is, to join with: the logical port, the virtual machine, the pod and its namespace, as whoever made it wrote. " +
				"What is not known is an empty label; values are cut after 128 bytes; absent without any.",
		},
	}
}

// queueRows are the metrics of single queues: ten series for each queue of a
// connected guest, in a set of their own so that they can be left out.
func queueRows() map[key]Metric {
	queue := []string{"bridge", "interface", "direction", "queue"}
	const rxtx = "Interface.statistics:{rx,tx}_qN_"
	return map[key]Metric{
		queuePackets: {
			Name: "ovs_interface_queue_packets_total", Type: Counter, Unit: Packets, Set: Queue, Source: rxtx + "{good_,}packets", Labels: queue,
			Help: "Packets of one queue; direction rx is into the switch. NICs tell it in all releases, vhost ports from OVS 3.1 on.",
		},
		queueBytes: {
			Name: "ovs_interface_queue_bytes_total", Type: Counter, Unit: Bytes, Set: Queue, Source: rxtx + "{good_,}bytes", Labels: queue,
			Help: "Bytes of one queue, of those that ovs_interface_queue_packets_total has.",
		},
		queueMulticast: {
			Name: "ovs_interface_queue_multicast_packets_total", Type: Counter, Unit: Packets, Set: Queue, Source: rxtx + "multicast_packets", Labels: queue, Since: "3.1",
			Help: "Multicast packets of one queue of a vhost port.",
		},
		queueBroadcast: {
			Name: "ovs_interface_queue_broadcast_packets_total", Type: Counter, Unit: Packets, Set: Queue, Source: rxtx + "broadcast_packets", Labels: queue, Since: "3.1",
			Help: "Broadcast packets of one queue of a vhost port.",
		},
		queueErrors: {
			Name: "ovs_interface_queue_errors_total", Type: Counter, Unit: Packets, Set: Queue, Source: rxtx + "errors", Labels: queue,
			Help: "Packets that one queue of a NIC lost; which drivers count them, and in which total they are, differs.",
		},
		queueNotifications: {
			Name: "ovs_interface_queue_guest_notifications_total", Type: Counter, Unit: Notifications, Set: Queue, Source: rxtx + "guest_notifications", Labels: queue, Since: "3.1",
			Help: "Times the guest was interrupted for one queue of a vhost port: each is a system call of the PMD. A guest that polls needs none.",
		},
	}
}
