package boards

// talkers shows which flows the packets are of, as IPFIX samples tell.
func talkers() board {
	return board{
		uid: "sluice-talkers", title: "Sluice / IPFIX talkers",
		about: "Who talks to whom, from sampled flow records scaled by the sampling: an estimate. Hosts with monitor.ipfix.mode off are absent here.",
		vars:  []variable{{"port", "sluice_ipfix_traffic_bytes_total"}},
		rows: []row{
			{"Traffic", []panel{
				talkerPanel("Bytes by logical port", "Bps", "bytes", "port, direction", "{{port}} {{direction}}", "The 20 logical ports with most bytes; rx is into the switch, from the guest."),
				talkerPanel("Packets by logical port", "pps", "packets", "port, direction", "{{port}} {{direction}}", "The 20 logical ports with most packets."),
				talkerPanel("Bytes by protocol", "Bps", "bytes", "protocol, direction", "{{protocol}} {{direction}}", "Bytes by protocol, over the chosen hosts and ports."),
				talkerPanel("Bytes by peer host", "Bps", "bytes", "instance, peer, direction", "{{instance}} {{peer}} {{direction}}", "Bytes by the host on the other end of the tunnel; an empty peer is traffic that stays on the host."),
				{
					title: "Top talkers", kind: list, unit: "Bps", width: 24,
					about:   "The 20 greatest series of the last minutes. `sluicectl talkers` tells addresses and ports of single flows.",
					queries: []query{{`topk(20, sum by (instance, port, direction, protocol, peer) (rate(sluice_ipfix_traffic_bytes_total{HOST,port=~"$port"}[WINDOW])))`, "{{port}}"}},
				},
			}},
			{"Is it the whole picture?", []panel{
				{
					title: "Hidden by the cap", kind: lines, unit: "pps", width: 12, see: "sluiceipfixhidden",
					about:   "Packets that no series shows, because there were monitor.ipfix.maxSeries already.",
					queries: []query{{`sum by (instance) (rate(sluice_ipfix_hidden_packets_total{HOST}[WINDOW]))`, "{{instance}}"}},
				},
				{
					title: "Series and their cap", kind: lines, unit: "short", width: 12, see: "sluiceipfixhidden",
					about: "Series of traffic shown, beside the most that may be.",
					queries: []query{
						{`max by (instance) (sluice_ipfix_series{HOST})`, "{{instance}} series"},
						{`max by (instance) (sluice_ipfix_series_limit{HOST})`, "{{instance}} cap"},
					},
				},
				{
					title: "Records", kind: lines, unit: "ops", width: 12,
					about:   "Records read a second, of flows and about exporters.",
					queries: []query{{`sum by (instance, kind) (rate(sluice_ipfix_records_total{HOST}[WINDOW]))`, "{{instance}} {{kind}}"}},
				},
				{
					title: "Records that did not come through", kind: lines, unit: "ops", width: 12, see: "sluiceipfixlost",
					about: "Records lost by their sequence numbers, not understood for want of a template, or malformed, and datagrams the kernel dropped. With any, the picture above has holes.",
					queries: []query{
						{`sum by (instance) (rate(sluice_ipfix_lost_records_total{HOST}[WINDOW]))`, "{{instance}} lost"},
						{`sum by (instance) (rate(sluice_ipfix_undecoded_records_total{HOST}[WINDOW]))`, "{{instance}} without template"},
						{`sum by (instance) (rate(sluice_ipfix_socket_drops_total{HOST}[WINDOW]))`, "{{instance}} dropped at the socket"},
						{`sum by (instance, reason) (rate(sluice_ipfix_malformed_total{HOST}[WINDOW]))`, "{{instance}} malformed {{reason}}"},
					},
				},
				{
					title: "Packets sampled by OVS", kind: lines, unit: "pps", width: 12,
					about:   "Packets each exporter sampled. Each is an upcall in the PMD thread: sampling costs here.",
					queries: []query{{`sum by (instance, bridge, collector_set) (rate(ovs_ipfix_sampled_packets_total{HOST}[WINDOW]))`, "{{instance}} {{bridge}} {{collector_set}}"}},
				},
				{
					title: "Exporters of OVS", kind: lines, unit: "ops", width: 12,
					about: "Messages each exporter sent and could not send: nobody listens at a target, or the sender's buffer is full.",
					queries: []query{
						{`sum by (instance, bridge) (rate(ovs_ipfix_tx_messages_total{HOST}[WINDOW]))`, "{{instance}} {{bridge}} sent"},
						{`sum by (instance, bridge) (rate(ovs_ipfix_tx_errors_total{HOST}[WINDOW]))`, "{{instance}} {{bridge}} failed"},
					},
				},
			}},
		},
	}
}

// talkerPanel shows the rate of the traffic by some of its labels.
func talkerPanel(title, unit, counted, by, legend, about string) panel {
	return panel{
		title: title, about: about, kind: lines, unit: unit, width: 12,
		queries: []query{{`topk(20, sum by (` + by + `) (rate(sluice_ipfix_traffic_` + counted + `_total{HOST,port=~"$port"}[WINDOW])))`, legend}},
	}
}
