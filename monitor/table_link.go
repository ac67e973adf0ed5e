package monitor

// linkRows are BFD and tunnels.
func linkRows() map[key]Metric {
	iface := []string{"bridge", "interface"}
	const bfd = "Interface.bfd_status:"
	return map[key]Metric{
		bfdInfo: {
			Name: "ovs_bfd_info", Type: Gauge, Set: Base, Source: bfd + "state, remote_state, diagnostic",
			Labels: []string{"bridge", "interface", "state", "remote_state", "diagnostic"},
			Help:   "Always 1; the labels tell the BFD session's states on both ends and why it went down last. Absent where BFD does not run.",
		},
		bfdUp: {
			Name: "ovs_bfd_up", Type: Gauge, Set: Base, Source: bfd + "state", Labels: iface,
			Help: "1 when the BFD session is up.",
		},
		bfdForwarding: {
			Name: "ovs_bfd_forwarding", Type: Gauge, Set: Base, Source: bfd + "forwarding", Labels: iface,
			Help: "1 when BFD believes that the interface carries packets.",
		},
		bfdFlaps: {
			Name: "ovs_bfd_flaps_total", Type: Counter, Unit: Flaps, Set: Errors, Source: bfd + "flap_count", Labels: iface,
			Help: "Changes of what BFD believes, since it was enabled.",
		},
		tunnelInfo: {
			Name: "ovs_tunnel_info", Type: Gauge, Set: Base, Source: "Interface.type, options, status",
			Labels: []string{"bridge", "interface", "type", "local_ip", "remote_ip", "key", "egress"},
			Help: "Always 1; the labels tell the tunnel's protocol, its ends and key as they were asked for (flow: the flows say), and the interface " +
				"that its packets leave by where OVS tells.",
		},
		tunnelEgressUp: {
			Name: "ovs_tunnel_egress_up", Type: Gauge, Set: Base, Source: "Interface.status:tunnel_egress_iface_carrier", Labels: iface,
			Help: "1 when the interface that the tunnel's packets leave by has its carrier. Absent where OVS does not tell, as for tunnels whose end the flows say.",
		},
	}
}
