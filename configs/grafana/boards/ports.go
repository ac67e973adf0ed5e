package boards

// ports shows what passes each port and what is lost there.
func ports() board {
	return board{
		uid: "sluice-ports", title: "Sluice / Ports, vhost and drops",
		about: "Which port carries what, which guest is connected, and where packets are lost. Directions are the switch's: what a guest sends is received.",
		vars:  []variable{{"interface", "ovs_interface_info"}},
		rows: []row{
			{"Traffic", []panel{
				portPanel("Received by port", "pps", "rx_packets", "Packets the port received; on a vhost port, sent by the guest. The 20 busiest."),
				portPanel("Sent by port", "pps", "tx_packets", "Packets the port sent; on a vhost port, to the guest. The 20 busiest."),
				portPanel("Bytes received by port", "Bps", "rx_bytes", "Bytes the port received, the 20 busiest."),
				portPanel("Bytes sent by port", "Bps", "tx_bytes", "Bytes the port sent, the 20 busiest."),
			}},
			{"State", []panel{
				{
					title: "Guests not connected", kind: list, unit: "short", width: 12, see: "ovsvhostdisconnected",
					about:   "vhost ports that no guest is connected to. `sluicectl port explain PORT` says why: no socket, wrong owner, guest not started.",
					queries: []query{{`ovs_vhost_connected{HOST,interface=~"$interface"} < 1`, "{{interface}}"}},
				},
				{
					title: "Links down", kind: list, unit: "short", width: 12,
					about:   "Interfaces that are up by configuration and have no link: a cable, a switch, or a guest whose driver does not run.",
					queries: []query{{`ovs_interface_link_up{HOST,interface=~"$interface"} < 1 and on (instance, bridge, interface) ovs_interface_admin_up{HOST} == 1`, "{{interface}}"}},
				},
				{
					title: "Link changes", kind: lines, unit: "short", width: 12,
					about:   "Times a link went up or down. One that goes on is a bad cable or a guest that restarts.",
					queries: []query{{`sum by (instance, interface) (increase(ovs_interface_link_resets_total{HOST,interface=~"$interface"}[WINDOW])) > 0`, "{{instance}} {{interface}}"}},
				},
				{
					title: "Retries of handing packets to guests", kind: lines, unit: "ops", width: 12,
					about:   "Times the switch tried again because a guest's queue was full. Many: the guest is too slow, or its vCPU shares a core with a PMD.",
					queries: []query{{`topk(20, rate(ovs_interface_tx_retries_total{HOST,interface=~"$interface"}[WINDOW]))`, "{{instance}} {{interface}}"}},
				},
			}},
			{"Guests", guests()},
			{"Drops", drops()},
			{"Bonds", bonds()},
			{"Losses as ports count them", []panel{
				portPanel("Dropped on receiving", "pps", "rx_dropped", "Packets dropped on receiving: a total as the port counts it, causes included that drops by cause tell apart."),
				portPanel("Dropped on sending", "pps", "tx_dropped", "Packets dropped on sending: on vhost ports mostly a guest that does not take its packets."),
				portPanel("Missed by the NIC", "pps", "rx_missed_errors", "Packets the NIC dropped because its queue was full: the PMD came too late. More queues, or a PMD less loaded."),
				portPanel("No buffer", "pps", "rx_mbuf_allocation_errors", "Packets not received because the mempool was empty: more memory in the profile, or fewer descriptors."),
			}},
		},
	}
}

func guests() []panel {
	return []panel{
		{
			title: "Whose port it is", kind: list, unit: "short", width: 24,
			about:   "The logical port, virtual machine, pod and namespace behind each interface, as external_ids tell. Join with on (instance, bridge, interface).",
			queries: []query{{`ovs_interface_identity_info{HOST,interface=~"$interface"}`, "{{interface}}"}},
		},
		{
			title: "Since a guest came or went", kind: list, unit: "s", width: 12, see: "ovsvhostdisconnected",
			about:   "Time since the daemon last saw a guest connect to the port or leave it. Absent while it saw neither.",
			queries: []query{{`time() - ovs_vhost_last_change_timestamp_seconds{HOST,interface=~"$interface"}`, "{{interface}}"}},
		},
		{
			title: "Guests that came back", kind: lines, unit: "short", width: 12,
			about:   "Times a guest connected anew. One that goes on is a guest that restarts, or a socket that breaks.",
			queries: []query{{`sum by (instance, interface) (increase(ovs_vhost_reconnects_total{HOST,interface=~"$interface"}[WINDOW]))`, "{{instance}} {{interface}}"}},
		},
		{
			title: "Rings missing", kind: list, unit: "short", width: 12,
			about:   "Guests that set up fewer rings than the profile's queues want: QEMU's queues=, vectors= and mq=on, then `ethtool -L` in the guest.",
			queries: []query{{`ovs_vhost_expected_vrings{HOST,interface=~"$interface"} - ovs_vhost_vrings{HOST,interface=~"$interface"} > 0`, "{{interface}}"}},
		},
		{
			title: "Queues polled from another NUMA node", kind: list, unit: "short", width: 12,
			about:   "Receive queues of a guest polled by a PMD of another node than its memory is on: each packet crosses the nodes. Put PMDs on both nodes, or the guest on the other.",
			queries: []query{{`ovs_vhost_remote_rxqs{HOST,interface=~"$interface"} > 0`, "{{interface}}"}},
		},
		{
			title: "Interfaces that OVS could not set up", kind: list, unit: "short", width: 24,
			about:   "Interfaces whose row holds an error. `sluicectl port explain PORT` says it in the operator's words.",
			queries: []query{{`ovs_interface_failed{HOST,interface=~"$interface"} == 1`, "{{interface}}"}},
		},
	}
}

func drops() []panel {
	return []panel{
		{
			title: "Drops at ports by cause", kind: stacked, unit: "pps", width: 12, see: "ovsdrops",
			about:   "Packets dropped at the chosen ports, by direction and cause. docs/drops.md tells of each what to do.",
			queries: []query{{`sum by (direction, cause) (rate(ovs_drops_total{HOST,scope="port",interface=~"$interface"}[WINDOW]))`, "{{direction}} {{cause}}"}},
		},
		{
			title: "Drops of the process by cause", kind: stacked, unit: "pps", width: 12, see: "ovsdrops",
			about:   "Packets dropped inside ovs-vswitchd, which no port counts: by the flows (of_pipeline), meters, upcalls, tunnels.",
			queries: []query{{`sum by (cause) (rate(ovs_drops_total{HOST,scope="process"}[WINDOW]))`, "{{cause}}"}},
		},
		{
			title: "Ports that drop most", kind: lines, unit: "pps", width: 12, see: "ovsdrops",
			about:   "The 20 ports with most drops, by direction and cause. tx failure at a vhost port is a guest that does not take its packets.",
			queries: []query{{`topk(20, sum by (instance, interface, direction, cause) (rate(ovs_drops_total{HOST,scope="port",interface=~"$interface"}[WINDOW])) > 0)`, "{{instance}} {{interface}} {{direction}} {{cause}}"}},
		},
		{
			title: "Above the rate of meters", kind: lines, unit: "pps", width: 12,
			about:   "Packets above the rate of each meter's bands; drop bands drop them.",
			queries: []query{{`sum by (instance, bridge, meter) (rate(ovs_meter_band_packets_total{HOST}[WINDOW]))`, "{{instance}} {{bridge}} meter {{meter}}"}},
		},
	}
}

func bonds() []panel {
	return []panel{
		{
			title: "Bond members out of use", kind: list, unit: "short", width: 12, see: "ovsbonddegraded",
			about:   "Interfaces that carry no packets of their bond: no link, or LACP without agreement.",
			queries: []query{{`ovs_bond_member_enabled{HOST} == 0`, "{{port}} {{interface}}"}},
		},
		{
			title: "Changes of LACP", kind: lines, unit: "short", width: 12,
			about: "Times the other end fell silent or was given up, over all members.",
			queries: []query{
				{`sum by (instance, interface) (increase(ovs_lacp_link_expired_total{HOST}[WINDOW]))`, "{{instance}} {{interface}} silent"},
				{`sum by (instance, interface) (increase(ovs_lacp_link_defaulted_total{HOST}[WINDOW]))`, "{{instance}} {{interface}} given up"},
			},
		},
	}
}

// portPanel shows the rate of one counter of interfaces, the 20 greatest.
func portPanel(title, unit, counter, about string) panel {
	return panel{
		title: title, about: about, kind: lines, unit: unit, width: 12,
		queries: []query{{`topk(20, rate(ovs_interface_` + counter + `_total{HOST,interface=~"$interface"}[WINDOW]))`, "{{instance}} {{interface}}"}},
	}
}
