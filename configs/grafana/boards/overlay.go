package boards

// overlay shows the logical network over hosts: the store, what is laid, and
// what guests asked of the daemon.
func overlay() board {
	return board{
		uid: "sluice-overlay", title: "Sluice / Overlay, tunnels and edges",
		about: "Is the logical network laid everywhere, is it the newest, do tunnels reach their peers? Hosts without an overlay are absent here.",
		rows: []row{
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
