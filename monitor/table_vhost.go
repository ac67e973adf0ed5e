package monitor

// vhostRows are what is known of the guests of vhost ports. What a guest
// negotiated is absent while none is connected.
func vhostRows() map[key]Metric {
	iface := []string{"bridge", "interface"}
	const status = "Interface.status:"
	return map[key]Metric{
		vhostInfo: {
			Name: "ovs_vhost_info", Type: Gauge, Set: Base, Source: status + "mode, socket, features",
			Labels: []string{"bridge", "interface", "mode", "socket", "features", "feature_bits"},
			Help: "Always 1; the labels tell which side makes the socket, where it is, and the virtio features negotiated, by name with commas " +
				"and as OVS prints the bits. The last three are empty while no guest is connected.",
		},
		vhostLastChange: {
			Name: "ovs_vhost_last_change_timestamp_seconds", Type: Gauge, Unit: Seconds, Set: Base, Source: "sluiced, of " + status + "status", Labels: iface,
			Help: "Unix time at which the daemon last saw a guest connect to the port or leave it. Absent when it saw neither since it started.",
		},
		vhostReconnects: {
			Name: "ovs_vhost_reconnects_total", Type: Counter, Unit: Reconnects, Set: Base, Source: "sluiced, of " + status + "status", Labels: iface,
			Help: "Times the daemon saw a guest connect to the port that had left it before, since the daemon started. One that left and came between two looks of the database is missed.",
		},
		vhostVRings: {
			Name: "ovs_vhost_vrings", Type: Gauge, Unit: VRings, Set: Base, Source: status + "num_of_vrings", Labels: iface,
			Help: "Rings the guest set up: two for each queue pair.",
		},
		vhostExpectedVRings: {
			Name: "ovs_vhost_expected_vrings", Type: Gauge, Unit: VRings, Set: Base, Source: "host profile: queues of the port", Labels: iface,
			Help: "Rings the guest should set up: two for each queue of the profile. Absent on a port that the profile does not name.",
		},
		vhostVRingSize: {
			Name: "ovs_vhost_vring_descriptors", Type: Gauge, Unit: Descriptors, Set: Queue, Source: status + "vring_N_size", Labels: []string{"bridge", "interface", "vring"},
			Help: "Length of the ring; the guest receives on even ones and sends on odd ones. A burst overruns a short one.",
		},
		vhostNode: {
			Name: "ovs_vhost_guest_numa_node", Type: Gauge, Set: Base, Source: status + "numa", Labels: iface,
			Help: "Number of the NUMA node that the guest's memory is on.",
		},
		vhostRemoteQueues: {
			Name: "ovs_vhost_remote_rxqs", Type: Gauge, Unit: Queues, Set: Base, Source: status + "numa, dpif-netdev/pmd-rxq-show", Labels: iface,
			Help: "Receive queues of the port polled by a PMD of another NUMA node than the guest's memory is on: each packet crosses the nodes.",
		},
	}
}
