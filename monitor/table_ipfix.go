package monitor

// trafficLabels are those of what IPFIX counts.
var trafficLabels = []string{"bridge", "interface", "port", "direction", "protocol", "peer"}

func ipfixRows() map[key]Metric {
	const collector, exporter = "sluiced, from IPFIX records", "NXST_IPFIX_BRIDGE, NXST_IPFIX_FLOW (as ovs-ofctl dump-ipfix-bridge and dump-ipfix-flow)"
	rows := map[key]Metric{
		ipfixPackets: {
			Name: "sluice_ipfix_traffic_packets_total", Type: Counter, Unit: Packets, Set: Counters, Labels: trafficLabels, Source: collector,
			Help: "Packets by where they were seen, as sampled packets times the sampling: an estimate. rx is into the switch by the interface, tx out of it. port is the logical port, " +
				"empty where there is none; peer is the host at the other end of the tunnel, empty without a tunnel, \"unknown\" for an address of no host. " +
				"The series are as many as monitor.ipfix.maxSeries lets be; the rest is in sluice_ipfix_hidden_packets_total.",
		},
		ipfixBytes: {
			Name: "sluice_ipfix_traffic_bytes_total", Type: Counter, Unit: Bytes, Set: Counters, Labels: trafficLabels, Source: collector,
			Help: "Bytes of sluice_ipfix_traffic_packets_total, from the Ethernet header on.",
		},
		ipfixHiddenPackets: {
			Name: "sluice_ipfix_hidden_packets_total", Type: Counter, Unit: Packets, Set: Counters, Source: collector,
			Help: "Packets that no series of sluice_ipfix_traffic_packets_total shows, because there were monitor.ipfix.maxSeries already.",
		},
		ipfixHiddenBytes: {
			Name: "sluice_ipfix_hidden_bytes_total", Type: Counter, Unit: Bytes, Set: Counters, Source: collector,
			Help: "Bytes of sluice_ipfix_hidden_packets_total.",
		},
		ipfixSeries: {
			Name: "sluice_ipfix_series", Type: Gauge, Set: Self, Source: collector,
			Help: "Series of sluice_ipfix_traffic_packets_total and sluice_ipfix_traffic_bytes_total together.",
		},
		ipfixSeriesLimit: {
			Name: "sluice_ipfix_series_limit", Type: Gauge, Set: Self, Source: "monitor.ipfix.maxSeries",
			Help: "How many sluice_ipfix_series may be.",
		},
	}
	for k, m := range ipfixCollectorRows(collector) {
		rows[k] = m
	}
	for k, m := range ipfixExporterRows(exporter) {
		rows[k] = m
	}
	return rows
}

// ipfixCollectorRows are how the collector itself does.
func ipfixCollectorRows(source string) map[key]Metric {
	return map[key]Metric{
		ipfixListening: {
			Name: "sluice_ipfix_listening", Type: Gauge, Set: Self, Source: source,
			Help: "1 when the collector's socket is open. All of sluice_ipfix_* is absent while monitor.ipfix.mode is off.",
		},
		ipfixMessages: {
			Name: "sluice_ipfix_messages_total", Type: Counter, Set: Self, Source: source,
			Help: "IPFIX messages received whose frame could be read.",
		},
		ipfixRecords: {
			Name: "sluice_ipfix_records_total", Type: Counter, Set: Self, Labels: []string{"kind"}, Source: source,
			Help: "Records read, of flows (flow) and about exporters (options).",
		},
		ipfixLost: {
			Name: "sluice_ipfix_lost_records_total", Type: Counter, Set: Errors, Source: source,
			Help: "Records that an exporter numbered and that never came: dropped at the collector's socket, or by the sender, which counts those in ovs_ipfix_tx_errors_total.",
		},
		ipfixUndecoded: {
			Name: "sluice_ipfix_undecoded_records_total", Type: Counter, Set: Errors, Source: source,
			Help: "Records whose template is not known, and that fit none that OVS is built with.",
		},
		ipfixMalformed: {
			Name: "sluice_ipfix_malformed_total", Type: Counter, Set: Errors, Labels: []string{"reason"}, Source: source,
			Help: "Messages, or parts of them, that lie about themselves: short (no header), version (no IPFIX), length (the header says another than the datagram has), set, template, record (cut off). Nothing is counted of them.",
		},
		ipfixSocketDrops: {
			Name: "sluice_ipfix_socket_drops_total", Type: Counter, Set: Errors, Source: "SO_RXQ_OVFL of the collector's socket",
			Help: "Datagrams that the kernel dropped because the collector's buffer was full.",
		},
		ipfixTemplates: {
			Name: "sluice_ipfix_templates", Type: Gauge, Set: Self, Labels: []string{"state"}, Source: source,
			Help: "Templates in use: told by the exporters (received), and read by what OVS is built with until they tell (built_in).",
		},
		ipfixTemplateChanges: {
			Name: "sluice_ipfix_template_changes_total", Type: Counter, Set: Self, Source: source,
			Help: "Templates that came again with another meaning. OVS does not do that.",
		},
		ipfixExporters: {
			Name: "sluice_ipfix_exporters", Type: Gauge, Set: Self, Source: source,
			Help: "Exporters remembered: OVS has one for each bridge and collector set, and another one when its settings change. Those silent for an hour are forgotten.",
		},
		ipfixRestarts: {
			Name: "sluice_ipfix_exporter_restarts_total", Type: Counter, Unit: Resets, Set: Self, Source: source,
			Help: "Times an exporter began to number its records anew.",
		},
		ipfixLastRecord: {
			Name: "sluice_ipfix_last_record_timestamp_seconds", Type: Gauge, Unit: Seconds, Set: Self, Source: source,
			Help: "Unix time at which the newest record of a flow came; absent before the first.",
		},
	}
}

// ipfixExporterRows are what OVS tells of its exporters.
func ipfixExporterRows(source string) map[key]Metric {
	labels := []string{"bridge", "collector_set"}
	return map[key]Metric{
		ipfixFlows: {
			Name: "ovs_ipfix_flows_total", Type: Counter, Unit: Flows, Set: Counters, Labels: labels, Source: source,
			Help: "Flow records the exporter began. collector_set is the set's number, empty for the bridge's own exporter. Like the others of this section it is absent on a bridge whose fail mode is secure, but for the integration bridge.",
		},
		ipfixCurrentFlows: {
			Name: "ovs_ipfix_current_flows", Type: Gauge, Unit: Flows, Set: Counters, Labels: labels, Source: source,
			Help: "Flow records in the exporter's cache.",
		},
		ipfixSampled: {
			Name: "ovs_ipfix_sampled_packets_total", Type: Counter, Unit: Packets, Set: Counters, Labels: labels, Source: source,
			Help: "Packets sampled. Each is an upcall in the PMD thread.",
		},
		ipfixSampleErrors: {
			Name: "ovs_ipfix_sample_errors_total", Type: Counter, Unit: Packets, Set: Errors, Labels: append(labels, "family"), Source: source,
			Help: "Sampled packets of IP whose protocol OVS has no template of its own for: neither TCP, UDP, SCTP nor ICMP. They are exported all the same. other is what OVS counts beside those.",
		},
		ipfixTx: {
			Name: "ovs_ipfix_tx_messages_total", Type: Counter, Set: Counters, Labels: labels, Source: source,
			Help: "Messages sent, over all targets.",
		},
		ipfixTxErrors: {
			Name: "ovs_ipfix_tx_errors_total", Type: Counter, Set: Errors, Labels: labels, Source: source,
			Help: "Messages that could not be sent: nobody listens at a target, or the sender's buffer is full.",
		},
	}
}
