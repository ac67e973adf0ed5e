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
			{"Losses as ports count them", []panel{
				portPanel("Dropped on receiving", "pps", "rx_dropped", "Packets dropped on receiving: a total as the port counts it, causes included that drops by cause tell apart."),
				portPanel("Dropped on sending", "pps", "tx_dropped", "Packets dropped on sending: on vhost ports mostly a guest that does not take its packets."),
				portPanel("Missed by the NIC", "pps", "rx_missed_errors", "Packets the NIC dropped because its queue was full: the PMD came too late. More queues, or a PMD less loaded."),
				portPanel("No buffer", "pps", "rx_mbuf_allocation_errors", "Packets not received because the mempool was empty: more memory in the profile, or fewer descriptors."),
			}},
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
