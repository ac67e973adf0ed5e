package boards

// overlay shows the logical network over hosts: the store, what is laid, and
// what guests asked of the daemon.
func overlay() board {
	return board{
		uid: "sluice-overlay", title: "Sluice / Overlay, tunnels and edges",
		about: "Is the logical network laid everywhere, is it the newest, do tunnels reach their peers? Hosts without an overlay are absent here.",
		rows: []row{
			{"Tunnels and edges", []panel{
				{
					title: "Tunnels that BFD says are down", kind: list, unit: "short", width: 12, see: "ovstunneldown",
					about:   "Tunnels whose session is down: packets to that host vanish, or go by another edge. `sluicectl tunnel explain HOST` says why.",
					queries: []query{{`ovs_bfd_up{HOST} == 0`, "{{interface}}"}},
				},
				{
					title: "Flaps of BFD", kind: lines, unit: "short", width: 12, see: "ovstunneldown",
					about:   "Changes of what BFD believes. A session that flaps under load is starved: raise its intervals (overlay.bfd), or unload the PMD.",
					queries: []query{{`sum by (instance, interface) (increase(ovs_bfd_flaps_total{HOST}[WINDOW]))`, "{{instance}} {{interface}}"}},
				},
				{
					title: "Tunnel ports", kind: list, unit: "short", width: 24,
					about:   "Each tunnel's protocol and ends, and where its packets leave the host.",
					queries: []query{{`ovs_tunnel_info{HOST}`, "{{interface}}"}},
				},
				{
					title: "Packets through tunnels", kind: lines, unit: "pps", width: 12,
					about: "Packets received from and sent to each tunnel port. OVS counts each packet that a tunnel sends twice, so two sent for one received is even; `sluicectl tunnel show` counts once. What only leaves and never comes back is a peer that does not hear.",
					queries: []query{
						{`sum by (instance, interface) (rate(ovs_interface_rx_packets_total{HOST}[WINDOW]) * on (job, instance, bridge, interface) group_left () (ovs_interface_info{HOST,type=~"geneve|vxlan|gre"}))`, "{{instance}} {{interface}} received"},
						{`sum by (instance, interface) (rate(ovs_interface_tx_packets_total{HOST}[WINDOW]) * on (job, instance, bridge, interface) group_left () (ovs_interface_info{HOST,type=~"geneve|vxlan|gre"}))`, "{{instance}} {{interface}} sent"},
					},
				},
				{
					title: "Drops of tunnels", kind: lines, unit: "pps", width: 12, see: "ovsdrops",
					about:   "Packets dropped for the sake of tunnels: no port, no route, no neighbour, a header that could not be made or taken off. Up to OVS 3.5 a missing route or neighbour counts as of_pipeline, and this stays empty: sluicectl tunnel explain tells.",
					queries: []query{{`sum by (instance, cause) (rate(ovs_drops_total{HOST,cause=~"tunnel.*|invalid_tnl_port|congestion"}[WINDOW]))`, "{{instance}} {{cause}}"}},
				},
				{
					title: "Way out of tunnels", kind: list, unit: "short", width: 12,
					about:   "Tunnels whose packets leave by an interface without carrier.",
					queries: []query{{`ovs_tunnel_egress_up{HOST} == 0`, "{{interface}}"}},
				},
			}},
			{"The network", []panel{
				{
					title: "Store followed", kind: number, unit: "short", width: 6, bad: 0.5, warn: 1, see: "sluicestoreunreachable",
					about:   "Share of the hosts that follow the store. Where it is below 1, those hosts keep what is laid and learn of no change.",
					queries: []query{{`avg(sluice_network_store_up{HOST})`, "following"}},
				},
				{
					title: "Generations behind", kind: number, unit: "short", width: 6, warn: 1, bad: 10,
					about:   "How far the host that is furthest behind lags the newest change of the network that it knows of.",
					queries: []query{{`max(sluice_network_generation_lag{HOST})`, "lag"}},
				},
				{
					title: "Rows set aside", kind: number, unit: "short", width: 6, warn: 1,
					about:   "Rows whose flows a switch refused. The rest is in force without them; `sluicectl host status` names each.",
					queries: []query{{`sum(sluice_network_set_aside{HOST})`, "rows"}},
				},
				{
					title: "Rows that make no sense", kind: number, unit: "short", width: 6, warn: 1,
					about:   "Rows of the store that are left out because they contradict themselves. The daemon's log names them; `sluicectl check` too.",
					queries: []query{{`max(sluice_network_unusable_rows{HOST})`, "rows"}},
				},
				{
					title: "Flows laid", kind: lines, unit: "short", width: 12,
					about:   "Flows of the logical network on each host's integration bridge.",
					queries: []query{{`max by (instance) (sluice_network_flows{HOST})`, "{{instance}}"}},
				},
				{
					title: "Generation", kind: lines, unit: "short", width: 12,
					about:   "The newest generation of the network that each host has read. Hosts apart from the others do not hear of changes.",
					queries: []query{{`max by (instance) (sluice_network_generation{HOST})`, "{{instance}}"}},
				},
				{
					title: "Changes of the bridge", kind: lines, unit: "ops", width: 12,
					about: "Bundles sent to integration bridges, and times a bridge was put right after somebody else had changed it (mended): find who does.",
					queries: []query{
						{`sum by (instance) (rate(sluice_network_bundles_total{HOST}[WINDOW]))`, "{{instance}} bundles"},
						{`sum by (instance) (rate(sluice_network_mended_total{HOST}[WINDOW]))`, "{{instance}} mended"},
					},
				},
				{
					title: "Questions of guests", kind: lines, unit: "ops", width: 12,
					about:   "Packets of guests that the daemon answers (DHCP, DNS, neighbours, ICMP errors), by kind and result. Lost: more at a time than are taken; a guest that floods is held by its meter.",
					queries: []query{{`sum by (kind, result) (rate(sluice_network_questions_total{HOST}[WINDOW]))`, "{{kind}} {{result}}"}},
				},
			}},
		},
	}
}
