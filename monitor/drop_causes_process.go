package monitor

const (
	dpif    = "lib/dpif-netdev.c"
	execute = "lib/odp-execute.c"
	netdevC = "lib/netdev.c"
)

// processCauses are the leaves of coverage/show that the datapath and the
// devices count.
func processCauses() []DropCause {
	return append(datapathCauses(), append(tunnelCauses(), offloadCauses()...)...)
}

func datapathCauses() []DropCause {
	return []DropCause{
		{
			Scope: DropProcess, Cause: "rx_invalid_packet", Counter: "datapath_drop_rx_invalid_packet", Where: dpif + ", dfc_processing",
			Means: "The packet was shorter than an Ethernet header (14 bytes).",
			Look:  "which port received it: of a vhost port the guest's driver makes such packets, of a NIC nobody should.",
			Do:    "Find the sender; a guest that does this is broken or probing.",
		},
		{
			Scope: DropProcess, Cause: "meter", Counter: "datapath_drop_meter", Where: dpif + ", dp_netdev_run_meter",
			Means: "An OpenFlow meter dropped it. The same packets stand in the bands of the meter (ovs_meter_band_packets_total): do not add them.",
			Look:  "ovs_meter_band_packets_total says which meter; ovs-ofctl -O OpenFlow13 meter-stats.",
			Do:    "Raise the meter's rate if the tenant may have more. A meter works on all PMDs together.",
		},
		{
			Scope: DropProcess, Cause: "upcall_error", Counter: "datapath_drop_upcall_error", Where: dpif + ", handle_packet_upcall",
			Means: "A packet without a flow could not be translated. Most often it came through a tunnel, from a peer or with a VNI that no tunnel port has: " +
				"no megaflow is made for such, so that each of them is an upcall and counts. Else its port belongs to no bridge (any more), or the table of flows is being purged. " +
				"PMDs count it as a lost upcall; these contain upcalls whose packet was forwarded, as above the limit of megaflows, and are no drops.",
			Look: "the log of ovs-vswitchd: \"receive tunnel port not found\" names the packet's tunnel; tnl/ports/show has the tunnel ports that there are. " +
				"For a port in no bridge compare the port numbers of dpctl/show with those after the slash in dpif/show: names of the form *_sys* and ovs-netdev are OVS's own, and right to be in the datapath alone.",
			Do: "Around a deleted port or tunnel it passes by itself. A stray peer: filter it before the host, or take this host's address from its tunnels. " +
				"A number that only the datapath has: add the port to its bridge and delete it there. Never take ports from the datapath itself: ovs-vswitchd does not make them again, and a *_sys* port is how OVS receives all tunnels of its kind.",
		},
		{
			Scope: DropProcess, Cause: "lock_error", Counter: "datapath_drop_lock_error", Where: dpif + ", fast_path_processing and dp_execute_cb",
			Means:    "Upcalls were shut for a moment while ovs-vswitchd changed the number of its threads or purged flows. Of a packet for the controller only that copy is lost.",
			Look:     "ovs_coverage_events_total{event=\"bridge_reconfigure\"}; changes of n-handler-threads and n-revalidator-threads.",
			Do:       "Nothing, if it stops. If it goes on, something changes the configuration all the time.",
			Unproved: "the lock is held for less than a packet can be aimed at.",
		},
		{
			Scope: DropProcess, Cause: "invalid_port", Counter: "datapath_drop_invalid_port", Where: dpif + ", dp_execute_output_action",
			Means: "A megaflow still sent to a datapath port that was gone.",
			Look:  "dpctl/dump-flows for actions with the number of a port that dpctl/show lacks.",
			Do:    "Around a deleted port it passes within a second, when the flows are revalidated. If it stays, revalidators are stuck: ovs_upcall_dump_duration_seconds.",
		},
		{
			Scope: DropProcess, Cause: "invalid_bond", Counter: "datapath_drop_invalid_bond", Where: dpif + ", dp_execute_lb_output_action",
			Means: "A megaflow still sent to a bond (lb_output) that was gone.",
			Look:  "dpif-netdev/bond-show.",
			Do:    "Around a changed bond it passes by itself.",
		},
		{
			Scope: DropProcess, Cause: "invalid_tnl_port", Counter: "datapath_drop_invalid_tnl_port", Where: dpif + ", dp_execute_cb",
			Means: "A tunnelled packet arrived for a tunnel port that was gone.",
			Look:  "tnl/ports/show -v against the tunnel interfaces of the bridges.",
			Do:    "Around a deleted tunnel it passes by itself.",
		},
		{
			Scope: DropProcess, Cause: "recirc_error", Counter: "datapath_drop_recirc_error", Where: dpif + ", dp_execute_cb",
			Means: "The packet went round the datapath more than six times (tunnels in tunnels, conntrack after conntrack).",
			Look:  "ofproto/trace of such a packet: count the recirculations. The log says \"Max recirculation depth exceeded\".",
			Do:    "Find the loop in the flows, most often a ct() that leads back to its own table.",
		},
		{
			Scope: DropProcess, Cause: "sample_error", Counter: "datapath_drop_sample_error", Where: execute + ", odp_execute_sample",
			Means: "No error: the packet had nothing to do but perhaps be sampled, and was not. " +
				"With sFlow or IPFIX on a bridge it is here, not in of_pipeline, that packets end which the pipeline drops; those that are sampled are counted nowhere.",
			Look: "whether the bridge samples (ovs-vsctl list IPFIX sFlow); then as for of_pipeline.",
			Do:   "As for of_pipeline.",
		},
		{
			Scope: DropProcess, Cause: "nsh_decap_error", Counter: "datapath_drop_nsh_decap_error", Where: execute + ", odp_execute_actions",
			Means:    "A packet had to lose its NSH header, and what is behind that is of no kind that OVS knows.",
			Look:     "the flows with decap(); the protocol that the sender of the NSH packets puts in.",
			Do:       "Match on nsh_np before decap().",
			Unproved: "ovs-vswitchd makes no such flow: it matches what is behind the header before it takes that off, and dpctl cannot write one.",
		},
	}
}

func tunnelCauses() []DropCause {
	return []DropCause{
		{
			Scope: DropProcess, Cause: "tunnel_push_error", Counter: "datapath_drop_tunnel_push_error", Where: dpif + ", push_tnl_action",
			Means: "A packet had to get a tunnel header and the tunnel port was gone. Without a route or a neighbour for the tunnel no flow comes so far: " +
				"see of_pipeline, and from OVS 3.6 the tunnel_ causes.",
			Look: "the tunnel interfaces of the bridges; the log.",
			Do:   "Around a deleted tunnel it passes by itself.",
		},
		{
			Scope: DropProcess, Cause: "tunnel_pop_error", Counter: "datapath_drop_tunnel_pop_error", Where: dpif + ", dp_execute_cb",
			Means: "A packet for the tunnel's address and port was no good packet of it: short, wrong flags, wrong checksum, an unknown critical option.",
			Look:  "the log of ovs-vswitchd (netdev_native_tnl); who sends to UDP 4789 or 6081 of this host.",
			Do:    "One sender: its version or its offloads are at fault. Many senders: somebody scans; filter it before the host.",
		},
		{
			Scope: DropProcess, Cause: "push_header", Counter: "netdev_push_header_drops", Where: netdevC + ", netdev_push_header",
			Means: "A packet that waits for segmentation or a checksum had to enter a tunnel that cannot carry such. " +
				"Up to OVS 3.2 that is any with userspace-tso-enable, later only some kinds of tunnels.",
			Look:     "userspace-tso-enable; the log names the tunnel.",
			Do:       "Up to OVS 3.2 do not use userspace TSO with tunnels; else turn segmentation offload off in the guest.",
			Unproved: "it needs userspace-tso-enable.",
		},
		{
			Scope: DropProcess, Cause: "tunnel_tso_recirc", Counter: "datapath_drop_tunnel_tso_recirc", Where: dpif + ", dp_netdev_recirculate (3.3.1 to 3.4)",
			Means:    "A tunnelled packet that waits for segmentation had to go through the datapath again.",
			Look:     "tunnels in tunnels, or conntrack after a tunnel; the log.",
			Do:       "Turn segmentation offload off in the guest, or go to OVS 3.5.",
			Unproved: "it needs OVS 3.3 or 3.4 with userspace-tso-enable.",
		},
	}
}

func offloadCauses() []DropCause {
	const (
		tso  = "userspace-tso-enable, and Interface.status tx_*_offload of the port that sends; the log names it."
		off  = "Turn segmentation offload off in the guest that sends, or userspace-tso-enable=false and a restart."
		need = "it needs another release of OVS with userspace-tso-enable."
	)
	return []DropCause{
		{
			Scope: DropProcess, Cause: "send_prepare", Counter: "netdev_send_prepare_drops", Where: netdevC + ", netdev_send_prepare_batch (to 3.1)",
			Means: "The packet waits for segmentation or a checksum that the port to send it cannot do. The port's own counters do not have it.",
			Look:  tso, Do: off, Unproved: "it needs userspace-tso-enable.",
		},
		{
			Scope: DropProcess, Cause: "soft_seg", Counter: "netdev_soft_seg_drops", Where: netdevC + ", netdev_send_tso (3.3 to 3.6)",
			Means: "A packet had to be cut into segments in software and could not.", Look: tso, Do: off, Unproved: need,
		},
		{
			Scope: DropProcess, Cause: "vxlan_tso", Counter: "netdev_vxlan_tso_drops", Where: netdevC + ", netdev_send (3.3 and 3.4)",
			Means: "A VXLAN packet that waits for segmentation met a port that cannot do it. Its whole batch, up to 32 packets, is dropped and counts as one.",
			Look:  tso, Do: off, Unproved: need,
		},
		{
			Scope: DropProcess, Cause: "geneve_tso", Counter: "netdev_geneve_tso_drops", Where: netdevC + ", netdev_send (3.3 and 3.4)",
			Means: "A Geneve packet that waits for segmentation met a port that cannot do it. Its whole batch, up to 32 packets, is dropped and counts as one.",
			Look:  tso, Do: off, Unproved: need,
		},
		{
			Scope: DropProcess, Cause: "hw_miss_recover", Counter: "datapath_drop_hw_miss_recover", Where: dpif + ", dp_netdev_hw_flow (to 3.6, with DPDK's experimental API)",
			Means:    "The NIC began a packet's flow, gave it back, and its state could not be restored.",
			Look:     "dpctl/dump-flows -m type=offloaded; the log.",
			Do:       "hw-offload=false and a restart, then the NIC's firmware and driver.",
			Unproved: "it needs a NIC that offloads flows.",
		},
		{
			Scope: DropProcess, Cause: "hw_post_process", Counter: "datapath_drop_hw_post_process", Where: dpif + ", dp_netdev_hw_flow (from 3.7)",
			Means:    "The NIC began a packet's flow, gave it back, and its state could not be restored.",
			Look:     "dpctl/dump-flows -m type=offloaded; the log.",
			Do:       "hw-offload=false and a restart, then the NIC's firmware and driver.",
			Unproved: "it needs a NIC that offloads flows.",
		},
		{
			Scope: DropProcess, Cause: "packet_in", Counter: "packet_in_overflow", Where: "ofproto/ofproto-dpif.c, ofproto_dpif_send_async_msg",
			Means:    "A packet for an OpenFlow controller found 1024 others that ovs-vswitchd's main thread had not taken yet: that thread was stalled. Another copy of it may have been forwarded.",
			Look:     "the log of ovs-vswitchd for \"Unreasonably long poll interval\"; a controller that is slow itself makes packet_in_connection.",
			Do:       "Meter what goes to the controller.",
			Unproved: "the queue is emptied by another thread while it is filled.",
		},
		{
			Scope: DropProcess, Cause: "packet_in_connection", Counter: "rconn_overflow",
			Where: "lib/rconn.c, rconn_send_with_limit, for ofproto/connmgr.c, do_send_packet_ins",
			Means: "A packet for an OpenFlow controller found 100 others (other_config:controller-queue-size) waiting to be sent on its connection: the controller reads too slowly. " +
				"Another copy of it may have been forwarded.",
			Look: "sluice_network_questions_total: who asks so much; the packets of a broadcast storm end here. The log says \"dropping packet-in due to queue overflow\" and names the connection.",
			Do:   "Meter what goes to the controller.",
		},
	}
}
