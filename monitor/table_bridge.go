package monitor

func bridgeRows() map[key]Metric {
	meter := []string{"bridge", "meter"}
	band := []string{"bridge", "meter", "band"}
	const meters = "OpenFlow meter statistics"
	return map[key]Metric{
		bridgeInfo: {
			Name: "ovs_bridge_info", Type: Gauge, Set: Base, Source: "Bridge.datapath_type, fail_mode", Labels: []string{"bridge", "datapath_type", "fail_mode"},
			Help: "Always 1; the labels tell the bridge's datapath (netdev is the userspace one) and what it does without a controller.",
		},
		bridgePorts: {
			Name: "ovs_bridge_ports", Type: Gauge, Unit: Ports, Set: Base, Source: "Bridge.ports", Labels: []string{"bridge"},
			Help: "Ports of the bridge, its own included; a bond is one.",
		},
		bridgeFlows: {
			Name: "ovs_bridge_openflow_flows", Type: Gauge, Unit: Flows, Set: Base, Source: "OpenFlow table statistics", Labels: []string{"bridge"},
			Help: "OpenFlow flows of the bridge, in all tables. Absent where the bridge does not speak OpenFlow 1.5.",
		},
		meterPackets: {
			Name: "ovs_meter_packets_total", Type: Counter, Unit: Packets, Set: Counters, Source: meters, Labels: meter,
			Help: "Packets that came to the meter.",
		},
		meterBytes: {
			Name: "ovs_meter_bytes_total", Type: Counter, Unit: Bytes, Set: Counters, Source: meters, Labels: meter,
			Help: "Bytes that came to the meter.",
		},
		meterBandPackets: {
			Name: "ovs_meter_band_packets_total", Type: Counter, Unit: Packets, Set: Errors, Source: meters, Labels: band,
			Help: "Packets above the rate of one band of the meter, which drops them where it is a drop band. Each packet in one band.",
		},
		meterBandBytes: {
			Name: "ovs_meter_band_bytes_total", Type: Counter, Unit: Bytes, Set: Errors, Source: meters, Labels: band,
			Help: "Bytes above the rate of one band of the meter.",
		},
	}
}
